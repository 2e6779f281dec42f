/** MIG-07: two migrators at once: one waits and is told, none breaks. What stopped goes on, or is undone. */
import * as door from 'nuages/db/migrations'
import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import type { Migration } from '../../../src/db/migrations/migration.ts'
import { PROGRESS_TABLE, Progress } from '../../../src/db/migrations/progress.ts'
import { engine } from '../../db/backends/fresh.ts'
import { closeDatabase, executor, history, migrate, openDatabase, rows, run, schema } from '../history.ts'

const { addField, createModel, fields: f, noop, runCode, runSql } = door

beforeEach(() => void openDatabase())
afterEach(closeDatabase)

const author = createModel('Author', { id: f.autoId(), name: f.char({ maxLength: 90 }) })

test('MIG-07 two at once: one waits, is told, and finds the work done', async () => {
  const told: string[] = []
  let begun = () => {}
  const running = new Promise<void>((resolve) => (begun = resolve))
  let ran = 0
  const steps = history(
    ['0001_initial', [author]],
    [
      '0002_slow',
      [
        runCode(
          async () => {
            ran++
            begun()
            // Long enough for the other to ask for the lock, which it does at once.
            for (let i = 0; i < 50 && told.length === 0; i++) await new Promise((resolve) => setTimeout(resolve, 10))
          },
          { reverse: noop },
        ),
      ],
    ],
  )
  const one = migrate(steps)
  await running
  const other = migrate(steps, {}, { onWaiting: (reason) => void told.push(reason) })
  await Promise.all([one, other])
  expect(ran).toBe(1)
  expect(await rows('select name from nuages_migrations order by name')).toEqual([['0001_initial'], ['0002_slow']])
  // PGlite has one connection: the other waits for it before it asks.
  if (engine.name !== 'PGlite') expect(told).toEqual(['migration'])
})

test('MIG-07 the table of places may go while another process reads it', async () => {
  const { database } = executor([])
  const progress = new Progress(database)
  await progress.ensureTable()
  const tables = database.tables.bind(database)
  vi.spyOn(database, 'tables').mockImplementationOnce(async () => {
    const found = await tables()
    expect(found).toContain(PROGRESS_TABLE)
    await run(`drop table ${PROGRESS_TABLE}`)
    return found
  })
  expect(await progress.unfinished()).toEqual([])
})

test('MIG-07, MIG-11 a squashed migration is recorded by one of several, under the lock, and only once', async () => {
  const parts = history(['0001_initial', [author]], ['0002_more', [runSql('select 1')]])
  await migrate(parts)
  const squashed: Migration = {
    app: 'library',
    name: '0001_squashed_0002',
    file: null,
    replaces: [
      ['library', '0001_initial'],
      ['library', '0002_more'],
    ],
    operations: [author, runSql('select 1')],
  }
  const recorded = () => rows('select name from nuages_migrations order by id')
  // What cannot be undone is refused before anything is written.
  await expect(migrate([...parts, squashed], { app: 'library', name: 'zero' })).rejects.toMatchObject({
    code: 'migrations.irreversible',
  })
  expect(await recorded()).toEqual([['0001_initial'], ['0002_more']])
  const later = history(['0003_more', [runSql('select 1')], { dependencies: [['library', squashed.name]] }])
  const all = [...parts, squashed]
  await Promise.all([migrate(all), migrate([...all, ...later]), migrate(all), migrate(all)])
  expect((await recorded()).map(([name]) => String(name)).sort()).toEqual([
    '0001_initial',
    '0001_squashed_0002',
    '0002_more',
    '0003_more',
  ])
  // Where nothing is missing nobody is waited for.
  const last = executor(all)
  const locked = vi.spyOn(last.database, 'exclusively')
  await last.migrate(await last.plan())
  expect(locked).not.toHaveBeenCalled()
})

test('MIG-07 two at once, in steps of their own transactions: they do not interleave', async () => {
  let ran = 0
  const pause = runCode(
    async () => {
      ran++
      await new Promise((resolve) => setTimeout(resolve, 100))
    },
    { reverse: noop },
  )
  const steps = history([
    '0001_initial',
    [author, pause, addField('Author', 'born', f.integer({ null: true })), pause],
    { atomic: false },
  ])
  await Promise.all([migrate(steps), migrate(steps), migrate(steps)])
  expect(ran).toBe(2)
  expect(await rows('select name from nuages_migrations')).toEqual([['0001_initial']])
})

