/**
 * MIG-01 … MIG-05, MIG-09, MIG-20: two random states of the same few models, whose renames and moves are told by flags: the schema
 * becomes the other one and comes back, and what rows hold follows names and kinds. Beside pairs.test.ts, whose models
 * have nothing in common but their names.
 */
import fc from 'fast-check'
import { afterEach, expect, test } from 'vitest'
import { detectChanges } from '../../src/db/migrations/autodetector.ts'
import { MigrationGraph } from '../../src/db/migrations/graph.ts'
import type { Migration } from '../../src/db/migrations/migration.ts'
import { check, index, unique } from '../../src/db/migrations/operations/indexes.ts'
import { trigger } from '../../src/db/migrations/operations/triggers.ts'
import { FlagQuestioner, type Questioner } from '../../src/db/migrations/questioner.ts'
import { type FieldState, type ModelState, ProjectState } from '../../src/db/migrations/state.ts'
import { F, fn } from '../../src/db/migrations/values.ts'
import { NuagesError } from '../../src/std/errors.ts'
import { engine } from '../db/backends/fresh.ts'
import { closeDatabase, executor, isSqlite, openDatabase, rows, run, schema } from './history.ts'
import { f, model } from './states.ts'

afterEach(closeDatabase)

const pick = <T>(...values: T[]) => fc.constantFrom(...values)
const flag = fc.boolean()

/** A model with a text and a number that stay, whatever they are called, and what comes and goes. */
const shape = (names: readonly [string, string]) =>
  fc.record({
    app: pick('library', 'library', 'shop'),
    name: pick(...names),
    table: pick('', '', `own_${names[0].toLowerCase()}`),
    comment: pick(undefined, 'some', "it's"),
    title: fc.record({
      name: pick('title', 'heading'),
      kind: pick('char', 'char', 'longer', 'text'),
      null: flag,
      more: pick<object>(
        {},
        {},
        { unique: true },
        { index: true },
        { dbDefault: 'none' },
        { comment: "what's it called" },
      ),
    }),
    number: fc.record({
      name: pick('number', 'amount'),
      kind: pick('integer', 'integer', 'bigInteger', 'decimal', 'char'),
      more: pick<object>({}, {}, { dbDefault: '7' }, { index: true }),
      column: pick(undefined, undefined, 'by_hand'),
    }),
    constraints: fc.subarray(['check', 'unique', 'index', 'partial']),
    generated: pick(null, null, 2, 3),
    parent: pick(null, 'cascade', 'setNull'),
    other: pick(null, 'foreignKey', 'oneToOne'),
    tags: pick('none', 'own', 'through'),
    trigger: pick(null, 'delete', 'update'),
  })
type Shape = typeof shape extends (names: never) => fc.Arbitrary<infer T> ? T : never

/** Two that point to one another, and one between them with a composite key. */
const project = fc.record({
  one: shape(['Book', 'Novel']),
  two: shape(['Author', 'Person']),
  line: fc.record({ place: pick('place', 'position'), swapped: flag, note: pick(null, 'note', 'remark') }),
})
type Project = { one: Shape; two: Shape; line: { place: string; swapped: boolean; note: string | null } }

const label = ({ app, name }: Shape) => `${app}.${name}` as const
const tableOf = (of: Shape) => of.table || `${of.app}_${of.name.toLowerCase()}`

