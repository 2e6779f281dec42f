/** A database in memory with the tables of `models.ts`, and what statements ran. */
import type { AnyModel } from 'nuages/db'
import { afterAll, beforeAll, beforeEach } from 'vitest'
import type { DatabaseConfig } from '../../../src/db/backends/backend.ts'
import { closeDatabases, configureDatabases, database, onQuery } from '../../../src/db/internal.ts'
import { tableSpec } from '../../../src/db/migrations/table-spec.ts'
import { engine } from '../backends/fresh.ts'
import { library } from './models.ts'

/** An app, for its models. */
interface Tables {
  readonly models: object
}

/** Makes all tables of an app in a database. */
export async function createTables(alias = 'default', app: Tables = library): Promise<void> {
  const db = database(alias)
  const models = Object.values(app.models) as AnyModel[]
  const between = models.flatMap((model) => model.meta.manyToMany.map((field) => field.relation!.through!.model))
  const left = new Set([...new Set([...models, ...between])].map((model) => tableSpec(db.backend, model.meta)))
  const made = new Set<string>()
  // What a table refers to comes before it.
  while (left.size > 0) {
    const ready = [...left].filter((spec) =>
      [...spec.columns.flatMap(({ references }) => references ?? []), ...(spec.foreignKeys ?? [])].every(
        ({ table }) => table === spec.name || made.has(table),
      ),
    )
    for (const spec of ready) {
      for (const statement of db.backend.schema.createTable(spec)) await db.exec(statement)
      made.add(spec.name)
      left.delete(spec)
    }
    if (ready.length === 0) throw new Error('the tables of the library refer to one another in a circle')
  }
}

/** Every test of the file starts with empty tables, of the engine that `TEST_ENGINE` names. */
export function freshTables(app: Tables = library): void {
  let fresh: () => DatabaseConfig
  // A server in this process takes its time on a busy machine.
  beforeAll(async () => {
    fresh = await engine.fresh(200)
  }, 120_000)
  beforeEach(async () => {
    await closeDatabases()
    configureDatabases({ default: fresh(), other: fresh() })
    await createTables('default', app)
  })
  afterAll(async () => {
    await closeDatabases()
    await engine.drop()
  })
}

/** Placeholders of PostgreSQL, with their types. */
const NUMBERED =
  /\$\d+(::(bigint|text|numeric|boolean|double precision|date|interval|timestamp with time zone|time|jsonb|uuid|bytea)(\[\])?)?/g

/** The statements that `work` sends, placeholders as `?`, and what it gives. */
export async function watched<T>(work: () => PromiseLike<T> | T): Promise<{ result: T; sql: string[] }> {
  const sql: string[] = []
  const stop = onQuery((event) => sql.push(event.sql.replace(NUMBERED, '?')))
  try {
    return { result: await work(), sql }
  } finally {
    stop()
  }
}
