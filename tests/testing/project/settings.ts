import { defineSettings, env } from 'nuages'
import { auth } from 'nuages/auth'
import { shop } from './shop/app.ts'

/** As a project would have it in production: what tests cannot have is replaced by testSite(). */
export default defineSettings({
  root: import.meta.url,
  secretKey: env.secret('SHOP_SECRET_KEY'),
  debug: env.boolean('DEBUG', false),
  databases: { default: env.database('SHOP_DATABASE_URL'), archive: 'sqlite:./never-made.sqlite3' },
  allowedHosts: ['shop.example.com'],
  apps: [auth, shop],
  urls: () => import('./urls.ts'),
  sessions: { maxAge: 3600 },
})
