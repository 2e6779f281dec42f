/** MIG-23, MIG-24: changes of large tables of PostgreSQL in stages, by themselves and by operations; waiting for locks. */
import * as door from 'nuages/db/migrations'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { database } from '../../src/db/internal.ts'
import { migrationDatabase, printedSql } from '../../src/db/migrations/internal.ts'
import { atomic } from '../../src/db/transactions.ts'
import { closeDatabase, executor, history, migrate, openDatabase, rows, run, schema } from './history.ts'

const { addConstraint, addConstraintNotValid, addField, addIndex, addIndexConcurrently, alterField, check } = door
const { createModel, fields: f, index, removeIndexConcurrently, unique, validateConstraint } = door

beforeEach(() => void openDatabase())
afterEach(closeDatabase)

const first = ['library', '0001_initial'] as const
const base = history([
  '0001_initial',
  [
    createModel('Author', { id: f.autoId() }),
    createModel('Book', { id: f.autoId(), title: f.char({ maxLength: 90 }), pages: f.integer({ null: true }) }),
  ],
])
const change = (operations: door.Operation[], more = {}) => [
  ...base,
  ...history(['0002_change', operations, { dependencies: [first], ...more }]),
]
async function withRows() {
  await migrate(base)
  await run("insert into library_book (title, pages) select 'x' || i, i from generate_series(1, 200) i")
}
/** The statements that reached the server. */
async function sent(steps: ReturnType<typeof history>, onlineFrom = 1): Promise<string[]> {
  const found: string[] = []
  const real = migrationDatabase('default')
  const { loader } = executor(steps)
  const { MigrationExecutor } = await import('../../src/db/migrations/internal.ts')
  const made = new MigrationExecutor(loader, {
    ...real,
    exec: (sql) => {
      found.push(sql)
      return real.exec(sql)
    },
    session: (list, timeouts) => {
      found.push(...list)
      return real.session(list, timeouts)
    },
  })
  await made.migrate(await made.plan(), { onlineFrom })
  return found.filter((sql) => /^(create|alter|drop) (unique )?(index|table)/i.test(sql) && !sql.includes('progress'))
}
const progress = async () =>
  (await migrationDatabase('default').tables()).filter((name) => name === 'nuages_migration_progress')
const invalid = () => rows('select count(*)::int from pg_index where not indisvalid')

const additions: door.Operation[] = [
  addIndex('Book', index(['pages'], { name: 'by_pages' })),
  addConstraint('Book', check({ pages__gte: 0 }, { name: 'positive' })),
  addConstraint('Book', unique(['title'], { name: 'one_title' })),
  addField('Book', 'author', f.foreignKey('library.Author', { null: true, onDelete: 'cascade' })),
  alterField('Book', 'pages', f.integer()),
]

describe('by themselves', () => {
  test('MIG-23 additions to a large table: the same schema, nothing locked while rows are read', async () => {
    await withRows()
    await migrate(change(additions), {}, { onlineFrom: 1e12 })
    const wanted = await schema()
    await migrate(change(additions), { app: 'library', name: '0001' })
    const statements = await sent(change(additions))
    expect(statements.filter((sql) => /CONCURRENTLY/.test(sql))).toHaveLength(3)
    expect(statements.filter((sql) => /NOT VALID$/.test(sql))).toHaveLength(3)
    expect(statements.filter((sql) => /VALIDATE CONSTRAINT/.test(sql))).toHaveLength(3)
    expect(await schema()).toEqual(wanted)
    expect(await progress()).toEqual([])
    expect(await rows('select count(*)::int from pg_constraint where not convalidated')).toEqual([[0]])
  })

  test('a small table is changed in one transaction, and so is one that `atomic: true` asks for', async () => {
    await withRows()
    expect((await sent(change(additions), 1e12)).some((sql) => /CONCURRENTLY|NOT VALID/.test(sql))).toBe(false)
    await migrate(change(additions), { app: 'library', name: '0001' })
    expect((await sent(change(additions, { atomic: true }))).some((sql) => /CONCURRENTLY/.test(sql))).toBe(false)
  })

  test.each([
    [
      'a unique constraint',
      addConstraint('Book', unique(['title'], { name: 'one_title' })),
      "update library_book set title = 'same'",
    ],
    [
      'a check',
      addConstraint('Book', check({ pages__gte: 0 }, { name: 'positive' })),
      'update library_book set pages = -1',
    ],
    ['no more nulls', alterField('Book', 'pages', f.integer()), 'update library_book set pages = null'],
  ])('MIG-09 %s that rows break leaves nothing behind', async (_, operation, breaks) => {
    await withRows()
    await run(breaks)
    const before = await schema()
    const steps = change([addIndex('Book', index(['title'], { name: 'titles' })), operation])
    await expect(sent(steps)).rejects.toMatchObject({ code: 'migrations.failed' })
    expect(await schema()).toEqual(before)
    expect(await invalid()).toEqual([[0]])
    expect(await rows('select name from nuages_migrations')).toEqual([['0001_initial']])
    expect(await rows('select count(*)::int from nuages_migration_progress')).toEqual([[0]])
  })
})

