/**
 * Brings the tables of an operation that stopped halfway back to where it began, on a server that commits each change of
 * tables: by what they look like now. Rows and columns are never lost by it: where one is gone already, it says so.
 */
import type { OnlineStage, TableSpec } from '../backends/schema.ts'
import { allowsMigrate } from '../routers.ts'
import { type OperationAt, runOperation } from './carry-out.ts'
import type { MigrationDatabase } from './database.ts'
import { MigrationError } from './errors.ts'
import type { MigrationRun, SchemaChange } from './operations/operation.ts'
import { landmarkOf, type Position, UNCLEAR } from './progress.ts'
import { DatabaseRun } from './run.ts'
import type { ProjectState } from './state.ts'
import { compareTables, type TablePair } from './table-changes.ts'

interface ExtentOptions {
  /** Says whether a statement ran of which the tables do not tell; without it, that one does not count. */
  readonly ran?: (sql: string) => boolean
  /** The migration went in stages. */
  readonly online?: boolean
}

/** How much of an operation happened, by the place where it stopped. */
export async function extentOf(
  database: MigrationDatabase,
  each: OperationAt,
  at: Position,
  { ran = () => false, online = false }: ExtentOptions = {},
): Promise<'none' | 'some' | 'all'> {
  if (database.backend.features.transactionalDdl) {
    // Whole changes of tables, of which what is begun is not kept, and what no transaction may hold, which may have happened unnoted.
    const { steps, isEndless } = await stepsOf(database, each, online)
    const begun = steps[at.statement]
    const done = at.statement + (begun && (await hasHappened(database, begun)) ? 1 : 0)
    if (done === 0) return 'none'
    return done < steps.length || isEndless ? 'some' : 'all'
  }
  if (at.statement === 0 && at.landmark === null) return 'none'
  const statements: string[] = []
  const run = new DatabaseRun(database.backend, database.alias, {
    execute: async (sql) => void statements.push(sql),
    comment: () => {},
    live: false,
  })
  await runOperation(each, run)
  const begun = statements[at.statement]
  const isDone =
    begun !== undefined &&
    at.landmark !== null &&
    (at.landmark === UNCLEAR ? ran(begun) : (await landmarkOf(database, begun)) !== at.landmark)
  const done = at.statement + (isDone ? 1 : 0)
  // Statements that change rows count, too: those before a change of tables were committed with it, and those after it did not run.
  if (done === 0) return 'none'
  return done < statements.length ? 'some' : 'all'
}

/** The steps that an operation is written down by: a stage that no transaction may hold, or null. Endless: rows in batches. */
async function stepsOf(
  database: MigrationDatabase,
  each: OperationAt,
  online: boolean,
): Promise<{ readonly steps: readonly (OnlineStage | null)[]; readonly isEndless: boolean }> {
  const steps: (OnlineStage | null)[] = []
  let isEndless = false
  const run = new DatabaseRun(database.backend, database.alias, {
    execute: async () => void steps.push(null),
    transaction: async () => void steps.push(null),
    alone: async (stage) => void steps.push(stage),
    online,
    comment: () => {},
    live: false,
  })
  run.copyColumn = async () => {
    isEndless = true
  }
  await runOperation(each, run)
  return { steps, isEndless }
}

async function hasHappened(database: MigrationDatabase, { builds, drops }: OnlineStage): Promise<boolean> {
  const state = await indexState(database, (builds ?? drops)!) // else it were in a transaction
  return builds === undefined ? state === 'missing' : state !== 'missing'
}

/** Of an index of PostgreSQL; one that is invalid was left by a build that ended. */
export async function indexState(database: MigrationDatabase, name: string): Promise<'valid' | 'invalid' | 'missing'> {
  const text = database.backend.compiler.literal(name, 'text')
  const [row] = await database.query(
    `SELECT CASE WHEN i.indisvalid THEN 1 ELSE 0 END FROM pg_index i JOIN pg_class c ON c.oid = i.indexrelid
     WHERE c.relname = ${text} AND PG_TABLE_IS_VISIBLE(c.oid)`,
  )
  return row === undefined ? 'missing' : Number(row[0]) === 1 ? 'valid' : 'invalid'
}

interface Transform {
  readonly from: ProjectState
  readonly to: ProjectState
  readonly change: SchemaChange
}