function modelOf(own: Shape, other: Shape): ModelState {
  const { title, number } = own
  const options = { ...title.more, ...(title.null ? { null: true } : {}) }
  // MariaDB keeps no index and no constant default on a long text.
  const long = engine.name === 'MariaDB' && (Object.keys(options).length > 0 || own.constraints.length > 0)
  const fields: Record<string, FieldState> = {
    id: f.autoId(),
    [title.name]:
      title.kind === 'text' && !long
        ? f.text(options)
        : f.char({ maxLength: title.kind === 'char' ? 50 : 120, ...options }),
  }
  const column = number.column === undefined ? {} : { dbColumn: number.column }
  const numeric = {
    ...number.more,
    ...column,
    ...('dbDefault' in number.more && number.kind !== 'char' && number.kind !== 'decimal' ? { dbDefault: 7 } : {}),
  }
  fields[number.name] =
    number.kind === 'decimal'
      ? f.decimal({ maxDigits: 12, decimalPlaces: 2, ...numeric })
      : number.kind === 'char'
        ? f.char({ maxLength: 20, ...numeric })
        : f[number.kind as 'integer'](numeric)
  const isWhole = number.kind === 'integer' || number.kind === 'bigInteger'
  if (own.generated !== null && isWhole)
    fields.total = f.generated(fn('*', F(number.name), own.generated), { output: f.bigInteger(), stored: true })
  if (own.parent) fields.parent = f.foreignKey(label(own), { onDelete: own.parent as 'cascade', null: true })
  if (own.other) fields.other = f[own.other as 'foreignKey'](label(other), { onDelete: 'setNull', null: true })
  const name = (kind: string) => `${kind}_${tableOf(own)}`
  const has = (kind: string) => own.constraints.includes(kind)
  const constraints = [
    ...(has('check') && isWhole ? [check({ [`${number.name}__gte`]: 0 }, { name: name('c') })] : []),
    ...(has('unique') ? [unique([title.name, number.name], { name: name('u') })] : []),
  ]
  const indexes = [
    ...(has('index') ? [index([`-${title.name}`, 'id'], { name: name('i') })] : []),
    ...(has('partial') && engine.name !== 'MariaDB'
      ? [index(['id'], { name: name('p'), where: { [`${title.name}__gt`]: 'm' } })]
      : []),
  ]
  // One that refuses changes of the text does not refuse what fills it.
  const triggers = own.trigger
    ? [
        trigger({
          name: name('t'),
          when: 'before',
          on: [own.trigger === 'delete' ? 'delete' : `update of ${title.name}`],
          do: { t: 'refuse', message: 'no' },
        }),
      ]
    : []
  return model(label(own), fields, {
    ...(own.table ? { dbTable: own.table } : {}),
    ...(own.comment ? { comment: own.comment } : {}),
    ...(indexes.length > 0 ? { indexes } : {}),
    ...(constraints.length > 0 ? { constraints } : {}),
    ...(triggers.length > 0 ? { triggers } : {}),
  })
}

function stateOf({ one, two, line }: Project): ProjectState {
  const cascade = { onDelete: 'cascade' } as const
  const made = [modelOf(one, two), modelOf(two, one)].map((each) => {
    if (each.name !== one.name || one.tags === 'none') return each
    const through = one.tags === 'through' ? { through: 'library.Line' } : {}
    const name = one.tags === 'through' ? 'writers' : 'tags'
    return { ...each, fields: { ...each.fields, [name]: f.manyToMany(label(two), through) } }
  })
  const lines: ModelState = {
    app: 'library',
    name: 'Line',
    fields: {
      one: f.foreignKey(label(one), cascade),
      [line.place]: f.integer(),
      two: f.foreignKey(label(two), cascade),
      ...(line.note === null ? {} : { [line.note]: f.char({ maxLength: 9, null: true }) }),
    },
    options: { primaryKey: line.swapped ? [line.place, 'one'] : ['one', line.place] },
  }
  const anchors = ['library', 'shop'].map((app) => model(`${app}.Anchor`))
  return new ProjectState([...anchors, ...made, lines])
}

/** The flags that say what was renamed. */
function renames(from: Project, to: Project): string[] {
  const found: string[] = []
  for (const key of ['one', 'two'] as const) {
    const [was, is] = [from[key], to[key]]
    if (label(was) !== label(is)) found.push(`${label(was)}:${was.app === is.app ? is.name : label(is)}`)
    for (const part of ['title', 'number'] as const)
      if (was[part].name !== is[part].name) found.push(`${label(is)}.${was[part].name}:${is[part].name}`)
  }
  const [was, is] = [from.line, to.line]
  if (was.place !== is.place) found.push(`library.Line.${was.place}:${is.place}`)
  if (was.note !== is.note && was.note !== null && is.note !== null) found.push(`library.Line.${was.note}:${is.note}`)
  return found
}

async function drafts(from: ProjectState, to: ProjectState, rename: string[], before: Migration[]) {
  const flags = new FlagQuestioner({ rename, noRenames: true })
  const questioner: Questioner = {
    renamedModel: (...args) => flags.renamedModel(...args),
    renamedField: (...args) => flags.renamedField(...args),
    fill: async () => 'filled',
  }
  const made = await detectChanges({ from, to, graph: new MigrationGraph(before), questioner, at: new Date(0) })
  return made.map((draft): Migration => ({ ...draft, file: null }))
}

async function take(migrations: Migration[], targets: { app?: string; name?: string }[] = [{}]) {
  for (const target of targets) {
    const made = executor(migrations)
    await made.migrate(await made.plan(target))
  }
}

