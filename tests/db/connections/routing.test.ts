import { describe } from 'vitest'
import { freshPath } from '../transactions/databases.ts'
import { describeRouting } from './routing.ts'

const file = () => ({ engine: 'sqlite', url: `sqlite:${freshPath()}` })

describe('two files of SQLite', () => describeRouting(() => ({ one: file(), two: file() })))
