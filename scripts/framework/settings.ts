/**
 * A project of our own apps, to write their migrations:
 *
 *     node --conditions=nuages-source bin/nuages.js --settings scripts/framework/settings.ts makemigrations
 *
 * Its user is the atlas's; ours refer to it as the swappable `auth.User`.
 */
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { defineSettings } from 'nuages'
import { admin } from 'nuages/admin'
import { auth } from 'nuages/auth'
import { accounts } from '../../examples/atlas/accounts/app.ts'

export default defineSettings({
  root: join(dirname(fileURLToPath(import.meta.url)), '..', '..'),
  secretKey: 'only for writing migrations, never for serving',
  databases: { default: 'sqlite::memory:' },
  apps: [auth, admin, accounts],
})
