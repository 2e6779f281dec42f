import { type App, defineApp } from '../apps/index.ts'
import { auth } from '../auth/index.ts'
import { tLazy } from '../i18n/index.ts'
import { LogEntry } from './models.ts'
import { type Admin, registrar } from './site.ts'
import { adminUrls } from './urls.ts'

const app = defineApp({
  name: 'admin',
  verboseName: tLazy('Administration'),
  root: import.meta.url,
  requires: [auth],
  models: { LogEntry },
  urls: adminUrls,
  views: () => import('./views/index.ts'),
  checks: () => import('./checks.ts'),
})

/** The admin: an app to list in the settings, and where models are registered. */
export const admin: App & Admin = Object.freeze(Object.assign(Object.create(app) as App, registrar))
