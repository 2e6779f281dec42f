/**
 * What an operation touches, as words: what it changes, and what it needs as it is. Two operations that touch nothing in
 * common may trade places; the optimizer moves operations by that, and `makemigrations --merge` refuses by it.
 */
import type { ModelConstraint, ModelIndex, ModelTrigger } from '../models/meta.ts'
import { columnName, tableName } from '../models/names.ts'
import { pathsIn } from './expressions.ts'
import type { AddField, AlterField, RemoveField, RenameField } from './operations/fields.ts'
import type { AddConstraint, AddIndex, RemoveConstraint, RemoveIndex, RenameIndex } from './operations/indexes.ts'
import type {
  AlterModelOptions,
  AlterModelTable,
  CreateModel,
  DeleteModel,
  MoveModel,
  RenameModel,
} from './operations/models.ts'
import type { Operation } from './operations/operation.ts'
import type { AddTrigger, RemoveTrigger } from './operations/triggers.ts'
import { type FieldState, fieldOptions, isRelation, labelOf, type ModelState, type ProjectState } from './state.ts'

/**
 * One thing: a model by its label, one of its fields or columns, its options, or a name that a whole database shares
 * (tables, indexes, constraints, triggers), whose label is empty. The name `*` stands for all fields.
 */
export interface Touched {
  readonly kind: 'model' | 'field' | 'column' | 'options' | 'name'
  readonly label: string
  readonly name: string
}

/** What an operation touches, and what has to be there for it: two that do not meet may change places. */
export interface Footprint {
  readonly changes: readonly Touched[]
  readonly needs: readonly Touched[]
}

/** Operations of migration files, by the type each says it has. */
export type KnownOperation =
  | CreateModel
  | DeleteModel
  | RenameModel
  | MoveModel
  | AlterModelOptions
  | AlterModelTable
  | AddField
  | RemoveField
  | AlterField
  | RenameField
  | AddIndex
  | RemoveIndex
  | RenameIndex
  | AddConstraint
  | RemoveConstraint
  | AddTrigger
  | RemoveTrigger

const KNOWN: ReadonlySet<string> = new Set<KnownOperation['type']>([
  'createModel',
  'deleteModel',
  'renameModel',
  'moveModel',
  'alterModelOptions',
  'alterModelTable',
  'addField',
  'removeField',
  'alterField',
  'renameField',
  'addIndex',
  'removeIndex',
  'renameIndex',
  'addConstraint',
  'removeConstraint',
  'addTrigger',
  'removeTrigger',
])

/** Whether it is one whose effect can be read; SQL, code and operations of a project's own are not. */
export function isKnown(operation: Operation): operation is KnownOperation {
  return KNOWN.has(operation.type)
}

const wholeModel = (label: string): Touched => ({ kind: 'model', label, name: '' })
const oneField = (label: string, name: string): Touched => ({ kind: 'field', label, name })
const allFields = (label: string): Touched => oneField(label, '*')
const shared = (name: string): Touched => ({ kind: 'name', label: '', name })

