import { dropDatabases, freshDatabases } from '../db/backends/mysql.ts'
import { atlasOn } from './atlas-on-server.ts'

atlasOn('MariaDB', async () => (await freshDatabases(1))().url, dropDatabases)
