/** Databases for tests: real files in a folder of their own, removed at the end. */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll } from 'vitest'
import type { DatabaseConfig } from '../../../src/db/backends/backend.ts'
import { closeDatabases, configureDatabases, type Database, database } from '../../../src/db/connections.ts'
import { bulkInsert, column, compare, count, insert, param, remove, select } from '../sql/nodes.ts'

const folder = mkdtempSync(join(tmpdir(), 'nuages-db-'))
let made = 0
afterAll(async () => {
  await closeDatabases()
  rmSync(folder, { recursive: true, force: true })
})

/** A path that no other test uses. */
export const freshPath = (): string => join(folder, `${++made}.sqlite3`)

/** Configures `default` (a file unless `memory`) with a table `item (id, name, number)`. */
export async function freshDatabase(
  options: { memory?: boolean; path?: string } & Partial<DatabaseConfig> = {},
): Promise<Database> {
  await closeDatabases()
  const { memory, path = freshPath(), ...config } = options
  configureDatabases({ default: { engine: 'sqlite', url: memory ? 'sqlite::memory:' : `sqlite:${path}`, ...config } })
  const db = database()
  await db.exec(CREATE)
  return db
}
export const CREATE =
  'CREATE TABLE IF NOT EXISTS "item" ("id" integer NOT NULL PRIMARY KEY AUTOINCREMENT, "name" varchar(50) NOT NULL UNIQUE, "number" integer NULL)'

const id = column('id', 'auto')
const name = column('name', 'char')
const compiled = new WeakMap<Database, ReturnType<typeof statements>>()
function statements(db: Database) {
  const compile = db.backend.compiler.compile.bind(db.backend.compiler)
  return {
    add: compile(insert({ name: 'char', number: 'integer' })),
    names: compile(select([name], { orderBy: [{ by: id, desc: false }] })),
    all: compile(select([id, name, column('number', 'integer')], { orderBy: [{ by: id, desc: false }] })),
    count: compile(select([count])),
    clear: compile(remove(null)),
    one: compile(select([name], { where: compare(id, '=', param(0, 'auto')) })),
  }
}
/** The compiled statements of a database. */
export function sqlOf(db: Database) {
  const found = compiled.get(db) ?? statements(db)
  compiled.set(db, found)
  return found
}
export const add = async (name: string, db = database()): Promise<unknown> => await db.run(sqlOf(db).add, [name, 1])
export const names = async (db = database()): Promise<string[]> =>
  (await db.rows(sqlOf(db).names, [])).map((row) => row[0] as string)
export const addMany = async (prefix: string, size: number, db = database()): Promise<unknown> => {
  const statement = db.backend.compiler.compile(bulkInsert({ name: 'char', number: 'integer' }, size))
  return await db.run(statement, Array.from({ length: size }, (_, i) => [`${prefix}${i}`, i]).flat())
}
export const pause = (ms = 1): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms))
