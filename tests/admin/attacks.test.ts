/** Attacks on accounts and their rights by way of rows that go with another one, and on what is not shown. */
import { defineApp, defineSettings } from 'nuages'
import { action, admin, inline, LogEntry } from 'nuages/admin'
import { AbstractUser, auth, ContentType, createUser, Group, Permission } from 'nuages/auth'
import { char, foreignKey, Model } from 'nuages/db'
import { testSite } from 'nuages/testing'
import * as runner from 'vitest'
import { beforeEach, describe, expect, test } from 'vitest'

class Team extends Model<Team>()({ name: char({ maxLength: 20 }) }) {}
class Club extends Model<Club>()({
  name: char({ maxLength: 20 }),
  verdict: char({ maxLength: 20, default: '' }),
}) {}
class Member extends Model<Member>()(
  {
    team: () => foreignKey(Team, { onDelete: 'setNull', null: true, blank: true }),
    club: () => foreignKey(Club, { onDelete: 'cascade', null: true, blank: true }),
  },
  { extends: AbstractUser, ordering: ['email'] },
) {}
/** The tables between, which nobody wrote. */
const between = (model: unknown, name: string) =>
  (
    model as { meta: { fields: Map<string, { relation: { through: { model: { prototype: object } } } }> } }
  ).meta.fields.get(name)!.relation.through.model
const staffRoom = defineApp({
  name: 'staffroom',
  root: import.meta.url,
  models: { Team, Club, User: Member },
  admin: async () => {
    admin.unregister(Member) // accounts have no page of their own
    admin.register(Team, { inlines: [inline(Member, { fields: ['email', 'isActive'] })] })
    const close = action(Club, {
      label: 'Close',
      run: async (rows) => void (await rows.update({ name: 'Closed', verdict: 'hunter2' })),
    })
    admin.register(Club, { list: ['name'], fields: ['name'], actions: [close] })
    admin.unregister(Group)
    admin.register(Group, {
      fields: ['name'],
      inlines: [
        inline(between(Member, 'groups'), {} as never),
        inline(between(Group, 'permissions'), {} as never),
      ] as never,
    })
  },
})
const settings = defineSettings({
  // No page of the admin may ask the same again and again.
  repeatedQueries: { action: 'error', threshold: 4 },
  root: import.meta.url,
  secretKey: 'a key of a project for tests only, which is long enough',
  databases: { default: 'sqlite:./unused.sqlite3' },
  apps: [auth, admin, staffRoom],
  urls: () => import('./project/urls.ts'),
})
const site = testSite(settings, runner)

async function right(name: string): Promise<Permission> {
  const [appLabel, codename] = name.split('.') as [string, string]
  const contentType = await ContentType.objects.get({ appLabel, model: codename.split('_')[1]! })
  return Permission.objects.get({ contentType, codename })
}
async function staff(...names: string[]) {
  const user = await createUser({ email: 'staff@example.org', password: 'long enough', isStaff: true } as never)
  await user.userPermissions.set(await Promise.all(names.map(right)))
  return user
}
const as = (user: Awaited<ReturnType<typeof staff>>) => site.login(user, site.visitor())
const rows = (prefix: string, row: Record<string, unknown>) => ({
  [`${prefix}-TOTAL_FORMS`]: '1',
  [`${prefix}-INITIAL_FORMS`]: '0',
  ...Object.fromEntries(Object.entries(row).map(([name, value]) => [`${prefix}-0-${name}`, String(value)])),
})

test('attack: an account that may more is not taken over where accounts are rows of another page only', async () => {
  const team = await Team.objects.create({ name: 'Ops' })
  const boss = await Member.objects.create({ email: 'boss@example.org', isSuperuser: true, isStaff: true, team })
  const visitor = await as(await staff('staffroom.change_team', 'staffroom.change_user', 'staffroom.delete_user'))
  const send = (more: object) =>
    visitor.post(`/admin/staffroom/team/${team.id}/change/`, {
      name: 'Ops',
      ...rows('user', { id: boss.id, ...more }),
      ...rows('member', { id: boss.id, ...more }),
    })
  await send({ email: 'mine@example.org', isActive: 'on' })
  expect((await Member.objects.get({ id: boss.id })).email).toBe('boss@example.org')
  await send({ email: 'boss@example.org', DELETE: 'on' })
  expect(await Member.objects.filter({ id: boss.id }).exists()).toBe(true)
})

