import type { SqlRow } from '../../../src/db/backends/backend.ts'
import type { ColumnSpec, TableSpec } from '../../../src/db/backends/schema.ts'
import { database } from '../../../src/db/connections.ts'
import type { ColumnType } from '../../../src/db/kinds.ts'
import type { SqlExpr, Statement } from '../../../src/db/sql/nodes.ts'
import { atomic } from '../../../src/db/transactions.ts'
import { column, insert, remove, select } from '../../db/sql/nodes.ts'

export const TYPES: Readonly<Record<string, ColumnType>> = {
  name: { kind: 'char', maxLength: 200 },
  body: { kind: 'text' },
  number: { kind: 'integer' },
  small: { kind: 'smallInteger' },
  big: { kind: 'bigInteger' },
  ratio: { kind: 'float' },
  price: { kind: 'decimal', maxDigits: 12, decimalPlaces: 2 },
  exact: { kind: 'decimal', maxDigits: 30, decimalPlaces: 10 },
  yes: { kind: 'boolean' },
  day: { kind: 'date' },
  clock: { kind: 'time' },
  span: { kind: 'duration' },
  moment: { kind: 'dateTime' },
  data: { kind: 'json' },
  token: { kind: 'uuid' },
  bytes: { kind: 'binary' },
}
export const nullable = (name: string): ColumnSpec => ({ name, type: TYPES[name]!, null: true })
export const id: ColumnSpec = { name: 'id', type: { kind: 'auto' }, null: false }
export const table = (name: string, columns: readonly ColumnSpec[], more: Partial<TableSpec> = {}): TableSpec => ({
  name,
  columns: [id, ...columns],
  primaryKey: ['id'],
  uniques: [],
  checks: [],
  indexes: [],
  ...more,
})
export const ITEM = table('item', Object.keys(TYPES).map(nullable))

export const typed = (name: string) => column(name, name === 'id' ? 'auto' : TYPES[name]!.kind, TYPES[name])
export const run = async (statement: Statement, values: readonly unknown[] = []): Promise<number> =>
  (await database().run(database().backend.compiler.compile(statement), values)).changes
export const rows = async (statement: Statement, values: readonly unknown[] = []): Promise<SqlRow[]> =>
  await database().rows(database().backend.compiler.compile(statement), values)
/** Runs statements of a schema editor as migrations do. */
export const execAll = async (statements: readonly string[]): Promise<void> => {
  await atomic(
    async () => {
      for (const statement of statements) await database().exec(statement)
    },
    { schemaChange: true },
  )
}

/** One value through the database and back. */
export async function roundTrip(name: string, value: unknown): Promise<unknown> {
  await run(remove(null))
  await run(insert({ [name]: TYPES[name]!.kind }), [value])
  const [row] = await rows(select([typed(name)]))
  return read(name, row![0])
}
export function read(name: string, value: unknown): unknown {
  const decode = database().decoder(TYPES[name]!.kind, TYPES[name])
  return decode === null ? value : decode(value)
}
/** Values of `name` in rows that `where` keeps, in the order of their ids. */
export async function kept(where: SqlExpr, values: readonly unknown[], name = 'name'): Promise<unknown[]> {
  const found = await rows(select([typed(name)], { where, orderBy: [{ by: typed('id'), desc: false }] }), values)
  return found.map((row) => read(name, row[0]))
}
export async function fill(name: string, values: readonly unknown[]): Promise<void> {
  for (const value of values) await run(insert({ [name]: TYPES[name]!.kind }), [value])
}
