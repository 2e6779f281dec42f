import fc from 'fast-check'
import type { Operation } from 'nuages/db/migrations'
import { afterEach, expect, test } from 'vitest'
import { detectChanges } from '../../src/db/migrations/autodetector.ts'
import { MigrationGraph } from '../../src/db/migrations/graph.ts'
import type { Migration } from '../../src/db/migrations/migration.ts'
import { check, index, unique } from '../../src/db/migrations/operations/indexes.ts'
import { FlagQuestioner, type Questioner } from '../../src/db/migrations/questioner.ts'
import type { FieldState, ModelState } from '../../src/db/migrations/state.ts'
import { ProjectState } from '../../src/db/migrations/state.ts'
import { closeDatabase, isSqlite, migrate, openDatabase, rows, run, schema } from './history.ts'
import { f, state } from './states.ts'

afterEach(closeDatabase)

const MODELS = ['One', 'Two', 'Three']
/** MariaDB keeps no unique index over long text and a numbered column. */
const LABEL = isSqlite ? f.text() : f.char({ maxLength: 100 })
const nullable = fc.constantFrom<{ null?: true }>({}, { null: true })
const plainField: fc.Arbitrary<FieldState> = fc.oneof(
  nullable.map((o) => f.char({ maxLength: 50, ...o })),
  nullable.map((o) => f.text(o)),
  nullable.map((o) => f.integer(o)),
  fc.constant(f.integer({ index: true, default: 7 })),
  fc.constant(f.char({ maxLength: 20, unique: true, null: true })),
  nullable.map((o) => f.dateTime(o)),
  fc.constant(f.boolean({ default: false })),
  fc.constant(f.decimal({ maxDigits: 20, decimalPlaces: 2, dbDefault: '1.50' })),
)
const relation = fc
  .constantFrom(...MODELS)
  .chain((target) =>
    fc.constantFrom(
      f.foreignKey(`library.${target}`, { onDelete: 'cascade', null: true }),
      f.oneToOne(`library.${target}`, { onDelete: 'setNull', null: true }),
      f.manyToMany(`library.${target}`),
    ),
  )
const options = fc.record(
  {
    indexes: fc.constantFrom(
      [],
      [index(['label'], { name: 'i1' })],
      [index(['-label', 'id'], { name: 'i1' }), index(['label'], { name: 'i2', where: { label__gt: 'm' } })],
    ),
    constraints: fc.constantFrom(
      [],
      [check({ label__gte: 'a' }, { name: 'c1' })],
      [unique(['label', 'id'], { name: 'u1' })],
    ),
    dbTable: fc.constantFrom('', 'special'),
    ordering: fc.constantFrom([], ['label']),
  },
  { requiredKeys: [] },
)

type Part = [
  name: string,
  plain: Record<string, FieldState>,
  relations: Record<string, FieldState>,
  more: Record<string, unknown>,
]

/** Up to three models with a label that stays, and fields a to e that come and go. */
const project: fc.Arbitrary<ProjectState> = fc
  .subarray(MODELS)
  .chain((names) =>
    fc.tuple(
      ...names.map((name) =>
        fc.tuple(
          fc.constant(name),
          fc.dictionary(fc.constantFrom('a', 'b', 'c'), plainField, { noNullPrototype: true }),
          fc.dictionary(fc.constantFrom('d', 'e'), relation, { noNullPrototype: true }),
          options,
        ),
      ),
    ),
  )
  .map((parts) => {
    const present = new Set((parts as Part[]).map(([name]) => `library.${name}`))
    return state(
      ...(parts as Part[]).map(([name, plain, relations, more]): ModelState => {
        const kept = Object.entries({ ...plain, ...relations }).filter(
          ([, field]) => !String(field.args[0]).startsWith('library.') || present.has(field.args[0] as string),
        )
        const tidy: Record<string, unknown> = {}
        for (const key of ['indexes', 'constraints'] as const) {
          const list = (more[key] as { name: string }[] | undefined)?.map((item) => ({
            ...item,
            name: `${name}_${item.name}`,
          }))
          if (list?.length) tidy[key] = list
        }
        if (more.dbTable) tidy.dbTable = `special_${name.toLowerCase()}`
        if ((more.ordering as string[] | undefined)?.length) tidy.ordering = more.ordering
        return {
          app: 'library',
          name,
          fields: { id: f.autoId(), label: LABEL, ...Object.fromEntries(kept) },
          options: tidy,
        }
      }),
    )
  })