/** @throws MigrationError migrations.half-done */
export async function restore(database: MigrationDatabase, each: OperationAt): Promise<void> {
  const transforms: Transform[] = []
  const own: string[] = []
  const run: MigrationRun = {
    alias: database.alias,
    vendor: database.backend.features.vendor,
    allows: (app, hints) => allowsMigrate(database.alias, app, hints),
    transform: async (from, to, change) => void transforms.push({ from, to, change }),
    atomic: true,
    copyColumn: async () => {}, // what it wrote goes with its column
    sql: async () => void own.push('own'),
    code: async () => void own.push('own'),
  }
  await runOperation(each, run)
  if (own.length > 0) throw halfDone(each, 'it runs statements or code of its own')
  for (const transform of transforms.reverse()) await undoTransform(database, each, transform)
}

async function undoTransform(
  database: MigrationDatabase,
  each: OperationAt,
  { from, to, change }: Transform,
): Promise<void> {
  const { schema } = database.backend
  const { created, dropped, pairs } = compareTables(database.backend, from, to, {
    ...change,
    allows: (app, model) => allowsMigrate(database.alias, app, { model }),
  })
  const statements: string[] = []
  for (const { spec } of dropped)
    if ((await database.table(spec.name)) === null) throw halfDone(each, `the table ${spec.name} is gone`)
  for (const { spec } of [...created].reverse())
    if ((await database.table(spec.name)) !== null) statements.push(...schema.dropTable(spec))
  // Whether it can be taken back is known before anything is.
  for (const pair of pairs) await half(database, each, pair)
  // References follow what they lead to: names first, of tables and then of columns, and each table is read after that.
  const ordered = [...pairs].sort((a, b) => Number(hasRenamed(b)) - Number(hasRenamed(a)))
  await database.transaction(async () => {
    for (const sql of statements) await database.exec(sql)
    for (const pair of pairs) {
      const { live } = await half(database, each, pair)
      const { name } = pair.was.spec
      if (live.name === name) continue
      for (const sql of schema.renameTable(live, moved(live, name))) await database.exec(sql)
    }
    for (const pair of ordered) {
      const { live, back } = await half(database, each, pair)
      for (const sql of schema.alterTable(live, pair.was.spec, { renamed: back, fill: {} })) await database.exec(sql)
    }
  })
}

function hasRenamed({ renamed }: TablePair): boolean {
  return Object.keys(renamed).length > 0
}

/** A table by another name. What led to itself still does; its triggers come with its other parts. */
function moved(table: TableSpec, name: string): TableSpec {
  const { triggers: _, ...rest } = table
  const target = <T extends { readonly table: string }>(one: T): T =>
    one.table === table.name ? { ...one, table: name } : one
  return {
    ...rest,
    name,
    columns: table.columns.map((column) =>
      column.references === undefined ? column : { ...column, references: target(column.references) },
    ),
    ...(table.foreignKeys && { foreignKeys: table.foreignKeys.map(target) }),
  }
}

interface Half {
  /** The table as it is now, with the triggers of either side that are there. */
  readonly live: TableSpec
  /** Columns that have their new names: those, and the old ones. */
  readonly back: Readonly<Record<string, string>>
}

/** How far a table came. @throws MigrationError migrations.half-done where some of it is gone */
async function half(database: MigrationDatabase, each: OperationAt, { was, is, renamed }: TablePair): Promise<Half> {
  const [old, wanted] = [was.spec, is.spec]
  const there = (await database.table(old.name)) ?? (await database.table(wanted.name))
  if (there === null) throw halfDone(each, `the table ${old.name} is gone`)
  const has = (name: string) => there.columns.some((column) => column.name === name)
  const back = Object.fromEntries(
    Object.entries(renamed).flatMap(([before, after]) => (has(after) && !has(before) ? [[after, before]] : [])),
  )
  const lost = old.columns.find(
    ({ name, generated }) => generated === undefined && !has(name) && !Object.values(back).includes(name),
  )
  if (lost !== undefined) throw halfDone(each, `the column ${old.name}.${lost.name} is gone`)
  const names = new Set((await database.triggers(there.name)).map(({ name }) => name))
  const isThere = ({ name }: { readonly name: string }) =>
    names.has(name) || ['insert', 'update', 'delete'].some((event) => names.has(`${name}_${event}`))
  const triggers = [...(old.triggers ?? []), ...(wanted.triggers ?? [])]
  const live: TableSpec = {
    ...there,
    triggers: triggers.filter((one, i) => isThere(one) && triggers.findIndex(({ name }) => name === one.name) === i),
  }
  return { live, back }
}

function halfDone({ operation }: OperationAt, why: string): MigrationError {
  return new MigrationError(`"${operation.describe()}" was ended halfway and cannot be taken back: ${why}.`, {
    code: 'migrations.half-done',
    hint: 'Complete it: nuages migrate, in the direction it went. Or bring its tables into order by hand.',
  })
}
