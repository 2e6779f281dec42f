/** Migrations and database files that are not as they should be; locks, ports and interruptions. Nothing is lost. */
import { once } from 'node:events'
import { existsSync, mkdirSync, readFileSync } from 'node:fs'
import { createServer } from 'node:net'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest'
import { type Running, start } from '../cli/nuages.ts'
import { copySite, plain, post, raw, type Site, serveSite } from './site.ts'

// Each test starts processes, and a machine may have other work.
vi.setConfig({ testTimeout: 60_000 })

let migrated: Site
beforeAll(async () => {
  migrated = copySite()
  expect((await migrated.run(['migrate'])).code).toBe(0)
}, 60_000)

// Tests run side by side: what they leave is taken away at the end.
const leftovers: (() => unknown)[] = []
afterAll(async () => {
  for (const remove of leftovers.toReversed()) await remove()
  migrated?.remove()
})

function fresh(): Site {
  const site = copySite()
  leftovers.push(() => site.remove())
  return site
}

/** A command that runs until the test says otherwise. */
function background(site: Site, ...args: string[]): Running {
  const running = start(args, { cwd: site.folder, env: { DATABASE_URL: undefined } })
  leftovers.push(() => running.child.kill('SIGKILL'))
  return running
}

const STACK = /^ +at /m

