import { ContentType, createPermissions, Group, Permission } from 'nuages/auth'
import { modelsRenamed } from 'nuages/db/migrations'
import type { CurrentUser } from 'nuages/http'
import { captureQueries } from 'nuages/testing'
import { describe, expect, test } from 'vitest'
import { User } from './project/accounts/models.ts'
import { authSite, makeUser } from './site.ts'

const site = authSite()

const permission = (codename: string) => Permission.objects.get({ codename })
/** The user as another request would read it: nothing of it is cached. */
const again = (user: CurrentUser) => User.objects.get({ id: user.id })

describe('after migrate', () => {
  test('every model has a content type and permissions, named as in Django', async () => {
    const names = await Permission.objects
      .filter({ contentType__appLabel: 'pages' })
      .orderBy('codename')
      .valuesList('contentType__model', 'codename', 'name')
    expect(await names).toEqual([
      ['page', 'add_page', 'Can add page'],
      ['page', 'change_page', 'Can change page'],
      ['page', 'delete_page', 'Can delete page'],
      ['page', 'publish_page', 'Can publish pages'],
      ['page', 'view_page', 'Can view page'],
      ['visit', 'view_visit', 'Can view visit'],
    ])
    const models = ContentType.objects.orderBy('appLabel', 'model').valuesList('appLabel', 'model')
    expect((await models).map((pair) => pair.join('.'))).toEqual([
      'accounts.user',
      'auth.group',
      'auth.permission',
      'contenttypes.contenttype',
      'pages.page',
      'pages.visit',
      'sessions.session',
    ])
    expect(String(await ContentType.objects.get({ model: 'page' }))).toBe('pages | page')
  })

  test('running it again adds nothing; what was taken away comes back', async () => {
    const { apps } = site.project.apps
    const count = await Permission.objects.count()
    await createPermissions({ apps, alias: 'default' })
    expect(await Permission.objects.count()).toBe(count)
    await Permission.objects.filter({ codename: 'view_page' }).delete()
    await ContentType.objects.filter({ model: 'user' }).delete()
    await createPermissions({ apps, alias: 'default' })
    expect(await Permission.objects.count()).toBe(count)
  })
})

describe('MIG-25: when a migration renames a model', () => {
  test('its content type and permissions keep their rows, and who has them keeps them; and back', async () => {
    const user = await makeUser()
    const change = await permission('change_page')
    await user.userPermissions.add(change, await permission('publish_page'))
    const type = await ContentType.objects.get({ appLabel: 'pages', model: 'page' })
    await modelsRenamed.send({ renames: [{ app: 'pages', from: 'Page', to: 'Leaf' }], alias: 'default' })
    expect(await ContentType.objects.get({ appLabel: 'pages', model: 'leaf' })).toMatchObject({ id: type.id })
    expect(await permission('change_leaf')).toMatchObject({ id: change.id, name: 'Can change leaf' })
    expect(await Permission.objects.filter({ codename: 'change_page' }).count()).toBe(0)
    // One of the model's own is called as somebody called it.
    const now = await (await again(user)).permissions()
    expect([...now].sort()).toEqual(['pages.change_leaf', 'pages.publish_page'])
    await modelsRenamed.send({ renames: [{ app: 'pages', from: 'Leaf', to: 'Page' }], alias: 'default' })
    expect(await permission('change_page')).toMatchObject({ id: change.id, name: 'Can change page' })
  })

  test('they follow a model that moves to another app; and back', async () => {
    const user = await makeUser()
    const change = await permission('change_page')
    await user.userPermissions.add(change, await permission('publish_page'))
    const type = await ContentType.objects.get({ appLabel: 'pages', model: 'page' })
    const move = { app: 'pages', from: 'Page', to: 'Leaf', toApp: 'trees' }
    await modelsRenamed.send({ renames: [move], alias: 'default' })
    expect(await ContentType.objects.get({ appLabel: 'trees', model: 'leaf' })).toMatchObject({ id: type.id })
    expect(await permission('change_leaf')).toMatchObject({ id: change.id, name: 'Can change leaf' })
    const now = await (await again(user)).permissions()
    expect([...now].sort()).toEqual(['trees.change_leaf', 'trees.publish_page'])
    const back = { app: 'trees', from: 'Leaf', to: 'Page', toApp: 'pages' }
    await modelsRenamed.send({ renames: [back], alias: 'default' })
    expect(await ContentType.objects.get({ appLabel: 'pages', model: 'page' })).toMatchObject({ id: type.id })
    expect(await permission('change_page')).toMatchObject({ id: change.id, name: 'Can change page' })
  })

  test('a model keeps its name in the app it moves to', async () => {
    const change = await permission('change_page')
    const move = { app: 'pages', from: 'Page', to: 'Page', toApp: 'trees' }
    await modelsRenamed.send({ renames: [move], alias: 'default' })
    expect(await ContentType.objects.filter({ appLabel: 'pages', model: 'page' }).count()).toBe(0)
    expect(await ContentType.objects.filter({ appLabel: 'trees', model: 'page' }).count()).toBe(1)
    expect(await permission('change_page')).toMatchObject({ id: change.id, name: 'Can change page' })
  })

  test('a content type of the new name that is there already stays as it is', async () => {
    const there = await ContentType.objects.create({ appLabel: 'pages', model: 'leaf' })
    await modelsRenamed.send({ renames: [{ app: 'pages', from: 'Page', to: 'Leaf' }], alias: 'default' })
    expect(await ContentType.objects.get({ appLabel: 'pages', model: 'leaf' })).toMatchObject({ id: there.id })
    expect(await ContentType.objects.filter({ appLabel: 'pages', model: 'page' }).count()).toBe(1)
  })
})

