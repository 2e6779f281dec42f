/** Routers and replicas on two databases of MariaDB. */
import { afterAll, describe } from 'vitest'
import { closeDatabases } from '../../../src/db/internal.ts'
import { describeRouting } from '../connections/routing.ts'
import { dropDatabases, freshDatabases } from './mysql.ts'

const fresh = await freshDatabases(80)
afterAll(async () => {
  await closeDatabases()
  await dropDatabases()
})

describe('two databases of MariaDB', () => describeRouting(() => ({ one: fresh(), two: fresh() })))
