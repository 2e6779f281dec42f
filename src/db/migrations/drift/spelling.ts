/**
 * Tables as the database itself would spell them: conditions and expressions come back from a server in its own words, so
 * that ours must go through it before the two can be compared. Nothing is left behind.
 */
import { hiddenName, withHiddenColumns } from '../../backends/mysql/hidden-columns.ts'
import type { ColumnSpec, IndexPart, IndexSpec, TableSpec, TriggerSpec } from '../../backends/schema.ts'
import { createDatabase } from '../../connections.ts'
import { joined } from '../connect.ts'
import type { MigrationDatabase } from '../database.ts'

/** A table without what leads elsewhere: references and triggers. */
function alone(spec: TableSpec): TableSpec {
  const { foreignKeys: _, triggers: __, ...rest } = spec
  return { ...rest, columns: spec.columns.map(({ references: ___, ...column }) => column) }
}

/** With what leads elsewhere, as it is declared. */
function whole(spelled: TableSpec, { columns, foreignKeys }: TableSpec): TableSpec {
  const own = new Map(columns.map((column) => [column.name, column.references]))
  return {
    ...spelled,
    columns: spelled.columns.map((column) => {
      const references = own.get(column.name)
      return references === undefined ? column : { ...column, references }
    }),
    ...(foreignKeys && { foreignKeys }),
  }
}

class Undo extends Error {}

/** Tables in the database's words. One that cannot be made there is compared as it is declared. */
export async function spelled(database: MigrationDatabase, specs: readonly TableSpec[]): Promise<TableSpec[]> {
  switch (database.backend.features.vendor) {
    case 'postgres':
      return spelledByPostgres(database, specs)
    case 'sqlite':
      return spelledInMemory(database, specs)
    case 'mysql':
      return spelledByMysql(database, specs)
    default:
      return [...specs]
  }
}

/** Temporary tables, in a transaction that is rolled back. They hide those of the same name from this connection only. */
async function inPassing(database: MigrationDatabase, fn: () => Promise<void>): Promise<void> {
  const work = database.transaction(async () => {
    const [[path]] = (await database.query("SELECT CURRENT_SETTING('search_path')")) as [[string]]
    await database.exec(`SET LOCAL search_path = pg_temp, ${path}`)
    await fn()
    throw new Undo()
  })
  await work.catch((error: unknown) => {
    if (!(error instanceof Undo)) throw error
  })
}

async function spelledByPostgres(database: MigrationDatabase, specs: readonly TableSpec[]): Promise<TableSpec[]> {
  const found: TableSpec[] = []
  await inPassing(database, async () => {
    for (const spec of specs) {
      for (const sql of database.backend.schema.createTable(alone(spec))) await database.exec(sql)
      found.push(whole((await database.table(spec.name))!, spec)) // made just now
    }
  })
  return found
}

/**
 * On PostgreSQL the declared triggers of a table that it has, as the server says them: by name, `CREATE TRIGGER …`. Each is
 * made of the function that is there. Nothing on other databases, which keep the text.
 */
export async function spelledTriggers(
  database: MigrationDatabase,
  spec: TableSpec,
  present: ReadonlySet<string>,
): Promise<ReadonlyMap<string, string>> {
  const found = new Map<string, string>()
  const wanted = [...triggerTexts(database, spec)].filter(([name]) => present.has(name))
  if (database.backend.features.vendor !== 'postgres' || wanted.length === 0) return found
  await inPassing(database, async () => {
    for (const sql of database.backend.schema.createTable(alone(spec))) await database.exec(sql)
    for (const [, { sql }] of wanted) {
      // Without its function it cannot be made, and is not what was declared.
      const trigger = sql.at(-1)! // after its function
      const [, called = ''] = /EXECUTE FUNCTION (.+)\(\)$/s.exec(trigger) ?? []
      const [[isThere]] = (await database.query(
        `SELECT TO_REGPROC('${called.replaceAll("'", "''")}') IS NOT NULL`,
      )) as [[boolean]]
      if (isThere) await database.exec(trigger)
    }
    for (const { name, sql } of await database.triggers(spec.name)) found.set(name, sql[1]!) // after its function
  })
  return found
}

async function spelledInMemory(database: MigrationDatabase, specs: readonly TableSpec[]): Promise<TableSpec[]> {
  const { backend } = database
  const scratch = createDatabase('drift', { engine: 'sqlite', url: 'sqlite::memory:' })
  try {
    const found: TableSpec[] = []
    for (const spec of specs) {
      for (const sql of backend.schema.createTable(alone(spec))) await scratch.exec(sql)
      found.push(whole((await backend.introspector.table(joined(scratch), spec.name))!, spec)) // made just now
    }
    return found
  } finally {
    await scratch.close()
  }
}

/** Checks and expressions as SHOW CREATE TABLE writes them, of temporary tables; the rest reads back as it is declared. */
async function spelledByMysql(database: MigrationDatabase, specs: readonly TableSpec[]): Promise<TableSpec[]> {
  const found: TableSpec[] = []
  const [[usual]] = (await database.query('SELECT @@collation_database')) as [[string]]
  for (const declared of specs) {
    const spec = withoutCollation(declared, usual)
    const made = withHiddenColumns(spec)
    const hard = spec.checks.length > 0 || made.columns.some(({ generated }) => generated !== undefined)
    found.push(keptComments(hard ? await spelledByShow(database, spec, made) : spec))
  }
  return found
}

