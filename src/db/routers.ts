/** Which database a query goes to, where neither `using` nor an instance says so by itself. */
import { currentAlias, database, primaryOf, usedAlias } from './connections.ts'
import { ModelError } from './errors.ts'
import { ALIAS, type AnyInstance, CACHE } from './models/instance.ts'
import type { AnyModel, FieldMeta, ModelMeta } from './models/meta.ts'

/** What a router is told besides the model. */
export interface RouterHints {
  /** The instance that is written, or whose related rows are asked for. */
  readonly instance?: object
}

/** What a router is told about a step of a migration. */
export interface MigrateHints {
  /** Label of the model whose table it is: `library.Book`; none for SQL and code. */
  readonly model?: string
  /** `hints` of the operation. */
  readonly [name: string]: unknown
}

/**
 * Chooses databases. Each method may be missing; null or undefined leaves the question to the next router, and after
 * the last one to the default: the database of the instance at hand, else `default`.
 *
 *     const archive: Router = {
 *       dbForRead: (model) => (model.meta.app === 'history' ? 'archive' : null),
 *       dbForWrite: (model) => (model.meta.app === 'history' ? 'archive' : null),
 *       allowMigrate: (alias, app) => (app === 'history') === (alias === 'archive'),
 *     }
 */
export interface Router {
  /** Alias for reading rows of a model. */
  dbForRead?(model: AnyModel, hints: RouterHints): string | null | undefined
  /** Alias for writing them; also for locking them and for looking before a write. */
  dbForWrite?(model: AnyModel, hints: RouterHints): string | null | undefined
  /** Whether two instances may refer to each other; default: when they are of one database. */
  allowRelation?(one: object, other: object): boolean | null | undefined
  /** Whether `migrate` changes tables of an app in a database; default yes. */
  allowMigrate?(alias: string, app: string, hints: MigrateHints): boolean | null | undefined
}

let routers: readonly Router[] = Object.freeze([])

/** Says who is asked, in order; once at start. */
export function configureRouters(list: readonly Router[]): void {
  routers = Object.freeze([...list])
}

function first<T>(ask: (router: Router) => T | null | undefined): T | null {
  for (const router of routers) {
    const answer = ask(router)
    if (answer !== null && answer !== undefined) return answer
  }
  return null
}

type Choice = 'dbForRead' | 'dbForWrite'

/**
 * The alias for rows of a model.
 * @param instance   the instance at hand; its database is where its related rows are, unless a router knows better
 * @param own   that database; null where it has none yet
 */
export function aliasFor(
  choice: Choice,
  model: AnyModel,
  instance: AnyInstance | null,
  own: string | null = instance?.[ALIAS] ?? null,
): string {
  // What the code around says counts for what has no database yet.
  if (own === null && (routers.length === 0 || usedAlias() !== null)) return currentAlias()
  const hints: RouterHints = instance === null ? {} : { instance }
  const chosen = routers.length === 0 ? null : first((router) => router[choice]?.(model, hints))
  if (chosen !== null) return chosen
  if (own === null) return currentAlias()
  return choice === 'dbForWrite' ? (primaryOf(own) ?? own) : own
}

/** Where routers keep the rows of a model, whatever the code around says; null where none of them knows. */
export function routedTo(model: AnyModel): string | null {
  return first((router) => router.dbForWrite?.(model, {}) ?? router.dbForRead?.(model, {}))
}

/** Whether any router is asked. */
export function hasRouters(): boolean {
  return routers.length > 0
}

/** Whether `migrate` may touch tables of an app in a database. */
export function allowsMigrate(alias: string, app: string, hints: MigrateHints = {}): boolean {
  return routers.length === 0 || (first((router) => router.allowMigrate?.(alias, app, hints)) ?? true)
}

/** Whether two saved instances may refer to each other. */
function allowsRelation(one: AnyInstance, other: AnyInstance): boolean {
  const [a, b] = [one[ALIAS], other[ALIAS]]
  if (a === null || b === null) return true
  return first((router) => router.allowRelation?.(one, other)) ?? isSame(a, b)
}

/** One database under two names: a replica and its primary, or a mirror. */
export function isSame(a: string, b: string): boolean {
  return a === b || database(primaryOf(a) ?? a) === database(primaryOf(b) ?? b)
}

/**
 * No database can keep, or follow, a reference into another one.
 * @throws ModelError db.cross-database
 */
export function assertRelation(field: FieldMeta, owner: AnyInstance, value: AnyInstance): void {
  if ((routers.length === 0 && owner[ALIAS] === value[ALIAS]) || allowsRelation(owner, value)) return
  throw crossDatabase(field, owner[ALIAS]!, value) // two that differ, and neither of them null
}

/** A new instance on its way to a database: what it refers to must be there. @throws ModelError db.cross-database */
export function assertRelationsIn(alias: string, instance: AnyInstance, meta: ModelMeta): void {
  const cache = instance[CACHE]
  if (cache === null) return
  for (const field of meta.columns) {
    const value = field.relation === null ? null : (cache[field.name] as AnyInstance | null | undefined) // set by accessors
    if (value === null || value === undefined || value[ALIAS] === null) continue
    if (first((router) => router.allowRelation?.(instance, value)) ?? isSame(value[ALIAS], alias)) continue
    throw crossDatabase(field, alias, value)
  }
}

/**
 * A row of another database in a condition, or as a value of a change. Asked only where the two differ.
 * @throws ModelError db.cross-database
 */
export function assertComparable(field: FieldMeta, alias: string, value: AnyInstance): void {
  const there = value[ALIAS]
  if (there === null) return
  if (routers.length > 0) {
    // Which rows are asked for is not known yet: one of them stands for all.
    const example: AnyInstance = Object.create((field.model as unknown as { prototype: AnyInstance }).prototype) // a class's instances
    Object.defineProperty(example, ALIAS, { value: alias })
    const answer = first((router) => router.allowRelation?.(example, value))
    if (answer === true) return
    if (answer === false) throw crossDatabase(field, alias, value)
  }
  if (!isSame(alias, there)) throw crossDatabase(field, alias, value)
}

function crossDatabase(field: FieldMeta, alias: string, value: AnyInstance): ModelError {
  const { label } = field.model.meta
  return new ModelError(
    `${label}.${field.name} of the database "${alias}" cannot lead to ${String(value)} of the database "${value[ALIAS]}".`,
    {
      code: 'db.cross-database',
      hint: `Save both in one database: save({ using: … }). Where the same row is in both, give its key (${field.attname}), or answer allowRelation() in a router.`,
    },
  )
}