const quiet = new FlagQuestioner({ noRenames: true })
const values: Record<string, unknown> = { char: 'x', text: 'x', integer: 5, dateTime: new Date('2026-01-01T00:00:00Z') }
const questioner: Questioner = {
  renamedModel: (...args) => quiet.renamedModel(...args),
  renamedField: (...args) => quiet.renamedField(...args),
  fill: async ({ field }) => values[field.builder],
}

async function changes(from: ProjectState, to: ProjectState, graph = new MigrationGraph([])): Promise<Operation[]> {
  const drafts = await detectChanges({ from, to, graph, questioner, at: new Date() })
  return drafts.flatMap((draft) => draft.operations)
}

/** The schema without the order of columns, which differs by history. */
async function unordered() {
  const byName = (a: { name: string }, b: { name: string }) => (a.name < b.name ? -1 : 1)
  return (await schema()).map((table) => ({
    ...table,
    columns: [...table.columns].sort(byName),
    indexes: [...table.indexes].sort(byName),
    uniques: [...table.uniques].sort(byName),
    checks: [...table.checks].sort(byName),
  }))
}

const labels = async (of: ProjectState, names: readonly string[]) => {
  const found: unknown[] = []
  for (const name of names) {
    const table = of.get(`library.${name}`).options.dbTable ?? `library_${name.toLowerCase()}`
    found.push([name, await rows(`select id, label from ${table}`)])
  }
  return found
}

const TEXTS = new Set(['char', 'text'])

/** Whether a text of the model becomes something else, or something a text that may have no room for it. */
function convertsSome(model: ModelState, to: ProjectState): boolean {
  const after = to.find(`library.${model.name}`)?.fields ?? {}
  return Object.entries(model.fields).some(
    ([name, { builder }]) =>
      after[name] !== undefined &&
      after[name].builder !== builder &&
      TEXTS.has(builder) !== TEXTS.has(after[name].builder),
  )
}

async function freshSchema(of: ProjectState) {
  await closeDatabase()
  openDatabase()
  await migrate([
    { app: 'library', name: '0001_initial', file: null, operations: await changes(new ProjectState(), of) },
  ])
  return unordered()
}

test('between any two states the schema becomes the other one and comes back, and rows are kept', async () => {
  const RUNS = Number(process.env.NUAGES_RUNS ?? (process.env.NUAGES_LONG ? 2000 : isSqlite ? 40 : 8))
  await fc.assert(
    fc.asyncProperty(project, project, async (from, to) => {
      const [wantedTo, wantedFrom] = [await freshSchema(to), await freshSchema(from)]
      const initial: Migration = {
        app: 'library',
        name: '0001_initial',
        file: null,
        operations: await changes(new ProjectState(), from),
      }
      const second: Migration = {
        app: 'library',
        name: '0002_change',
        file: null,
        dependencies: [['library', '0001_initial']],
        operations: await changes(from, to, new MigrationGraph([initial])),
      }
      // A server refuses a text that it cannot read as the other kind: such a table stays empty there.
      const empty = new Set(
        isSqlite ? [] : [...from.models.values()].filter((model) => convertsSome(model, to)).map((model) => model.name),
      )
      for (const model of from.models.values()) {
        if (empty.has(model.name)) continue
        const table = model.options.dbTable ?? `library_${model.name.toLowerCase()}`
        const needed = Object.entries(model.fields).filter(([, own]) => {
          const last = own.args.at(-1) as Record<string, unknown> | undefined
          return (
            own.builder !== 'autoId' &&
            own.builder !== 'manyToMany' &&
            last?.null !== true &&
            last?.dbDefault === undefined
          )
        })
        const literals: Record<string, string> = {
          char: "'c'",
          text: "'t'",
          integer: '3',
          boolean: 'true',
          dateTime: "'2026-01-01 00:00:00'",
        }
        await run(
          `insert into ${table} (id, ${needed.map(([name]) => name)}) values (41, ${needed.map(([name, own]) => (name === 'label' ? "'kept'" : literals[own.builder]))})`,
        )
      }
      const stays = [...from.models.values()].map((model) => model.name).filter((name) => to.find(`library.${name}`))
      const kept = stays.map((name) => [name, empty.has(name) ? [] : [[41, 'kept']]])
      await migrate([initial, second])
      expect(await unordered()).toEqual(wantedTo)
      expect(await labels(to, stays)).toEqual(kept)
      await migrate([initial, second], { app: 'library', name: '0001' })
      expect(await unordered()).toEqual(wantedFrom)
      expect(await labels(from, stays)).toEqual(kept)
      if (isSqlite) expect(await rows('pragma foreign_key_check')).toEqual([])
    }),
    { numRuns: RUNS },
  )
}, 3_600_000)
