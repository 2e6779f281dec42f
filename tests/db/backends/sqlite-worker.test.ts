/** SQLite in workers. */
import { spawnSync } from 'node:child_process'
import { existsSync, readFileSync } from 'node:fs'
import { DatabaseSync } from 'node:sqlite'
import { fileURLToPath } from 'node:url'
import { abortable, atomic, connection, sql } from 'nuages/db'
import { beforeEach, describe, expect, test } from 'vitest'
import { createDatabase } from '../../../src/db/connections.ts'
import { describeBackend } from '../../contracts/db-backend.ts'
import { add, addMany, freshDatabase, freshPath, names, pause, sqlOf } from '../transactions/databases.ts'

const options = { worker: true }
describeBackend('SQLite in workers', () => ({ engine: 'sqlite', url: `sqlite:${freshPath()}`, options }))

const SLOW = sql`with recursive n(i) as (select 1 union all select i + 1 from n where i < 2000000000) select count(*) from n`
const SLOW_WRITE = sql`insert into item (name, number) with recursive n(i) as (select 1 union all select i + 1 from n where i < 2000000000) select i, i from n`
const SLOW_CHUNK = `with recursive n(i) as (select 1 union all select i + 1 from n where i < 2000000000) select i from n where i in (1, 2000000000)`
/** Long enough for the statement to be under way. */
const UNDER_WAY = 200

describe('a query that would take a minute', () => {
  let path: string
  beforeEach(async () => {
    path = freshPath()
    await freshDatabase({ path, options })
    await add('a')
  })

  test('does not hold up the event loop, other queries or writes', async () => {
    const controller = new AbortController()
    let done = false
    const slow = abortable(controller.signal, () => connection().execute(SLOW)).finally(() => (done = true))
    slow.catch(() => undefined)
    await pause(UNDER_WAY)
    expect(await names()).toEqual(['a'])
    await add('b')
    expect(done).toBe(false)
    controller.abort()
    await expect(slow).rejects.toMatchObject({ code: 'db.aborted' })
  })

  test('is stopped; those that wait for its worker and the next ones work', async () => {
    await freshDatabase({ path, options: { worker: true, readers: 1 } })
    const controller = new AbortController()
    const reason = new Error('closed')
    const slow = abortable(controller.signal, () => connection().execute(SLOW))
    slow.catch(() => undefined)
    await pause(UNDER_WAY)
    const waiting = [names(), names()]
    controller.abort(reason)
    await expect(slow).rejects.toMatchObject({ code: 'db.aborted', cause: reason })
    expect(await Promise.all(waiting)).toEqual([['a'], ['a']])
    expect(await names()).toEqual(['a'])
  })

  test('that writes is stopped: the data is whole, and nothing of it stays', async () => {
    const controller = new AbortController()
    const slow = abortable(controller.signal, () => connection().execute(SLOW_WRITE))
    slow.catch(() => undefined)
    await pause(UNDER_WAY)
    const waiting = add('b')
    controller.abort()
    await expect(slow).rejects.toMatchObject({ code: 'db.aborted' })
    await waiting
    expect(await names()).toEqual(['a', 'b'])
    expect((await connection().execute(sql`pragma integrity_check`)).rows).toEqual([['ok']])
  })

  test('in a block is stopped: the block is rolled back and told why', async () => {
    const controller = new AbortController()
    let after: unknown
    const block = atomic(async () => {
      await add('lost')
      await abortable(controller.signal, () => connection().execute(SLOW)).catch((error) =>
        expect(error).toMatchObject({ code: 'db.aborted' }),
      )
      after = await add('never').catch((error) => error)
    })
    block.catch(() => undefined)
    await pause(UNDER_WAY)
    controller.abort()
    await expect(block).rejects.toMatchObject({ code: 'db.broken-transaction' })
    expect(after).toMatchObject({ code: 'db.broken-transaction', cause: { code: 'db.aborted' } })
    await atomic(() => add('b'))
    expect(await names()).toEqual(['a', 'b'])
  })

  test('and an uncaught abort leaves the block as db.aborted', async () => {
    const controller = new AbortController()
    const block = atomic(async () => {
      await add('lost')
      await abortable(controller.signal, () => connection().execute(SLOW))
    })
    block.catch(() => undefined)
    await pause(UNDER_WAY)
    controller.abort()
    await expect(block).rejects.toMatchObject({ code: 'db.aborted' })
    expect(await names()).toEqual(['a'])
  })

  test('a statement that waits for its turn gives up without harm to the one that runs', async () => {
    const controller = new AbortController()
    const opened = Promise.withResolvers<void>()
    const go = Promise.withResolvers<void>()
    const block = atomic(async () => {
      await add('b')
      opened.resolve()
      await go.promise
    })
    await opened.promise
    const waiting = abortable(controller.signal, () => add('late'))
    waiting.catch(() => undefined)
    controller.abort()
    await expect(waiting).rejects.toMatchObject({ code: 'db.aborted' })
    go.resolve()
    await block
    expect(await names()).toEqual(['a', 'b'])
  })

  test('statementTimeout stops it: read, write, chunk of a loop', async () => {
    const db = await freshDatabase({ path, options: { worker: true, statementTimeout: UNDER_WAY } })
    await expect(connection().execute(SLOW)).rejects.toMatchObject({ code: 'db.cancelled', status: 500 })
    await expect(connection().execute(SLOW_WRITE)).rejects.toMatchObject({ code: 'db.cancelled' })
    await expect(atomic(() => connection().execute(SLOW))).rejects.toMatchObject({ code: 'db.cancelled' })
    // The first chunk comes at once, the second never.
    const chunks = { ...sqlOf(db).names, sql: SLOW_CHUNK }
    const seen: unknown[] = []
    const loop = async () => {
      for await (const rows of db.iterate(chunks, [], 1)) seen.push(...rows)
    }
    await expect(loop()).rejects.toMatchObject({ code: 'db.cancelled' })
    expect(seen).toEqual([[1]])
    await addMany('n', 100)
    expect((await names(db)).length).toBe(101)
  })
})