test('MIG-09 a migration that fails leaves nothing, or stops where the next run goes on; it can be undone', async () => {
  const broken = history(
    ['0001_initial', [author]],
    [
      '0002_more',
      [
        addField('Author', 'born', f.integer({ null: true })),
        runSql("insert into library_author (id, name) values (1, 'x')", { reverse: '' }),
        addField('Author', 'age', f.integer({ null: true })),
        runSql('nonsense', { reverse: '' }),
      ],
    ],
  )
  const before = history(['0001_initial', [author]])
  await migrate(before)
  const wanted = await schema()
  await expect(migrate(broken)).rejects.toMatchObject({ code: 'migrations.failed' })
  // Undone: whatever this database kept goes.
  await migrate(broken, { app: 'library', name: '0001' })
  expect(await schema()).toEqual(wanted)
  await run('delete from library_author')
  await expect(migrate(broken)).rejects.toMatchObject({ code: 'migrations.failed' })
  // Mended: it goes on.
  const [, second] = broken
  await migrate([
    broken[0]!,
    { ...second!, operations: [...second!.operations.slice(0, 3), runSql('select 1', { reverse: '' })] },
  ])
  expect(await rows('select id, name, born, age from library_author')).toEqual([[1, 'x', null, null]])
})

test('MIG-20 an operation without a reverse is refused by name before anything is undone', async () => {
  const steps = history(
    ['0001_initial', [author]],
    ['0002_more', [runSql('select 1')]],
    ['0003_last', [addField('Author', 'born', f.integer({ null: true }))]],
  )
  await migrate(steps)
  await expect(migrate(steps, { app: 'library', name: 'zero' })).rejects.toThrow('Run SQL')
  expect(await rows('select count(*) from nuages_migrations')).toEqual([[expect.toSatisfy((n) => Number(n) === 3)]])
})

test('MIG-07 prune forgets what has no file, of one app', async () => {
  const steps = history(['0001_initial', [author]], ['0002_gone', [runSql('select 1', { reverse: '' })]])
  await migrate(steps)
  const made = executor(steps.slice(0, 1))
  expect(await made.prune('other')).toEqual([])
  expect(await made.prune('library')).toEqual(['0002_gone'])
  expect(await rows('select name from nuages_migrations')).toEqual([['0001_initial']])
})

test('MIG-17 runSql takes params, which become constants of the database', async () => {
  const text = 'it\'s 100% \\ "so"'
  await migrate(
    history([
      '0001_initial',
      [
        author,
        runSql(['insert into library_author (id, name) values (%s, %s)', [7, text]]),
        runSql([["update library_author set name = concat(name, '%%') where id = %s", [7]], 'select 1']),
      ],
    ]),
  )
  expect(await rows('select id, name from library_author')).toEqual([[7, `${text}%`]])
  await expect(migrate(history(['0001_x', [runSql(['select %s', []])]]))).rejects.toThrow()
})

test('MIG-25 a renamed model is told inside the migration: what a receiver throws undoes it where that is possible', async () => {
  const told: unknown[] = []
  let broken = false
  const off = door.modelsRenamed.connect(({ renames }) => {
    told.push(...renames)
    if (broken) throw new Error('no')
  })
  const steps = history(['0001_initial', [author]], ['0002_rename', [door.renameModel('Author', 'Person')]])
  try {
    await migrate(steps)
    await migrate(steps, { app: 'library', name: '0001' })
    expect(told).toEqual([
      { app: 'library', from: 'Author', to: 'Person' },
      { app: 'library', from: 'Person', to: 'Author' },
    ])
    broken = true
    await expect(migrate(steps)).rejects.toThrow('no')
  } finally {
    off()
  }
  // The next run does the rest.
  await migrate(steps)
  expect((await schema()).map(({ name }) => name)).toEqual(['library_person'])
})

test('MIG-25 a model that moves to another app is told of with both, and back', async () => {
  const told: unknown[] = []
  const off = door.modelsRenamed.connect(({ renames }) => void told.push(...renames))
  const steps = history(
    ['0001_initial', [author]],
    ['people.0001_take', [door.moveModel('library.Author', 'Person')]],
    ['people.0002_rename', [door.renameModel('Person', 'Human')]],
  )
  try {
    await migrate(steps)
    await migrate(steps, { app: 'people', name: 'zero' })
  } finally {
    off()
  }
  expect(told).toEqual([
    { app: 'library', from: 'Author', to: 'Person', toApp: 'people' },
    { app: 'people', from: 'Person', to: 'Human' },
    { app: 'people', from: 'Human', to: 'Person' },
    { app: 'people', from: 'Person', to: 'Author', toApp: 'library' },
  ])
})
