import { defineApp } from 'nuages'
import { Tenant, User } from './models.ts'

export const accounts = defineApp({ name: 'accounts', root: import.meta.url, models: { Tenant, User } })