async function tables() {
  const byName = (a: { name: string }, b: { name: string }) => (a.name < b.name ? -1 : 1)
  return (await schema()).map((table) => ({
    ...table,
    columns: [...table.columns].sort(byName),
    indexes: [...table.indexes].sort(byName),
    uniques: [...table.uniques].sort(byName),
    checks: [...table.checks].sort(byName),
  }))
}

async function fresh(of: Project) {
  await closeDatabase()
  openDatabase()
  const initial = await drafts(new ProjectState(), stateOf(of), [], [])
  await take(initial)
  return { initial, wanted: await tables() }
}

const columnOf = ({ number }: Shape) => number.column ?? number.name

async function insert({ one, two, line }: Project) {
  for (const each of [one, two]) {
    const second = each.title.null ? 'null' : "'Z'"
    const [ten, twenty] = each.number.kind === 'char' ? ["'10'", "'20'"] : ['10', '20']
    await run(
      `insert into ${tableOf(each)} (id, ${each.title.name}, ${columnOf(each)}) values (1, 'A', ${ten}), (2, ${second}, ${twenty})`,
    )
    if (each.parent && each.trigger !== 'update') await run(`update ${tableOf(each)} set parent_id = 1 where id = 2`)
  }
  if (one.tags === 'own') {
    const [mine, theirs] = [one, two].map((each) => each.name.toLowerCase())
    await run(`insert into ${tableOf(one)}_tags (${mine}_id, ${theirs}_id) values (1, 2)`)
  }
  await run(`insert into library_line (one_id, ${line.place}, two_id) values (1, 5, 2)`)
}

/** What rows hold, whatever it is called. */
async function held({ one, two, line }: Project) {
  const found: unknown[] = []
  for (const each of [one, two]) {
    const list = await rows(`select id, ${each.title.name}, ${columnOf(each)} from ${tableOf(each)} order by id`)
    found.push(list.map(([id, title, number]) => [Number(id), title, Number(number)]))
  }
  found.push((await rows(`select one_id, ${line.place}, two_id from library_line`)).map((row) => row.map(Number)))
  return found
}

/** The first of the states that takes no null fills it, with its default where it has one. */
function wantedRows(...path: Project[]) {
  const title = (key: 'one' | 'two') => {
    if (!path[0]![key].title.null) return 'Z'
    const strict = path.find((each) => !each[key].title.null)
    return strict === undefined ? null : 'dbDefault' in strict[key].title.more ? 'none' : 'filled'
  }
  const list = (key: 'one' | 'two') => [
    [1, 'A', 10],
    [2, title(key), 20],
  ]
  return [list('one'), list('two'), [[1, 5, 2]]]
}

test('between two states of the same models whose renames are told, schema and rows follow, and come back', async () => {
  const numRuns = Number(process.env.NUAGES_RUNS ?? (process.env.NUAGES_LONG ? 1000 : isSqlite ? 15 : 4))
  await fc.assert(
    fc.asyncProperty(project, project, async (given, other) => {
      const [from, to] = [given as Project, other as Project]
      const { wanted: wantedTo } = await fresh(to)
      const { initial, wanted: wantedFrom } = await fresh(from)
      await insert(from)
      const second = await drafts(stateOf(from), stateOf(to), renames(from, to), initial).catch((error: unknown) => {
        // Two apps may need one another both ways: that is refused, and has to be done in two steps.
        fc.pre(!(error instanceof NuagesError && error.code === 'migrations.circular-changes'))
        throw error
      })
      const all = [...initial, ...second]
      await take(all)
      expect(await tables()).toEqual(wantedTo)
      expect(await held(to)).toEqual(wantedRows(from, to))
      if (isSqlite) expect(await rows('pragma foreign_key_check')).toEqual([])
      const last = (app: string) => initial.filter((each) => each.app === app).at(-1)!.name
      await take(
        all,
        ['library', 'shop'].map((app) => ({ app, name: last(app) })),
      )
      expect(await tables()).toEqual(wantedFrom)
      expect(await held(from)).toEqual(wantedRows(from, to))
      // To nothing: nobody is in another's way.
      await take(
        all,
        ['library', 'shop'].map((app) => ({ app, name: 'zero' })),
      )
      expect(await tables()).toEqual([])
    }),
    {
      numRuns,
      ...(process.env.NUAGES_SEED
        ? { seed: Number(process.env.NUAGES_SEED), path: process.env.NUAGES_PATH ?? '' }
        : {}),
    },
  )
}, 3_600_000)
