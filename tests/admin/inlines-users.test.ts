import { defineSettings } from 'nuages'
import { admin } from 'nuages/admin'
import { auth, ContentType, createUser, Permission } from 'nuages/auth'
import { testSite } from 'nuages/testing'
import * as runner from 'vitest'
import { beforeEach, describe, expect, test } from 'vitest'
import { people, Team, User } from './inlines-project/people/app.ts'

const settings = defineSettings({
  // No page of the admin may ask the same again and again.
  repeatedQueries: { action: 'error', threshold: 4 },
  root: import.meta.url,
  secretKey: 'a key of a project for tests only, which is long enough',
  databases: { default: 'sqlite:./unused.sqlite3' },
  apps: [auth, admin, people],
  urls: () => import('./project/urls.ts'),
})
const site = testSite(settings, runner)

async function staff(names: readonly string[], team: Team) {
  const user = await createUser({ email: 'staff@example.org', password: 'long enough', isStaff: true, team } as never)
  const type = async (model: string) => ContentType.objects.get({ appLabel: 'people', model })
  const found = names.map(async (name) => {
    const codename = name.split('.')[1]!
    return Permission.objects.get({ contentType: await type(codename.split('_')[1]!), codename })
  })
  await user.userPermissions.set(await Promise.all(found))
  return user
}
const as = (user: Awaited<ReturnType<typeof staff>>) => site.login(user, site.visitor())
const shownIn = (html: string, name: string) => (html.includes(`name="${name}"`) ? name : null)
const rows = (prefix: string, list: readonly Record<string, unknown>[]) => ({
  [`${prefix}-TOTAL_FORMS`]: String(list.length),
  [`${prefix}-INITIAL_FORMS`]: '0',
  ...Object.fromEntries(
    list.flatMap((row, index) =>
      Object.entries(row).map(([name, value]) => [`${prefix}-${index}-${name}`, String(value)]),
    ),
  ),
})

describe('accounts among the rows', () => {
  const may = ['people.view_team', 'people.change_team', 'people.view_user', 'people.change_user', 'people.delete_user']
  let team: Team
  let boss: User
  beforeEach(async () => {
    team = await Team.objects.create({ name: 'Ops' })
    boss = await User.objects.create({ email: 'boss@example.org', isSuperuser: true, isStaff: true, team })
  })
  const page = () => `/admin/people/team/${team.id}/change/`
  const members = (list: Record<string, unknown>[]) => ({ name: 'Ops', ...rows('members', list) })

  test('attack: nobody makes themselves a superuser', async () => {
    const user = await staff(may, team)
    const visitor = await as(user)
    const { body: html } = await visitor.get(page())
    expect(html).not.toMatch(/name="members-\d-isSuperuser"/)
    const mine = { id: user.id, email: 'staff@example.org', isActive: 'on', isStaff: 'on', isSuperuser: 'on' }
    await visitor.post(page(), members([mine]))
    expect((await User.objects.get({ email: 'staff@example.org' })).isSuperuser).toBe(false)
  })

  test('attack: an account with more rights is neither changed nor deleted', async () => {
    const visitor = await as(await staff(may, team))
    expect(shownIn((await visitor.get(page())).body, 'members-0-email')).toBeNull()
    await visitor.post(page(), members([{ id: boss.id, email: 'mine@example.org', isActive: 'on' }]))
    const refused = await visitor.post(page(), members([{ id: boss.id, email: 'boss@example.org', DELETE: 'on' }]))
    expect(refused.body).toContain('You may not delete this.')
    expect((await User.objects.get({ id: boss.id })).email).toBe('boss@example.org')
  })
})
