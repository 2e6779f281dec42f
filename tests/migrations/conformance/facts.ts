/** What a database has, in the words of a case, and whether it is what a case says. */
import { Decimal, Temporal } from 'nuages/db'
import type { ColumnSpec, ExistingTrigger, IndexSpec, TableSpec } from '../../../src/db/backends/schema.ts'
import { database } from '../../../src/db/internal.ts'
import type { ColumnFacts, IndexFacts, Rows, TableFacts, Tables } from './format.ts'

/** A table as it is; of its triggers the statements that make them. */
export interface SeenTable extends Omit<TableSpec, 'triggers'> {
  readonly triggers: readonly ExistingTrigger[]
}

/** Every table but the record of migrations, by name. */
export async function readTables(): Promise<Map<string, SeenTable>> {
  const db = database()
  const { introspector } = db.backend
  const connection = (await db.open()).writer
  const names = (await introspector.tables(connection)).filter((name) => name !== 'nuages_migrations')
  const tables = await Promise.all(
    names.map(async (name): Promise<SeenTable> => {
      const triggers = await introspector.triggers(connection, name)
      return { ...(await introspector.table(connection, name))!, triggers }
    }),
  )
  return new Map(tables.map((table) => [table.name, table]))
}

/** Rows of a query, as arrays. */
async function select(sql: string): Promise<unknown[][]> {
  return database().rows({ sql, slots: [], encoders: [], rows: true, writes: false, bulk: null }, [])
}

const quote = (name: string) => database().backend.compiler.quote(name)

/** Puts rows into tables, values as JSON has them. */
export async function insertRows(rows: Rows): Promise<void> {
  const tables = await readTables()
  const { compiler } = database().backend
  for (const [name, list] of Object.entries(rows)) {
    const columns = new Map(tables.get(name)?.columns.map((column) => [column.name, column]))
    for (const row of list) {
      const literals = Object.entries(row).map(([column, value]) => {
        const { type } = columns.get(column) ?? {}
        if (type === undefined) throw new Error(`The case has a row of ${name} with "${column}", which is no column.`)
        return value === null ? 'NULL' : compiler.literal(stored(value, type.kind), type.kind)
      })
      const names = Object.keys(row).map(quote)
      await database().exec(`INSERT INTO ${quote(name)} (${names.join(', ')}) VALUES (${literals.join(', ')})`)
    }
  }
}

/** The first thing that is not as the case says, or null. */
export async function differentTables(expected: Tables, engine: string): Promise<string | null> {
  const tables = await readTables()
  for (const [name, facts] of Object.entries(expected)) {
    const table = tables.get(name)
    if (facts === null) {
      if (table !== undefined) return `the table ${name} is still there`
      continue
    }
    if (table === undefined) return `there is no table ${name}; tables: ${[...tables.keys()].join(', ')}`
    const wrong = differentTable(facts, table, engine)
    if (wrong !== null) return `${name}: ${wrong}`
  }
  return null
}

function differentTable(facts: TableFacts, table: SeenTable, engine: string): string | null {
  if (facts.columns !== undefined) {
    const names = table.columns.filter((column) => !column.generated?.hidden).map((column) => column.name)
    const wrong = notSame('columns', Object.keys(facts.columns).sort(), names.sort())
    if (wrong !== null) return wrong
    for (const [name, column] of Object.entries(facts.columns)) {
      const own = columnFacts(table, table.columns.find((each) => each.name === name)!)
      for (const [fact, expected] of Object.entries(column)) {
        if (fact === 'comment' && !hasComments()) continue
        const wanted = fact === 'type' && typeof expected === 'object' ? expected[engine] : expected
        const different = notSame(`${name}, ${fact}`, wanted, own[fact as keyof ColumnFacts])
        if (different !== null) return different
      }
    }
  }
  if (facts.primaryKey) {
    const wrong = notSame('primary key', facts.primaryKey, table.primaryKey)
    if (wrong !== null) return wrong
  }
  if (facts.comment !== undefined && hasComments()) {
    const wrong = notSame('comment', facts.comment, table.comment ?? null)
    if (wrong !== null) return wrong
  }
  const lists = [
    ['indexes', facts.indexes, table.indexes.map(indexFacts)],
    ['uniques', facts.uniques, table.uniques.map(({ name, columns }) => ({ name, columns }))],
    ['checks', facts.checks?.map((name) => ({ name })), table.checks.map(({ name }) => ({ name }))],
    ['triggers', facts.triggers?.map((name) => ({ name })), table.triggers.map(({ name }) => ({ name }))],
  ] as const
  for (const [what, expected, own] of lists) {
    const wrong = expected === undefined ? null : notSameSet(what, expected, own)
    if (wrong !== null) return wrong
  }
  return null
}

/** SQLite keeps none: what a case says of them is for the others. */
const hasComments = () => database().features.comments

function columnFacts(table: SeenTable, column: ColumnSpec): Required<ColumnFacts> {
  const { default: given, references } = column
  const alone = (columns: readonly unknown[]) => columns.length === 1
  return {
    type: typeName(column),
    null: column.null,
    default:
      given === undefined
        ? null
        : 'value' in given
          ? plain(given.value)
          : 'function' in given
            ? { now: true }
            : { sql: true },
    unique:
      column.unique === true ||
      table.uniques.some(({ columns }) => alone(columns) && columns[0] === column.name) ||
      (alone(table.primaryKey) && table.primaryKey[0] === column.name),
    references: references === undefined ? null : `${references.table}.${references.column}`,
    onDelete: references?.onDelete ?? null,
    generated: column.generated !== undefined,
    comment: column.comment ?? null,
  }
}

