import { defineApp } from '../apps/index.ts'
import { sessions } from '../sessions/app.ts'
import { contentTypes } from './contenttypes/app.ts'
import { Group, Permission } from './models.ts'
import { authUrls } from './urls.ts'

export const auth = defineApp({
  name: 'auth',
  verboseName: 'Users and permissions',
  root: import.meta.url,
  requires: [contentTypes, sessions],
  models: { Permission, Group },
  urls: authUrls,
  views: () => import('./views.ts'),
  admin: () => import('./admin.ts'),
  checks: () => import('./checks.ts'),
  ready: async () => {
    const { createPermissions } = await import('./create-permissions.ts')
    const { postMigrate } = await import('../db/migrations/index.ts')
    postMigrate.connect(createPermissions, { key: 'auth.createPermissions' })
  },
})
