import { defineSettings, env } from 'nuages'
import { admin } from 'nuages/admin'
import { auth } from 'nuages/auth'
import { main } from './main/app.ts'

/** What differs from the defaults. `env.…` reads variables, from the file .env too. */
export default defineSettings({
  root: import.meta.url,
  secretKey: env.secret('SECRET_KEY'),
  debug: env.boolean('DEBUG', false), // `npm run dev` turns it on
  databases: { default: env.database('DATABASE_URL', 'sqlite:./db.sqlite3') },
  allowedHosts: env.list('ALLOWED_HOSTS', ['localhost', '127.0.0.1']),
  apps: [auth, admin, main],
  urls: () => import('./urls.ts'),
})
