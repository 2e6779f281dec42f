import { defineSettings, env } from 'nuages'
import { admin } from 'nuages/admin'
import { auth } from 'nuages/auth'
import { accounts } from './accounts/app.ts'
import { geo } from './geo/app.ts'
import { trips } from './trips/app.ts'

export default defineSettings({
  root: import.meta.url,
  secretKey: env.secret('SECRET_KEY'),
  debug: env.boolean('DEBUG', false),
  databases: { default: env.database('DATABASE_URL', 'sqlite:./atlas.sqlite3') },
  allowedHosts: env.list('ALLOWED_HOSTS', ['127.0.0.1', 'localhost', '[::1]']),
  apps: [auth, admin, accounts, geo, trips],
  urls: () => import('./urls.ts'),
  staticRoot: env.string('STATIC_ROOT', 'staticfiles'),
  timeZone: 'UTC',
})
