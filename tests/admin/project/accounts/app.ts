import { defineApp } from 'nuages'
import { User } from './models.ts'

export const accounts = defineApp({ name: 'accounts', root: import.meta.url, models: { User } })