/** Null where it cannot be known. @param before   the state it is applied to */
export function footprint(operation: Operation, app: string, before: ProjectState): Footprint | null {
  if (!isKnown(operation)) return null
  const after = operation.toState(before, app)
  const label = `${app}.${'model' in operation ? operation.model : 'name' in operation ? operation.name : ''}`
  switch (operation.type) {
    case 'createModel':
      return { changes: ofModel(after.get(label)), needs: neededBy(after, after.get(label)) }
    case 'deleteModel':
      return { changes: ofModel(before.get(label)), needs: neededBy(before, before.get(label)) }
    case 'renameModel':
    case 'moveModel': {
      const [old, renamed] =
        operation.type === 'moveModel'
          ? [operation.from, `${app}.${operation.name}`]
          : [`${app}.${operation.oldName}`, `${app}.${operation.newName}`]
      // What points at it is written anew.
      const holders = before.incoming(old).map(([holder, name]) => oneField(holder, name))
      return {
        changes: [...ofModel(before.get(old)), ...ofModel(after.get(renamed)), ...holders],
        needs: neededBy(before, before.get(old)),
      }
    }
    case 'alterModelOptions': {
      const { primaryKey = [], orderWithRespectTo, ordering = [] } = operation.options
      const key = [...primaryKey, ...(before.get(label).options.primaryKey ?? [])]
      return {
        changes: [{ kind: 'options', label, name: '' }, ...key.map((name) => oneField(label, name))],
        needs: [
          wholeModel(label),
          ...(orderWithRespectTo === undefined ? [] : [oneField(label, orderWithRespectTo), oneField(label, '_order')]),
          ...ordering.flatMap((path) => pathFields(label, [path])),
        ],
      }
    }
    case 'alterModelTable':
      return {
        changes: [
          { kind: 'options', label, name: 'dbTable' },
          shared(tableOf(before.get(label))),
          shared(tableOf(after.get(label))),
        ],
        needs: [wholeModel(label)],
      }
    case 'addField':
    case 'removeField':
    case 'alterField': {
      const { name } = operation
      const [was, is] = [before.get(label).fields[name], after.get(label).fields[name]]
      const both = [
        ...(was === undefined ? [] : [[before, was] as const]),
        ...(is === undefined ? [] : [[after, is] as const]),
      ]
      return {
        changes: both.flatMap(([, each]) => ofField(label, name, each)),
        needs: [wholeModel(label), ...both.flatMap(([state, each]) => neededByField(state, label, each))],
      }
    }
    case 'renameField': {
      const { oldName, newName } = operation
      const [was, is] = [before.field(label, oldName), after.field(label, newName)]
      return {
        changes: [...ofField(label, oldName, was), ...ofField(label, newName, is)],
        needs: [wholeModel(label), ...neededByField(before, label, was)],
      }
    }
    case 'addIndex':
      return {
        changes: [shared(operation.index.name)],
        needs: [wholeModel(label), ...partFields(label, operation.index)],
      }
    case 'addConstraint': {
      const { constraint } = operation
      return { changes: [shared(constraint.name)], needs: [wholeModel(label), ...partFields(label, constraint)] }
    }
    case 'addTrigger':
      return {
        changes: [shared(operation.trigger.name)],
        needs: [wholeModel(label), ...triggerNeeds(label, operation.trigger)],
      }
    case 'renameIndex':
      return {
        changes: [shared(operation.oldName), shared(operation.newName)],
        needs: [wholeModel(label), ...namedFields(label, before, operation.oldName)],
      }
    case 'removeIndex':
    case 'removeConstraint':
    case 'removeTrigger':
      return {
        changes: [shared(operation.name)],
        needs: [wholeModel(label), ...namedFields(label, before, operation.name)],
      }
  }
}

/** What both touch and at least one changes; null where they may trade places. */
export function clash(a: Footprint, b: Footprint): Touched | null {
  const felt = (changes: readonly Touched[], by: Footprint) =>
    changes.find((one) => [...by.changes, ...by.needs].some((other) => overlap(one, other)))
  return felt(a.changes, b) ?? felt(b.changes, a) ?? null
}

/** Whether changing `changed` is felt by what touches `other`. */
function overlap(changed: Touched, other: Touched): boolean {
  if (changed.label !== other.label) return false
  if (changed.kind === 'model') return true
  if (changed.kind !== other.kind) return false
  return changed.name === other.name || (changed.kind === 'field' && (changed.name === '*' || other.name === '*'))
}

function tableOf(model: ModelState): string {
  return `table ${model.options.dbTable ?? tableName(model.app, model.name)}`
}

function ofModel(model: ModelState): Touched[] {
  const { indexes = [], constraints = [], triggers = [] } = model.options
  const names = [...indexes, ...constraints, ...triggers].map(({ name }) => shared(name))
  return [wholeModel(labelOf(model)), shared(tableOf(model)), ...names]
}

function neededBy(state: ProjectState, model: ModelState): Touched[] {
  const label = labelOf(model)
  const fields = Object.values(model.fields).flatMap((each) => neededByField(state, label, each))
  const triggers = (model.options.triggers ?? []).flatMap((each) => triggerNeeds(label, each))
  // Not what is the model's own: it comes and goes with it.
  return [...fields, ...triggers].filter((each) => each.label !== label)
}

