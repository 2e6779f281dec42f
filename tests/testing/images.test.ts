/** Runs of several files: the migrations of a project are applied once, its other databases are copies. */
import { execFile } from 'node:child_process'
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterAll, beforeEach, describe, expect, test } from 'vitest'
import { backendOf } from '../../src/db/internal.ts'
import { currentRun, isAlive } from '../../src/testing/images.ts'

const root = fileURLToPath(new URL('../../', import.meta.url))
const folder = mkdtempSync(join(tmpdir(), 'nuages-images-test-'))
const applied = join(folder, 'applied')
/** Images of these runs lie here. */
const temporary = join(folder, 'tmp')
afterAll(() => rmSync(folder, { recursive: true }))

const migration = (more: string) => `
import { appendFileSync } from 'node:fs'
import { addIndex, addTrigger, createModel, fields, index, migration, runCode, runSql, trigger } from 'nuages/db/migrations'
export default migration({
  dependencies: [],
  operations: [
    createModel('Shelf', { id: fields.autoId(), name: fields.char({ maxLength: 50 }) }),
    createModel('Book', {
      id: fields.autoId(),
      shelf: fields.foreignKey('things.Shelf', { onDelete: 'cascade' }),
      title: fields.char({ maxLength: 50, unique: true }),
      length: fields.integer({ default: 3 }),
    }),
    runSql("INSERT INTO things_shelf (name) VALUES ('a\\\\b')"),
    runSql("INSERT INTO things_book (shelf_id, title, length) VALUES (1, 'kept', 3), (1, 'gone', 3)"),
    runSql("DELETE FROM things_book WHERE title = 'gone'"),
    addIndex('Book', index(['title'], { method: 'fulltext', name: 'book_search' })),
    addTrigger('Book', trigger({ name: 'book_kept', when: 'before', on: ['delete'], do: { t: 'refuse', message: 'no' } })),
    runCode(() => appendFileSync(process.env.APPLIED, 'x')),
    ${more}
  ],
})
`
const site = `
import { appendFileSync } from 'node:fs'
import * as runner from 'node:test'
import { atomic } from 'nuages/db'
import { database } from '${root}src/db/internal.ts'
import { migrationDatabase } from '${root}src/db/migrations/internal.ts'
import { testSite } from 'nuages/testing'
import settings from './settings.ts'
import { Book } from './things/models.ts'
const options = process.env.DATABASES === 'file' ? { databases: 'file' } : {}
testSite(settings, runner, { ...options, replay: process.env.REPLAY === '1' })
runner.test('what there is', async () => {
  const open = migrationDatabase('default')
  const tables = (await open.tables()).sort()
  const schema = []
  for (const table of tables) schema.push(await open.table(table))
  const rows = {}
  for (const table of tables) {
    if (table === 'nuages_migrations') continue // says when
    const sql = 'SELECT * FROM ' + database('default').backend.compiler.quote(table) + ' ORDER BY 1'
    rows[table] = await open.query(sql)
  }
  const next = []
  for (const title of ['next', 'last kept']) next.push((await Book.objects.create({ shelf: 1, title })).id)
  const matches = await Book.objects.filter({ title__search: 'kept' }).orderBy('id').valuesList('title', { flat: true }).list()
  const deletion = await atomic(() => Book.objects.delete()).then(() => 'deleted', ({ message }) => message)
  const works = { next, matches, deletion }
  const found = JSON.stringify({ schema, rows, works }, (_, value) => typeof value === 'bigint' ? String(value) : value)
  appendFileSync(process.env.FOUND, found + '\\n')
})
`

function write(name: string, text: string): void {
  const path = join(folder, name)
  mkdirSync(join(path, '..'), { recursive: true })
  writeFileSync(path, text)
}

