/** Emptying tables, and letting their numbers begin again. */
import type { TableSpec } from './backends/schema.ts'
import type { Database } from './connections.ts'
import { tableSpec } from './migrations/table-spec.ts'
import type { AnyModel } from './models/meta.ts'
import { allowsMigrate } from './routers.ts'

/** The tables of models that migrations make in a database, with those between. */
export function managedTables({ alias, backend }: Database, models: readonly AnyModel[]): TableSpec[] {
  const own = models.filter(({ meta }) => meta.managed && allowsMigrate(alias, meta.app, { model: meta.name }))
  const between = own.flatMap(({ meta }) => meta.manyToMany.map((field) => field.relation!.through!.model)) // each has one
  const all = new Map([...own, ...between].filter(({ meta }) => meta.managed).map(({ meta }) => [meta.table, meta]))
  return [...all.values()].map((meta) => tableSpec(backend, meta))
}

/** Statements that empty tables, whatever refers to what, and let numbers begin at 1. */
export function flushStatements({ backend }: Database, tables: readonly TableSpec[]): string[] {
  if (tables.length === 0) return []
  if (backend.schema.flush !== undefined) return backend.schema.flush(tables)
  const { quote } = backend.compiler
  return tables.flatMap((table) => [
    `DELETE FROM ${quote.call(backend.compiler, table.name)}`,
    ...backend.schema.resetIdentity(table),
  ])
}
