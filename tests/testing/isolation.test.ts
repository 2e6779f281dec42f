import * as vitest from 'vitest'
import { isolation, type Runner } from './runners/isolation.ts'

isolation(vitest as unknown as Runner) // the same names, other types