write('package.json', '{ "type": "module" }')
mkdirSync(join(folder, 'node_modules'))
mkdirSync(temporary)
symlinkSync(root, join(folder, 'node_modules', 'nuages'))
write('urls.ts', "import { routes } from 'nuages/urls'\nexport const urls = routes({})\nexport const views = {}\n")
write(
  'things/models.ts',
  `import { char, foreignKey, index, integer, Model } from 'nuages/db'
export class Shelf extends Model<Shelf>()({ name: char({ maxLength: 50 }) }) {}
export class Book extends Model<Book>()({
  shelf: () => foreignKey(Shelf, { onDelete: 'cascade' }),
  title: char({ maxLength: 50, unique: true }),
  length: integer({ default: 3 }),
}, { indexes: [index(['title'], { method: 'fulltext', name: 'book_search' })] }) {}`,
)
write(
  'things/app.ts',
  `import { defineApp } from 'nuages'
import * as models from './models.ts'
export default defineApp({ name: 'things', root: import.meta.url, models })`,
)
// Without migrations: tests make up for them.
write(
  'accounts/models.ts',
  `import { AbstractUser } from 'nuages/auth'
import { Model } from 'nuages/db'
export class User extends Model<User>()({}, { extends: AbstractUser }) {}`,
)
write(
  'accounts/app.ts',
  `import { defineApp } from 'nuages'
import * as models from './models.ts'
export default defineApp({ name: 'accounts', root: import.meta.url, models })`,
)
write(
  'settings.ts',
  `import { defineSettings } from 'nuages'
import { auth } from 'nuages/auth'
import accounts from './accounts/app.ts'
import things from './things/app.ts'
export default defineSettings({
  root: import.meta.url, secretKey: 'x'.repeat(50), apps: [auth, accounts, things], databases: { default: 'sqlite::memory:' }, urls: () => import('./urls.ts'),
})`,
)

interface Outcome {
  /** How often the migrations were applied. */
  readonly applied: number
  /** Schema and rows that each file found. */
  readonly found: readonly string[]
}

/** A run of `node --test`, its files one after another or side by side. */
async function run(env: Record<string, string>, files = 4, concurrency = 1): Promise<Outcome> {
  rmSync(applied, { force: true })
  const found = join(folder, 'found')
  rmSync(found, { force: true })
  // A run of these tests on a server names it; each run here is on the database that its test says.
  const { NODE_TEST_CONTEXT: _, VITEST: __, NUAGES_TEST_DATABASE: ___, ...inherited } = process.env
  const names = Array.from({ length: files }, (_, i) => `tests-${i}.ts`)
  const args = [
    '--conditions=nuages-source',
    '--test',
    `--test-concurrency=${concurrency}`,
    '--test-reporter=tap',
    ...names,
  ]
  const output = await new Promise<string>((resolve) =>
    execFile(
      process.execPath,
      args,
      {
        cwd: folder,
        env: { ...inherited, NODE_OPTIONS: '', TMPDIR: temporary, APPLIED: applied, FOUND: found, ...env },
      },
      (_error, stdout, stderr) => resolve(stdout + stderr),
    ),
  )
  expect(output).toContain('# fail 0')
  expect(output).toContain(`# pass ${files}`)
  return {
    applied: existsSync(applied) ? readFileSync(applied, 'utf8').length : 0,
    found: readFileSync(found, 'utf8').trim().split('\n'),
  }
}

/**
 * What a copy does: keys go on behind the row that is gone, too; rows that were copied are found by their words, and new
 * ones; a trigger refuses.
 */
function expectWorks(found: string, { findsUncommitted = true } = {}) {
  const { next, matches, deletion } = JSON.parse(found).works
  expect(next).toEqual([3, 4])
  expect(matches).toEqual(findsUncommitted ? ['kept', 'last kept'] : ['kept'])
  expect(deletion).toBe('no')
}

beforeEach(() => {
  write('things/migrations/0001_initial.ts', migration(''))
  for (let i = 0; i < 4; i++) write(`tests-${i}.ts`, site)
})

const servers = {
  postgres: process.env.TEST_ENGINE === 'postgres' ? process.env.POSTGRES_URL : undefined,
  mysql: process.env.TEST_ENGINE === 'mysql' ? process.env.MYSQL_URL : undefined,
}
const hasBytes = 'deserialize' in process.getBuiltinModule('node:sqlite').DatabaseSync.prototype

