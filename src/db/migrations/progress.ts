/**
 * How far a migration came that is not one transaction: on a database that commits each change of tables (MariaDB,
 * MySQL), and where `atomic: false` says so. One row in a table that is there only meanwhile; what a kill or a failure
 * leaves says where to go on.
 */
import { createHash } from 'node:crypto'
import type { TableSpec } from '../backends/schema.ts'
import { emptySelect } from '../query/nodes.ts'
import type { ColumnNode } from '../sql/nodes.ts'
import type { MigrationDatabase } from './database.ts'
import { MigrationError } from './errors.ts'
import { keyOf, type Migration } from './migration.ts'
import type { Operation } from './operations/operation.ts'

export const PROGRESS_TABLE = 'nuages_migration_progress'

const spec: TableSpec = {
  name: PROGRESS_TABLE,
  columns: [
    { name: 'app', type: { kind: 'char', maxLength: 255 }, null: false },
    { name: 'name', type: { kind: 'char', maxLength: 255 }, null: false },
    { name: 'backwards', type: { kind: 'boolean' }, null: false },
    { name: 'operation', type: { kind: 'integer' }, null: false },
    { name: 'statement', type: { kind: 'integer' }, null: false },
    { name: 'landmark', type: { kind: 'char', maxLength: 64 }, null: true },
    { name: 'digest', type: { kind: 'char', maxLength: 64 }, null: false },
  ],
  primaryKey: ['app', 'name'],
  uniques: [],
  checks: [],
  indexes: [],
}

/** A place in a migration, in the direction it goes. */
export interface Position {
  /** Operations before this one are done. */
  readonly operation: number
  /** Statements of that operation before this one are done; where a change of tables is one transaction, that counts as one. */
  readonly statement: number
  /** That statement was begun, and this is what its table looked like before; null: it was not begun. */
  readonly landmark: string | null
}

/** A migration that is neither applied nor not. */
export interface Unfinished extends Position {
  readonly app: string
  readonly name: string
  readonly backwards: boolean
  readonly digest: string
}

const KINDS = ['char', 'char', 'boolean', 'integer', 'integer', 'char', 'char'] as const

/** Reads and writes the place. */
export class Progress {
  readonly #database: MigrationDatabase

  constructor(database: MigrationDatabase) {
    this.#database = database
  }

  /** Migrations that stopped on the way. */
  async unfinished(): Promise<Unfinished[]> {
    if (!(await this.#exists())) return []
    const columns = spec.columns.map(({ name }, i): { expr: ColumnNode } => ({
      expr: { t: 'column', table: 'p', column: name, kind: KINDS[i]! },
    }))
    const select = { ...emptySelect({ table: PROGRESS_TABLE, alias: 'p' }), columns }
    const rows = await this.#database.rows(select).catch(async (error: unknown) => {
      // Read without the lock: another process that came to its end may have removed it in between.
      if (await this.#exists()) throw error
      return []
    })
    return (rows as [string, string, boolean | number, number, number, string | null, string][]).map(
      ([app, name, backwards, operation, statement, landmark, digest]) => ({
        app,
        name,
        backwards: Boolean(backwards),
        operation: Number(operation),
        statement: Number(statement),
        landmark,
        digest,
      }),
    )
  }

  async ensureTable(): Promise<void> {
    if (await this.#exists()) return
    await this.#database.transaction(async () => {
      for (const sql of this.#database.backend.schema.createTable(spec)) await this.#database.exec(sql)
    })
  }

  /** Whether the table is there, and nothing in it. */
  async isLeft(): Promise<boolean> {
    return (await this.#exists()) && (await this.unfinished()).length === 0
  }

  /** Removes the table once nothing is unfinished. */
  async clear(): Promise<void> {
    if (!(await this.isLeft())) return
    await this.#database.transaction(async () => {
      for (const sql of this.#database.backend.schema.dropTable(spec)) await this.#database.exec(sql)
    })
  }

  /** Says where a migration is, in one statement: inside the transaction if there is one, else whole or not at all. */
  async mark(place: Unfinished): Promise<void> {
    const { compiler, features } = this.#database.backend
    const columns = spec.columns.map(({ name }) => compiler.quote(name))
    const { app, name, backwards, operation, statement, landmark, digest } = place
    const values = [app, name, backwards, operation, statement, landmark, digest]
    const texts = values.map((value, i) => (value === null ? 'NULL' : compiler.literal(value, KINDS[i]!)))
    const set = columns.map((column, i) => `${column} = ${texts[i]}`).slice(2)
    const otherwise = features.vendor === 'mysql' ? 'on duplicate key update' : 'on conflict (app, name) do update set'
    await this.#database.exec(
      `insert into ${compiler.quote(PROGRESS_TABLE)} (${columns.join(', ')}) values (${texts.join(', ')}) ${otherwise} ${set.join(', ')}`,
    )
  }

