/** `migrate --check-drift`: what differs between the migrations and the database, exactly; and nothing where nothing does. */
import * as door from 'nuages/db/migrations'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { database } from '../../../src/db/internal.ts'
import { findDrift } from '../../../src/db/migrations/internal.ts'
import { closeDatabase, executor, history, isSqlite, migrate, openDatabase, run } from '../history.ts'

const { addTrigger, check, createModel, F, fields: f, fn, index, trigger, unique } = door

beforeEach(() => void openDatabase())
afterEach(closeDatabase)

const steps = history([
  '0001_initial',
  [
    createModel(
      'Author',
      { id: f.autoId(), name: f.char({ maxLength: 100, comment: 'signs 🖋' }), born: f.date({ null: true }) },
      { comment: 'who writes 📚' },
    ),
    createModel(
      'Book',
      {
        id: f.autoId(),
        title: f.char({ maxLength: 200, dbDefault: "it's \\ new" }),
        slug: f.slug({ unique: true }),
        price: f.decimal({ maxDigits: 8, decimalPlaces: 2, dbDefault: '1.50' }),
        pages: f.integer({ dbDefault: 3, index: true }),
        big: f.bigInteger({ null: true }),
        ratio: f.float({ null: true }),
        open: f.boolean({ dbDefault: true }),
        seen: f.dateTime({ dbDefault: 'now' }),
        at: f.time({ null: true }),
        took: f.duration({ null: true }),
        data: f.json({ null: true }),
        key: f.uuid({ null: true }),
        raw: f.binary({ null: true }),
        body: f.text(),
        positive: f.integer({ positive: true, null: true }),
        lower: f.generated(fn('lower', F('title')), { output: f.char({ maxLength: 200 }), stored: true }),
        author: f.foreignKey('library.Author', { onDelete: 'cascade' }),
        readers: f.manyToMany('library.Author'),
      },
      {
        indexes: [
          index(['title', '-pages'], { name: 'titles' }),
          index(['pages'], { name: 'some', where: { pages__gt: 1 } }),
          index([fn('lower', F('title')), '-pages'], { name: 'lower_titles' }),
        ],
        constraints: [
          unique(['title', 'author'], { name: 'once' }),
          unique(['key', 'author'], { name: 'open_once', where: { open: true } }),
          unique([fn('upper', F('slug'))], { name: 'upper_once' }),
          check({ pages__gte: 1, title__in: ['a', "b'c"] }, { name: 'pages_positive' }),
        ],
      },
    ),
    addTrigger('Book', trigger({ name: 'kept', when: 'before', on: ['delete'], do: { t: 'refuse', message: 'no' } })),
    createModel('Theirs', { id: f.autoId() }, { managed: false, dbTable: 'theirs' }),
  ],
])

const drift = async (migrations = steps) => {
  const { loader, database } = executor(migrations)
  return findDrift(loader, database)
}
const told = async () => (await drift()).differences.map(({ table, part, name }) => `${table} ${part} ${name}`.trim())

test('a database as its migrations made it has no drift: every kind of field, index, constraint, trigger', async () => {
  await migrate(steps)
  expect(await drift()).toEqual({ differences: [], others: [], compared: 3 })
})

test('tables of others are left alone, and said', async () => {
  await migrate(steps)
  await run('create table theirs (id integer)')
  await run('create table legacy (id integer)')
  expect(await drift()).toMatchObject({ differences: [], others: ['legacy', 'theirs'] })
})

test('only what is applied is expected', async () => {
  const more = [...steps, ...history(['0002_more', [door.addField('Author', 'x', f.integer({ null: true }))]])]
  await migrate(steps)
  expect((await drift(more)).differences).toEqual([])
})

test('what differs is told, both sides of it', async () => {
  await migrate(steps)
  const quoted = (name: string) => database().backend.compiler.quote(name)
  await run(`create index extra on library_book (${quoted('pages')})`)
  await run(
    isSqlite
      ? 'drop index titles'
      : database().backend.name === 'mysql'
        ? 'drop index titles on library_book'
        : 'drop index titles',
  )
  await run('alter table library_author add column surprise varchar(7)')
  await run(`drop trigger kept${database().features.vendor === 'postgres' ? ' on library_book' : ''}`)
  await run('drop table library_book_readers')
  expect((await told()).toSorted()).toEqual([
    'library_author column surprise',
    'library_book index extra',
    'library_book index titles',
    'library_book trigger kept',
    'library_book_readers table',
  ])
  const { differences } = await drift()
  expect(differences.find(({ name }) => name === 'surprise')).toMatchObject({ expected: null, found: 'varchar(7)' })
  expect(differences.find(({ name }) => name === 'titles')).toMatchObject({
    expected: expect.stringContaining('pages'),
    found: null,
  })
  expect(differences.find(({ part }) => part === 'trigger')).toMatchObject({ found: null })
})

