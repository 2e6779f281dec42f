/** Routers and replicas on two databases of a server. */
import { afterAll, describe } from 'vitest'
import { closeDatabases } from '../../../src/db/internal.ts'
import { describeRouting } from '../connections/routing.ts'
import { dropDatabases, dropSchemas, freshDatabases, freshSchemas } from './postgres.ts'

// Each test has a schema of its own in both.
const urls = await freshDatabases(2)
const schemas = await Promise.all(urls.map((url) => freshSchemas(40, url)))
afterAll(async () => {
  await closeDatabases()
  for (const url of urls) await dropSchemas(url)
  await dropDatabases()
})

describe('two databases of PostgreSQL', () => describeRouting(() => ({ one: schemas[0]!(), two: schemas[1]!() })))
