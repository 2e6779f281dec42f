/** MIG-09, MIG-20 on a server that commits each change of tables: ended at any statement, it goes on, and back to nothing. */
import * as door from 'nuages/db/migrations'
import { afterAll, expect, test, vi } from 'vitest'
import { closeDatabases, configureDatabases } from '../../../src/db/internal.ts'
import { MigrationExecutor, MigrationLoader, migrationDatabase } from '../../../src/db/migrations/internal.ts'
import { dropDatabases, freshDatabases } from '../../db/backends/mysql.ts'
import { history, migrate, rows, run, schema } from '../history.ts'

vi.setConfig({ testTimeout: 600_000 })
const { addConstraint, addConstraintNotValid, addField, addIndex, addIndexConcurrently, addTrigger } = door
const { alterField, alterModelOptions, alterModelTable, check, createModel, deleteModel, expandRename } = door
const { F, fields: f, fn, index, moveModel, removeConstraint, removeField, removeIndex, removeTrigger } = door
const { renameField, renameIndex, renameModel, runCode, runSql, separateDatabaseAndState, trigger, unique } = door
const cascade = { onDelete: 'cascade' } as const

const fresh = await freshDatabases(60)
const open = async () => {
  await closeDatabases()
  configureDatabases({ default: fresh() })
}
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
  'update library_author set born = born + 1 where id = 1',
]
const undone = [
  'update library_author set born = born - 1 where id = 1',
  'alter table library_author drop column by_hand',
  'delete from library_author where id = 8',
]
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
  'a field that becomes unique': alterField('Author', 'name', f.char({ maxLength: 100, null: true, unique: true })),
  'a field that is unique no more': alterField('Book', 'title', f.char({ maxLength: 200 })),
  'a field that becomes unique, longer and not null': alterField(
    'Author',
    'name',
    f.char({ maxLength: 120, unique: true, dbDefault: 'none' }),
    { fill: 'x2' },
  ),
  'a field that is indexed, then unique, then neither': [
    alterField('Author', 'born', f.integer({ null: true, dbDefault: 7, index: true })),
    alterField('Author', 'born', f.integer({ null: true, dbDefault: 7, unique: true })),
    alterField('Author', 'born', f.integer({ null: true })),
  ],
  'a new unique field': addField('Book', 'isbn', f.char({ maxLength: 13, null: true, unique: true })),
  'a comment': alterField('Book', 'title', f.char({ maxLength: 200, unique: true, comment: "what's on it" })),
  'a reference that becomes one to one': alterField(
    'Book',
    'author',
    f.oneToOne('library.Author', { ...cascade, null: true }),
  ),
  'a reference that becomes a number': alterField(
    'Book',
    'author',
    f.bigInteger({ null: true, dbColumn: 'author_id' }),
  ),
  'a number that becomes a reference': [
    addField('Author', 'editor', f.bigInteger({ null: true })),
    alterField('Author', 'editor', f.foreignKey('library.Author', { ...cascade, null: true })),
  ],
  'a field of another name, in an index and unique together': renameField('Author', 'name', 'called'),
  'a computed field that comes, changes and goes': [
    addField('Author', 'twice', f.generated(fn('*', F('born'), 2), { output: f.integer(), stored: true })),
    alterField('Author', 'twice', f.generated(fn('*', F('born'), 3), { output: f.integer(), stored: true })),
    removeField('Author', 'twice'),
  ],
  'a many-to-many that goes': removeField('Book', 'readers'),
  'a many-to-many of another name': renameField('Book', 'readers', 'borrowers'),
  'an index of another name': renameIndex('Author', 'by_birth', 'born_by'),
  'an index over an expression': addIndex('Author', index([fn('lower', F('name'))], { name: 'lower_names' })),
  'an index, built while others write': addIndexConcurrently('Author', index(['born'], { name: 'births' })),
  'a unique constraint': [
    addConstraint('Book', unique(['author', 'title'], { name: 'once' })),
    removeConstraint('Author', 'one_of_them'),
  ],
  'a unique constraint of some rows': addConstraint(
    'Author',
    unique(['name'], { name: 'young', where: { born__gt: 5 } }),
  ),
  'a check for rows to come': addConstraintNotValid('Author', check({ born__gte: 0 }, { name: 'born_once' })),
  'triggers that come, and one that goes': [
    addTrigger('Book', trigger({ name: 'stays', when: 'before', on: ['delete'], do: { t: 'refuse', message: 'no' } })),
    addTrigger(
      'Book',
      trigger({ name: 'keeps', when: 'before', on: ['update of title'], do: { t: 'refuse', message: 'no' } }),
    ),
    removeTrigger('Book', 'stays'),
  ],
  'options of the database and of code': [
    alterModelOptions('Book', { ordering: ['title'], comment: 'on paper' }),
    separateDatabaseAndState({
      database: [
        runSql('alter table library_book add column by_hand integer', {
          reverse: 'alter table library_book drop column by_hand',
        }),
      ],
      state: [addField('Book', 'by_hand', f.integer({ null: true }))],
    }),
  ],
  'the first of two steps to another name': expandRename('Book', 'title', 'name'),
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

/** What the open database was made with, and looks like: each round ends as it began, so that the next kind goes on there. */
let made: { readonly initial: readonly door.Operation[]; readonly before: unknown } | null = null

/** A database with the first migration, and rows. */
async function begin(initial: door.Operation[]): Promise<unknown> {
  if (made?.initial !== initial) {
    await open()
    await migrate(history(['0001_initial', initial]))
    made = { initial, before: await schema() }
  }
  await run('delete from library_book')
  await run('delete from library_author')
  await run("insert into library_author (id, name, born) values (1, 'x', 1), (2, null, null)")
  await run("insert into library_book (id, title, author_id) values (1, 'Nuages', 1)")
  return made.before
}

