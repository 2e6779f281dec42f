/** Ponies, their riders and stables, with rows: what tests of operations change and take back. */
import { createModel, fields as f, type Operation } from 'nuages/db/migrations'
import { expect } from 'vitest'
import type { ColumnSpec } from '../../src/db/backends/schema.ts'
import type { Migration } from '../../src/db/migrations/migration.ts'
import { history, migrate, rows, run, type SeenTable, schema } from './history.ts'

export const cascade = { onDelete: 'cascade' } as const

const base = history([
  '0001_initial',
  [
    createModel('Stable', { id: f.autoId(), name: f.char({ maxLength: 20 }) }),
    createModel('Pony', {
      id: f.autoId(),
      name: f.char({ maxLength: 20, unique: true }),
      pink: f.integer({ default: 3 }),
      weight: f.float({ null: true }),
    }),
    createModel('Rider', {
      id: f.autoId(),
      name: f.char({ maxLength: 20 }),
      pony: f.foreignKey('library.Pony', cascade),
      friend: f.foreignKey('library.Rider', { ...cascade, null: true }),
    }),
  ],
])

/** The base, and one more migration with these operations. */
export function withChange(operations: Operation[], more: Partial<Migration> = {}): Migration[] {
  return [...base, ...history(['0002_change', operations, { dependencies: [['library', '0001_initial']], ...more }])]
}

/** Makes the base with two ponies, and a rider of the first. */
export async function makePonies(): Promise<void> {
  await migrate(base)
  await run("insert into library_pony (name, pink, weight) values ('Ann', 3, 4.5), ('Bob', 4, null)")
  await run("insert into library_rider (name, pony_id) select 'Max', id from library_pony where name = 'Ann'")
}

/** Makes the base, applies operations, looks, takes them back, and sees that all is as it was, with its rows. */
export async function thereAndBack(operations: Operation[], look: () => Promise<void>): Promise<void> {
  await makePonies()
  const before = ordered(await schema())
  const steps = withChange(operations)
  await migrate(steps)
  await look()
  await migrate(steps, { app: 'library', name: '0001' })
  expect(ordered(await schema())).toEqual(before)
  expect(
    await texts('select p.name, r.name from library_pony p left join library_rider r on r.pony_id = p.id'),
  ).toEqual(['Ann Max', 'Bob null'])
}

/** Rows as sorted lines: databases give numbers in types of their own. */
export async function texts(sql: string): Promise<string[]> {
  return (await rows(sql)).map((row) => row.map(String).join(' ')).sort()
}

const ordered = (tables: readonly SeenTable[]) =>
  [...tables]
    .sort((a, b) => (a.name < b.name ? -1 : 1))
    .map((table) => ({ ...table, columns: [...table.columns].sort((a, b) => (a.name < b.name ? -1 : 1)) }))

export const tables = async (): Promise<string[]> => (await schema()).map(({ name }) => name).sort()

export async function table(name: string): Promise<SeenTable> {
  const found = (await schema()).find((each) => each.name === name)
  expect(found, name).toBeDefined()
  return found!
}
export const columns = async (name: string): Promise<string[]> =>
  (await table(name)).columns.map((column) => column.name).sort()

export async function column(of: string, name: string): Promise<ColumnSpec> {
  const found = (await table(of)).columns.find((each) => each.name === name)
  expect(found, `${of}.${name}`).toBeDefined()
  return found!
}

/** Statements that a constraint keeps out. */
export async function isRefused(...statements: string[]): Promise<void> {
  for (const sql of statements) await expect(run(sql), sql).rejects.toThrow()
}

/** Whether there are these tables beside those that every case begins with. */
export const hasTables =
  (...names: string[]) =>
  async (): Promise<void> =>
    expect(
      (await tables()).filter((name) => !['library_pony', 'library_rider', 'library_stable'].includes(name)),
    ).toEqual(names)
