import { t } from '../../../i18n/index.ts'
import { camelToSnake } from '../../../std/text.ts'
import type { ModelConstraint, ModelIndex, ModelTrigger } from '../../models/meta.ts'
import { MigrationStateError } from '../errors.ts'
import { renamedIn } from '../expressions.ts'
import {
  type FieldState,
  fieldOptions,
  isRelation,
  type ModelState,
  type ModelStateOptions,
  type ProjectState,
} from '../state.ts'
import { bySchema, calledWith, type Operation } from './operation.ts'

/** Options of {@link addField} and {@link alterField}. */
export interface FillOptions {
  /**
   * What rows that exist get: in a new column that may not be null and has no default, or in place of nulls in a
   * column that may no longer hold them. `now` for the moment of migrating. Used once, not kept as a default.
   */
  readonly fill?: unknown
}

/** What {@link addField} gives. */
export interface AddField extends Operation {
  readonly type: 'addField'
  readonly model: string
  readonly name: string
  readonly field: FieldState
  readonly options: FillOptions
}

/** Adds a field to a model: `addField('Book', 'pages', fields.integer(), { fill: 0 })`. */
export function addField(model: string, name: string, field: FieldState, options: FillOptions = {}): AddField {
  return {
    type: 'addField',
    args: calledWith(model, name, field, options),
    model,
    name,
    field,
    options,
    fragment: `${camelToSnake(model)}_${camelToSnake(name)}`,
    describe: () => t('Add field {name} to {model}', { name, model }),
    toState: (state, app) =>
      state.update(`${app}.${model}`, (before) => {
        assertFree(before, name)
        return { fields: { ...before.fields, [name]: field } }
      }),
    ...bySchema((app) => filling(`${app}.${model}`, name, options)),
  }
}

/** What {@link removeField} gives. */
export interface RemoveField extends Operation {
  readonly type: 'removeField'
  readonly model: string
  readonly name: string
}

/** Removes a field, its column and what it held. */
export function removeField(model: string, name: string): RemoveField {
  return {
    type: 'removeField',
    args: [model, name],
    model,
    name,
    fragment: `remove_${camelToSnake(model)}_${camelToSnake(name)}`,
    describe: () => t('Remove field {name} from {model}', { name, model }),
    toState(state, app) {
      state.field(`${app}.${model}`, name)
      return state.update(`${app}.${model}`, (before) => {
        const { [name]: _, ...rest } = before.fields
        return { fields: rest }
      })
    },
    ...bySchema(),
  }
}

/** What {@link alterField} gives. */
export interface AlterField extends Operation {
  readonly type: 'alterField'
  readonly model: string
  readonly name: string
  readonly field: FieldState
  readonly options: FillOptions
}

/** Changes a field to what is given. */
export function alterField(model: string, name: string, field: FieldState, options: FillOptions = {}): AlterField {
  return {
    type: 'alterField',
    args: calledWith(model, name, field, options),
    model,
    name,
    field,
    options,
    fragment: `alter_${camelToSnake(model)}_${camelToSnake(name)}`,
    describe: () => t('Alter field {name} of {model}', { name, model }),
    toState(state, app) {
      state.field(`${app}.${model}`, name)
      return state.update(`${app}.${model}`, (before) => ({ fields: { ...before.fields, [name]: field } }))
    },
    ...bySchema((app) => filling(`${app}.${model}`, name, options)),
  }
}

/** What {@link renameField} gives. */
export interface RenameField extends Operation {
  readonly type: 'renameField'
  readonly model: string
  readonly oldName: string
  readonly newName: string
}

/** Renames a field, its column unless it is named by hand, and its mentions in the model's options. */
export function renameField(model: string, oldName: string, newName: string): RenameField {
  return {
    type: 'renameField',
    args: [model, oldName, newName],
    model,
    oldName,
    newName,
    fragment: `rename_${camelToSnake(oldName)}_${camelToSnake(model)}_${camelToSnake(newName)}`,
    describe: () => t('Rename field {oldName} of {model} to {newName}', { oldName, model, newName }),
    toState(state, app) {
      state.field(`${app}.${model}`, oldName)
      return renameElsewhere(state, `${app}.${model}`, oldName, newName).update(`${app}.${model}`, (before) => {
        assertFree(before, newName)
        const entries = Object.entries(before.fields).map(([key, field]) => [
          key === oldName ? newName : key,
          renameInField(field, (path) => renamePath(path, oldName, newName)),
        ])
        return { fields: Object.fromEntries(entries), options: renameInOptions(before.options, oldName, newName) }
      })
    },
    ...bySchema((app) => ({ renamedFields: { [`${app}.${model}`]: { [oldName]: newName } } })),
  }
}

function filling(label: string, name: string, options: FillOptions) {
  return options.fill === undefined ? {} : { fill: { [label]: { [name]: options.fill } } }
}

function assertFree(model: ModelState, name: string): void {
  if (model.fields[name] === undefined) return
  throw new MigrationStateError(
    `${model.app}.${model.name} already has a field "${name}" at this point of the history.`,
    {
      code: 'migrations.field-exists',
      hint: 'Two migrations add it: remove one, or rename the field in one of them.',
    },
  )
}

/** A path that starts with the field: `title`, `-title`, `title__lower`. */
function renamePath(path: string, from: string, to: string): string {
  const sign = path.startsWith('-') ? '-' : ''
  const [first, ...rest] = path.slice(sign.length).split('__')
  return first === from ? sign + [to, ...rest].join('__') : path
}

