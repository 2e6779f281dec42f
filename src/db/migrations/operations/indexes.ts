import { t } from '../../../i18n/index.ts'
import { camelToSnake } from '../../../std/text.ts'
import type { ModelConstraint, ModelIndex } from '../../models/meta.ts'
import { MigrationStateError } from '../errors.ts'
import type { ModelState } from '../state.ts'
import { bySchema, type Operation } from './operation.ts'

/** Conditions are records of lookups, or joined by `Q`. */
type Where = object
/** Columns by the names of their fields, `-` in front of descending ones, and expressions: `fn('lower', F('title'))`. */
type Parts = readonly unknown[]

interface StateUniqueOptions {
  readonly name: string
  readonly where?: Where
  readonly include?: readonly string[]
  readonly opclasses?: readonly string[]
  readonly deferrable?: 'immediate' | 'deferred'
  readonly nullsDistinct?: boolean
}
interface StateIndexOptions {
  readonly name: string
  readonly where?: Where
  readonly method?: string
  readonly language?: string
  readonly include?: readonly string[]
  readonly opclasses?: readonly string[]
  readonly with?: Readonly<Record<string, string | number | boolean>>
}

function partsOf(parts: Parts): Pick<ModelIndex, 'fields' | 'expressions'> {
  const plain = parts.every((part) => typeof part === 'string')
  return plain ? { fields: parts as readonly string[] } : { fields: [], expressions: parts } // every one is text
}

/** A unique constraint by name: `unique(['author', 'title'], { name: 'one_title_per_author' })`. */
export function unique(fields: Parts, { name, ...options }: StateUniqueOptions): ModelConstraint {
  return { type: 'unique', name, ...partsOf(fields), ...options }
}

/** A check constraint by name: `check({ pages__gte: 1 }, { name: 'pages_positive' })`. */
export function check(condition: Where, options: { name: string }): ModelConstraint {
  return { type: 'check', name: options.name, condition }
}

/** A constraint that is text for each database: `constraint('no_overlap', { postgres: fn('sql', ['EXCLUDE …']) })`. */
export function constraint(name: string, sql: Readonly<Record<string, unknown>>): ModelConstraint {
  return { type: 'custom', name, sql }
}

/** An index by name: `index(['status', '-publishedAt'], { name: 'book_status' })`. */
export function index(fields: Parts, { name, ...options }: StateIndexOptions): ModelIndex {
  return { name, ...partsOf(fields), ...options }
}

/** What {@link addIndex} gives. */
export interface AddIndex extends Operation {
  readonly type: 'addIndex'
  readonly model: string
  readonly index: ModelIndex
}

/** Adds an index to a model. */
export function addIndex(model: string, added: ModelIndex): AddIndex {
  return {
    type: 'addIndex',
    args: [model, added],
    model,
    index: added,
    fragment: `${camelToSnake(model)}_${added.name}`,
    describe: () => t('Add index {name} to {model}', { name: added.name, model }),
    toState: (state, app) =>
      state.update(`${app}.${model}`, (before) => withIndexes(before, (list) => [...list, added])),
    ...bySchema(),
  }
}

/** What {@link removeIndex} gives. */
export interface RemoveIndex extends Operation {
  readonly type: 'removeIndex'
  readonly model: string
  readonly name: string
}

/** Removes an index by name. */
export function removeIndex(model: string, name: string): RemoveIndex {
  return {
    type: 'removeIndex',
    args: [model, name],
    model,
    name,
    fragment: `remove_${camelToSnake(model)}_${name}`,
    describe: () => t('Remove index {name} from {model}', { name, model }),
    toState: (state, app) =>
      state.update(`${app}.${model}`, (before) => {
        named(before, before.options.indexes, name, 'index')
        return withIndexes(before, (list) => list.filter((item) => item.name !== name))
      }),
    ...bySchema(),
  }
}

/** What {@link renameIndex} gives. */
export interface RenameIndex extends Operation {
  readonly type: 'renameIndex'
  readonly model: string
  readonly oldName: string
  readonly newName: string
}

/** Renames an index. */
export function renameIndex(model: string, oldName: string, newName: string): RenameIndex {
  return {
    type: 'renameIndex',
    args: [model, oldName, newName],
    model,
    oldName,
    newName,
    fragment: `rename_${oldName}_${newName}`,
    describe: () => t('Rename index {oldName} of {model} to {newName}', { oldName, model, newName }),
    toState: (state, app) =>
      state.update(`${app}.${model}`, (before) => {
        named(before, before.options.indexes, oldName, 'index')
        return withIndexes(before, (list) =>
          list.map((item) => (item.name === oldName ? { ...item, name: newName } : item)),
        )
      }),
    ...bySchema(),
  }
}

/** What {@link addConstraint} gives. */
export interface AddConstraint extends Operation {
  readonly type: 'addConstraint'
  readonly model: string
  readonly constraint: ModelConstraint
}

/** Adds a constraint. Rows that break it make the migration fail and change nothing. */
export function addConstraint(model: string, constraint: ModelConstraint): AddConstraint {
  return {
    type: 'addConstraint',
    args: [model, constraint],
    model,
    constraint,
    fragment: `${camelToSnake(model)}_${constraint.name}`,
    describe: () => t('Add constraint {name} to {model}', { name: constraint.name, model }),
    toState: (state, app) =>
      state.update(`${app}.${model}`, (before) => withConstraints(before, (list) => [...list, constraint])),
    ...bySchema(),
  }
}

/** What {@link removeConstraint} gives. */
export interface RemoveConstraint extends Operation {
  readonly type: 'removeConstraint'
  readonly model: string
  readonly name: string
}

/** Removes a constraint by name. */
export function removeConstraint(model: string, name: string): RemoveConstraint {
  return {
    type: 'removeConstraint',
    args: [model, name],
    model,
    name,
    fragment: `remove_${camelToSnake(model)}_${name}`,
    describe: () => t('Remove constraint {name} from {model}', { name, model }),
    toState: (state, app) =>
      state.update(`${app}.${model}`, (before) => {
        named(before, before.options.constraints, name, 'constraint')
        return withConstraints(before, (list) => list.filter((item) => item.name !== name))
      }),
    ...bySchema(),
  }
}

function withIndexes(model: ModelState, change: (list: readonly ModelIndex[]) => readonly ModelIndex[]) {
  const { indexes = [], ...options } = model.options
  const changed = change(indexes)
  return { options: changed.length > 0 ? { ...options, indexes: changed } : options }
}

function withConstraints(model: ModelState, change: (list: readonly ModelConstraint[]) => readonly ModelConstraint[]) {
  const { constraints = [], ...options } = model.options
  const changed = change(constraints)
  return { options: changed.length > 0 ? { ...options, constraints: changed } : options }
}

function named(model: ModelState, list: readonly { readonly name: string }[] = [], name: string, what: string): void {
  if (list.some((item) => item.name === name)) return
  throw new MigrationStateError(`${model.app}.${model.name} has no ${what} "${name}" at this point of the history.`, {
    code: `migrations.unknown-${what}`,
    hint: `It has: ${list.map((item) => item.name).join(', ') || 'none'}.`,
  })
}
