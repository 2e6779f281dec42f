/** Databases of the engine that `TEST_ENGINE` names, each with the empty table of `databases.ts`. */
import { afterAll, beforeAll } from 'vitest'
import type { DatabaseConfig } from '../../../src/db/backends/backend.ts'
import type { TableSpec } from '../../../src/db/backends/schema.ts'
import { closeDatabases, configureDatabases, type Database, database } from '../../../src/db/connections.ts'
import { engine } from '../backends/fresh.ts'
import { freshPath } from './databases.ts'

/** Where databases are: SQLite's lock is another one in memory. */
export const PLACES: readonly string[] = engine.name === 'SQLite' ? ['a file', 'memory'] : [engine.name]

const ITEM: TableSpec = {
  name: 'item',
  columns: [
    { name: 'id', type: { kind: 'auto' }, null: false },
    { name: 'name', type: { kind: 'char', maxLength: 50 }, null: false },
    { name: 'number', type: { kind: 'integer' }, null: true },
  ],
  primaryKey: ['id'],
  uniques: [{ name: 'item_name', columns: ['name'] }],
  checks: [],
  indexes: [],
}

let fresh: () => DatabaseConfig
beforeAll(async () => {
  fresh = await engine.fresh(80)
}, 120_000)
afterAll(async () => {
  await closeDatabases()
  await engine.drop()
})

/** Configures databases of these names, in a place of {@link PLACES}; gives the first. */
export async function freshItems(place: string, aliases: readonly string[] = ['default']): Promise<Database> {
  await closeDatabases()
  const config = () => ({ ...fresh(), ...(place === 'a file' && { url: `sqlite:${freshPath()}` }) })
  configureDatabases(Object.fromEntries(aliases.map((alias) => [alias, config()])))
  for (const alias of aliases) {
    const db = database(alias)
    for (const statement of db.backend.schema.createTable(ITEM)) await db.exec(statement)
  }
  return database(aliases[0])
}
