import { defineSettings } from 'nuages'
import { admin } from 'nuages/admin'
import { auth } from 'nuages/auth'
import { accounts } from './accounts/app.ts'
import { library } from './library/app.ts'

export default defineSettings({
  // No page of the admin may ask the same again and again.
  repeatedQueries: { action: 'error', threshold: 4 },
  root: import.meta.url,
  secretKey: 'a key of a project for tests only, which is long enough',
  databases: { default: 'sqlite:./unused.sqlite3' },
  apps: [auth, admin, accounts, library],
  urls: () => import('./urls.ts'),
  timeZone: 'Europe/Paris',
})
