import { defineSettings } from 'nuages'
import { admin } from 'nuages/admin'
import { auth } from 'nuages/auth'
import { offices } from './offices/app.ts'

export default defineSettings({
  root: import.meta.url,
  secretKey: 'a key of a project for tests only, which is long enough',
  databases: { default: 'sqlite:./unused.sqlite3' },
  apps: [auth, admin, offices],
  urls: () => import('../project/urls.ts'),
})