function ofField(label: string, name: string, field: FieldState): Touched[] {
  const { dbColumn } = fieldOptions(field)
  const fallback = columnName(name) + (isRelation(field) && field.builder !== 'manyToMany' ? '_id' : '')
  const columns = Array.isArray(dbColumn) ? dbColumn : [dbColumn ?? fallback]
  return [oneField(label, name), ...columns.map((column): Touched => ({ kind: 'column', label, name: String(column) }))]
}

function neededByField(state: ProjectState, label: string, field: FieldState): Touched[] {
  if (field.builder === 'generated') return pathFields(label, pathsIn(field.args[0]))
  if (!isRelation(field)) return []
  const { toField, through, fields } = fieldOptions(field)
  const target = state.resolve(field.args[0])
  const needs = [
    wholeModel(target),
    ...(typeof toField === 'string' ? [oneField(target, toField)] : keyFields(state, target)),
  ]
  // A table between stands on its two foreign keys.
  if (through !== undefined) needs.push(wholeModel(state.resolve(through)), allFields(state.resolve(through)))
  if (field.builder === 'manyToMany') needs.push(...keyFields(state, label))
  if (Array.isArray(fields)) needs.push(...fields.map((each) => oneField(label, String(each))))
  return needs
}

function keyFields(state: ProjectState, label: string): Touched[] {
  const model = state.find(label)
  if (model === null) return [allFields(label)]
  const { primaryKey } = model.options
  if (primaryKey !== undefined) return primaryKey.map((name) => oneField(label, name))
  return Object.entries(model.fields)
    .filter(([, each]) => each.builder === 'autoId' || fieldOptions(each).primaryKey === true)
    .map(([name]) => oneField(label, name))
}

/** Fields that paths begin with: `-author__name` is of `author`. A foreign key is also named by its column: `authorId`. */
function pathFields(label: string, paths: readonly string[]): Touched[] {
  return paths.flatMap((path) => {
    const first = path.replace(/^-/, '').split('__')[0]!
    return first.endsWith('Id')
      ? [oneField(label, first), oneField(label, first.slice(0, -2))]
      : [oneField(label, first)]
  })
}

/** Paths that an index or constraint speaks of, as written. */
export function partPaths(item: ModelIndex | ModelConstraint): string[] {
  // An index or one of the constraints: each has some of these.
  const parts: Readonly<Record<string, unknown>> = { ...item }
  const lists = [parts.fields, parts.expressions, parts.include].flatMap((list) => (Array.isArray(list) ? list : []))
  const plain = lists.filter((part): part is string => typeof part === 'string')
  return [...plain, ...pathsIn([parts.expressions, parts.where, parts.condition, Object.values(parts.sql ?? {})])]
}

function partFields(label: string, item: ModelIndex | ModelConstraint): Touched[] {
  // Text of a project's own may speak of any column.
  if ('type' in item && item.type === 'custom') return [allFields(label)]
  return pathFields(label, partPaths(item))
}

function namedFields(label: string, state: ProjectState, name: string): Touched[] {
  const { indexes = [], constraints = [], triggers = [] } = state.get(label).options
  const item = [...indexes, ...constraints].find((each) => each.name === name)
  const trigger = triggers.find((each) => each.name === name)
  return [
    ...(item === undefined ? [] : partFields(label, item)),
    ...(trigger === undefined ? [] : triggerNeeds(label, trigger)),
  ]
}

/**
 * What a trigger speaks of, written out when it is made. On all fields stands what may name any, or lists the others: code, a copy,
 * a condition, and `update` without a field, which is a list of them where {@link triggerSpecs} says so.
 */
function triggerNeeds(label: string, { on, condition, do: action }: ModelTrigger): Touched[] {
  if (action.t === 'copy') {
    const target = String(action.target)
    return [allFields(label), wholeModel(target), allFields(target)]
  }
  const isOfAny = action.t !== 'refuse' || condition !== undefined || on.includes('update')
  if (isOfAny) return [allFields(label)]
  const named = on.flatMap((event) => event.split(' of ')[1] ?? [])
  return pathFields(label, [...named, ...(action.fields ?? [])])
}
