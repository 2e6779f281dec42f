/** Declarations through states, files and both directions, on the engine of `TEST_ENGINE`. */
import { mkdirSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import * as door from 'nuages/db/migrations'
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest'
import type { DatabaseConfig } from '../../../src/db/backends/backend.ts'
import { closeDatabases, configureDatabases } from '../../../src/db/internal.ts'
import { detectChanges } from '../../../src/db/migrations/autodetector.ts'
import { modelState } from '../../../src/db/migrations/from-models.ts'
import { MigrationGraph } from '../../../src/db/migrations/graph.ts'
import { applyToState } from '../../../src/db/migrations/migration.ts'
import type { Operation } from '../../../src/db/migrations/operations/operation.ts'
import { FlagQuestioner } from '../../../src/db/migrations/questioner.ts'
import { type ModelState, ProjectState } from '../../../src/db/migrations/state.ts'
import { writeMigration } from '../../../src/db/migrations/writer.ts'
import { history, migrate, schema } from '../../migrations/history.ts'
import { model } from '../../migrations/states.ts'
import { engine } from '../backends/fresh.ts'
import { Item, Made, Person } from './shop.ts'

const { check, constraint, F, fields: f, fn, index, Q, unique } = door

let fresh: () => DatabaseConfig
beforeAll(async () => {
  fresh = await engine.fresh(120, 1)
}, 120_000)
beforeEach(async () => {
  await closeDatabases()
  configureDatabases({ default: fresh() })
})
const folder = join(import.meta.dirname, '.written')
afterAll(async () => {
  rmSync(folder, { recursive: true, force: true })
  await closeDatabases()
  await engine.drop()
})

async function changes(from: ProjectState, to: ProjectState): Promise<Operation[]> {
  const questioner = new FlagQuestioner({ noRenames: true })
  const drafts = await detectChanges({ from, to, graph: new MigrationGraph([]), questioner, at: new Date(0) })
  return drafts.flatMap((draft) => draft.operations)
}

let count = 0
/** The operations as a file gives them back. */
async function written(operations: readonly Operation[]): Promise<{ text: string; operations: Operation[] }> {
  mkdirSync(folder, { recursive: true })
  const text = writeMigration({ operations })
  const file = join(folder, `d${++count}.ts`)
  writeFileSync(file, text)
  const read = (await import(/* @vite-ignore */ pathToFileURL(file).href)) as { default: door.DeclaredMigration }
  return { text, operations: [...read.default.operations] }
}

const after = (operations: readonly Operation[], from = new ProjectState()): ProjectState =>
  operations.reduce(
    (state, operation) => applyToState({ app: 'library', name: 'x', file: null, operations }, operation, state),
    from,
  )

const unordered = async () => {
  const byName = (a: { name: string }, b: { name: string }) => (a.name < b.name ? -1 : 1)
  return (await schema()).map((table) => ({
    ...table,
    columns: [...table.columns].sort(byName),
    indexes: [...table.indexes].sort(byName),
    uniques: [...table.uniques].sort(byName),
    checks: [...table.checks].sort(byName),
  }))
}

test('models with expressions become files that read back as the same models', async () => {
  const models = [Item, Made, Person].map((each) => ({ ...modelState(each), app: 'library' }))
  const wanted = new ProjectState(models)
  const { text, operations } = await written(await changes(new ProjectState(), wanted))
  expect(text).toContain("loud: fields.generated(fn('upper', F('name')), { output: fields.text(), index: true })")
  expect(text).toContain("token: fields.uuid({ dbDefault: fn('uuid4') })")
  expect(text).toContain("unique([fn('lower', F('email'))], { name:")
  expect(text).toContain("index([fn('desc', F('age'), { nulls: 'last' })], {")
  const read = after(operations)
  expect(await changes(read, wanted)).toEqual([])
  await migrate(history(['0001_initial', operations]))
})

/** Steps of one model; each is reached from every other and left again. */
const title = f.char({ maxLength: 50 })
const book = (more: Record<string, ReturnType<typeof f.char>>, options = {}): ModelState =>
  model('library.Book', { title, pages: f.integer({ default: 1 }), note: f.text({ null: true }), ...more }, options)
const steps: Record<string, ModelState> = {
  plain: book({}),
  generated: book({ twice: f.generated(fn('*', F('pages'), 2), { output: f.integer() }) }),
  'generated otherwise, with an index': book(
    { twice: f.generated(fn('+', F('pages'), 10), { output: f.integer({ null: true }) }) },
    { indexes: [index(['twice'], { name: 'by_twice' })] },
  ),
  'defaults of the database': book({
    token: f.uuid({ dbDefault: fn('uuid4') }),
    level: f.integer({ dbDefault: 3 }),
    at: f.dateTime({ dbDefault: fn('now') }),
  }),
  'indexes and constraints': book(
    {},
    {
      indexes: [
        index([fn('lower', F('title')), '-pages'], { name: 'i1', where: Q.or({ pages__gt: 3 }, { title: 'x' }) }),
        index(['title'], { name: 'i2', include: ['pages'], method: 'hash' }),
      ],
      constraints: [
        unique([fn('lower', F('title')), 'pages'], { name: 'u1' }),
        unique(['title'], { name: 'u2', where: Q.not({ pages: 3 }) }),
        check(Q.or({ pages__gte: 1 }, { note__isnull: true }), { name: 'c1' }),
        constraint('own', { postgres: fn('sql', ['CHECK (', ' > -100)'], F('pages')) }),
      ],
    },
  ),
}

test.each(
  Object.keys(steps)
    .flatMap((a) => Object.keys(steps).map((b) => [a, b] as const))
    .filter(([a, b]) => a !== b),
)('from %s to %s and back', async (a, b) => {
  // A hash index has one column and keeps no others: PostgreSQL would refuse it.
  const state = (name: string) => new ProjectState([withoutHash(steps[name]!)])
  const first = await changes(new ProjectState(), state(a))
  const second = (await written(await changes(state(a), state(b)))).operations
  expect(await changes(after(second, state(a)), state(b))).toEqual([])
  const migrations = history(['0001_initial', first], ['0002_change', second])
  await migrate(migrations)
  const there = await unordered()
  await migrate(migrations, { app: 'library', name: '0001' })
  const back = await unordered()
  await closeDatabases()
  configureDatabases({ default: fresh() })
  await migrate(history(['0001_initial', await changes(new ProjectState(), state(b))]))
  expect(there).toEqual(await unordered())
  await closeDatabases()
  configureDatabases({ default: fresh() })
  await migrate(history(['0001_initial', first]))
  expect(back).toEqual(await unordered())
})

function withoutHash(state: ModelState): ModelState {
  const { indexes = [] } = state.options
  if (indexes.length === 0) return state
  return {
    ...state,
    options: {
      ...state.options,
      indexes: indexes.map(({ method: _, ...each }) => each),
    },
  }
}

test('a field that is renamed is renamed in expressions, conditions and what is computed', async () => {
  const from = new ProjectState([
    book(
      { twice: f.generated(fn('*', F('pages'), 2), { output: f.integer() }) },
      { ...steps['indexes and constraints']!.options, indexes: [index([fn('lower', F('title'))], { name: 'i1' })] },
    ),
  ])
  const operations = [door.renameField('Book', 'pages', 'length'), door.renameField('Book', 'title', 'name')]
  const state = after(operations, from).get('library.Book')
  expect(JSON.stringify(state)).not.toMatch(/"(pages|title)/)
  const migrations = history(['0001_initial', await changes(new ProjectState(), from)], ['0002_names', operations])
  await migrate(migrations)
  const columns = (await schema())[0]!.columns.map((each) => each.name)
  expect(columns.sort()).toEqual(['id', 'length', 'name', 'note', 'twice'])
  await migrate(migrations, { app: 'library', name: '0001' })
})