function typeName({ type }: ColumnSpec): string {
  const { kind, maxLength, maxDigits, decimalPlaces } = type
  if (maxLength !== undefined) return `${kind}(${maxLength})`
  return maxDigits === undefined ? kind : `${kind}(${maxDigits},${decimalPlaces ?? 0})`
}

function indexFacts({ name, columns, unique, where }: IndexSpec): Required<IndexFacts> {
  return {
    name,
    columns: columns.map((part) => `${part.desc ? '-' : ''}${part.name ?? '()'}`),
    unique: unique === true,
    where: where !== undefined,
  }
}

/** The first row that is not as the case says, or null. Rows are in order of their first column named. */
export async function differentRows(expected: Rows): Promise<string | null> {
  const tables = await readTables()
  for (const [name, list] of Object.entries(expected)) {
    const table = tables.get(name)
    if (table === undefined) return `there is no table ${name}`
    const columns = list.length > 0 ? Object.keys(list[0]!) : [table.columns[0]!.name]
    const kinds = columns.map((column) => table.columns.find((each) => each.name === column)?.type.kind)
    const unknown = columns.find((_, i) => kinds[i] === undefined)
    if (unknown !== undefined) return `${name} has no column ${unknown}`
    const found = await select(`SELECT ${columns.map(quote).join(', ')} FROM ${quote(name)} ORDER BY 1`)
    const got = found.map((row) => Object.fromEntries(row.map((value, i) => [columns[i], shown(value, kinds[i]!)])))
    const wanted = list.map((row) =>
      Object.fromEntries(columns.map((column, i) => [column, shown(stored(row[column], kinds[i]!), kinds[i]!)])),
    )
    const wrong = notSame(`rows of ${name}`, wanted, got)
    if (wrong !== null) return wrong
  }
  return null
}

/** A value of JSON as its column takes it. */
function stored(value: unknown, kind: string): unknown {
  if (value === null || value === undefined) return null
  if (kind === 'dateTime') return new Date(String(value))
  if (kind === 'date') return Temporal.PlainDate.from(String(value))
  if (kind === 'time') return Temporal.PlainTime.from(String(value))
  if (kind === 'decimal') return new Decimal(String(value))
  if (kind === 'bigInteger') return BigInt(value as number | string) // JSON has numbers and texts
  if (kind === 'binary') return Uint8Array.from(Buffer.from(String(value), 'base64'))
  return value
}

/** A value of a row as cases write it, whatever a driver gives. */
function shown(value: unknown, kind: string): unknown {
  if (value === null) return null
  if (kind === 'boolean') return Boolean(value)
  if (kind === 'dateTime') return (value instanceof Date ? value : new Date(zoned(String(value)))).toISOString()
  if (kind === 'uuid') return String(value).replaceAll('-', '').toLowerCase()
  if (kind === 'binary') return bytes(value as string | Uint8Array).toString('base64') // as drivers give them
  if (kind === 'decimal') return String(value).replace(/\.?0+$/, '')
  if (kind === 'json') return sorted(typeof value === 'string' ? parsedOr(value) : value)
  if (['integer', 'smallInteger', 'bigInteger', 'auto'].includes(kind)) return String(value)
  return plain(value)
}

/** A moment as databases write it, in UTC: `2026-01-02 03:04:05`, `2026-01-02 03:04:05+00`. */
function zoned(text: string): string {
  return `${text.replace(' ', 'T').replace(/(Z|[+-]00(:00)?)$/, '')}Z`
}

function bytes(value: string | Uint8Array): Buffer {
  return typeof value === 'string' ? Buffer.from(value.replace(/^\\x/, ''), 'hex') : Buffer.from(value)
}

/** A text of JSON as its value: drivers give the one or the other. */
function parsedOr(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return text // a value that is itself a text
  }
}

/** JSON with keys in order: databases have their own. */
function sorted(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(sorted)
  if (typeof value !== 'object' || value === null) return value
  return Object.fromEntries(
    Object.entries(value)
      .sort(([a], [b]) => (a < b ? -1 : 1))
      .map(([key, part]) => [key, sorted(part)]),
  )
}

function plain(value: unknown): unknown {
  if (typeof value === 'bigint') return Number(value)
  return value instanceof Date ? value.toISOString() : value
}

function notSame(what: string, expected: unknown, own: unknown): string | null {
  const [a, b] = [JSON.stringify(expected), JSON.stringify(own)]
  return a === b ? null : `${what}: ${b}, not ${a}`
}

/** Each expected thing is there once with the facts that are named, and nothing else is. */
function notSameSet(what: string, expected: readonly object[], own: readonly object[]): string | null {
  const open = [...own] as Record<string, unknown>[]
  for (const wanted of expected) {
    const at = open.findIndex((each) =>
      Object.entries(wanted).every(([key, value]) => JSON.stringify(each[key]) === JSON.stringify(value)),
    )
    if (at < 0) return `${what}: no ${JSON.stringify(wanted)} among ${JSON.stringify(own)}`
    open.splice(at, 1)
  }
  return open.length === 0 ? null : `${what}: ${JSON.stringify(open)} besides`
}