describe('a user may', () => {
  test('do what was given to it, and nothing else', async () => {
    const user = await makeUser()
    await user.userPermissions.add(await permission('change_page'))
    expect(await user.hasPerm('pages.change_page')).toBe(true)
    expect(await user.hasPerm('pages.delete_page')).toBe(false)
    expect(await user.hasPerm('change_page')).toBe(false)
    expect(await user.hasModulePerms('pages')).toBe(true)
    expect(await user.hasModulePerms('page')).toBe(false)
    expect(await user.hasModulePerms('auth')).toBe(false)
  })

  test('do what its groups may', async () => {
    const user = await makeUser()
    const editors = await Group.objects.create({ name: 'Editors' })
    await editors.permissions.set([await permission('add_page'), await permission('change_page')])
    const empty = await Group.objects.create({ name: 'Empty' })
    await user.groups.add(editors, empty)
    await user.userPermissions.add(await permission('view_page'))
    expect([...(await user.permissions())].sort()).toEqual(['pages.add_page', 'pages.change_page', 'pages.view_page'])
    expect(String(editors)).toBe('Editors')
  })

  test('do nothing that others may', async () => {
    const other = await makeUser({ email: 'bob@example.org' })
    await other.userPermissions.add(await permission('change_page'))
    expect((await (await makeUser()).permissions()).size).toBe(0)
  })

  test('do everything as a superuser, without a query', async () => {
    const user = await makeUser({ isSuperuser: true })
    const queries = await captureQueries(async () => {
      expect(await user.hasPerm('anything.at_all')).toBe(true)
      expect(await user.hasModulePerms('anything')).toBe(true)
    })
    expect(queries).toEqual([])
  })

  test('do nothing while inactive, superuser or not', async () => {
    const user = await makeUser({ isSuperuser: true, isActive: false })
    await user.userPermissions.add(await permission('change_page'))
    expect(await user.hasPerm('pages.change_page')).toBe(false)
    expect(await user.hasModulePerms('pages')).toBe(false)
  })

  test('be asked often: permissions are read once, with two queries', async () => {
    const user = await makeUser()
    const queries = await captureQueries(() =>
      Promise.all([user.hasPerm('pages.change_page'), user.hasPerm('pages.add_page'), user.permissions()]),
    )
    expect(queries).toHaveLength(2)
    await user.userPermissions.add(await permission('change_page'))
    expect(await user.hasPerm('pages.change_page')).toBe(false)
    expect(await (await again(user)).hasPerm('pages.change_page')).toBe(true)
  })
})

