import { afterAll } from 'vitest'
import { describeBackend } from '../../contracts/db-backend.ts'
import { dropDatabases, freshDatabases } from './mysql.ts'

const fresh = await freshDatabases(120)
afterAll(dropDatabases)

describeBackend('MariaDB', fresh)
