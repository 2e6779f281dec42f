import * as runner from 'node:test'
import { isolation } from './isolation.ts'

isolation(runner)
