/** The state that the project's models are in now. */
import type { AnyModel, FieldMeta, ModelConstraint, ModelIndex, ModelTrigger } from '../models/meta.ts'
import { SerializeError } from './errors.ts'
import { isExpression, plainExpression } from './expressions.ts'
import { circles, newLabel, parseRename } from './flags.ts'
import type { MigrationProject } from './loader.ts'
import { convertedValue } from './plain-values.ts'
import { type FieldState, type ModelState, type ModelStateOptions, ProjectState } from './state.ts'
import { markerName, userModel } from './values.ts'

/** The models of all apps, as plain data. */
export function stateOfModels(project: MigrationProject): ProjectState {
  const models = project.apps.flatMap((app) => Object.values(app.models).filter(hasTable).map(modelState))
  return new ProjectState(models, project.user)
}

/** A proxy has none of its own. */
export function hasTable({ meta }: AnyModel): boolean {
  return !meta.proxy
}

/** Gives the value of a default computed in code, called once; undefined where there is none. */
export function computedDefaults(project: MigrationProject): (label: string, name: string) => unknown {
  return (label, name) => {
    const [appName, modelName] = label.split('.') as [string, string]
    const model = project.apps.find((app) => app.name === appName)?.models[modelName]
    const field = model?.meta.fields.get(name)
    if (!field?.hasDefault) return undefined
    const value = field.getDefault()
    const { conversion } = field.type ?? {}
    const stored =
      conversion === undefined ? value : value === null ? (conversion.nothing ?? null) : conversion.toDb(value)
    return plainValue(stored, `${label}.${name}`)
  }
}

/** What `renamedFrom` in models says, as `--rename` is written: `library.Book.title:name`, `library.Book:Novel`. */
export function renameHints(project: MigrationProject): string[] {
  return project.apps
    .flatMap((app) => Object.values(app.models).filter(hasTable))
    .flatMap(({ meta }) => {
      const { renamedFrom } = meta.options as { readonly renamedFrom?: string } // as models declare it
      const old = renamedFrom?.includes('.') ? renamedFrom : `${meta.app}.${renamedFrom}`
      const moved = !old.startsWith(`${meta.app}.`)
      const own = renamedFrom === undefined ? [] : [`${old}:${moved ? meta.label : meta.name}`]
      const fields = [...meta.fields.values()].filter(({ options }) => typeof options.renamedFrom === 'string')
      return [...own, ...fields.map(({ name, options }) => `${meta.label}.${options.renamedFrom}:${name}`)]
    })
}

/** Hints of {@link renameHints} whose rename the migrations have: the new name is there, and was not before. */
export function spentHints(project: MigrationProject, migrated: ProjectState): string[] {
  const hints = renameHints(project)
  const inCircles = new Set(circles(hints.map(parseRename)).flatMap((each) => each.map(newLabel)))
  return hints.filter((hint) => {
    if (inCircles.has(newLabel(parseRename(hint)))) return false
    const { label, field, to } = parseRename(hint)
    if (field !== null) return migrated.find(label)?.fields[to] !== undefined
    return migrated.find(to.includes('.') ? to : `${label.split('.')[0]}.${to}`) !== null
  })
}

/** One model as plain data. */
export function modelState({ meta }: AnyModel): ModelState {
  const fields: Record<string, FieldState> = {}
  for (const field of meta.fields.values()) {
    const state = fieldState(field)
    if (state !== null) fields[field.name] = state
  }
  const where = (index: ModelIndex | ModelConstraint) => `${index.name} on ${meta.label}`
  const { dbTable, primaryKey, comment } = meta.options as {
    dbTable?: string
    comment?: string
    primaryKey?: readonly string[]
  } // as models declare them
  const options: ModelStateOptions = {
    ...(dbTable ? { dbTable } : {}),
    ...(meta.managed ? {} : { managed: false }),
    ...(meta.orderWithRespectTo ? { orderWithRespectTo: meta.orderWithRespectTo.name } : {}),
    ...(meta.ordering.length > 0 ? { ordering: meta.ordering } : {}),
    ...(comment ? { comment } : {}),
    ...(primaryKey ? { primaryKey } : {}),
    ...(meta.indexes.length > 0 ? { indexes: meta.indexes.map((index) => plainRecord(index, where(index))) } : {}),
    ...(meta.constraints.length > 0
      ? { constraints: meta.constraints.map((each) => plainConstraint(each, where(each))) }
      : {}),
    ...(meta.triggers.length > 0
      ? { triggers: meta.triggers.map((each) => plainTrigger(each, `${each.name} on ${meta.label}`)) }
      : {}),
  }
  return { app: meta.app, name: meta.name, fields, options }
}

function fieldState(field: FieldMeta): FieldState | null {
  const written = field.deconstruct()
  if (written === null) return null
  const where = `${field.model.meta.label}.${field.name}`
  const args = written.args.map((arg) => plainValue(arg, where))
  const last = args.at(-1)
  // Options may be empty once functions are dropped.
  if (typeof last === 'object' && last !== null && !Array.isArray(last) && Reflect.ownKeys(last).length === 0)
    args.pop()
  return { builder: written.builder, args }
}

/** The model that rows are copied to becomes its label. */
function plainTrigger(trigger: ModelTrigger, where: string): ModelTrigger {
  const { do: action } = trigger
  if (action.t !== 'copy' || typeof action.target !== 'function') return plainRecord(trigger, where)
  const { meta } = action.target() as AnyModel // an arrow that gives a model, by its type
  return plainRecord({ ...trigger, do: { ...action, target: meta.label } }, where)
}

/** What a broken constraint says, and how fullClean() asks, is no part of a table. */
function plainConstraint(constraint: ModelConstraint, where: string): ModelConstraint {
  const { message: _, code: __, excludes: ___, ...rest } = { excludes: undefined, ...constraint }
  return plainRecord(rest as ModelConstraint, where) // both are optional
}

function plainRecord<T extends object>(value: T, where: string): T {
  return plainValue(value, where) as T // the same keys; values a state holds are of the types a model takes
}

/** A value as a state holds it: functions dropped, decimals and Temporal as text, everything else as it is. */
function plainValue(value: unknown, where: string): unknown {
  if (typeof value === 'function' || value === undefined) return undefined
  if (typeof value !== 'object' || value === null) return value
  if (isExpression(value)) return plainExpression(value, (part) => plainValue(part, where), where)
  if (markerName(value) !== null) return value
  if (Array.isArray(value)) return value.map((item) => plainValue(item, where))
  if (value instanceof Date || value instanceof Uint8Array) return value
  const prototype: unknown = Object.getPrototypeOf(value)
  if (prototype === Object.prototype || prototype === null) {
    if ('swappable' in value) return userModel
    const entries = Object.entries(value).map(([key, item]) => [key, plainValue(item, where)] as const)
    return Object.fromEntries(entries.filter(([, item]) => item !== undefined))
  }
  const name = Object.prototype.toString.call(value).slice(8, -1)
  const className = (value as object).constructor?.name
  if (name.startsWith('Temporal.') || className === 'Decimal') return String(value)
  const converted = convertedValue(value)
  if (converted !== null) return plainValue(converted.plain, where)
  throw new SerializeError(`A migration cannot hold an instance of ${className ?? 'a class'} (${where}).`, {
    code: 'migrations.cannot-write',
    hint: 'Use strings, numbers, booleans, null, bigint, Date, Decimal, Temporal, lists and plain objects; a function; or say what to write with registerMigrationValue().',
  })
}
