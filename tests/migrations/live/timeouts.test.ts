/** MIG-07 on servers: how long statements of migrations may run, and how often one that found no lock begins again. */
import * as door from 'nuages/db/migrations'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { closeDatabases, configureDatabases, database } from '../../../src/db/internal.ts'
import { atomic } from '../../../src/db/transactions.ts'
import { engine } from '../../db/backends/fresh.ts'
import { closeDatabase, history, migrate, openDatabase, rows, run, schema } from '../history.ts'

const { addField, createModel, fields: f, runSql } = door
const isMariaDb = engine.name === 'MariaDB'
const onServers = test.runIf(isMariaDb || engine.name === 'PostgreSQL')

beforeEach(() => void openDatabase())
afterEach(closeDatabase)

const author = createModel('Author', { id: f.autoId(), name: f.char({ maxLength: 90 }) })
const born = addField('Author', 'born', f.integer({ null: true }))
const first = { app: 'library', name: '0001' }
/** Work of the server's for at least as long: a sleep that MariaDB ends in time ends without an error. */
const work = (rows: number) =>
  isMariaDb
    ? `select count(*) from seq_1_to_${rows}00000 where sha2(seq, 512) > ''`
    : `select count(sha512(i::text::bytea)) from generate_series(1, ${rows}00000) i`
const slow = (rows: number) => runSql(work(rows), { reverse: '' })

onServers('a statement runs no longer than statementTimeout, and what its migration did before is gone', async () => {
  const steps = history(['0001_initial', [author]], ['0002_slow', [born, slow(60)]])
  await migrate(steps, first)
  const before = await schema()
  await expect(migrate(steps, {}, { statementTimeout: 100 })).rejects.toMatchObject({
    code: 'migrations.failed',
    message: expect.stringContaining('at "Run SQL"'),
    cause: { code: 'db.cancelled' },
  })
  // A server that commits each change of tables keeps the first operation, until it is undone.
  if (isMariaDb) await migrate(steps, first)
  expect(await schema()).toEqual(before)
  expect(await rows('select name from nuages_migrations')).toEqual([['0001_initial']])
})

onServers('without it they take as long as they need, whatever statementTimeout of the database says', async () => {
  const { config } = database()
  const options = { ...config.options, statementTimeout: '100' }
  await closeDatabases()
  configureDatabases({ default: { ...config, options } })
  await expect(run(work(5))).rejects.toMatchObject({ code: 'db.cancelled' })
  expect(await migrate(history(['0001_initial', [author, slow(5), born]]))).toEqual(['+0001_initial'])
  await closeDatabases()
  configureDatabases({ default: config })
  expect((await schema())[0]!.columns.map(({ name }) => name)).toContain('born')
})

onServers('a lock that is never free is tried for as often as lockRetries says; then nothing of it stays', async () => {
  const steps = history(['0001_initial', [author]], ['0002_more', [born]])
  await migrate(steps, first)
  const before = await schema()
  const told: string[] = []
  let release = () => {}
  const free = new Promise<void>((resolve) => (release = resolve))
  let begin = () => {}
  const held = new Promise<void>((resolve) => (begin = resolve))
  const holder = atomic(async () => {
    await database().exec('select 1 from library_author')
    begin()
    await free
  })
  await held
  const onWaiting = (reason: string) => void told.push(reason)
  try {
    await expect(migrate(steps, {}, { lockTimeout: isMariaDb ? 1000 : 50, lockRetries: 2, onWaiting })).rejects.toThrow(
      expect.objectContaining({
        code: 'migrations.failed',
        cause: expect.objectContaining({
          code: 'db.locked',
          // It is the table that was awaited, and a reader that has it.
          hint: expect.stringMatching(
            /uses the table; one that has only read is enough.*(pg_stat_activity|PROCESSLIST)/,
          ),
        }),
      }),
    )
  } finally {
    release()
    await holder
  }
  expect(told).toEqual(['lock', 'lock'])
  expect(await schema()).toEqual(before)
  expect(await migrate(steps)).toEqual(['+0002_more'])
})

onServers('a query that a change of tables keeps waiting is told of the table, and no row', async () => {
  await migrate(history(['0001_initial', [author]]))
  const { config } = database()
  await closeDatabases()
  configureDatabases({ default: { ...config, options: { ...config.options, lockTimeout: '1000' } } })
  let release = () => {}
  const free = new Promise<void>((resolve) => (release = resolve))
  let begin = () => {}
  const held = new Promise<void>((resolve) => (begin = resolve))
  const insert = "insert into library_author (id, name) values (1, 'x')"
  const holder = atomic(async () => {
    // MariaDB says the same of rows and of tables: its hint tells of both.
    await database().exec(isMariaDb ? insert : 'lock table library_author')
    begin()
    await free
  })
  await held
  try {
    await expect(run(insert)).rejects.toMatchObject({
      code: 'db.locked',
      hint: expect.stringMatching(/one of a migration(, holds)? the table/),
    })
  } finally {
    release()
    await holder
  }
})