describe('workers', () => {
  test('a loop reads the rows of its beginning, whatever is written meanwhile, beside other loops', async () => {
    const db = await freshDatabase({ options: { worker: true, readers: 1 } })
    await addMany('n', 250)
    let seen = 0
    for await (const rows of db.iterate(sqlOf(db).names, [], 100)) {
      seen += rows.length
      await add(`more ${seen}`)
      if (seen === 100)
        for await (const inner of db.iterate(sqlOf(db).names, [], 200)) expect(inner.length).toBeGreaterThan(0)
    }
    expect(seen).toBe(250)
    expect((await names()).length).toBe(253)
  })

  test('a worker that dies costs what it was doing, and is replaced', async () => {
    await freshDatabase({ options })
    await add('a')
    const before = childProcesses()
    const block = atomic(async () => {
      await add('lost')
      for (const pid of before) process.kill(pid, 'SIGKILL')
      await add('never')
    })
    await expect(block).rejects.toMatchObject({ code: 'db.connection-lost', status: 503 })
    await add('b')
    expect(await names()).toEqual(['a', 'b'])
  })

  test('another process that writes is waited for, then named', async () => {
    const path = freshPath()
    await freshDatabase({ path, options, lockTimeout: 60 })
    const other = new DatabaseSync(path)
    other.exec('BEGIN IMMEDIATE')
    await expect(add('late')).rejects.toMatchObject({ code: 'db.locked' })
    other.exec('COMMIT')
    other.close()
    await add('now')
    expect(await names()).toEqual(['now'])
  })

  test('have the driver that is asked for; errors have their codes', async () => {
    await freshDatabase({ options: { worker: 'true', driver: 'better-sqlite3' } })
    await add('a')
    await expect(add('a')).rejects.toMatchObject({ code: 'db.unique-violation', columns: ['name'] })
    await expect(connection().execute(sql`select nuages_regex('(', 'a', 0)`)).rejects.toMatchObject({
      code: 'db.invalid-pattern',
      status: 400,
    })
  })

  test('end with the database, leaving one file', async () => {
    const path = freshPath()
    const db = await freshDatabase({ path, options })
    await add('a')
    await names()
    await db.close()
    expect(childProcesses()).toEqual([])
    expect(existsSync(`${path}-wal`)).toBe(false)
    await expect(names(db)).resolves.toEqual(['a'])
  })

  test('do not keep a program running, nor outlive it with a statement that nobody waits for', () => {
    const program = fileURLToPath(new URL('./programs/worker-exit.ts', import.meta.url))
    const run = (...args: string[]) =>
      spawnSync(process.execPath, [program, freshPath(), ...args], { encoding: 'utf8' })
    expect(run()).toMatchObject({ status: 0, stdout: '0\n' })
    // A worker that went on would hold stdout open, and this call with it.
    expect(run('slow')).toMatchObject({ status: 3, stdout: '0\n' })
  })

  test('options that do not fit are refused', async () => {
    const code = (url: string, options: object) => async () =>
      await createDatabase('default', { engine: 'sqlite', url, options: { ...options } }).open()
    const refused = { code: 'db.invalid-option' }
    await expect(code('sqlite::memory:', { worker: true })).rejects.toMatchObject(refused)
    await expect(code('sqlite:x', { worker: 'yes' })).rejects.toMatchObject(refused)
    await expect(code('sqlite:x', { worker: true, readers: 0 })).rejects.toMatchObject(refused)
    await expect(code('sqlite:x', { worker: true, statementTimeout: 'soon' })).rejects.toMatchObject(refused)
    await expect(code('sqlite:x', { statementTimeout: 5 })).rejects.toMatchObject(refused)
  })
})

/** Workers that this process started and that still run. */
function childProcesses(): number[] {
  const pids = readFileSync(`/proc/${process.pid}/task/${process.pid}/children`, 'utf8').split(' ').filter(Boolean)
  return pids.filter((pid) => readFileSync(`/proc/${pid}/cmdline`, 'utf8').includes('worker/program')).map(Number)
}
