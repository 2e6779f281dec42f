/** Triggers, as a model's options declare them: what the database does by itself when rows change. */
import type { RawFragment } from '../query/raw.ts'
import type { OwnCondition } from '../query/types/named.ts'
import type { ModelTrigger, ModelTriggerAction } from './meta.ts'
import { boundedName } from './names.ts'

/** What a trigger follows: `update of title` follows updates that set this field. */
export type TriggerEvent<K extends string = string> = 'insert' | 'update' | 'delete' | `update of ${K}`

/** Options of {@link trigger}. */
export interface TriggerOptions<K extends string> {
  /** Its name in the database, at most 63 characters; a longer one is cut, with a hash at its end. */
  readonly name: string
  /** Before the row is written, or after. */
  readonly when: 'before' | 'after'
  readonly on: readonly TriggerEvent<K>[]
  /** Only for rows of which this holds: the row as it will be; of a deletion as it was. */
  readonly condition?: OwnCondition
  /**
   * Statements for each database, each ended by a semicolon, over `NEW` and `OLD`: of PostgreSQL those of PL/pgSQL
   * between BEGIN and END. A database that is not named gets no trigger.
   */
  readonly do: Readonly<Record<string, string | RawFragment>>
}

/** A trigger of a model; `K` are the fields it mentions. */
export interface TriggerOf<K extends string> {
  readonly name: string
  readonly when: 'before' | 'after'
  readonly on: readonly TriggerEvent[]
  readonly condition?: OwnCondition
  readonly do: ModelTriggerAction
  /** Only for the compiler. */
  readonly '~names'?: K
}

/** A trigger with statements of your own. For the usual ones see {@link keepNow}, {@link readOnly}, {@link refuseDelete}, {@link copyTo}. */
export function trigger<const K extends string>({
  do: statements,
  ...options
}: TriggerOptions<K>): TriggerOf<string extends K ? never : K> {
  return { ...options, do: { t: 'sql', sql: statements } }
}

/** Options of the triggers that are ready made. */
export interface ReadyTriggerOptions {
  /** Default: made of the table and of what it does. */
  readonly name?: string
  readonly condition?: OwnCondition
}

/**
 * Sets a dateTime to now at every update, whoever writes: `keepNow('updatedAt')`. On an instance it shows after
 * `refresh()`. SQLite sets it by a second write, which triggers that follow every update leave out; so do they an update
 * of nothing but this field.
 */
export function keepNow<const K extends string>(field: K, options: ReadyTriggerOptions = {}): TriggerOf<K> {
  return { name: '', when: 'before', on: ['update'], ...options, do: { t: 'setNow', field } }
}

/** Refuses updates that change one of these fields: an IntegrityError with the message. */
export function readOnly<const K extends string>(
  fields: readonly K[],
  { message, ...options }: ReadyTriggerOptions & { readonly message?: string } = {},
): TriggerOf<K> {
  const text = message ?? `${fields.join(', ')} cannot be changed.`
  return { name: '', when: 'before', on: ['update'], ...options, do: { t: 'refuse', message: text, fields } }
}

/** Refuses deletions, also those by raw SQL: an IntegrityError with the message. */
export function refuseDelete({
  message = 'Rows of this table cannot be deleted.',
  ...options
}: ReadyTriggerOptions & { readonly message?: string } = {}): TriggerOf<never> {
  return { name: '', when: 'before', on: ['delete'], ...options, do: { t: 'refuse', message } }
}

/** Options of {@link copyTo}. */
export interface CopyOptions<K extends string> extends ReadyTriggerOptions {
  /** Fields to copy: those of the same name, or the name of each over there: `{ title: 'oldTitle' }`. */
  readonly fields: readonly K[] | { readonly [P in K]: string }
  /** Default updates and deletions. */
  readonly on?: readonly TriggerEvent<K>[]
}
/**
 * Inserts the row as it was into another model's table (of an insert, as it is): `copyTo(() => BookHistory, { fields:
 * ['title', 'pages'] })`. What that table needs besides has a `dbDefault` or may be null.
 */
export function copyTo<const K extends string>(
  target: () => { readonly prototype: object },
  { fields, on = ['update', 'delete'], ...options }: CopyOptions<K>,
): TriggerOf<K> {
  const pairs = Array.isArray(fields)
    ? Object.fromEntries((fields as readonly K[]).map((field) => [field, field])) // told by isArray
    : (fields as Readonly<Record<string, string>>)
  return { name: '', when: 'after', on, ...options, do: { t: 'copy', target, fields: pairs } }
}

/** A declared trigger with its name: `library_book_readonly_slug`. */
export function namedTrigger(table: string, declared: TriggerOf<string>): ModelTrigger {
  const { '~names': _, name, ...rest } = declared
  return Object.freeze({ ...rest, name: boundedName(name === '' ? `${table}_${suffix(declared.do)}` : name) })
}

function suffix(action: ModelTriggerAction): string {
  switch (action.t) {
    case 'setNow':
      return `now_${action.field}`
    case 'refuse':
      return action.fields === undefined ? 'refuse' : `readonly_${action.fields.join('_')}`
    case 'copy':
      return 'copy'
    case 'sql':
      return 'trigger'
  }
}
