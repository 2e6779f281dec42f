/** PGlite for tests: servers in memory per file of tests, and in them a schema per test. */
import type { DatabaseConfig } from '../../../src/db/backends/backend.ts'
import { createDatabase, type Database, loadBackends } from '../../../src/db/connections.ts'

/** Databases that keep the servers running from test to test. */
const anchors: Database[] = []
const options = (server: number) => ({
  shared: `tests ${server}`,
  extensions: 'pgcrypto,btree_gist,pg_trgm,unaccent,vector',
})

/**
 * Starts the servers, makes schemas, and gives one at each call.
 * @param together   so many servers: a test whose databases are both in a block does not wait for itself
 */
export async function freshPglite(count: number, together = 2): Promise<() => DatabaseConfig> {
  const base = { engine: 'pglite', url: 'pglite::memory:' }
  await loadBackends({ default: base })
  const servers = Math.min(together, count)
  for (let server = 0; server < servers; server++) {
    const anchor = createDatabase(`anchor ${server}`, { ...base, options: options(server) })
    anchors.push(anchor)
    await anchor.exec('CREATE EXTENSION IF NOT EXISTS pgcrypto')
    let schemas = ''
    for (let i = server; i < count; i += servers) schemas += `CREATE SCHEMA IF NOT EXISTS s${i};`
    await anchor.exec(schemas)
  }
  let next = 0
  return () => {
    if (next >= count) throw new Error(`more than ${count} schemas were asked for`)
    const schema = next++
    return { ...base, options: { ...options(schema % servers), searchPath: `s${schema},public` } }
  }
}

/** Stops the servers. */
export async function dropPglite(): Promise<void> {
  await Promise.all(anchors.splice(0).map((anchor) => anchor.close()))
}