describe.concurrent('migrations', () => {
  test('that are not applied are told by check, serve and dev, and check makes no file', async () => {
    const site = fresh()
    const { code, out } = await site.run(['check'])
    expect([code, out]).toEqual([
      0,
      expect.stringMatching(
        /^warning migrations\.W001\n +6 migrations are not applied \(.*\n +Run: npx nuages migrate$/m,
      ),
    ])
    expect(existsSync(join(site.folder, 'site.sqlite3'))).toBe(false)
    for (const command of [['serve'], ['dev', '--no-prepare']]) {
      const running = background(site, ...command, '--port', '0')
      await running.until(/6 migrations are not applied \(.*\)\.\s+Run: npx nuages migrate/)
      running.child.kill('SIGTERM')
      await running.ended
    }
  })

  test('that are missing are told by check, with what they would do', async () => {
    const site = fresh()
    site.edit('library/models.ts', 'maxLength: 200', 'maxLength: 300')
    const { out } = await site.run(['check'])
    expect(out).toMatch(
      /^warning migrations\.W002\n[\s\S]*library: Alter field title of Book\n +Run: npx nuages migrate --make$/m,
    )
    expect((await site.run(['makemigrations', '--check'])).code).toBe(1)
  })

  const leaf =
    "import { migration } from 'nuages/db/migrations'\nexport default migration({ dependencies: [['library', '0001_initial']], operations: [] })\n"
  test('that end in two branches stop migrate, and are told by check', async () => {
    const site = fresh()
    for (const name of ['0002_a', '0002_b']) site.write(`library/migrations/${name}.ts`, leaf)
    const check = await site.run(['check'])
    expect([check.code, check.out]).toEqual([
      1,
      expect.stringMatching(/^error migrations\.E001 library\n {2}Migrations of library end in several branches/m),
    ])
    const migrate = await site.run(['migrate'])
    expect(migrate.err).toBe(
      'MigrationGraphError migrations.conflict: Migrations of library end in several branches: 0002_a, 0002_b.\nJoin them: nuages makemigrations library --merge\n',
    )
  })

  test.for([
    [
      'a syntax error',
      'x y z',
      /^MigrationFileError migrations\.cannot-import: The migration .*0002_x\.ts cannot be read:\n.*0002_x\.ts:1\nx y z/,
    ],
    [
      'another export',
      'export const x = 1',
      /^MigrationFileError migrations\.not-a-migration: .*0002_x\.ts has no migration as its default/,
    ],
    [
      'a dependency as text',
      leaf.replace("[['library', '0001_initial']]", "['library.0001_initial']"),
      /names what it depends on as text[\s\S]*\["library","0001_initial"\]/,
    ],
    [
      'a dependency that is not there',
      leaf.replace('0001_initial', '0001_inital'),
      /^MigrationGraphError migrations\.missing-dependency: .*library\.0001_inital/,
    ],
  ] as const)('that cannot be read are named: %s', async ([, text, says]) => {
    const site = fresh()
    site.write('library/migrations/0002_x.ts', text)
    const { code, err } = await site.run(['migrate'])
    expect([code, err]).toEqual([1, expect.stringMatching(says)])
    expect(err).not.toMatch(STACK)
  })
})

describe.concurrent('a database file', () => {
  const refused = async (url: string, says: RegExp, prepare?: (site: Site) => void) => {
    const site = fresh()
    prepare?.(site)
    const migrate = await site.run(['migrate'], { DATABASE_URL: url })
    expect([migrate.code, migrate.err]).toEqual([1, expect.stringMatching(says)])
    expect(migrate.err).not.toMatch(STACK)
    // check tells the same, or that nothing is applied where the file can still be made.
    const check = await site.run(['check'], { DATABASE_URL: url })
    expect([check.code, check.out]).toEqual([0, expect.stringMatching(/migrations\.W00[13]/)])
    return site
  }

  test('that is text is refused, and stays as it is', async () => {
    const site = await refused(
      'sqlite:./notes.txt',
      /^OperationalError db\.not-a-database: .*notes\.txt is not an SQLite/,
      (each) => each.write('notes.txt', 'my notes\n'.repeat(100)),
    )
    expect(readFileSync(join(site.folder, 'notes.txt'), 'utf8')).toBe('my notes\n'.repeat(100))
  })

  test('that is a folder is refused', () =>
    refused('sqlite:./library', /^OperationalError db\.cannot-open: .*\/library is not a file\.\n/))

  test('in a folder that is not there is refused, with the command that makes it', () =>
    refused(
      'sqlite:./no/such/x.sqlite3',
      /^OperationalError db\.cannot-open: .*there is no folder .*\/no\/such\.\nMake the folder/,
    ))

  test('below a file is refused', () =>
    refused(
      'sqlite:./settings.ts/x.sqlite3',
      /^OperationalError db\.cannot-open: .*settings\.ts is a file, not a folder\.\n/,
    ))

  test.for(['/proc/x.sqlite3', '/proc/version'])(
    'that even root cannot write is refused, by its name: %s',
    async (path) => {
      await refused(`sqlite:${path}`, new RegExp(`^OperationalError db\\.(cannot-open|read-only): .*${path}`))
    },
  )

  test('that cannot be opened does not keep serve from starting, and pages say no more than that', async () => {
    const site = fresh()
    mkdirSync(join(site.folder, 'site.sqlite3'))
    const served = await serveSite(site)
    leftovers.push(() => served.stop())
    expect(served.log()).toContain('db.cannot-open')
    expect((await raw(served.port, plain('GET', '/'))).status).toBe(200)
    const { status, text } = await raw(served.port, plain('GET', '/search/'))
    expect([status, text]).toEqual([500, expect.not.stringContaining('sqlite')])
    expect(served.log()).toMatch(/OperationalError db\.cannot-open: .*site\.sqlite3 is not a file/)
  })
})

describe('while another process writes', () => {
  test('reading goes on, and writing is a 503 after a while that says who to look for', async () => {
    migrated.edit(
      'settings.ts',
      "env.database('DATABASE_URL', 'sqlite:./site.sqlite3')",
      "{ engine: 'sqlite', url: 'sqlite:./site.sqlite3', lockTimeout: 300 }",
    )
    const served = await serveSite(migrated)
    leftovers.push(() => served.stop())
    const holder = background(migrated, 'hold', '60000')
    await holder.until(/holding/)
    expect((await raw(served.port, plain('GET', '/search/'))).status).toBe(200)
    const body = JSON.stringify({ book: { title: 'x', author: 1 } })
    const { status, text } = await raw(
      served.port,
      post('/add/', 'application/json', body, 'Accept: application/json\r\n'),
    )
    expect([status, text]).toEqual([503, expect.not.stringContaining('sqlite')])
    expect(served.log()).toMatch(/OperationalError db\.locked: Another process kept the database .* locked for/)
    const other = await migrated.run(['shell', '-c', "await Author.objects.create({ name: 'x' })"])
    expect([other.code, other.err]).toEqual([
      1,
      expect.stringMatching(/^OperationalError db\.locked: .*\nFind the process/),
    ])

    // Ctrl-C: what was written in the transaction is gone, and others go on.
    holder.child.kill('SIGINT')
    await holder.ended
    const after = await migrated.run(['shell', '-c', "await Author.objects.filter({ name: 'Held' }).count()"])
    expect(after).toEqual({ code: 0, out: '0\n', err: '' })
    expect((await migrated.run(['shell', '-c', "void await Author.objects.create({ name: 'y' })"])).code).toBe(0)
  })
})

test('a migration stopped in the middle leaves nothing of itself, and migrate goes on after it', async () => {
  const site = fresh()
  const running = background(site, 'migrate')
  await running.until(/Applying library\.0001_initial/)
  running.child.kill('SIGINT')
  await running.ended
  const again = await site.run(['migrate'])
  expect([again.code, again.err]).toEqual([0, ''])
  expect((await site.run(['check'])).out).toBe('No problems found.\n')
})

test('a port in use is told by serve and dev, with what to do', async () => {
  const holder = createServer().listen(0, '127.0.0.1')
  await once(holder, 'listening')
  leftovers.push(() => holder.close())
  const { port } = holder.address() as { port: number }
  for (const command of ['serve', 'dev']) {
    const { code, err } = await migrated.run([command, '--port', String(port)])
    expect([code, err]).toEqual([
      1,
      expect.stringMatching(/^\w+Error (http|cli)\.port-in-use: Port \d+ .*in use.*\n.*--port/m),
    ])
    expect(err).not.toMatch(STACK)
  }
})
