/** `migrate --lint` as people call it: what it prints and as what it ends; of a whole history, as JSON, and with what was reviewed. */
import { afterEach, beforeEach, expect, test } from 'vitest'
import { createOutput } from '../../src/cli/output.ts'
import migrateCommand from '../../src/db/commands/migrate.ts'
import { lintFindings } from '../../src/db/migrations/internal.ts'
import { library, pages, two } from './books.ts'
import { closeProject, migrate, openProject, write } from './project.ts'

beforeEach(openProject)
afterEach(closeProject)

const goes = (operation: string) => `
import { migration, removeField, reviewed } from 'nuages/db/migrations'
export default migration({ dependencies: [['library', '0002_book_pages']], operations: [${operation}] })
`
const REMOVE = "removeField('Book', 'pages')"

test('a risk ends with 1, one that was reviewed with 0, and nothing changes', async () => {
  await two()
  await migrate(library(pages))
  expect(await migrate(library(), { lint: true })).toMatchObject({
    code: 0,
    text: 'Nothing to say of these migrations.\n',
  })
  write('0003_goes.ts', goes(REMOVE))
  const risk = await migrate(library(), { lint: true })
  expect(risk.code).toBe(1)
  expect(risk.text).toMatch(
    /^risk library.0003_goes: Remove field pages from Book\n {2}library_book.pages: .*\n {2}First deploy/,
  )
  expect((await migrate(library(), { check: true })).code).toBe(1)
})

test('what was reviewed is told with its reason, and is no failure', async () => {
  await two()
  await migrate(library(pages))
  write('0003_goes.ts', goes(`reviewed(${REMOVE}, 'no code has read it since May')`))
  const found = await migrate(library(), { lint: true })
  expect(found.code).toBe(0)
  expect(found.text).toContain('\n  reviewed: no code has read it since May\n')
})

test('check --deploy tells of risks that nobody has reviewed, with the migration', async () => {
  await two()
  await migrate(library(pages))
  const findings = () => lintFindings({ apps: library().apps.apps, user: null })
  expect(await findings()).toEqual([])
  write('0003_goes.ts', goes(REMOVE))
  expect(await findings()).toMatchObject([
    {
      level: 'warning',
      id: 'migrations.W004',
      object: 'library.0003_goes',
      message: expect.stringMatching(/^Remove field pages from Book: library_book\.pages/),
      hint: expect.stringContaining('First deploy code without the field'),
    },
  ])
})

test('check --deploy is silent of what was reviewed', async () => {
  await two()
  await migrate(library(pages))
  write('0003_goes.ts', goes(`reviewed(${REMOVE}, 'no code has read it since May')`))
  expect(await lintFindings({ apps: library().apps.apps, user: null })).toEqual([])
})

test('as JSON: one list, the same exit code; alone it means nothing', async () => {
  await two()
  await migrate(library(pages))
  write('0003_goes.ts', goes(REMOVE))
  const { code, text } = await migrate(library(), { lint: true, json: true })
  expect(code).toBe(1)
  expect(JSON.parse(text)).toMatchObject([
    {
      app: 'library',
      migration: '0003_goes',
      change: 'dropColumn',
      table: 'library_book',
      level: 'risk',
      reviewed: null,
    },
  ])
  await expect(migrate(library(), { json: true })).rejects.toMatchObject({ message: expect.stringContaining('--json') })
})

test('a whole history: of an empty database nothing is at risk, unless it is looked at as if there were rows', async () => {
  await two()
  write('0003_goes.ts', goes(REMOVE))
  expect(await migrate(library(), { lint: true })).toMatchObject({ code: 0 })
  const all = await migrate(library(), { lintAll: true, json: true })
  expect(all.code).toBe(1)
  const names = (text: string) => JSON.parse(text).map(({ migration }: { migration: string }) => migration)
  expect(names(all.text)).toContain('0003_goes')
  expect(
    names((await migrate(library(), { lintAll: true, json: true }, { app: 'library', migration: '0001' })).text),
  ).toEqual([])
  await migrate(library(), {}, { app: 'library', migration: '0002' })
  const one = await migrate(library(), { lintAll: true, json: true }, { app: 'library', migration: '0003' })
  expect(names(one.text)).toEqual(['0003_goes'])
})

test('of a history: an app or a migration that is not there is refused, not passed as without risk', async () => {
  await two()
  const lintAll = (app: string, migration?: string) => migrate(library(), { lintAll: true }, { app, migration })
  await expect(lintAll('libary')).rejects.toMatchObject({ code: 'migrations.unknown-migration' })
  await expect(lintAll('library', '0009')).rejects.toMatchObject({ code: 'migrations.unknown-migration' })
  expect(await lintAll('library', '000')).toMatchObject({ code: 0 })
})

test('on a narrow terminal no line is wider, and what goes on stands further in', async () => {
  await two()
  await migrate(library(pages))
  write('0003_goes.ts', goes(REMOVE))
  let text = ''
  const sink = { write: (part: string) => (text += part), isTTY: true, columns: 60 }
  const options = { database: 'default', lint: true }
  const signal = new AbortController().signal
  await migrateCommand.run({
    args: {},
    options,
    out: createOutput(sink, sink, false),
    project: library(),
    signal,
  } as never)
  const lines = text.trimEnd().split('\n')
  expect(Math.max(...lines.map((line) => line.length))).toBeLessThanOrEqual(60)
  expect(lines.length).toBeGreaterThan(4)
  expect(lines.slice(2, 3)[0]).toMatch(/^ {4}\S/)
})
