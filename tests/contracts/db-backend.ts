/**
 * What every database backend owes: one suite, run against each of them.
 *
 *     describeBackend('sqlite in a file', () => ({ engine: 'sqlite', url: `sqlite:${freshPath()}` }))
 */
import { afterEach, beforeEach, describe } from 'vitest'
import type { DatabaseConfig } from '../../src/db/backends/backend.ts'
import { closeDatabases, configureDatabases, database } from '../../src/db/connections.ts'
import { describeBrokenBlocks } from './db-backend/broken-blocks.ts'
import { describeConditions } from './db-backend/conditions.ts'
import { execAll, ITEM } from './db-backend/items.ts'
import { describeSchemaParts } from './db-backend/schema-parts.ts'
import { describeStatements } from './db-backend/statements.ts'
import { describeTables } from './db-backend/tables.ts'
import { describeValues } from './db-backend/values.ts'

/** Runs the suite. `config` gives a new, empty database each time. */
export function describeBackend(title: string, config: () => DatabaseConfig): void {
  describe(title, () => {
    beforeEach(async () => {
      configureDatabases({ default: config() })
      await execAll(database().backend.schema.createTable(ITEM))
    })
    afterEach(closeDatabases)

    describeValues(database)
    describeConditions(database)
    describeStatements(database)
    describeBrokenBlocks(database)
    describeTables(database)
    describeSchemaParts(database)
  })
}
