import { defineSettings, env } from 'nuages'
import { admin } from 'nuages/admin'
import { auth } from 'nuages/auth'
import { library } from './library/app.ts'

/** A project as `startproject` makes one: the default middleware, users, the admin. */
export default defineSettings({
  root: import.meta.url,
  secretKey: 'bench-only-bench-only-bench-only-bench-only-bench-only',
  databases: { default: env.database('DATABASE_URL', 'sqlite:./bench.sqlite3') },
  allowedHosts: ['127.0.0.1'],
  apps: [auth, admin, library],
  urls: () => import('./urls.ts'),
  auth: { user: 'library.User' },
})
