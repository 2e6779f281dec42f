import { defineApp } from '../apps/index.ts'
import { tLazy } from '../i18n/index.ts'
import { sessions } from '../sessions/app.ts'
import { contentTypes } from './contenttypes/app.ts'
import { Group, Permission } from './models.ts'
import { authUrls } from './urls.ts'

/** Users, groups and permissions; sessions and content types come with it. */
export const auth = defineApp({
  name: 'auth',
  verboseName: tLazy('Users and permissions'),
  root: import.meta.url,
  requires: [contentTypes, sessions],
  models: { Permission, Group },
  urls: authUrls,
  views: () => import('./views.ts'),
  admin: () => import('./admin.ts'),
  checks: () => import('./checks.ts'),
  async ready() {
    const { modelsRenamed, postMigrate } = await import('../db/internal.ts')
    const create = async () => (await import('./create-permissions.ts')).createPermissions
    postMigrate.connect(async (event) => (await create())(event), { key: 'auth.createPermissions' })
    const rename = async () => (await import('./rename-permissions.ts')).renamePermissions
    modelsRenamed.connect(async (event) => (await rename())(event), { key: 'auth.renamePermissions' })
  },
})
