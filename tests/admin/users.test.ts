import { Group } from 'nuages/auth'
import { addCatalog, clearCatalogs, withLanguage } from 'nuages/i18n'
import { beforeEach, describe, expect, test } from 'vitest'
import { LogEntry } from '../../src/admin/index.ts'
import { User } from './project/accounts/models.ts'
import { adminSite, as, cells, errorsIn, permission, root, staff, textOf } from './site.ts'

const site = adminSite()
const USERS = '/admin/accounts/user/'
let client: Awaited<ReturnType<typeof as>>
beforeEach(async () => {
  client = await as(site, await root())
})
const find = (email: string) => User.objects.get({ email })

test('names of fields and apps speak the language of the moment, on every page', async () => {
  const user = await find('root@example.org')
  addCatalog('fr', {
    'email address': 'adresse e-mail',
    active: 'actif',
    'Has every permission.': 'A toutes les permissions.',
    'Users and permissions': 'Utilisateurs et permissions',
  })
  try {
    expect((await client.get(USERS)).body).toContain('>Email address')
    const pages = await withLanguage('fr', async () => {
      const paths = [USERS, `${USERS}${user.id}/change/`]
      return (await Promise.all(paths.map((path) => client.get(path)))).map((response) => response.body)
    })
    for (const body of pages) {
      expect(body).toContain('Adresse e-mail')
      expect(body).toContain('Utilisateurs et permissions')
      expect(body).toContain('Actif')
    }
    expect(pages[1]).toContain('A toutes les permissions.')
    expect((await client.get(USERS)).body).toContain('>Active')
  } finally {
    clearCatalogs()
  }
})