test('attack: an account that may more does not go with a row that is deleted', async () => {
  const club = await Club.objects.create({ name: 'Chess' })
  const boss = await Member.objects.create({ email: 'boss@example.org', isSuperuser: true, club })
  const visitor = await as(await staff('staffroom.delete_club', 'staffroom.delete_user', 'staffroom.view_club'))
  await visitor.post(`/admin/staffroom/club/${club.id}/delete/`, { confirm: 'yes' })
  await visitor.post('/admin/staffroom/club/', { _action: '~delete', _selected: [String(club.id)], _confirmed: '1' })
  expect(await Member.objects.filter({ id: boss.id }).exists()).toBe(true)
})

test('attack: the history of an action tells no value of a column that no page shows', async () => {
  const club = await Club.objects.create({ name: 'Chess', verdict: 'secret' })
  const visitor = await as(await staff('staffroom.change_club'))
  await visitor.post('/admin/staffroom/club/', { _action: 'Close', _selected: [String(club.id)] })
  const { body } = await visitor.get(`/admin/staffroom/club/${club.id}/history/`)
  expect(body).toContain('Close: Changed name, verdict')
  expect(body).toContain('Chess')
  const [entry] = await LogEntry.objects.all()
  expect(body + entry!.changeMessage).not.toMatch(/hunter2|secret"/)
})

describe('tables between accounts, groups and permissions', () => {
  let group: Group
  let user: Awaited<ReturnType<typeof staff>>
  beforeEach(async () => {
    group = await Group.objects.create({ name: 'All powerful' })
    await group.permissions.set([await right('auth.delete_group')])
    user = await staff('auth.change_group', 'staffroom.view_user', 'staffroom.change_user', 'auth.view_permission')
  })
  const address = () => `/admin/auth/group/${group.id}/change/`

  test('attack: nobody puts themselves into a group that may more', async () => {
    const visitor = await as(user)
    const page = await visitor.get(address())
    const prefixes = [...page.body.matchAll(/name="([\w-]+)-TOTAL_FORMS"/g)].map(([, prefix]) => prefix!)
    const sets = ['groups', 'user_groups', 'member_groups', 'users', 'userSet', ...prefixes]
    const sent = sets.map((prefix) => rows(prefix, { user: user.id, member: user.id }))
    await visitor.post(address(), Object.assign({ name: 'All powerful' }, ...sent))
    expect(await user.groups.count()).toBe(0)
  })

  test('attack: nobody gives a group of theirs a right they do not have', async () => {
    const own = await Group.objects.create({ name: 'Own' })
    await user.groups.set([own])
    const visitor = await as(user)
    const url = `/admin/auth/group/${own.id}/change/`
    const page = await visitor.get(url)
    const prefixes = [...page.body.matchAll(/name="([\w-]+)-TOTAL_FORMS"/g)].map(([, prefix]) => prefix!)
    const { id } = await right('auth.delete_group')
    await visitor.post(
      url,
      Object.assign({ name: 'Own' }, ...['group_permissions', ...prefixes].map((p) => rows(p, { permission: id }))),
    )
    expect(await own.permissions.count()).toBe(0)
  })

  test('a superuser may use them', async () => {
    const root = await createUser({
      email: 'r@example.org',
      password: 'long enough',
      isStaff: true,
      isSuperuser: true,
    } as never)
    const visitor = await as(root)
    const page = await visitor.get(address())
    const prefixes = [...page.body.matchAll(/name="([\w-]+)-TOTAL_FORMS"/g)].map(([, prefix]) => prefix!)
    await visitor.post(
      address(),
      Object.assign({ name: 'All powerful' }, ...prefixes.map((p) => rows(p, { user: user.id }))),
    )
    expect([prefixes.length, await user.groups.count()]).toEqual([2, 1])
  })
})
