/** A project whose tests are run in several files, and what they find. */
import { execFile } from 'node:child_process'
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterAll, beforeEach, expect } from 'vitest'

const root = fileURLToPath(new URL('../../../', import.meta.url))
const folder = mkdtempSync(join(tmpdir(), 'nuages-images-test-'))
const applied = join(folder, 'applied')
/** Images of these runs lie here. */
export const temporary: string = join(folder, 'tmp')
afterAll(() => rmSync(folder, { recursive: true }))

export const migration = (more: string): string => `
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
export const site: string = `
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

export function write(name: string, text: string): void {
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

export interface Outcome {
  /** How often the migrations were applied. */
  readonly applied: number
  /** Schema and rows that each file found. */
  readonly found: readonly string[]
}

/** A run of `node --test`, its files one after another or side by side. */
export async function run(env: Record<string, string>, files = 4, concurrency = 1): Promise<Outcome> {
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
export function expectWorks(found: string, { findsUncommitted = true } = {}): void {
  const { next, matches, deletion } = JSON.parse(found).works
  expect(next).toEqual([3, 4])
  expect(matches).toEqual(findsUncommitted ? ['kept', 'last kept'] : ['kept'])
  expect(deletion).toBe('no')
}

beforeEach(() => {
  write('things/migrations/0001_initial.ts', migration(''))
  for (let i = 0; i < 4; i++) write(`tests-${i}.ts`, site)
})
