import fc from 'fast-check'
import type { Operation } from 'nuages/db/migrations'
import { afterEach, expect, test } from 'vitest'
import { detectChanges } from '../../src/db/migrations/autodetector.ts'
import { MigrationGraph } from '../../src/db/migrations/graph.ts'
import type { Migration } from '../../src/db/migrations/migration.ts'
import { check, index, unique } from '../../src/db/migrations/operations/indexes.ts'
import { trigger } from '../../src/db/migrations/operations/triggers.ts'
import type { Questioner } from '../../src/db/migrations/questioner.ts'
import type { FieldState, ModelState } from '../../src/db/migrations/state.ts'
import { ProjectState } from '../../src/db/migrations/state.ts'
import { F, fn, sameValue } from '../../src/db/migrations/values.ts'
import { engine } from '../db/backends/fresh.ts'
import { closeDatabase, isSqlite, migrate, openDatabase, rows, run, schema } from './history.ts'
import { f, state } from './states.ts'

afterEach(closeDatabase)

const MODELS = ['One', 'Two', 'Three']
const COLLATION = { SQLite: 'nocase', MariaDB: 'utf8mb4_bin' }[engine.name as string] ?? 'C'
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
  fc
    .constantFrom('json', 'uuid', 'date', 'time', 'duration', 'binary', 'bigInteger', 'float', 'smallInteger')
    .chain((kind) => nullable.map((o) => f[kind as 'json'](o))),
  fc.constant(f.smallInteger({ dbDefault: 4, comment: "what's left" })),
  fc.constant(f.char({ maxLength: 9, null: true, comment: 'in short' })),
  fc.constant(f.char({ maxLength: 9, null: true, collation: COLLATION })),
  fc
    .constantFrom('upper', 'lower')
    .map((name) => f.generated(fn(name, F('label')), { output: f.char({ maxLength: 100 }), stored: true })),
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
      [index([fn('lower', F('label')), 'id'], { name: 'i1' })],
      [index([fn('upper', F('label'))], { name: 'i1' }), index(['id'], { name: 'i2', include: ['label'] })],
    ),
    constraints: fc.constantFrom(
      [],
      [check({ label__gte: 'a' }, { name: 'c1' })],
      [unique(['label', 'id'], { name: 'u1' })],
      [unique(['id', 'label'], { name: 'u1' }), check({ label__gte: 'A' }, { name: 'c1' })],
      [unique([fn('lower', F('label'))], { name: 'u1' })],
      [unique(['label'], { name: 'u1', where: { label__gt: 'b' } })],
    ),
    triggers: fc.constantFrom(
      [],
      [trigger({ name: 't1', when: 'before', on: ['delete'], do: { t: 'refuse', message: 'no' } })],
      [trigger({ name: 't1', when: 'before', on: ['update of label'], do: { t: 'refuse', message: "don't" } })],
    ),
    comment: fc.constantFrom('', "what's in it"),
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
          fc.dictionary(fc.constantFrom('a', 'b', 'c'), plainField, { noNullPrototype: true }).chain((fields) =>
            // Two columns of one name are no model.
            fc.constantFrom(fields, { ...fields, c: f.bigInteger({ null: true, dbColumn: 'by_hand' }) }),
          ),
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
        for (const key of ['indexes', 'constraints', 'triggers'] as const) {
          const list = (more[key] as { name: string }[] | undefined)?.map((item) => ({
            ...item,
            name: `${name}_${item.name}`,
          }))
          if (list?.length) tidy[key] = list
        }
        if (more.comment) tidy.comment = more.comment
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

/** What rows that exist get, and what a row of the tests holds, as SQL. */
const VALUES: Record<string, [fill: unknown, sql: string]> = {
  char: ['x', "'c'"],
  text: ['x', "'t'"],
  integer: [5, '3'],
  smallInteger: [5, '3'],
  bigInteger: [5n, '9007199254740993'],
  float: [0.5, '0.25'],
  boolean: [false, 'true'],
  decimal: ['2.50', "'3.25'"],
  date: ['2026-01-01', "'2026-02-03'"],
  time: ['10:00:00', "'10:20:30'"],
  dateTime: [new Date('2026-01-01T00:00:00Z'), "'2026-01-01 00:00:00'"],
  duration: ['PT1H', engine.name === 'PostgreSQL' || engine.name === 'PGlite' ? "'1 hour'" : '3600000000'],
  json: [{ a: 1 }, `'{"b": [2]}'`],
  uuid: [
    '11111111-2222-4333-8444-555555555555',
    isSqlite ? "'aaaaaaaabbbb4cccaddd00000000eeee'" : "'aaaaaaaa-bbbb-4ccc-addd-00000000eeee'",
  ],
  binary: [new Uint8Array([1, 2]), engine.name === 'PostgreSQL' || engine.name === 'PGlite' ? "'\\x0102'" : "x'0102'"],
}

