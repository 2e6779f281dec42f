/** Tables of an app's models in an empty database, of the engine that `TEST_ENGINE` names. */
import type { AnyModel } from 'nuages/db'
import { afterAll, beforeAll, beforeEach } from 'vitest'
import type { DatabaseConfig } from '../../../src/db/backends/backend.ts'
import { NotSupportedError } from '../../../src/db/errors.ts'
import { closeDatabases, configureDatabases, database } from '../../../src/db/internal.ts'
import { tableSpec } from '../../../src/db/migrations/table-spec.ts'
import { engine } from '../backends/fresh.ts'

let fresh: () => DatabaseConfig
/** Another empty database. */
export const freshConfig = (): DatabaseConfig => fresh()

/** Every test of the file starts with empty tables of these models, made in this order. */
export function freshTablesOf(...models: { readonly meta: AnyModel['meta'] }[]): void {
  // A server in this process takes its time on a busy machine.
  beforeAll(async () => {
    fresh = await engine.fresh(60, 1)
  }, 120_000)
  beforeEach(async () => {
    await closeDatabases()
    configureDatabases({ default: fresh() })
    const { backend } = database()
    for (const { meta } of models) {
      let statements: readonly string[]
      try {
        statements = backend.schema.createTable(tableSpec(backend, meta))
      } catch (error) {
        // What a database does not have is told by what would make the table; tests ask for that.
        if (!(error instanceof NotSupportedError)) throw error
        continue
      }
      for (const statement of statements) await database().exec(statement)
    }
  })
  afterAll(async () => {
    await closeDatabases()
    await engine.drop()
  })
}
