import * as runner from 'node:test'
import { leftovers } from './leftovers.ts'

leftovers(runner)
