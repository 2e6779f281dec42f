/** PGlite for tests: two servers in memory per file of tests, and in them a schema per test. */
import type { DatabaseConfig } from '../../../src/db/backends/backend.ts'
import { createDatabase, type Database, loadBackends } from '../../../src/db/connections.ts'

/** Databases that keep the servers running from test to test. */
const anchors: Database[] = []
/** Two, so that a test whose two databases are both in a block does not wait for itself. */
const SERVERS = 2
const options = (server: number) => ({
  shared: `tests ${server}`,
  extensions: 'pgcrypto,btree_gist,pg_trgm,unaccent,vector',
})

/** Starts the servers, makes schemas, and gives one at each call. */
export async function freshPglite(count: number): Promise<() => DatabaseConfig> {
  const base = { engine: 'pglite', url: 'pglite::memory:' }
  await loadBackends({ default: base })
  for (let server = 0; server < Math.min(SERVERS, count); server++) {
    const anchor = createDatabase(`anchor ${server}`, { ...base, options: options(server) })
    anchors.push(anchor)
    await anchor.exec('CREATE EXTENSION IF NOT EXISTS pgcrypto')
    let schemas = ''
    for (let i = server; i < count; i += SERVERS) schemas += `CREATE SCHEMA IF NOT EXISTS s${i};`
    await anchor.exec(schemas)
  }
  let next = 0
  return () => {
    if (next >= count) throw new Error(`more than ${count} schemas were asked for`)
    const schema = next++
    return { ...base, options: { ...options(schema % SERVERS), searchPath: `s${schema},public` } }
  }
}

/** Stops the servers. */
export async function dropPglite(): Promise<void> {
  await Promise.all(anchors.splice(0).map((anchor) => anchor.close()))
}
