import { defineSettings, env } from 'nuages'
import { library } from './library/app.ts'

export default defineSettings({
  root: import.meta.url,
  secretKey: env.secret('SECRET_KEY'),
  debug: true,
  databases: { default: env.database('DATABASE_URL', 'sqlite:./library.sqlite3') },
  apps: [library],
  urls: () => import('./urls.ts'),
})
