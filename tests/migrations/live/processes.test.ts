/**
 * MIG-07, MIG-09: two processes run `nuages migrate` on one database. One waits and finds the work done; where the other is
 * killed it goes on, or says how to. Where somebody else writes to a file of SQLite, migrating waits, too.
 */
import { spawn } from 'node:child_process'
import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import * as door from 'nuages/db/migrations'
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import { closeDatabases, configureDatabases, database } from '../../../src/db/internal.ts'
import { atomic } from '../../../src/db/transactions.ts'
import { copyFixture, type Running, start } from '../../cli/nuages.ts'
import { engine } from '../../db/backends/fresh.ts'
import { closeDatabase, history, isSqlite, migrate, openDatabase, rows, run, schema } from '../history.ts'

// Processes are started: on a busy machine each takes seconds.
vi.setConfig({ testTimeout: 60_000, hookTimeout: 120_000 })
const isMariaDb = engine.name === 'MariaDB'

/** The project that the processes migrate. */
let folder = ''
let remove = () => {}
const running: Running[] = []
beforeEach(() => {
  openDatabase()
  ;({ folder, remove } = copyFixture('fixture-database'))
  mkdirSync(join(folder, 'library/migrations'))
})
afterEach(async () => {
  for (const each of running.splice(0)) {
    each.child.kill('SIGKILL')
    await each.ended
  }
  remove()
  await closeDatabase()
})

const write = (name: string, text: string) => writeFileSync(join(folder, name), text)

/** A migration that says when it is in the middle, and goes on once there is a file `go`. */
const SLOW = `import { existsSync } from 'node:fs'
import { setTimeout as sleep } from 'node:timers/promises'
import { addField, fields, migration, noop, runCode, runSql } from 'nuages/db/migrations'

export default migration({
  dependencies: [['library', '0001_initial']],
  operations: [
    addField('Book', 'pages', fields.integer(), { fill: 1 }),
    // Not the same when it is done twice.
    runSql('update library_book set pages = pages + 1', { reverse: '' }),
    runCode(
      async ({ models }) => {
        await models.get('Book').objects.dynamicCreate({ title: 'Minor Swing', pages: 5 })
        console.log('in the middle')
        while (!existsSync(new URL('../../go', import.meta.url))) await sleep(20)
      },
      { reverse: noop },
    ),
  ],
})
`
const LAST = `import { addField, fields, migration } from 'nuages/db/migrations'

export default migration({
  dependencies: [['library', '0002_slow']],
  operations: [addField('Book', 'seen', fields.integer(), { fill: 7 })],
})
`

/** Three migrations, the second of which takes as long as a test likes. */
function writeProject(slow = SLOW): void {
  const { config } = database()
  write(
    'settings.ts',
    `import { defineSettings, env } from 'nuages'
import { library } from './library/app.ts'

export default defineSettings({
  root: import.meta.url,
  secretKey: env.secret('SECRET_KEY'),
  databases: { default: ${JSON.stringify(config)} },
  apps: [library],
  urls: () => import('./urls.ts'),
})
`,
  )
  write(
    'library/migrations/0001_initial.ts',
    `import { createModel, fields, migration, runSql } from 'nuages/db/migrations'

export default migration({
  operations: [
    createModel('Book', { id: fields.autoId(), title: fields.char({ maxLength: 200 }) }),
    runSql("insert into library_book (title) values ('Nuages')", { reverse: '' }),
  ],
})
`,
  )
  write('library/migrations/0002_slow.ts', slow)
  write('library/migrations/0003_last.ts', LAST)
}

function startMigrate(...options: string[]): Running {
  const started = start(['migrate', ...options], { cwd: folder })
  running.push(started)
  return started
}
const WAITS = /Another process migrates this database: waiting for it\./

/** What a database has at the end: everything once. */
async function expectAll(): Promise<void> {
  expect(await rows('select app, name from nuages_migrations order by id')).toEqual(
    ['0001_initial', '0002_slow', '0003_last'].map((name) => ['library', name]),
  )
  expect(await rows('select title, pages, seen from library_book order by pages')).toEqual([
    ['Nuages', 2, 7],
    ['Minor Swing', 5, 7],
  ])
  expect((await schema()).map(({ name }) => name)).toEqual(['library_book'])
}

