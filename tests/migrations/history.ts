/** A database file and a history of migrations, for tests. */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Dependency, Operation } from 'nuages/db/migrations'
import { afterAll } from 'vitest'
import type { ExistingTrigger, TableSpec } from '../../src/db/backends/schema.ts'
import { closeDatabases, configureDatabases, database, databaseAliases } from '../../src/db/internal.ts'
import {
  type MigrateOptions,
  type MigrateTarget,
  type MigrationDatabase,
  MigrationExecutor,
  MigrationLoader,
  migrationDatabase,
} from '../../src/db/migrations/internal.ts'
import type { Migration } from '../../src/db/migrations/migration.ts'
import { engine } from '../db/backends/fresh.ts'

export const isSqlite: boolean = engine.name === 'SQLite'

let folder: string | null = null
/** Of a server, one database for all tests of the file. */
const server = isSqlite ? null : (await engine.fresh(1))()
if (server !== null) afterAll(() => engine.drop())

/** Opens an empty database as the default one: an SQLite file, or of the engine that `TEST_ENGINE` names. */
export function openDatabase(): MigrationDatabase {
  if (server !== null) {
    configureDatabases({ default: server })
    return migrationDatabase('default')
  }
  folder = mkdtempSync(join(tmpdir(), 'nuages-migrations-'))
  configureDatabases({ default: { engine: 'sqlite', url: `sqlite:${join(folder, 'test.sqlite3')}` } })
  return migrationDatabase('default')
}

export async function closeDatabase(): Promise<void> {
  if (server !== null && databaseAliases().length > 0) await dropTables()
  await closeDatabases()
  if (folder !== null) rmSync(folder, { recursive: true, force: true })
  folder = null
}

/** In whatever order references ask for. */
async function dropTables(): Promise<void> {
  const db = database()
  const { compiler, introspector } = db.backend
  const names = await introspector.tables((await db.open()).writer)
  if (names.length === 0) return
  const drop = `DROP TABLE ${names.map((name) => compiler.quote(name)).join(', ')} CASCADE`
  await db.exec(engine.name === 'MariaDB' ? `SET foreign_key_checks = 0; ${drop}; SET foreign_key_checks = 1` : drop)
}

/** A migration of `library` unless the name says otherwise; each depends on the one before. */
export function history(...steps: [name: string, operations: Operation[], more?: Partial<Migration>][]): Migration[] {
  const last = new Map<string, string>()
  let before: [string, string] | null = null
  return steps.map(([name, operations, more]) => {
    const [app, own] = name.includes('.') ? (name.split('.') as [string, string]) : ['library', name]
    const dependencies: Dependency[] = before === null ? [] : [before]
    before = [app, own]
    last.set(app, own)
    return { app, name: own, file: null, dependencies, operations, ...more }
  })
}

export function executor(migrations: Migration[], user: string | null = null): MigrationExecutor {
  const apps = [...new Set(['library', ...migrations.map((each) => each.app)])].map((name) => ({
    name,
    root: '/none',
    models: {},
  }))
  return new MigrationExecutor(new MigrationLoader({ apps, user }, migrations), migrationDatabase('default'))
}

/** Plans and takes the steps; gives what was done: `+0001`, `-0002`. */
export async function migrate(
  migrations: Migration[],
  target: MigrateTarget = {},
  options: MigrateOptions = {},
): Promise<string[]> {
  const run = executor(migrations)
  const plan = await run.plan(target)
  await run.migrate(plan, options)
  return plan.map(({ migration, backwards }) => `${backwards ? '-' : '+'}${migration.name}`)
}

/** Rows of a query, as arrays. */
export async function rows(sql: string): Promise<unknown[][]> {
  const compiled = { sql, slots: [], encoders: [], rows: true, writes: false, bulk: null }
  return database().rows(compiled, [])
}
export async function run(sql: string): Promise<void> {
  await database().exec(sql)
}

/** A table as it is, with its triggers where it has some. */
export interface SeenTable extends Omit<TableSpec, 'triggers'> {
  readonly triggers?: readonly ExistingTrigger[]
}

/** Every table but the record of migrations, read back from the file. */
export async function schema(): Promise<SeenTable[]> {
  const db = database()
  const { introspector } = db.backend
  const connection = (await db.open()).writer
  const names = (await introspector.tables(connection)).filter((name) => !name.startsWith('nuages_'))
  const seen = names.map(async (name) => {
    const triggers = await introspector.triggers(connection, name)
    const { triggers: _, ...table } = (await introspector.table(connection, name))!
    return triggers.length > 0
      ? { ...table, triggers: [...triggers].sort((a, b) => (a.name < b.name ? -1 : 1)) }
      : table
  })
  return Promise.all(seen)
}
