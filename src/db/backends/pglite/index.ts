/** The PGlite backend: PostgreSQL's, with another driver. */
import type { Backend } from '../backend.ts'
import { postgresBackend } from '../postgres/index.ts'
import { openPgliteDriver } from './driver.ts'

/** PGlite 0.5: PostgreSQL 18 in this process. */
export const pgliteBackend: Backend = {
  ...postgresBackend,
  name: 'pglite',
  options: ['extensions', 'isolation', 'lockTimeout', 'searchPath', 'shared', 'statements', 'statementTimeout'],
  dialect: 'postgres',
  open: openPgliteDriver,
  testDatabase: (config) => ({
    config: { ...config, url: 'pglite::memory:' },
    create: async () => undefined,
    drop: async () => undefined,
  }),
}
