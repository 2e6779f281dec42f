import { dropDatabases, freshDatabases } from '../db/backends/postgres.ts'
import { atlasOn } from './atlas-on-server.ts'

atlasOn('PostgreSQL', async () => (await freshDatabases(1))[0]!, dropDatabases)