describe('by operations', () => {
  const apart = (operations: door.Operation[]) => change(operations, { atomic: false })

  test('MIG-24 addIndexConcurrently and removeIndexConcurrently, there and back', async () => {
    await withRows()
    const added = apart([addIndexConcurrently('Book', index(['pages'], { name: 'by_pages' }))])
    expect(await sent(added)).toEqual([expect.stringMatching(/^CREATE INDEX CONCURRENTLY "by_pages"/)])
    const removed = [
      ...added,
      ...history([
        '0003_gone',
        [removeIndexConcurrently('Book', 'by_pages')],
        { atomic: false, dependencies: [['library', '0002_change']] },
      ]),
    ]
    expect(await sent(removed)).toEqual(['DROP INDEX CONCURRENTLY IF EXISTS "by_pages"'])
    await migrate(removed, { app: 'library', name: '0002' })
    expect(
      await rows("select count(*)::int from pg_indexes where indexname = 'by_pages' and schemaname = current_schema()"),
    ).toEqual([[1]])
  })

  test('MIG-24 an index that a failure left invalid is built again by the next run', async () => {
    await withRows()
    await run("update library_book set title = 'same'")
    const steps = apart([
      addIndexConcurrently('Book', { ...index(['title'], { name: 'once' }), unique: true } as never),
    ])
    const build = addConstraint('Book', unique(['title'], { name: 'once' }))
    const online = apart([
      { ...build, forwards: ({ from, to, run: to_ }) => to_.transform(from, to, { online: 'whole' }) },
    ])
    expect(steps).toHaveLength(2)
    await expect(migrate(online)).rejects.toMatchObject({ code: 'migrations.failed' })
    expect(await invalid()).toEqual([[1]])
    await run("update library_book set title = 'x' || id")
    await migrate(online)
    expect(await invalid()).toEqual([[0]])
  })

  test('MIG-24 in a migration that is one transaction it is refused before anything runs', async () => {
    await withRows()
    const steps = change([
      addField('Book', 'x', f.integer({ null: true })),
      addIndexConcurrently('Book', index(['pages'], { name: 'p' })),
    ])
    await expect(migrate(steps)).rejects.toMatchObject({ code: 'migrations.needs-no-transaction' })
  })

  test('MIG-24 addConstraintNotValid leaves rows alone, validateConstraint looks at them', async () => {
    await withRows()
    await run('update library_book set pages = -1 where id = 1')
    const steps = [
      ...change([addConstraintNotValid('Book', check({ pages__gte: 0 }, { name: 'positive' }))]),
      ...history([
        '0003_validate',
        [validateConstraint('Book', 'positive')],
        { dependencies: [['library', '0002_change']] },
      ]),
    ]
    await migrate(steps, { app: 'library', name: '0002' })
    await expect(run('update library_book set pages = -2 where id = 2')).rejects.toMatchObject({
      code: 'db.check-violation',
    })
    await expect(migrate(steps)).rejects.toMatchObject({ code: 'migrations.failed' })
    await run('update library_book set pages = 1 where id = 1')
    expect(await migrate(steps)).toEqual(['+0003_validate'])
    expect(await migrate(steps, { app: 'library', name: '0001' })).toEqual(['-0003_validate', '-0002_change'])
  })
})

test('a lock that others hold is not waited for long: the migration gives way, and begins again', async () => {
  await withRows()
  const steps = change([addField('Book', 'x', f.integer({ null: true }))])
  const told: string[] = []
  let release = () => {}
  const held = new Promise<void>((resolve) => (release = resolve))
  const holder = atomic(async () => {
    await database().exec('select 1 from library_book limit 1')
    await held
  })
  const done = migrate(
    steps,
    {},
    {
      lockTimeout: 50,
      onWaiting: (reason) => {
        told.push(reason)
        release()
      },
    },
  )
  await Promise.all([holder, done])
  expect(told[0]).toBe('lock')
  expect(await rows('select count(*)::int from library_book where x is null')).toEqual([[200]])
})

describe('MIG-24 sqlmigrate prints what migrate runs on this database', () => {
  const add = change([addIndex('Book', index(['pages'], { name: 'by_pages' }))])
  const printed = (steps: ReturnType<typeof history>) => {
    const { loader } = executor(steps)
    return printedSql(loader, migrationDatabase('default'), { migration: steps.at(-1)!, backwards: false })
  }
  const plain = 'CREATE INDEX "by_pages" ON "library_book" ("pages");'
  const staged = 'CREATE INDEX CONCURRENTLY "by_pages" ON "library_book" ("pages");'

  test('of a small table one transaction, and the stages of a large one as a comment', async () => {
    await withRows()
    expect(await printed(add)).toEqual([
      'BEGIN;',
      '-- Add index by_pages to Book',
      plain,
      'COMMIT;',
      '-- Where library_book is larger than 1 MB, migrate takes this in stages:',
      '-- Add index by_pages to Book',
      `--   ${staged}`,
    ])
  })

  test('of a large table the stages, the same that migrate sends', async () => {
    await withRows()
    await run("insert into library_book (title, pages) select repeat('x', 80) || i, i from generate_series(1, 12000) i")
    const steps = change([...additions])
    const lines = await printed(steps)
    expect(lines[0]).toContain('library_book is large')
    const statements = lines.filter((line) => /^(create|alter|drop) (unique )?(index|table)/i.test(line))
    const went = await sent(steps, 1024 * 1024)
    expect(statements.map((line) => line.slice(0, -1))).toEqual(went)
    expect(statements.join()).toContain('CONCURRENTLY')
    expect(lines.filter((line) => line === 'BEGIN;')).toHaveLength(lines.filter((line) => line === 'COMMIT;').length)
  })

  test('of one that is not atomic each change in its own transaction, and none around one that takes none', async () => {
    await migrate(base)
    const steps = change(
      [
        addField('Book', 'isbn', f.integer({ null: true })),
        addIndexConcurrently('Book', index(['pages'], { name: 'by_pages' })),
      ],
      { atomic: false },
    )
    expect(await printed(steps)).toEqual([
      '-- Add field isbn to Book',
      'BEGIN;',
      'ALTER TABLE "library_book" ADD COLUMN "isbn" integer NULL;',
      'COMMIT;',
      expect.stringMatching(/^-- /),
      staged,
    ])
  })
})
