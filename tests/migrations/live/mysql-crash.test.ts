/** MIG-09, MIG-20 on a server that commits each change of tables: ended at any statement, it goes on, and back to nothing. */
import * as door from 'nuages/db/migrations'
import { afterAll, beforeEach, expect, test, vi } from 'vitest'
import { closeDatabases, configureDatabases } from '../../../src/db/internal.ts'
import { MigrationExecutor, MigrationLoader, migrationDatabase } from '../../../src/db/migrations/internal.ts'
import { dropDatabases, freshDatabases } from '../../db/backends/mysql.ts'
import { history, migrate, rows, run, schema } from '../history.ts'

vi.setConfig({ testTimeout: 600_000 })
const { addConstraint, addField, addIndex, alterField, alterModelTable, check, createModel, deleteModel } = door
const { fields: f, index, moveModel, removeConstraint, removeField, removeIndex } = door
const { renameField, renameModel, runCode, runSql, trigger, unique } = door
const cascade = { onDelete: 'cascade' } as const

const fresh = await freshDatabases(60)
const open = async () => {
  await closeDatabases()
  configureDatabases({ default: fresh() })
}
beforeEach(open)
afterAll(async () => {
  await closeDatabases()
  await dropDatabases()
})

class Ended extends Error {}

/** Migrates until a statement, after which nothing more is sent, as where the process is killed; gives how many there were. */
async function until(at: number, steps: ReturnType<typeof history>): Promise<number> {
  const real = migrationDatabase('default')
  let sent = 0
  let isOver = false
  const counted = async (sql: string) => {
    if (isOver) throw new Ended()
    await real.exec(sql)
    if (++sent !== at) return
    isOver = true
    throw new Ended()
  }
  const loader = new MigrationLoader(
    { apps: ['library', 'shop'].map((name) => ({ name, root: '/none', models: {} })), user: null },
    steps,
  )
  const executor = new MigrationExecutor(loader, { ...real, exec: counted })
  const plan = await executor.plan()
  await executor.migrate(plan).catch((error: Error) => {
    if (!(error.cause instanceof Ended || error instanceof Ended)) throw error
  })
  return sent
}

const base = [
  createModel(
    'Author',
    { id: f.autoId(), name: f.char({ maxLength: 100, null: true }), born: f.integer({ null: true, dbDefault: 7 }) },
    {
      indexes: [index(['born', '-name'], { name: 'by_birth' })],
      constraints: [unique(['name', 'born'], { name: 'one_of_them' })],
    },
  ),
  createModel('Book', {
    id: f.autoId(),
    title: f.char({ maxLength: 200, unique: true }),
    author: f.foreignKey('library.Author', { ...cascade, null: true }),
    readers: f.manyToMany('library.Author'),
  }),
]
// Only where it is renamed: each table makes every round slower.
const withPart = [
  createModel('Part', {
    id: f.autoId(),
    whole: f.foreignKey('library.Part', { ...cascade, null: true }),
    like: f.manyToMany('library.Part'),
  }),
  createModel('Owner', { id: f.autoId(), parts: f.manyToMany('library.Part') }),
  ...base,
]
// Not one of them may be told twice: the second time they fail, or make another number.
const statements = [
  "insert into library_author (id, name, born) values (8, 'sql', 1)",
  'alter table library_author add column by_hand integer',
  'update library_author set born = born + 1 where id = 8',
]
const undone = ['alter table library_author drop column by_hand', 'delete from library_author where id = 8']
const code = async ({ models }: door.CodeContext) =>
  void (await models.get('library.Author').objects.create({ id: 9, name: 'code' } as never))
const uncode = async ({ models }: door.CodeContext) =>
  void (await models.get('library.Author').objects.dynamic({ id: 9 }).delete())