/** Whether every new field was the first one of its type that is gone, or none was. */
const answering = (renamed: boolean): Questioner => ({
  renamedModel: async () => null,
  renamedField: async (_label, _added, _fields, similar) => (renamed ? (similar[0] ?? null) : null),
  fill: async ({ field }) => VALUES[field.builder]?.[0],
})

async function changes(
  from: ProjectState,
  to: ProjectState,
  graph = new MigrationGraph([]),
  renamed = false,
): Promise<Operation[]> {
  const drafts = await detectChanges({ from, to, graph, questioner: answering(renamed), at: new Date() })
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

const columnOf = (name: string, own: FieldState) =>
  ((own.args.at(-1) as Record<string, unknown> | undefined)?.dbColumn as string | undefined) ?? name

/** What is in the columns that both states have alike, of the models that stay. */
const alike = async (of: ProjectState, other: ProjectState, names: readonly string[]) => {
  const found: unknown[] = []
  for (const name of names) {
    const [own, their] = [of, other].map((each) => each.get(`library.${name}`))
    const columns = Object.entries(own!.fields)
      .filter(([field, state]) => state.builder in VALUES && sameValue(state, their!.fields[field]))
      .map(([field, state]) => columnOf(field, state))
    found.push([name, await rows(`select id, ${columns.sort()} from ${tableOf(own!)}`)])
  }
  return found
}
const tableOf = ({ name, options }: ModelState) => options.dbTable ?? `library_${name.toLowerCase()}`

const labels = async (of: ProjectState, names: readonly string[]) => {
  const found: unknown[] = []
  for (const name of names) {
    const table = tableOf(of.get(`library.${name}`))
    found.push([name, await rows(`select id, label from ${table}`)])
  }
  return found
}

/** What the row holds in a field: a number that stays in range when the field becomes a smaller one. */
function literal(name: string, builder: string, after: ModelState | null): string {
  if (name === 'label') return "'kept'"
  const narrowed = builder === 'bigInteger' && ['integer', 'smallInteger'].includes(after?.fields[name]?.builder ?? '')
  return VALUES[narrowed ? 'integer' : builder]![1]
}

const TEXTS = new Set(['char', 'text'])

/** Whether a text of the model becomes something else, or something a text that may have no room for it. */
function convertsSome(model: ModelState, to: ProjectState): boolean {
  const after = to.find(`library.${model.name}`)?.fields ?? {}
  return Object.entries(model.fields).some(
    ([name, { builder }]) =>
      after[name] !== undefined &&
      after[name].builder !== builder &&
      TEXTS.has(builder) !== TEXTS.has(after[name].builder) &&
      // SQLite keeps what it cannot read, but for JSON.
      (!isSqlite || after[name].builder === 'json'),
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
  const RUNS = Number(process.env.NUAGES_RUNS ?? (process.env.NUAGES_LONG ? 2000 : isSqlite ? 35 : 7))
  await fc.assert(
    fc.asyncProperty(project, project, fc.boolean(), async (from, to, renamed) => {
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
        operations: await changes(from, to, new MigrationGraph([initial]), renamed),
      }
      // A server refuses a text that it cannot read as the other kind: such a table stays empty there.
      const empty = new Set(
        [...from.models.values()].filter((model) => convertsSome(model, to)).map((model) => model.name),
      )
      for (const model of from.models.values()) {
        if (empty.has(model.name)) continue
        const table = tableOf(model)
        const filled = Object.entries(model.fields).filter(([, { builder }]) => builder in VALUES)
        const columns = filled.map(([name, own]) => columnOf(name, own))
        const literals = filled.map(([name, { builder }]) => literal(name, builder, to.find(`library.${model.name}`)))
        await run(`insert into ${table} (${['id', ...columns]}) values (${['41', ...literals]})`)
      }
      const stays = [...from.models.values()].map((model) => model.name).filter((name) => to.find(`library.${name}`))
      const kept = stays.map((name) => [name, empty.has(name) ? [] : [[41, 'kept']]])
      const before = await alike(from, to, stays)
      await migrate([initial, second])
      expect(await unordered()).toEqual(wantedTo)
      expect(await labels(to, stays)).toEqual(kept)
      if (!renamed) expect(await alike(to, from, stays)).toEqual(before)
      await migrate([initial, second], { app: 'library', name: '0001' })
      expect(await unordered()).toEqual(wantedFrom)
      expect(await labels(from, stays)).toEqual(kept)
      if (!renamed) expect(await alike(from, to, stays)).toEqual(before)
      if (isSqlite) expect(await rows('pragma foreign_key_check')).toEqual([])
    }),
    {
      numRuns: RUNS,
      ...(process.env.NUAGES_SEED && { seed: Number(process.env.NUAGES_SEED), path: process.env.NUAGES_PATH ?? '' }),
    },
  )
}, 3_600_000)