describe('guards', () => {
  const places = ['/members/', '/staff/', '/pages/change/']

  test.each(places)('%s sends visitors to the login page and back', async (path) => {
    const response = await site.client.get(`${path}?a=1&b=2`)
    expect([response.status, response.location]).toEqual([
      302,
      `/accounts/login/?next=${encodeURIComponent(`${path}?a=1&b=2`)}`,
    ])
    expect(response.headers.get('vary')).toContain('Cookie')
  })

  test('a member, somebody of the staff and somebody with the permission', async () => {
    const member = await makeUser()
    const staff = await makeUser({ email: 'staff@example.org', isStaff: true })
    const editor = await makeUser({ email: 'editor@example.org' })
    await editor.userPermissions.add(await permission('change_page'))
    const root = await makeUser({ email: 'root@example.org', isSuperuser: true })
    const table: [CurrentUser, number[]][] = [
      [member, [200, 403, 403]],
      [staff, [200, 200, 403]],
      [editor, [200, 403, 200]],
      [root, [200, 403, 200]],
    ]
    for (const [user, expected] of table) {
      const client = site.visitor()
      await site.login(user, client)
      const statuses = []
      for (const path of places) statuses.push((await client.get(path)).status)
      expect([user.email, statuses]).toEqual([user.email, expected])
    }
  })

  test('the page of the setting loginUrl, a path or the name of a route', async () => {
    await site.withSettings({ auth: { loginUrl: '/enter/?from=here' } }, async (client) => {
      expect((await client.get('/members/')).location).toBe('/enter/?from=here&next=%2Fmembers%2F')
    })
    await site.withSettings({ auth: { loginUrl: 'pages:home' } }, async (client) => {
      expect((await client.get('/members/')).location).toBe('/?next=%2Fmembers%2F')
    })
  })
})

describe('whoever is not signed in', () => {
  test('may nothing', async () => {
    const { anonymousUser } = await import('nuages/auth')
    expect(await anonymousUser.hasPerm('pages.view_page')).toBe(false)
    expect(await anonymousUser.hasModulePerms('pages')).toBe(false)
    expect([anonymousUser.pk, anonymousUser.isAuthenticated, String(anonymousUser)]).toEqual([
      null,
      false,
      'AnonymousUser',
    ])
  })
})

describe('caches', () => {
  test('a page that looks at nobody may be kept by all, signed in or not', async () => {
    expect((await site.client.get('/plain/')).headers.get('vary')).toBeNull()
    await site.login(await makeUser())
    expect((await site.client.get('/plain/')).headers.get('vary')).toBeNull()
  })

  test('so may one made from a template that shows no user, unlike one that does', async () => {
    await site.login(await makeUser())
    const [without, shown] = [await site.client.get('/rendered/'), await site.client.get('/rendered/?user=yes')]
    expect([without.body, without.headers.get('vary')]).toEqual(['nobody', null])
    expect([shown.body, shown.headers.get('vary')]).toEqual(['ada@example.org', 'Cookie'])
  })

  test('a page that looks at the visitor depends on the cookie, also where there is none', async () => {
    expect((await site.client.get('/who/')).headers.get('vary')).toBe('Cookie')
    await site.login(await makeUser())
    expect((await site.client.get('/who/')).headers.get('vary')).toBe('Cookie')
  })

  test('a visitor without a session costs no query, one who is signed in two', async () => {
    expect(await captureQueries(() => site.client.get('/who/'))).toHaveLength(0)
    await site.login(await makeUser())
    expect(await captureQueries(() => site.client.get('/who/'))).toHaveLength(2)
  })
})
