/** Empty tables of the diary for every test, on PostgreSQL unless `TEST_ENGINE` names PGlite. */
import { afterAll, beforeAll, beforeEach } from 'vitest'
import type { DatabaseConfig } from '../../../src/db/backends/backend.ts'
import { closeDatabases, configureDatabases, database } from '../../../src/db/internal.ts'
import { engine } from '../backends/fresh.ts'
import { createTables } from '../query/setup.ts'
import { diary } from './models.ts'

/** Another empty database. */
export let fresh: () => DatabaseConfig

export function freshDiary(count = 60): void {
  beforeAll(async () => {
    fresh = await engine.fresh(count)
  }, 120_000)
  beforeEach(async () => {
    await closeDatabases()
    configureDatabases({ default: fresh() })
    // Files of tests that begin together make it once: the lock ends with the statement's transaction.
    await database().exec('SELECT PG_ADVISORY_XACT_LOCK(7301); CREATE EXTENSION IF NOT EXISTS btree_gist SCHEMA public')
    await createTables('default', diary)
  })
  afterAll(async () => {
    await closeDatabases()
    await engine.drop()
  })
}
