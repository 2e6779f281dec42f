import { afterAll } from 'vitest'
import { describeBackend } from '../../contracts/db-backend.ts'
import { dropPglite, freshPglite } from './pglite.ts'

const schema = await freshPglite(120)
afterAll(dropPglite)

describeBackend('PGlite', schema)