  async forget(app: string, name: string): Promise<void> {
    const { compiler } = this.#database.backend
    const is = (column: string, value: string) => `${compiler.quote(column)} = ${compiler.literal(value, 'char')}`
    await this.#database.exec(
      `delete from ${compiler.quote(PROGRESS_TABLE)} where ${is('app', app)} and ${is('name', name)}`,
    )
  }

  async #exists(): Promise<boolean> {
    return (await this.#database.tables()).includes(PROGRESS_TABLE)
  }
}

/** What the first operations of a migration are: they must be the same when it goes on. */
export function digestOf(operations: readonly Operation[], count: number): string {
  const texts = operations.slice(0, count).map((operation) => `${operation.type}\0${operation.describe()}`)
  return createHash('sha256').update(texts.join('\n')).digest('hex')
}

/** Operations of a migration that are applied, in the order of the file. */
export function appliedOperations(
  total: number,
  { backwards, operation }: Pick<Unfinished, 'backwards' | 'operation'>,
) {
  return backwards ? total - operation : operation
}

/** @throws MigrationError migrations.changed-meanwhile */
export function assertSame(migration: Migration, place: Unfinished): void {
  const done = appliedOperations(migration.operations.length, place)
  if (place.operation <= migration.operations.length && digestOf(migration.operations, done) === place.digest) return
  const key = keyOf(migration.app, migration.name)
  throw new MigrationError(`${key} stopped on the way, and its file has changed before the place where it stopped.`, {
    code: 'migrations.changed-meanwhile',
    hint: `${done} of its operations were applied: bring those back as they were; what comes after them may change.`,
  })
}

/** A name as it is written: between quotes anything, a quote twice. */
const NAME = '("(?:[^"]|"")+"|`(?:[^`]|``)+`|[^"`\\s(]+)'
/** A statement that a server commits by itself, and the table or trigger it is about. */
const DDL = new RegExp(
  `(?:^|;)\\s*(?:/\\*M![^*]*\\*/\\s*)?(create|drop|alter|rename)\\s+(?:or replace\\s+)?(?:unique\\s+|fulltext\\s+)?(table|trigger|index)\\s+(?:if (?:not )?exists\\s+)?${NAME}(?:.*?\\b(?:on|to)\\s+${NAME})?`,
  'is',
)

/** The name that a quoted one means. */
function unquoted(name: string): string {
  const [quote] = name
  return quote === '"' || quote === '`' ? name.slice(1, -1).replaceAll(quote + quote, quote) : name
}

/** What a statement changes; null where it changes no tables. */
export function changeOf(sql: string): {
  readonly verb: 'create' | 'drop' | 'alter' | 'rename'
  readonly what: 'table' | 'trigger' | 'index'
  readonly name: string
  /** The table of an index, or the new name. */
  readonly other: string | null
} | null {
  const [, verb, what, name, other] = DDL.exec(sql) ?? []
  if (verb === undefined) return /^\s*(create|drop|alter|rename|truncate)\b/i.test(sql) ? UNKNOWN : null
  return {
    verb: verb.toLowerCase() as 'create', // one of the four
    what: what!.toLowerCase() as 'table', // one of the three
    name: unquoted(name!),
    other: other === undefined ? null : unquoted(other),
  }
}
/** A change of something that we do not make. */
const UNKNOWN = { verb: 'create', what: 'table', name: '', other: null } as const

/** Texts, names and comments, in which a semicolon ends nothing. */
const HELD = /'(?:[^'\\]|\\.|'')*'|"(?:[^"\\]|\\.|"")*"|`(?:[^`]|``)*`|--[^\n]*|#[^\n]*|\/\*[\s\S]*?\*\//g

/** Several statements in one text: the first may have run, and others not. Those of a trigger are its own. */
function isScript(sql: string, what: string): boolean {
  return what !== 'trigger' && /;\s*\S/.test(sql.replace(HELD, ''))
}

/** What a statement's table (or trigger) looks like now: another text once the statement has run. */
export async function landmarkOf(database: MigrationDatabase, sql: string): Promise<string> {
  const change = changeOf(sql)
  if (change === null || change.name === '' || isScript(sql, change.what)) return UNCLEAR
  const text = (value: string) => database.backend.compiler.literal(value, 'text')
  if (change.what === 'trigger') {
    const found = await database.query(
      `SELECT 1 FROM information_schema.triggers WHERE trigger_schema = DATABASE() AND trigger_name = ${text(change.name)}`,
    )
    return found.length > 0 ? 'there' : 'gone'
  }
  const table = change.what === 'index' ? (change.other ?? '') : change.name
  const exists = await database.query(
    `SELECT 1 FROM information_schema.tables WHERE table_schema = DATABASE() AND table_name = ${text(table)}`,
  )
  if (exists.length === 0) return 'gone'
  const [[, created]] = (await database.query(`SHOW CREATE TABLE ${database.backend.compiler.quote(table)}`)) as [
    [string, string],
  ]
  return createHash('sha256')
    .update(created.replace(/ AUTO_INCREMENT=\d+/, ''))
    .digest('hex')
}
/** Of a statement that is not ours. */
export const UNCLEAR = 'unclear'