// SQLite alters none of these in place.
if (!isSqlite)
  test('type, nullability, default, check, reference and comment', async () => {
    await migrate(steps)
    const mysql = database().backend.name === 'mysql'
    const column = (name: string, type: string, rest: string) =>
      run(`alter table library_book ${mysql ? `modify ${name} ${type} ${rest}` : `alter column ${name} type ${type}`}`)
    await column('ratio', mysql ? 'float' : 'real', 'null')
    await run(
      mysql
        ? 'alter table library_author modify born date not null'
        : 'alter table library_author alter born set not null',
    )
    await run('alter table library_book alter pages set default 9')
    await run('alter table library_book drop constraint pages_positive')
    await run('alter table library_book add constraint pages_positive check (pages > 0)')
    await run(`alter table library_book drop ${mysql ? 'foreign key' : 'constraint'} library_book_author_id_fk`)
    await run(mysql ? "alter table library_author comment = 'other'" : "comment on table library_author is 'other'")
    const { differences } = await drift()
    const parts = differences.map(({ table, part, name }) => [table, part, name].join(' '))
    expect(parts.toSorted()).toEqual(
      [
        'library_author comment ',
        'library_author nullability born',
        'library_book check pages_positive',
        'library_book default pages',
        'library_book reference author_id',
        'library_book type ratio',
      ].toSorted(),
    )
    expect(differences.find(({ part }) => part === 'default')).toMatchObject({ expected: '3', found: '9' })
    expect(differences.find(({ part }) => part === 'nullability')).toMatchObject({
      expected: 'null',
      found: 'not null',
    })
    expect(differences.find(({ part }) => part === 'comment')).toMatchObject({
      expected: mysql ? 'who writes ?' : 'who writes 📚',
      found: 'other',
    })
    expect(differences.find(({ part }) => part === 'reference')).toMatchObject({
      expected: 'library_author.id', // cascades of models are ours, not the database's
      found: null,
    })
  })

test('a trigger that was made again otherwise, or switched off, is told', async () => {
  const { vendor } = database().features
  const on = trigger({
    name: 'checked',
    when: 'before',
    on: ['update of title', 'insert'],
    condition: { pages__gt: 5 },
    do: { t: 'refuse', message: 'no' },
  })
  const all = [
    ...steps,
    { ...history(['0002', [addTrigger('Book', on)]])[0]!, dependencies: [['library', '0001_initial'] as const] },
  ]
  await migrate(all)
  const found = async () => (await drift(all)).differences.map(({ part, name }) => `${part} ${name}`)
  expect(await found()).toEqual([])
  if (vendor !== 'postgres') return
  const again = async (text: string) => {
    await run('drop trigger checked on library_book')
    await run(`create trigger checked ${text} execute function checked()`)
  }
  for (const text of [
    'after insert or update of title on library_book for each row when (new.pages > 5)',
    'before insert on library_book for each row when (new.pages > 5)',
    'before insert or update of slug on library_book for each row when (new.pages > 5)',
    'before insert or update of title on library_book for each row when (new.pages > 6)',
    'before insert or update of title on library_book for each row',
  ]) {
    await again(text)
    expect(await found(), text).toEqual(['trigger checked'])
  }
  await again('before insert or update of title on library_book for each row when (new.pages > 5)')
  expect(await found()).toEqual([])
  await run('alter table library_book disable trigger checked')
  expect(await found()).toEqual(['trigger checked'])
})

// Django makes a unique index of what is unique together; SQLite keeps a constraint as one, too.
if (isSqlite)
  test('a unique index is the unique constraint of its name; one with a condition, or falling, is not', async () => {
    const constraint = unique(['title', 'author'], { name: 'once' })
    const id = f.autoId()
    const made = history([
      '0001_initial',
      [
        createModel(
          'Book',
          { id, title: f.char({ maxLength: 9 }), author: f.integer() },
          { constraints: [constraint] },
        ),
      ],
    ])
    const { loader, database: into } = executor(made)
    await migrate(made)
    const remade = async (how: string) => {
      await run('drop table library_book')
      await run(
        'create table library_book (id integer not null primary key autoincrement, title varchar(9) not null, author integer not null)',
      )
      await run(`create unique index once on library_book ${how}`)
      return (await findDrift(loader, into)).differences.map(({ part, name }) => `${part} ${name}`)
    }
    expect(await remade('(title, author)')).toEqual([])
    expect(await remade('(title, author) where id > 1')).toEqual(['unique constraint once', 'index once'])
    expect(await remade('(title, author desc)')).toEqual(['unique constraint once', 'index once'])
    expect(await remade('(author, title)')).toEqual(['unique constraint once'])
  })
