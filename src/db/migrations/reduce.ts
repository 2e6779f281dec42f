/**
 * Two operations as fewer: what each kind absorbs of one that comes later. The later one's state is what counts, so a new
 * model takes changes of itself by having them applied to it. After the `reduce` methods of django/db/migrations/operations.
 */
import type { KnownOperation } from './footprint.ts'
import { addField, alterField, type FillOptions, removeField, renameField } from './operations/fields.ts'
import { addIndex, removeIndex, renameIndex } from './operations/indexes.ts'
import { type CreateModel, createModel, deleteModel, renameModel } from './operations/models.ts'
import type { Operation } from './operations/operation.ts'
import { reviewed } from './operations/reviewed.ts'
import { fieldOptions, ProjectState } from './state.ts'

/** What both do together where that is shorter; null where it is not. What was {@link reviewed} stays so. */
export function reduce(first: KnownOperation, second: KnownOperation, app: string): readonly Operation[] | null {
  const joined = together(first, second, app)
  return (
    joined?.map((made) => (made === first || made === second ? made : reviewedAs(made, joined, first, second))) ?? null
  )
}

/** One that came of both is reviewed where both were: what nobody looked at is not passed in the other's name. */
function reviewedAs(made: Operation, joined: readonly Operation[], first: Operation, second: Operation): Operation {
  const parts = joined.length === 1 ? [first, second] : [first, second].filter(({ type }) => type === made.type)
  const reasons = parts.map((part) => part.reviewed)
  if (reasons.length === 0 || reasons.includes(undefined)) return made
  return reviewed(made, [...new Set(reasons)].join('; '))
}

function together(first: KnownOperation, second: KnownOperation, app: string): readonly Operation[] | null {
  // What came from another app is that app's business, too.
  if (first.type === 'moveModel' || second.type === 'moveModel') return null
  if (first.type === 'createModel') return intoNewModel(first, second, app)
  if (first.type === 'renameModel') {
    if (second.type === 'renameModel' && second.oldName === first.newName) {
      return first.oldName === second.newName ? [] : [renameModel(first.oldName, second.newName)]
    }
    return second.type === 'deleteModel' && second.name === first.newName ? [deleteModel(first.oldName)] : null
  }
  if (first.type === 'deleteModel' || subject(first) !== subject(second)) return null
  if (second.type === 'deleteModel') return [second]
  switch (first.type) {
    case 'addField':
    case 'alterField':
    case 'renameField':
      return ofField(first, second)
    case 'addIndex':
      if (second.type === 'removeIndex' && second.name === first.index.name) return []
      if (second.type === 'renameIndex' && second.oldName === first.index.name) {
        return [addIndex(first.model, { ...first.index, name: second.newName })]
      }
      return null
    case 'renameIndex':
      if (second.type === 'removeIndex' && second.name === first.newName)
        return [removeIndex(first.model, first.oldName)]
      if (second.type !== 'renameIndex' || second.oldName !== first.newName) return null
      return first.oldName === second.newName ? [] : [renameIndex(first.model, first.oldName, second.newName)]
    case 'addConstraint':
      return second.type === 'removeConstraint' && second.name === first.constraint.name ? [] : null
    case 'addTrigger':
      return second.type === 'removeTrigger' && second.name === first.trigger.name ? [] : null
    case 'alterModelTable':
    case 'alterModelOptions':
      return second.type === first.type ? [second] : null
    default:
      return null
  }
}

/** The model that an operation is about. */
function subject(operation: KnownOperation): string {
  if ('model' in operation) return operation.model
  return operation.type === 'renameModel' ? operation.oldName : operation.name
}

function intoNewModel(first: CreateModel, second: KnownOperation, app: string): readonly Operation[] | null {
  if (subject(second) !== first.name || second.type === 'createModel') return null
  if (second.type === 'deleteModel') return []
  if (second.type === 'renameModel') {
    const renamed = second.toState(first.toState(new ProjectState(), app), app).get(`${app}.${second.newName}`)
    return [createModel(renamed.name, renamed.fields, renamed.options)]
  }
  const { fields, options } = second.toState(first.toState(new ProjectState(), app), app).get(`${app}.${first.name}`)
  return [createModel(first.name, fields, options)]
}

type FieldOperation = Extract<KnownOperation, { readonly type: 'addField' | 'alterField' | 'renameField' }>

function ofField(first: FieldOperation, second: KnownOperation): readonly Operation[] | null {
  const { model } = first
  const name = first.type === 'renameField' ? first.newName : first.name
  if (second.type === 'removeField' && second.name === name) {
    if (first.type === 'addField') return []
    return first.type === 'renameField' ? [removeField(model, first.oldName)] : [second]
  }
  if (second.type === 'renameField' && second.oldName === name) {
    if (first.type === 'addField') return [addField(model, second.newName, first.field, first.options)]
    // The rename comes first, so that the alteration meets later ones. A column named by hand may be what makes way.
    if (first.type === 'alterField') {
      const named = fieldOptions(first.field).dbColumn !== undefined
      return named ? null : [second, alterField(model, second.newName, first.field, first.options)]
    }
    return first.oldName === second.newName ? [] : [renameField(model, first.oldName, second.newName)]
  }
  if (second.type !== 'alterField' || second.name !== name || first.type === 'renameField') return null
  // What filled nulls is not what a column that takes them again would hold.
  if (first.type === 'alterField' && 'fill' in first.options && fieldOptions(second.field).null === true) return null
  const options: FillOptions = { ...first.options, ...second.options }
  return first.type === 'addField'
    ? [addField(model, name, second.field, options)]
    : [alterField(model, name, second.field, options)]
}
