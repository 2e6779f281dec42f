import { defineApp } from '../apps/index.ts'
import { Session } from './models.ts'

export const sessions = defineApp({ name: 'sessions', root: import.meta.url, models: { Session } })