const kinds: Record<string, door.Operation | door.Operation[]> = {
  'a renamed model': renameModel('Book', 'Volume'),
  'a renamed model that others point to': renameModel('Author', 'Person'),
  'a renamed model that leads to itself': renameModel('Part', 'Piece'),
  'a renamed key': renameField('Author', 'id', 'number'),
  'a model with all of its parts': createModel(
    'Shelf',
    {
      id: f.autoId(),
      place: f.char({ maxLength: 9, unique: true, comment: "what's there" }),
      high: f.integer({ index: true }),
      keeper: f.foreignKey('library.Author', { onDelete: 'setNull', null: true }),
      books: f.manyToMany('library.Book'),
    },
    {
      comment: 'of wood',
      indexes: [index(['place', '-high'], { name: 'high_places' })],
      constraints: [unique(['high', 'keeper'], { name: 'one_keeper' }), check({ high__gte: 0 }, { name: 'above' })],
      triggers: [trigger({ name: 'stays', when: 'before', on: ['delete'], do: { t: 'refuse', message: 'no' } })],
    },
  ),
  'a model that goes': deleteModel('Book'),
  'a model of another app': moveModel('library.Book', 'Book'),
  'a new reference': addField('Book', 'editor', f.foreignKey('library.Author', { ...cascade, null: true })),
  'a new field with values': addField('Book', 'pages', f.integer({ unique: false }), { fill: 3 }),
  'a field that goes': [
    removeIndex('Author', 'by_birth'),
    removeConstraint('Author', 'one_of_them'),
    removeField('Author', 'born'),
  ],
  'a reference that goes': removeField('Book', 'author'),
  'no more nulls': alterField('Author', 'name', f.char({ maxLength: 90, default: '' }), { fill: 'x' }),
  'another type, default and collation': [
    alterField('Author', 'born', f.bigInteger({ null: true, dbDefault: 8 })),
    alterField('Book', 'title', f.char({ maxLength: 150, collation: 'utf8mb4_bin', dbDefault: 'none' })),
  ],
  'a table whose name has quotes, spaces and words of SQL': alterModelTable('Book', 'a "table" to `(go)` on'),
  'a many-to-many': addField('Author', 'friends', f.manyToMany('library.Author')),
  'a constraint': addConstraint('Book', check({ title__gte: 'A' }, { name: 'from_a' })),
  'indexes that come and go': [
    addIndex('Book', index(['title', 'author'], { name: 'titles' })),
    removeIndex('Author', 'by_birth'),
  ],
  'several statements': runSql(statements, { reverse: undone }),
  'code between changes': [
    addField('Author', 'x', f.integer({ null: true })),
    runCode(code, { reverse: uncode }),
    addField('Author', 'y', f.integer({ null: true })),
  ],
}
/** Whom there are and when they were born, where that is still asked for by these names. */
const people = async () => {
  const own = (await schema()).find(({ name }) => name === 'library_author')
  const all = ['id', 'name', 'born'].every((name) => own?.columns.some((column) => column.name === name))
  return all ? rows('select id, name, born from library_author order by id') : null
}

/** All of the places where it can end in the long round, else one of them, another on each run. */
function places(count: number): number[] {
  const step = process.env.NUAGES_LONG ? 1 : count
  const first = Math.floor(Math.random() * step)
  return Array.from({ length: count }, (_, i) => i + 1).filter((_, i) => i % step === first)
}

test.each(Object.entries(kinds))(
  'MIG-09 MIG-20 %s: ended anywhere, it goes on, or goes back',
  async (kind, operation) => {
    const initial = kind.endsWith('itself') ? withPart : base
    const app = kind.endsWith('another app') ? 'shop' : 'library'
    const first = history(['0001_initial', initial])
    const steps = history(['0001_initial', initial], [`${app}.0002_change`, [operation].flat()])
    const back = { app, name: app === 'shop' ? 'zero' : '0001' }
    const begin = async () => {
      await migrate(first)
      await run("insert into library_author (id, name, born) values (1, 'x', 1), (2, null, null)")
      await run("insert into library_book (id, title, author_id) values (1, 'Nuages', 1)")
    }
    await begin()
    const before = await schema()
    const count = await until(0, steps)
    const [wanted, wantedPeople] = [await schema(), await people()]
    await migrate(steps, { app: 'library', name: 'zero' })
    expect(await schema()).toEqual([])
    for (const at of places(count)) {
      await begin()
      await until(at, steps)
      await migrate(steps)
      expect(await schema(), `on after ${at}`).toEqual(wanted)
      expect(await people(), `rows after ${at}`).toEqual(wantedPeople)
      await migrate(steps, back)
      expect(await schema(), `and back after ${at}`).toEqual(before)
      await until(at, steps)
      await migrate(steps, { app: 'library', name: 'zero' }).catch(async (error: Error) => {
        // What is gone cannot be taken back halfway: it is completed first, as the hint says.
        if (!kind.endsWith('that goes')) throw error
        expect(error).toMatchObject({ code: 'migrations.half-done', hint: expect.stringContaining('Complete it') })
        await migrate(steps)
        await migrate(steps, { app: 'library', name: 'zero' })
      })
      expect(await schema(), `back after ${at}`).toEqual([])
    }
  },
)

test('MIG-20 a text of several statements that failed at a later one is never taken for done: somebody says so', async () => {
  const sql = (end: string) => [
    door.runSql(`create table one (id int, t varchar(9) default ';');\ninsert into one (id) values (1); ${end}`, {
      reverse: 'drop table one',
    }),
  ]
  const broken = history(['0001_initial', sql('create table one (id int)')])
  await expect(migrate(broken)).rejects.toMatchObject({ code: 'migrations.failed' })
  await expect(migrate(broken)).rejects.toMatchObject({
    code: 'migrations.unclear-statement',
    hint: expect.stringContaining('--resume again'),
  })
  const mended = history(['0001_initial', sql('create table two (id int)')])
  await run('drop table one')
  await migrate(mended, {}, { unclear: 'again' })
  expect((await schema()).map(({ name }) => name).sort()).toEqual(['one', 'two'])
})

test('MIG-20 one statement with semicolons in its texts needs nobody', async () => {
  const steps = history([
    '0001_initial',
    [door.runSql("create table one (id int, t varchar(9) default 'a;b') -- c; d\n;", { reverse: 'drop table one' })],
  ])
  await until(2, steps)
  await migrate(steps)
  expect((await schema()).map(({ name }) => name)).toEqual(['one'])
})
