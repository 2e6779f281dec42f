import { defineApp } from '../apps/index.ts'
import { tLazy } from '../i18n/index.ts'
import { Session } from './models.ts'

export const sessions = defineApp({
  name: 'sessions',
  verboseName: tLazy('Sessions'),
  root: import.meta.url,
  models: { Session },
})