describe.skipIf(!hasBytes).each(['memory', 'file'])('on SQLite (%s)', { timeout: 180_000 }, (DATABASES) => {
  test('migrations are applied once in a run, and all files find what they would have made', async () => {
    const replayed = await run({ DATABASES, REPLAY: '1' }, 2)
    expect(replayed.applied).toBe(2)
    const cloned = await run({ DATABASES }, 3)
    expect(cloned.applied).toBe(1)
    expect(new Set([...replayed.found, ...cloned.found]).size).toBe(1)
    expectWorks(cloned.found[0]!)
  })
})

test('on PGlite, which can keep none, each file applies its migrations', { timeout: 120_000 }, async () => {
  const { applied, found } = await run({ NUAGES_TEST_DATABASE: 'pglite::memory:' }, 3)
  expect([applied, new Set(found).size]).toEqual([3, 1])
})

describe.each(Object.entries(servers).filter(([, url]) => url))('on %s', { timeout: 300_000 }, (name, url) => {
  const env = { NUAGES_TEST_DATABASE: url! }
  test('the second file makes the image, and all files find what migrations would have made', async () => {
    const replayed = await run({ ...env, REPLAY: '1' }, 2)
    expect(replayed.applied).toBe(2)
    const cloned = await run(env, 4)
    // The first to be done may be the only one: it makes none. The third and the fourth are copies.
    expect(cloned.applied).toBe(2)
    expect(new Set([...replayed.found, ...cloned.found]).size).toBe(1)
    expectWorks(cloned.found[0]!, { findsUncommitted: name !== 'mysql' }) // InnoDB indexes words at the commit
  })

  test('a run removes the images of those that have ended', async () => {
    const config = { engine: new URL(url!).protocol.replace(':', ''), url: url! }
    const { siblings } = (await backendOf(config)).testDatabase!(config, 'any')
    await run(env, 2)
    const before = await siblings!('nuages_image_')
    await run(env, 2)
    const after = await siblings!('nuages_image_')
    expect(before.filter((name) => after.includes(name) && !isAlive(name.split('_').slice(3).join('_')))).toEqual([])
  })
})

describe.skipIf(!hasBytes)('a run', { timeout: 180_000 }, () => {
  test('whose files begin at the same time finds the same in all', async () => {
    const { applied: times, found } = await run({}, 4, 4)
    expect(times).toBeGreaterThan(0)
    expect(new Set(found).size).toBe(1)
  })

  test('applies a migration again that changed meanwhile', async () => {
    const changed = migration(`runSql("INSERT INTO things_shelf (name) VALUES ('new')"),`)
    // The second file is written anew by the first, after its own site has begun.
    write(
      'tests-0.ts',
      `${site}\nrunner.after(() => writeFileSync('things/migrations/0001_initial.ts', ${JSON.stringify(changed)}))\nimport { writeFileSync } from 'node:fs'`,
    )
    const { applied: times, found } = await run({}, 3)
    expect(times).toBe(2)
    expect(new Set(found).size).toBe(2)
    expect(found[1]).toContain('new')
    expect(found[2]).toBe(found[1])
  })

  test('applies them in each file where it is told to', async () => {
    expect((await run({ NUAGES_TEST_REPLAY: '1' }, 2)).applied).toBe(2)
  })

  test('removes what others left that have ended, and leaves those that go on', async () => {
    await run({}, 2)
    const runs = join(temporary, readdirSync(temporary).find((name) => name.startsWith('nuages-images-'))!)
    const [ended] = readdirSync(runs)
    const own = currentRun()!
    mkdirSync(join(runs, own))
    await run({}, 2)
    expect(readdirSync(runs)).toContain(own)
    expect(readdirSync(runs)).not.toContain(ended)
  })
})

test('a process alone, or one whose files change, is no run', () => {
  expect(currentRun({})).toBeNull()
  expect(currentRun({ VITEST: 'true', VITEST_MODE: 'WATCH' })).toBeNull()
  expect(currentRun({ NODE_TEST_CONTEXT: 'child-v8', WATCH_REPORT_DEPENDENCIES: '1' })).toBeNull()
  expect(currentRun({ NODE_TEST_CONTEXT: 'child-v8', NUAGES_TEST_REPLAY: '1' })).toBeNull()
  const run = currentRun({ VITEST: 'true' })!
  expect(isAlive(run)).toBe(true)
  expect(isAlive(`${run.split('_')[0]}_00000000`)).toBe(false)
})