describe('the project’s user, never registered', () => {
  test('has a list and a form that make sense', async () => {
    const list = await client.get(USERS)
    expect(cells(list.body)[0]!.slice(0, 4)).toEqual(['root@example.org', '–', 'Yes', 'Yes'])
    const user = await find('root@example.org')
    const { body } = await client.get(`${USERS}${user.id}/change/`)
    const order = [...body.matchAll(/(?:name|class="label")(?:=|>)"?([\w ]+)/g)].map(([, name]) => name)
    const known = [
      'email',
      'displayName',
      'isActive',
      'isStaff',
      'isSuperuser',
      'userPermissions',
      'Last login',
      'Date joined',
    ]
    expect(order.filter((name, i) => known.includes(name!) && order.indexOf(name) === i)).toEqual(known)
    expect(body).toContain(`href="${USERS}${user.id}/password/"`)
    expect(body).toContain('aria-label="Library · book"')
  })

  test('never shows a password or its hash, nor takes one from a form', async () => {
    const user = await find('root@example.org')
    for (const path of [
      '',
      '?q=argon',
      `${user.id}/change/`,
      `${user.id}/password/`,
      `${user.id}/delete/`,
      `${user.id}/history/`,
      'add/',
    ])
      expect((await client.get(USERS + path)).body).not.toContain('argon2')
    await client.post(`${USERS}${user.id}/change/`, {
      email: user.email,
      isActive: 'on',
      isStaff: 'on',
      isSuperuser: 'on',
      password: 'plain text',
    })
    expect((await find('root@example.org')).password).toBe(user.password)
  })

  test('is added with an address in one spelling; the next step is the password', async () => {
    const sent = await client.post(`${USERS}add/`, {
      email: '  New.Person@Example.ORG ',
      isActive: 'on',
      displayName: 'New',
    })
    const user = await find('new.person@example.org')
    expect([sent.status, sent.location]).toEqual([302, `${USERS}${user.id}/password/`])
    expect(user.password.startsWith('!')).toBe(true)
    const twice = await client.post(`${USERS}add/`, { email: 'NEW.person@example.org' })
    expect(errorsIn(twice.body).email).toContain('already exists')
  })
})

describe('setting a password', () => {
  test('checks the rules, keeps the history silent, and ends the sessions of its user', async () => {
    const user = await staff(['library.view_book'])
    const theirs = await as(site, user)
    const url = `${USERS}${user.id}/password/`
    const short = await client.post(url, { newPassword: '123', again: '123' })
    expect(short.status).toBe(422)
    expect(errorsIn(short.body).newPassword).toBeTruthy()
    expect(short.body).not.toContain('value="123"')
    expect(errorsIn((await client.post(url, { newPassword: 'horse battery', again: 'other' })).body).again).toContain(
      'differ',
    )
    const done = await client.post(url, { newPassword: 'horse battery staple', again: 'horse battery staple' })
    expect([done.status, done.location]).toEqual([302, `${USERS}${user.id}/change/`])
    expect(await (await find('staff@example.org')).checkPassword('horse battery staple')).toBe(true)
    expect((await theirs.get('/admin/')).status).toBe(302)
    expect((await client.get('/admin/')).status).toBe(200)
    const history = await client.get(`${USERS}${user.id}/history/`)
    expect(textOf(history.body)).toContain('Changed password')
    expect(history.body).toContain('its value is secret')
    expect(JSON.stringify(await LogEntry.objects.values('changeMessage'))).not.toMatch(/argon|horse/)
  })

  test('of one’s own keeps this session', async () => {
    const user = await find('root@example.org')
    await client.post(`${USERS}${user.id}/password/`, {
      newPassword: 'horse battery staple',
      again: 'horse battery staple',
    })
    expect((await client.get('/admin/')).status).toBe(200)
  })

  test('is for models that sign in only', async () => {
    expect((await client.get('/admin/library/author/1/password/')).status).toBe(404)
  })

  test('on one’s own page asks for the present one', async () => {
    const wrong = await client.post('/admin/password/', {
      oldPassword: 'x',
      newPassword: 'horse battery',
      again: 'horse battery',
    })
    expect(errorsIn(wrong.body).oldPassword).toBeTruthy()
    const done = await client.post('/admin/password/', {
      oldPassword: 'long enough',
      newPassword: 'horse battery',
      again: 'horse battery',
    })
    expect([done.status, done.location]).toEqual([302, '/admin/'])
    expect((await client.get('/admin/')).body).toContain('Your password was changed')
  })
})

describe('nobody raises their own rights', () => {
  const manage = [
    'accounts.change_user',
    'accounts.add_user',
    'accounts.delete_user',
    'auth.change_group',
    'auth.add_group',
  ]

  test('by making themselves a superuser, or giving themselves what they do not have', async () => {
    const me = await staff(manage)
    const mine = await as(site, me)
    const url = `${USERS}${me.id}/change/`
    const form = await mine.get(url)
    expect(form.body).not.toMatch(/name="isSuperuser"/)
    expect(form.body).toContain('aria-label="Accounts · user"')
    expect(form.body).not.toContain('aria-label="Library · book"')
    const foreign = await permission('library.delete_book')
    const forged = await mine.post(url, {
      email: me.email,
      isStaff: 'on',
      isActive: 'on',
      userPermissions: [String(foreign.id)],
    })
    expect(Object.keys(errorsIn(forged.body))).toContain('userPermissions')
    await mine.post(url, { email: me.email, isStaff: 'on', isActive: 'on', isSuperuser: 'on' })
    expect((await find(me.email)).isSuperuser).toBe(false)
  })

  test('through a group', async () => {
    const me = await staff(manage)
    const mine = await as(site, me)
    const group = await Group.objects.create({ name: 'All' })
    const strong = await permission('library.delete_book')
    await group.permissions.add(strong)
    expect((await mine.get(`${USERS}${me.id}/change/`)).body).not.toMatch(/<input[^>]*name="groups"/)
    const join = await mine.post(`${USERS}${me.id}/change/`, {
      email: me.email,
      isActive: 'on',
      isStaff: 'on',
      groups: [String(group.id)],
    })
    expect(Object.keys(errorsIn(join.body))).toContain('groups')
    const own = await permission('accounts.change_user')
    const url = `/admin/auth/group/${group.id}/change/`
    const grow = await mine.post(url, { name: 'All', permissions: [String((await permission('library.add_book')).id)] })
    expect(Object.keys(errorsIn(grow.body))).toContain('permissions')
    // What one may give is added; what one cannot see stays.
    expect((await mine.post(url, { name: 'All', permissions: [String(own.id)] })).status).toBe(302)
    const names = (await group.permissions.valuesList('codename', { flat: true })).sort()
    expect(names).toEqual(['change_user', 'delete_book'])
  })

  test('through the account of somebody who may more', async () => {
    const mine = await as(site, await staff(manage))
    const boss = await find('root@example.org')
    const colleague = await staff([...manage, 'library.delete_book'], { email: 'colleague@example.org' })
    for (const user of [boss, colleague]) {
      const url = `${USERS}${user.id}/`
      expect((await mine.get(`${url}change/`)).body).toContain('You may view this, not change it.')
      expect((await mine.post(`${url}change/`, { email: 'taken@example.org' })).status).toBe(403)
      expect((await mine.get(`${url}password/`)).status).toBe(403)
      expect(
        (await mine.post(`${url}password/`, { newPassword: 'horse battery', again: 'horse battery' })).status,
      ).toBe(403)
      expect((await mine.post(`${url}delete/`)).status).toBe(403)
    }
    const other = await staff(['auth.change_group'], { email: 'other@example.org' })
    expect((await mine.get(`${USERS}${other.id}/password/`)).status).toBe(200)
  })

  test('a superuser may all of it', async () => {
    const group = await Group.objects.create({ name: 'All' })
    const user = await staff([])
    const strong = await permission('library.delete_book')
    await client.post(`/admin/auth/group/${group.id}/change/`, { name: 'All', permissions: [String(strong.id)] })
    await client.post(`${USERS}${user.id}/change/`, {
      email: user.email,
      isActive: 'on',
      isStaff: 'on',
      isSuperuser: 'on',
      groups: [String(group.id)],
    })
    const after = await find(user.email)
    expect([after.isSuperuser, (await after.groups.all()).map(String)]).toEqual([true, ['All']])
    expect([...(await after.permissions())]).toEqual(['library.delete_book'])
  })
})
