/** Whether what a first migration makes is there already: for `--fake-initial`. */
import { type PlanStep, runMigration } from './carry-out.ts'
import type { MigrationDatabase } from './database.ts'
import { DatabaseRun } from './run.ts'
import type { AddedColumn } from './schema.ts'
import type { ProjectState } from './state.ts'

/** Those that `makemigrations` splits because models refer to one another are all called so. */
const INITIAL = /^\d+_initial$/

/**
 * Whether every table and column that a first migration of an app would make exists. First ones are the one before which the
 * app has no models, and those that are named `initial`. Types are not compared: `--check-drift` does.
 */
export async function isThere(
  database: MigrationDatabase,
  { migration, backwards }: PlanStep,
  before: ProjectState,
): Promise<boolean> {
  const isFirst = ![...before.models.values()].some((model) => model.app === migration.app)
  if (backwards || !(isFirst || INITIAL.test(migration.name))) return false
  const created: string[] = []
  const added: AddedColumn[] = []
  const run = new DatabaseRun(database.backend, database.alias, {
    execute: async () => {},
    comment: () => {},
    live: false,
    created: (table) => created.push(table),
    added: (column) => added.push(column),
  })
  await runMigration({ migration, backwards: false }, before, run)
  if (created.length + added.length === 0) return false
  const { vendor } = database.backend.features
  // SQLite sees names alike whatever their case; MariaDB those of columns.
  const tableKey = (name: string) => (vendor === 'sqlite' ? name.toLowerCase() : name)
  const columnKey = (name: string) => (vendor === 'postgres' ? name : name.toLowerCase())
  const tables = new Map((await database.tables()).map((name) => [tableKey(name), name]))
  if (!created.every((table) => tables.has(tableKey(table)))) return false
  for (const { table, column } of added) {
    const found = await database.table(tables.get(tableKey(table)) ?? table)
    if (!found?.columns.some(({ name }) => columnKey(name) === columnKey(column))) return false
  }
  return true
}
