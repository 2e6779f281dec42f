import { defineSettings } from 'nuages'
import { auth } from 'nuages/auth'
import { accounts } from './accounts/app.ts'
import { pages } from './pages/app.ts'

/** A site with everything that signing in touches. */
export default defineSettings({
  root: import.meta.url,
  secretKey: 'tests-only-tests-only-tests-only-tests-only-tests-only',
  databases: { default: 'sqlite::memory:' },
  apps: [auth, accounts, pages],
  urls: () => import('./urls.ts'),
})