// PGlite's folder is one process' own.
describe.skipIf(engine.name === 'PGlite')('two processes', () => {
  test('MIG-07 that begin at once: one waits, none breaks, and everything is done once', async () => {
    writeProject()
    const both = [startMigrate(), startMigrate()]
    await Promise.race(both.map((each) => each.until(WAITS)))
    await Promise.race(both.map((each) => each.until(/in the middle/)))
    write('go', '')
    const ended = await Promise.all(both.map((each) => each.ended))
    expect(ended.map(({ code, err }) => [code, err])).toEqual([
      [0, ''],
      [0, ''],
    ])
    const [waited, worked] = ended.map(({ out }) => out).sort((a, b) => Number(WAITS.test(b)) - Number(WAITS.test(a)))
    expect(worked).not.toMatch(WAITS)
    expect(worked!.match(/\.\.\. .*?done$/gms)).toHaveLength(3)
    // It may have begun after the first was done.
    expect(waited!.match(/^Applying .*$/gm)!.slice(-2)).toEqual([
      'Applying library.0002_slow ... done by another process',
      'Applying library.0003_last ... done by another process',
    ])
    expect(waited).not.toContain('in the middle')
    await expectAll()
  })

  test('MIG-09 one is killed with SIGKILL: the other, which waits, goes on from there', async () => {
    writeProject()
    const first = startMigrate()
    await first.until(/in the middle/)
    const second = startMigrate()
    await second.until(WAITS)
    first.child.kill('SIGKILL')
    await second.until(/in the middle/)
    write('go', '')
    expect(await second.ended).toMatchObject({ code: 0, err: '' })
    expect(await first.ended).toMatchObject({ code: null })
    await expectAll()
  })

  if (isMariaDb)
    test('MIG-09 one is killed in a statement of its own that nothing tells of: the other says so, and goes on once it is told', async () => {
      // The second of the two statements waits for a lock of ours: nobody but who looks sees that the first alone ran.
      const script = "create table library_log (id int); create table library_copy as select get_lock('$LOCK', 600) got"
      const lock = `nuages_test_${process.pid}`
      const runs = `runSql("${script.replace('$LOCK', lock)}", { reverse: '' })`
      writeProject(SLOW.replace(/\n {2}\],\n\}\)\n$/, `\n    ${runs},\n  ],\n})\n`))
      const held = Promise.withResolvers<void>()
      const over = Promise.withResolvers<void>()
      const holder = atomic(async () => {
        await rows(`select get_lock('${lock}', 0)`)
        held.resolve()
        await over.promise
        await rows(`select release_lock('${lock}')`)
      })
      await held.promise
      const first = startMigrate()
      await first.until(/in the middle/)
      const second = startMigrate()
      await second.until(WAITS)
      write('go', '')
      const waiting = () =>
        rows(
          `select id from information_schema.processlist where db = database() and info like 'create table library_copy%'`,
        )
      while ((await waiting()).length === 0) await new Promise((resolve) => setTimeout(resolve, 50))
      first.child.kill('SIGKILL')
      // The server notices later that the process is gone: until then it keeps others from reading what tables there are.
      for (const [id] of await waiting()) await run(`kill ${Number(id)}`)
      while ((await waiting()).length > 0) await new Promise((resolve) => setTimeout(resolve, 50))
      const told = await second.ended
      expect(told.code).toBe(1)
      expect(told.err).toMatch(
        /library\.0002_slow was ended at a statement of its own, and nothing tells whether it ran/,
      )
      expect(told.err).toMatch(/--resume done .*--resume again/s)
      over.resolve()
      await holder
      // The server may have come to its end before it noticed: who is asked looks.
      const ran = (await schema()).some(({ name }) => name === 'library_copy')
      if (!ran) await run('drop table library_log')
      expect(await startMigrate('--resume', ran ? 'done' : 'again').ended).toMatchObject({ code: 0, err: '' })
      await run('drop table library_log, library_copy')
      await expectAll()
    })
})

if (isSqlite)
  describe('a file of SQLite that another process writes to', () => {
    const steps = history(
      ['0001_initial', [door.createModel('Author', { id: door.fields.autoId() })]],
      ['0002_more', [door.addField('Author', 'born', door.fields.integer({ null: true }))]],
      [
        '0003_apart',
        [
          door.addField('Author', 'died', door.fields.integer({ null: true })),
          door.runSql('select 1', { reverse: '' }),
        ],
        { atomic: false },
      ],
    )
    const HOLD = `const { DatabaseSync } = require('node:sqlite')
const file = new DatabaseSync(process.argv[1])
file.exec('PRAGMA journal_mode = WAL; BEGIN IMMEDIATE; CREATE TABLE others (id integer)')
console.log('held')
process.stdin.resume().on('end', () => file.exec('ROLLBACK'))`

    /** Another process in the middle of writing; gives what ends that. */
    async function hold(): Promise<() => Promise<void>> {
      const path = database().config.url!.slice('sqlite:'.length)
      const child = spawn(process.execPath, ['--eval', HOLD, path], { stdio: ['pipe', 'pipe', 'inherit'] })
      const closed = new Promise<void>((resolve) => child.once('close', () => resolve()))
      await new Promise((resolve) => child.stdout.once('data', resolve))
      return () => {
        child.stdin.end()
        return closed
      }
    }

    beforeEach(async () => {
      const { config } = database()
      await closeDatabases()
      configureDatabases({ default: { ...config, options: { lockTimeout: '20' } } })
    })

    test('MIG-07 is waited for, from the first table on', async () => {
      for (const { name } of steps) {
        const release = await hold()
        const told: string[] = []
        const onWaiting = (reason: string) => {
          told.push(reason)
          void release()
        }
        expect(await migrate(steps, { app: 'library', name }, { onWaiting }), name).toEqual([`+${name}`])
        expect(told[0], name).toBe('lock')
        await release()
      }
      expect((await schema()).map((table) => [table.name, ...table.columns.map(({ name }) => name)])).toEqual([
        ['library_author', 'id', 'born', 'died'],
      ])
      // A table of places is of no use to who has come to the end.
      expect((await rows("select name from sqlite_master where name like '%progress%'")).length).toBe(0)
    })

    test('MIG-07 is tried for as often as lockRetries says; then nothing of it stays', async () => {
      await migrate(steps, { app: 'library', name: '0001' })
      const before = await schema()
      const release = await hold()
      const told: string[] = []
      const onWaiting = (reason: string) => void told.push(reason)
      await expect(migrate(steps, {}, { lockRetries: 1, onWaiting })).rejects.toMatchObject({
        code: 'db.locked',
        hint: expect.stringContaining('Find the process that writes to the file'),
      })
      await release()
      expect(told).toEqual(['lock'])
      expect(await schema()).toEqual(before)
      expect(await migrate(steps)).toEqual(['+0002_more', '+0003_apart'])
    })
  })
