import { defineSettings } from 'nuages'
import { admin } from 'nuages/admin'
import { auth } from 'nuages/auth'
import { accounts } from '../project/accounts/app.ts'
import { gallery } from './gallery/app.ts'

export default defineSettings({
  // No page of the admin may ask the same again and again.
  repeatedQueries: { action: 'error', threshold: 4 },
  root: import.meta.url,
  secretKey: 'a key of a project for tests only, which is long enough',
  debug: true,
  databases: { default: 'sqlite:./unused.sqlite3' },
  apps: [auth, admin, accounts, gallery],
  urls: () => import('../project/urls.ts'),
})
