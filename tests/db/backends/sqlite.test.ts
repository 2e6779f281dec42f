import { describeBackend } from '../../contracts/db-backend.ts'
import { freshPath } from '../transactions/databases.ts'

describeBackend('SQLite in a file', () => ({ engine: 'sqlite', url: `sqlite:${freshPath()}` }))
describeBackend('SQLite in memory', () => ({ engine: 'sqlite', url: 'sqlite::memory:' }))