/** What a field is computed from, or has as a default of the database, may name others. */
function renameInField(field: FieldState, rename: (path: string) => string): FieldState {
  const { fields } = fieldOptions(field)
  if (isRelation(field) && Array.isArray(fields)) {
    return withOptions(field, { ...fieldOptions(field), fields: fields.map((each) => rename(String(each))) })
  }
  if (field.builder !== 'generated') return field
  const [expression, ...rest] = field.args
  return { ...field, args: [renamedIn(expression, rename), ...rest] }
}

/** Options of a model with a field renamed in them. */
export function renameInOptions(options: ModelStateOptions, from: string, to: string): ModelStateOptions {
  const rename = (path: string) => renamePath(path, from, to)
  const renamed: Record<string, unknown> = { ...options }
  if (options.ordering) renamed.ordering = options.ordering.map(rename)
  if (options.orderWithRespectTo) renamed.orderWithRespectTo = rename(options.orderWithRespectTo)
  if (options.primaryKey) renamed.primaryKey = options.primaryKey.map(rename)
  if (options.indexes) renamed.indexes = options.indexes.map((index) => renameInParts(index, rename))
  if (options.constraints) renamed.constraints = options.constraints.map((each) => renameInParts(each, rename))
  if (options.triggers) renamed.triggers = options.triggers.map((each) => renameInTrigger(each, rename))
  return renamed
}

/** What other models say of the field: by `toField`, `throughFields` and triggers that copy into it. */
function renameElsewhere(state: ProjectState, label: string, from: string, to: string): ProjectState {
  let changed = renameInCopies(state, label, from, to)
  const mentions = (field: FieldState) => {
    const { toField, through, throughFields } = fieldOptions(field)
    if (toField === from && state.resolve(field.args[0]) === label) return true
    return Array.isArray(throughFields) && throughFields.includes(from) && state.resolve(through) === label
  }
  for (const [holder, { fields }] of state.models) {
    const found = Object.entries(fields).filter(([, each]) => isRelation(each) && mentions(each))
    if (found.length === 0) continue
    const renamed = found.map(([name, each]) => {
      const { toField, throughFields, ...rest } = fieldOptions(each)
      const between = Array.isArray(throughFields)
        ? { throughFields: throughFields.map((one) => (one === from ? to : one)) }
        : {}
      return [
        name,
        withOptions(each, { ...rest, ...(toField === undefined ? {} : { toField: to }), ...between }),
      ] as const
    })
    changed = changed.update(holder, (model) => ({ fields: { ...model.fields, ...Object.fromEntries(renamed) } }))
  }
  return changed
}

/** A relation with other options. */
function withOptions(field: FieldState, options: Readonly<Record<string, unknown>>): FieldState {
  return { builder: field.builder, args: [field.args[0], options] }
}

/** Triggers of other models that copy rows into this one. */
function renameInCopies(state: ProjectState, label: string, from: string, to: string): ProjectState {
  let changed = state
  for (const [holder, { options }] of state.models) {
    const copies = (each: ModelTrigger): boolean =>
      each.do.t === 'copy' && each.do.target === label && Object.values(each.do.fields).includes(from)
    if (!options.triggers?.some(copies)) continue
    const triggers = options.triggers.map((each): ModelTrigger => {
      if (each.do.t !== 'copy' || !copies(each)) return each
      const fields = Object.entries(each.do.fields).map(([own, theirs]) => [own, theirs === from ? to : theirs])
      return { ...each, do: { ...each.do, fields: Object.fromEntries(fields) } }
    })
    changed = changed.update(holder, (before) => ({ options: { ...before.options, triggers } }))
  }
  return changed
}

function renameInTrigger(trigger: ModelTrigger, rename: (path: string) => string): ModelTrigger {
  const { do: action, condition } = trigger
  return {
    ...trigger,
    on: trigger.on.map((event) => (event.startsWith('update of ') ? `update of ${rename(event.slice(10))}` : event)),
    ...(condition === undefined ? {} : { condition: renamedIn(condition, rename) as object }), // a record stays one
    do: renameInAction(action, rename),
  }
}
function renameInAction(action: ModelTrigger['do'], rename: (path: string) => string): ModelTrigger['do'] {
  switch (action.t) {
    case 'sql': {
      const texts = Object.entries(action.sql).map(([vendor, text]) => [vendor, renamedIn(text, rename)])
      return { ...action, sql: Object.fromEntries(texts) as typeof action.sql } // the same keys
    }
    case 'setNow':
      return { ...action, field: rename(action.field) }
    case 'refuse':
      return action.fields === undefined ? action : { ...action, fields: action.fields.map(rename) }
    case 'copy':
      return {
        ...action,
        fields: Object.fromEntries(Object.entries(action.fields).map(([from, to]) => [rename(from), to])),
      }
  }
}

/** Paths, expressions and conditions of an index or constraint. */
function renameInParts(item: ModelIndex | ModelConstraint, rename: (path: string) => string): object {
  return Object.fromEntries(
    Object.entries(item).map(([key, value]) => {
      if (key === 'fields' || key === 'include') return [key, (value as readonly string[]).map(rename)] // by its type
      if (key === 'expressions') {
        const parts = value as readonly unknown[] // by its type
        return [key, parts.map((part) => (typeof part === 'string' ? rename(part) : renamedIn(part, rename)))]
      }
      if (key === 'where' || key === 'condition') return [key, renamedIn(value, rename)]
      if (key === 'sql') {
        const texts = Object.entries(value as Readonly<Record<string, unknown>>) // by its type
        return [key, Object.fromEntries(texts.map(([vendor, text]) => [vendor, renamedIn(text, rename)]))]
      }
      return [key, value]
    }),
  )
}