/** The collation that a column has anyway is not read back. */
function withoutCollation(spec: TableSpec, usual: string): TableSpec {
  const columns = spec.columns.map(({ collation, ...column }) =>
    collation === undefined || collation === usual ? column : { ...column, collation },
  )
  return { ...spec, columns }
}

/** Comments as the server keeps them: characters of four bytes are question marks there. */
function keptComments<T extends TableSpec | ColumnSpec>(part: T): T {
  const kept = part.comment === undefined ? part : { ...part, comment: part.comment.replace(/[^\0-\uffff]/gu, '?') }
  return 'columns' in kept ? { ...kept, columns: kept.columns.map(keptComments) } : kept
}

async function spelledByShow(database: MigrationDatabase, spec: TableSpec, made: TableSpec): Promise<TableSpec> {
  const name = 'nuages_drift'
  const { quote } = database.backend.compiler
  // With the columns behind its indexes, in place of those.
  const { comment: _, ...rest } = alone({ ...made, name, indexes: [], uniques: [] })
  return database.transaction(async () => {
    const [sql] = database.backend.schema.createTable(rest)
    // One session: what it makes is gone with it, and nobody else sees it.
    await database.exec(sql!.replace('CREATE TABLE', 'CREATE TEMPORARY TABLE'))
    const texts = await shown(database, name)
    await database.exec(`DROP TEMPORARY TABLE ${quote(name)}`)
    return withTexts(spec, texts)
  })
}

interface Texts {
  readonly checks: ReadonlyMap<string, string>
  readonly generated: ReadonlyMap<string, string>
}

async function shown(database: MigrationDatabase, table: string): Promise<Texts> {
  const [[, text]] = (await database.query(`SHOW CREATE TABLE ${database.backend.compiler.quote(table)}`)) as [
    [string, string],
  ]
  const checks = new Map<string, string>()
  const generated = new Map<string, string>()
  const named = (quoted: string) => quoted.replaceAll('``', '`').replaceAll('""', '"')
  for (const line of text.split('\n')) {
    const [, check, sql] = /^\s*CONSTRAINT ["`](.+?)["`] CHECK \((.*)\),?$/.exec(line) ?? []
    if (check !== undefined) checks.set(named(check), sql!)
    const [, column, expression] =
      /^\s*["`](.+?)["`] .*GENERATED ALWAYS AS \((.*)\) (?:VIRTUAL|STORED|PERSISTENT)/.exec(line) ?? []
    if (column !== undefined) generated.set(named(column), expression!)
  }
  return { checks, generated }
}

function withTexts(spec: TableSpec, { checks, generated }: Texts): TableSpec {
  return {
    ...spec,
    checks: spec.checks.map(({ name, sql }) => ({ name, sql: checks.get(name) ?? sql })),
    columns: spec.columns.map((column) =>
      column.generated === undefined
        ? column
        : { ...column, generated: { ...column.generated, sql: generated.get(column.name) ?? column.generated.sql } },
    ),
    indexes: spec.indexes.map((index) => withColumnTexts(index, generated)),
  }
}

/** Expressions of an index, and the condition of a unique one, as the columns behind it say them. */
function withColumnTexts(index: IndexSpec, generated: ReadonlyMap<string, string>): IndexSpec {
  const columns = index.columns.map((part, i): IndexPart => {
    const sql = generated.get(hiddenName(index.name, i))
    return sql === undefined ? part : { sql, desc: part.desc }
  })
  const { where: _, ...rest } = index
  return { ...(index.unique ? rest : index), columns }
}

/** A table of the database, in the same words as {@link spelled} gives. */
export async function asShown(database: MigrationDatabase, found: TableSpec): Promise<TableSpec> {
  if (database.backend.features.vendor !== 'mysql') return found
  return withTexts(found, await shown(database, found.name))
}

/** The statements of triggers by their names in the database, as ours make them. */
export function triggerTexts(
  { backend }: MigrationDatabase,
  spec: TableSpec,
): Map<string, { readonly trigger: TriggerSpec; readonly sql: readonly string[] }> {
  const found = new Map<string, { trigger: TriggerSpec; sql: string[] }>()
  for (const trigger of spec.triggers ?? []) {
    const bare = { ...spec, triggers: [] }
    const made = backend.schema.alterTable(bare, { ...bare, triggers: [trigger] }, { renamed: {}, fill: {} })
    const names = made.flatMap((sql) => {
      const [, quoted] = /^CREATE TRIGGER "((?:[^"]|"")+)"/.exec(sql) ?? []
      return quoted?.replaceAll('""', '"') ?? []
    })
    for (const name of names) {
      const own = made.filter(
        (sql) => names.length === 1 || sql.startsWith(`CREATE TRIGGER ${backend.compiler.quote(name)} `),
      )
      found.set(name, { trigger, sql: own })
    }
  }
  return found
}
