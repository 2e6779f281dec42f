// The user model is extended like any other; it is swapped after the first migration by one command. The same history
// makes a new database and brings on one that has rows.
import { rmSync } from 'node:fs'
import { join } from 'node:path'
import { char, email, foreignKey, manyToMany, text } from 'nuages/db'
import { afterEach, beforeEach, expect, test } from 'vitest'
import sqlmigrate from '../../src/db/commands/sqlmigrate.ts'
import { SWAPPABLE } from '../../src/db/internal.ts'
import { rows, run, schema } from './history.ts'
import { call, closeProject, make, migrate, openProject, project, read, root } from './project.ts'

beforeEach(openProject)
afterEach(closeProject)

const cascade = { onDelete: 'cascade' } as const
/** A label stands for a model that is no class here. */
const to = (label: string) => label as never
const user = { email: email({ unique: true }) }

/** An app shared between projects knows the user by `userModel` alone. */
const blog = (label: string) => ({
  Post: {
    fields: {
      title: text(),
      author: () => foreignKey(to(label), cascade),
      readers: () => manyToMany(to(label)),
    },
  },
})

function site(label: 'accounts.User' | 'accounts.Member' | 'people.Person', fields: object = user, more: object = {}) {
  const [app, name] = label.split('.') as [string, string]
  const apps = {
    accounts: {},
    people: {},
    [app]: { [name]: { fields: { ...fields, friends: () => manyToMany(to(label)) } } },
  }
  const made = project({ ...apps, blog: blog(label), ...more }, { user: label })
  const model = made.apps.apps.find((each) => each.name === app)!.models[name]!
  Object.defineProperty(model, SWAPPABLE, { value: 'auth.User', configurable: true })
  return made
}

async function fill() {
  await run("insert into accounts_user (email) values ('ada@example.com')")
  await run("insert into blog_post (title, author_id) select 'One', id from accounts_user")
  await run('insert into blog_post_readers (post_id, user_id) select p.id, u.id from blog_post p, accounts_user u')
}

test.each([
  ['people.Person', 'accounts.User:people.Person', 'people_person', 'person_id'],
  ['accounts.Member', 'accounts.User:Member', 'accounts_member', 'member_id'],
] as const)(
  'MIG-01 the user model becomes %s by one command: rows are kept, and a new database is made',
  async (label, rename, table, column) => {
    await make(site('accounts.User'))
    expect(read('0001_initial.ts', 'blog')).toContain('fields.foreignKey(userModel')
    await migrate(site('accounts.User'))
    await fill()
    const extended = { ...user, nick: char({ maxLength: 20, default: '' }) }
    const swapped = () => site(label, extended)
    const made = await make(swapped(), { rename: [rename], drop: [] })
    expect(made.text).toMatch(/Add field nick/)
    expect((await make(swapped(), { drop: [] })).text).toBe('No changes.\n')

    await migrate(swapped())
    expect(await rows(`select email, nick from ${table}`)).toEqual([['ada@example.com', '']])
    expect(await rows(`select u.email from blog_post p join ${table} u on u.id = p.author_id`)).toEqual([
      ['ada@example.com'],
    ])
    expect(await rows(`select u.email from blog_post_readers r join ${table} u on u.id = r.${column}`)).toEqual([
      ['ada@example.com'],
    ])
    await run(`insert into ${table} (email, nick) values ('bob@example.com', 'bob')`)
    const reached = await schema()
    expect(reached.map(({ name }) => name)).not.toContain('accounts_user')

    // Back to where it was, with the rows, and to nothing.
    const app = label.split('.')[0]!
    await migrate(swapped(), {}, { app, migration: app === 'people' ? 'zero' : '0001' })
    expect(await rows('select email from accounts_user order by email')).toEqual([
      ['ada@example.com'],
      ['bob@example.com'],
    ])
    await migrate(swapped(), {}, { app: 'blog', migration: 'zero' })
    await migrate(swapped(), {}, { app: 'accounts', migration: 'zero' })
    expect(await schema()).toEqual([])

    // From nothing to the same.
    await migrate(swapped())
    expect(sorted(await schema())).toEqual(sorted(reached))
  },
)

const sorted = (tables: Awaited<ReturnType<typeof schema>>) => [...tables].sort((a, b) => (a.name < b.name ? -1 : 1))

test('MIG-01 what names the user after the move waits for the move', async () => {
  const shop = { shop: { Order: { fields: { buyer: () => foreignKey(to('people.Person'), cascade) } } } }
  await make(site('accounts.User'))
  await make(site('people.Person'), { rename: ['accounts.User:people.Person'], drop: [] })
  await make(site('people.Person', user, shop), { drop: [] })
  expect(read('0001_initial.ts', 'shop')).toContain("['people', '0001_initial']")
})

test('MIG-01 sqlmigrate prints what the move does to tables that refer to the user, as migrate does it here', async () => {
  await make(site('accounts.User'))
  await migrate(site('accounts.User'))
  const swapped = site('people.Person')
  await make(swapped, { rename: ['accounts.User:people.Person'], drop: [] })
  // The join table's column changes its name, though the migration does not depend on the app that has it.
  const printed = async (backwards: boolean) => {
    const options = { database: 'default', backwards }
    return (await call(sqlmigrate, swapped, { app: 'people', migration: '0001' }, options)).text
  }
  expect(await printed(false)).toMatch(/blog_post_readers.*person_id/s)
  await migrate(swapped)
  expect(await printed(false)).toMatch(/blog_post_readers.*person_id/s)
  expect(await printed(true)).toMatch(/blog_post_readers.*user_id/s)
})

const account = { ...user, password: text(), lastLogin: text(), isSuperuser: text() }
const beside = (label: 'accounts.User' | 'people.Person') =>
  project(
    { accounts: { User: { fields: account } }, people: { Person: { fields: account } }, blog: blog(label) },
    { user: label },
  )

test('MIG-01 a setting that names a second user model while the first is there is told, with both and the rename', async () => {
  const first = site('accounts.User', account)
  await make(first)
  await migrate(first)
  await expect(make(beside('people.Person'), { drop: [] })).rejects.toMatchObject({
    code: 'migrations.no-user-model',
    message:
      'The user model people.Person is in no migration yet, and accounts.User, which was the user model, is still there.',
    hint: expect.stringContaining('nuages makemigrations --rename accounts.User:people.Person'),
  })
})

test('MIG-01 a user model that others were applied without is told as such, not as a migration to fake', async () => {
  const first = site('accounts.User')
  await make(first)
  await migrate(first)
  const second = site('people.Person')
  await make(second, { noRenames: true })
  await expect(migrate(second)).rejects.toMatchObject({
    code: 'migrations.inconsistent-history',
    message:
      'blog.0001_initial is applied and refers to the user model, but people.0001_initial, which makes people.Person, is not applied.',
    hint: expect.stringContaining('makemigrations --rename'),
  })
})

test('MIG-01 a user model that is in no migration is named before anything is applied, with what to run', async () => {
  await make(site('accounts.User'))
  rmSync(join(root, 'accounts/migrations'), { recursive: true })
  await expect(migrate(site('accounts.User'))).rejects.toMatchObject({
    code: 'migrations.no-user-model',
    message: 'The user model accounts.User is in no migration yet, and others refer to it.',
    hint: 'Write it: nuages migrate --make',
  })
  expect(await schema()).toEqual([])
  await migrate(site('accounts.User'), { make: true, drop: [] })
  expect(await rows('select count(*) from accounts_user')).toEqual([[0]])
})
