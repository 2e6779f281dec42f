/** Arrays, ranges, exclusion constraints and extensions in migrations, and read back from the database. */
import { mkdirSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import * as door from 'nuages/db/migrations'
import { afterAll, expect, test } from 'vitest'
import { captureOutput } from '../../../src/cli/index.ts'
import inspectdb from '../../../src/db/commands/inspectdb.ts'
import { database } from '../../../src/db/internal.ts'
import { detectChanges } from '../../../src/db/migrations/autodetector.ts'
import { modelState } from '../../../src/db/migrations/from-models.ts'
import { MigrationGraph } from '../../../src/db/migrations/graph.ts'
import { applyToState } from '../../../src/db/migrations/migration.ts'
import type { Operation } from '../../../src/db/migrations/operations/operation.ts'
import { FlagQuestioner } from '../../../src/db/migrations/questioner.ts'
import { type ModelState, ProjectState } from '../../../src/db/migrations/state.ts'
import { writeMigration } from '../../../src/db/migrations/writer.ts'
import { history, migrate } from '../../migrations/history.ts'
import { model } from '../../migrations/states.ts'
import { Booking, Note, Room } from './models.ts'
import { freshDiary } from './setup.ts'

freshDiary()
const { createExtension, fields: f } = door
const folder = join(import.meta.dirname, '.written')
afterAll(() => rmSync(folder, { recursive: true, force: true }))

async function changes(from: ProjectState, to: ProjectState): Promise<Operation[]> {
  const questioner = new FlagQuestioner({ noRenames: true })
  const drafts = await detectChanges({ from, to, graph: new MigrationGraph([]), questioner, at: new Date(0) })
  return drafts.flatMap((draft) => draft.operations)
}
const after = (operations: readonly Operation[], from = new ProjectState()): ProjectState =>
  operations.reduce(
    (state, operation) => applyToState({ app: 'library', name: 'x', file: null, operations }, operation, state),
    from,
  )
const table = async (name: string) => {
  const db = database()
  return (await db.backend.introspector.table((await db.open()).reader, name))!
}

test('models become files that read back as the same models, and tables', async () => {
  await database().exec('DROP TABLE diary_booking') // names of constraints are a schema's
  const models = [Note, Room, Booking].map((each) => {
    const state = modelState(each)
    return JSON.parse(JSON.stringify({ ...state, app: 'library' }).replaceAll('diary.', 'library.')) as ModelState
  })
  for (const each of models) if (each.name === 'Booking') Object.assign(each, { options: modelState(Booking).options })
  const wanted = new ProjectState(models)
  const operations = [createExtension('btree_gist'), ...(await changes(new ProjectState(), wanted))]
  const text = writeMigration({ operations })
  expect(text).toContain("createExtension('btree_gist')")
  expect(text).toContain('fields.array(fields.char({ maxLength: 40 }))')
  expect(text).toContain('fields.dateRange()')
  mkdirSync(folder, { recursive: true })
  const file = join(folder, 'first.ts')
  writeFileSync(file, text)
  const read = (await import(/* @vite-ignore */ pathToFileURL(file).href)) as { default: door.DeclaredMigration }
  expect(await changes(after(read.default.operations), wanted)).toEqual([])
  await migrate(history(['0001_initial', [...read.default.operations]]))
  const notes = await table('library_note')
  const kinds = Object.fromEntries(notes.columns.map(({ name, type }) => [name, type]))
  expect(kinds.tags).toEqual({ kind: 'char[]', maxLength: 40 })
  expect(kinds.prices).toEqual({ kind: 'decimal[]', maxDigits: 12, decimalPlaces: 2 })
  expect(kinds.moments).toEqual({ kind: 'dateTime[]' })
  const bookings = await table('library_booking')
  expect(bookings.columns.map(({ type }) => type.kind)).toEqual(
    expect.arrayContaining(['integerRange', 'bigIntegerRange', 'decimalRange', 'dateRange', 'dateTimeRange']),
  )
  expect(bookings.constraints).toEqual([
    {
      name: 'no_double_booking',
      sql: 'EXCLUDE USING gist (room_id WITH =, period WITH &&) WHERE ((cancelled = false))',
    },
  ])
})

test('fields come, change and go; rows keep what they have', async () => {
  const book = (fields: Record<string, door.FieldState>): ModelState =>
    model('library.Book', { title: f.char({ maxLength: 9 }), ...fields })
  const states = [
    book({}),
    book({
      tags: f.array(f.char({ maxLength: 5 }), { default: ['a', '"'] }),
      days: f.array(f.date(), { default: ['2024-01-31'] }),
      at: f.dateRange({ null: true }),
    }),
    book({
      tags: f.array(f.char({ maxLength: 50 }), { default: [] }),
      days: f.array(f.date(), { null: true }),
      at: f.dateRange({ null: true }),
    }),
    book({}),
  ].map((each) => new ProjectState([each]))
  const steps: [string, Operation[]][] = []
  let before = new ProjectState()
  for (const [i, state] of states.entries()) {
    steps.push([`000${i + 1}_step`, await changes(before, state)])
    before = state
  }
  await migrate(history(...steps.slice(0, 1)))
  await database().exec("INSERT INTO library_book (title) VALUES ('x')")
  await migrate(history(...steps.slice(0, 2)))
  await migrate(history(...steps.slice(0, 3)))
  const db = database()
  const found = await table('library_book')
  expect(found.columns.find(({ name }) => name === 'tags')!.type).toEqual({ kind: 'char[]', maxLength: 50 })
  await db.exec(`DO $$ BEGIN ASSERT (SELECT tags = '{a,"\\""}' AND days = '{2024-01-31}' FROM library_book); END $$`)
  await migrate(history(...steps))
  expect((await table('library_book')).columns.map(({ name }) => name)).toEqual(['id', 'title'])
})

test('inspectdb writes arrays and ranges', async () => {
  const out = captureOutput()
  const options = { database: 'default', managed: false, views: false, app: 'diary' }
  await inspectdb.run({ args: { tables: [] }, options, out, project: { apps: { apps: [] }, user: null } } as never) // it reads no more
  for (const part of [
    "import { array, bigIntegerRange, dateRange, dateTimeRange, decimalRange, integerRange } from 'nuages/db/postgres'",
    'tags: array(char({ maxLength: 40 })),',
    'prices: array(decimal({ maxDigits: 12, decimalPlaces: 2 })),',
    'pair: array(integer(), { null: true }),',
    'period: dateRange(),',
    'seats: integerRange({ null: true }),',
  ])
    expect(out.text).toContain(part)
})

test('createExtension() takes names only', () => {
  expect(() => createExtension('x"; DROP TABLE y; --')).toThrow(
    expect.objectContaining({ code: 'migrations.bad-extension' }),
  )
})
