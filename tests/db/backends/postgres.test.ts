import { afterAll } from 'vitest'
import { describeBackend } from '../../contracts/db-backend.ts'
import { dropSchemas, freshSchemas } from './postgres.ts'

const schema = await freshSchemas(120)
afterAll(() => dropSchemas())

describeBackend('PostgreSQL', schema)
