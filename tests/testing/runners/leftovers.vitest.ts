import * as vitest from 'vitest'
import type { Runner } from './isolation.ts'
import { leftovers } from './leftovers.ts'

leftovers(vitest as unknown as Runner) // the same names, other types