test.each(Object.entries(kinds))(
  'MIG-09 MIG-20 %s: ended anywhere, it goes on, or goes back',
  async (kind, operation) => {
    const initial = kind.endsWith('itself') ? withPart : base
    const app = kind.endsWith('another app') ? 'shop' : 'library'
    const steps = history(['0001_initial', initial], [`${app}.0002_change`, [operation].flat()])
    const back = { app, name: app === 'shop' ? 'zero' : '0001' }
    const before = await begin(initial)
    const peopleBefore = await people()
    const tables = made
    made = null // if it fails, the next kind begins in another database
    const count = await until(0, steps)
    const [wanted, wantedPeople] = [await schema(), await people()]
    await migrate(steps, back)
    expect(await schema()).toEqual(before)
    const peopleBack = await people() // where a change loses values, or fills them, the way back cannot find them again
    for (const at of places(count)) {
      made = tables
      await begin(initial)
      made = null
      await until(at, steps)
      await migrate(steps)
      expect(await schema(), `on after ${at}`).toEqual(wanted)
      expect(await people(), `rows after ${at}`).toEqual(wantedPeople)
      await migrate(steps, back)
      expect(await schema(), `and back after ${at}`).toEqual(before)
      await until(at, steps)
      await migrate(steps, back).catch(async (error: Error) => {
        // What is gone, or written by somebody else's statement, cannot be taken back halfway: it is completed first, as the
        // hint says.
        if (!kind.endsWith('that goes') && kind !== 'several statements') throw error
        expect(error).toMatchObject({ code: 'migrations.half-done', hint: expect.stringContaining('Complete it') })
        await migrate(steps)
        await migrate(steps, back)
      })
      expect(await schema(), `back after ${at}`).toEqual(before)
      expect([peopleBefore, peopleBack], `rows back after ${at}`).toContainEqual(await people())
    }
    made = tables
  },
)

test('MIG-09 MIG-20 one that was ended is undone on the way to nothing', async () => {
  const steps = history(['0001_initial', base], ['0002_change', [kinds['code between changes']!].flat()])
  await begin(base)
  made = null
  for (const at of places(await until(0, steps))) {
    await migrate(steps, { app: 'library', name: '0001' })
    await until(at, steps)
    await migrate(steps, { app: 'library', name: 'zero' })
    expect(await schema(), `after ${at}`).toEqual([])
    await migrate(steps)
  }
})

test('MIG-20 rows that a statement changed before one that failed are not left when the migration is undone', async () => {
  await begin(base)
  made = null
  const sql = (end: string) => {
    const list = ['update library_author set born = born + 1 where id = 1', end]
    return history(
      ['0001_initial', base],
      ['0002_change', [runSql(list, { reverse: 'update library_author set born = born - 1 where id = 1' })]],
    )
  }
  const back = { app: 'library', name: '0001' }
  const born = () => rows('select born from library_author where id = 1')
  const broken = sql('alter table library_author drop column no_such')
  await expect(migrate(broken)).rejects.toMatchObject({ code: 'migrations.failed' })
  // The server committed the row with the change that it then refused.
  expect(await born()).toEqual([[2]])
  await expect(migrate(broken, back)).rejects.toMatchObject({ code: 'migrations.half-done' })
  const mended = sql("alter table library_author comment = 'mended'")
  await migrate(mended)
  expect(await born()).toEqual([[2]])
  await migrate(mended, back)
  expect(await born()).toEqual([[1]])
})

test('MIG-20 a text of several statements that failed at a later one is never taken for done: somebody says so', async () => {
  await open()
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

test('MIG-20 a text of several statements that is undone where it stopped: somebody says whether it ran', async () => {
  await open()
  const both = 'create table one (id int); create table two (id int)'
  const steps = history(['0001_initial', [runSql(both, { reverse: 'drop table one; drop table two' })]])
  const zero = { app: 'library', name: 'zero' }
  const names = async () => (await schema()).map(({ name }) => name).sort()
  const asks = (sql: string) => ({ code: 'migrations.unclear-statement', message: expect.stringContaining(sql) })
  // What is sent: three for records and the place, then the text.
  await until(4, steps)
  expect(await names()).toEqual(['one', 'two'])
  await expect(migrate(steps, zero)).rejects.toMatchObject(asks(both))
  expect(await names()).toEqual(['one', 'two'])
  await migrate(steps, zero, { unclear: 'done' })
  expect(await names()).toEqual([])
  // A part of it ran, and was taken back by hand.
  await run('create table two (id int)')
  await expect(migrate(steps)).rejects.toMatchObject({ code: 'migrations.failed' })
  expect(await names()).toEqual(['one', 'two'])
  await expect(migrate(steps, zero)).rejects.toMatchObject(asks(both))
  await run('drop table one')
  await run('drop table two')
  expect(await migrate(steps, zero, { unclear: 'again' })).toEqual(['-0001_initial'])
  // And one that was undone only in part, which is to be there after all.
  await migrate(steps)
  await run('drop table two')
  await expect(migrate(steps, zero)).rejects.toMatchObject({ code: 'migrations.failed' })
  await expect(migrate(steps)).rejects.toMatchObject(asks('drop table one; drop table two'))
  await migrate(steps, {}, { unclear: 'done' })
  expect(await names()).toEqual(['one', 'two'])
})

test('MIG-20 one statement with semicolons in its texts needs nobody', async () => {
  await open()
  const steps = history([
    '0001_initial',
    [door.runSql("create table one (id int, t varchar(9) default 'a;b') -- c; d\n;", { reverse: 'drop table one' })],
  ])
  await until(2, steps)
  await migrate(steps)
  expect((await schema()).map(({ name }) => name)).toEqual(['one'])
})
