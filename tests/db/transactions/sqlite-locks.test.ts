import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { createInterface } from 'node:readline'
import { DatabaseSync } from 'node:sqlite'
import { fileURLToPath } from 'node:url'
import { describe, expect, test, vi } from 'vitest'
import { createDatabase } from '../../../src/db/connections.ts'
import { LockTimeoutError, OperationalError } from '../../../src/db/errors.ts'
import { sql } from '../../../src/db/query/raw.ts'
import { atomic } from '../../../src/db/transactions.ts'
import { add, freshDatabase, freshPath, names, pause, sqlOf } from './databases.ts'

// Processes are started: on a busy machine each takes seconds.
vi.setConfig({ testTimeout: 120_000 })

const script = fileURLToPath(new URL('./sqlite-writer.ts', import.meta.url))
const start = (...args: string[]): ChildProcess =>
  spawn(process.execPath, ['--conditions=nuages-source', script, ...args], { stdio: ['ignore', 'pipe', 'inherit'] })

describe('waiting for the writer', () => {
  for (const memory of [false, true]) {
    test(`a wait that is too long names who holds the lock (${memory ? 'memory' : 'file'})`, async () => {
      await freshDatabase({ memory, lockTimeout: 40 })
      let open!: () => void
      const gate = new Promise<void>((resolve) => {
        open = resolve
      })
      const slow = atomic(() => gate)
      await pause()
      for (const work of [() => atomic(() => 1), () => add('x')]) {
        const error: LockTimeoutError = await work().then(
          () => undefined,
          (reason) => reason,
        )
        expect(error).toBeInstanceOf(LockTimeoutError)
        expect(error.code).toBe('db.lock-timeout')
        expect(error.holder).toMatch(/tests\/db\/transactions\/sqlite-locks\.test\.ts:\d+$/)
        expect(error.message).toContain(error.holder)
        expect(error.status).toBe(503)
      }
      open()
      await slow
      await add('after')
      expect(await names()).toEqual(['after'])
    })
  }

  test('a block with the timeout 0 does not wait', async () => {
    await freshDatabase()
    await atomic(async () => {
      const { runOutside } = await import('../../../src/std/context.ts')
      const hurried = (): Promise<unknown> => atomic(() => add('x'), { timeout: 0 })
      await expect(runOutside(hurried)).rejects.toMatchObject({ code: 'db.lock-timeout' })
    })
    await atomic(() => add('free'), { timeout: 0 })
    expect(await names()).toEqual(['free'])
  })

  test('reads outside a block do not wait for a writer', async () => {
    await freshDatabase({ lockTimeout: 40 })
    await add('old')
    await atomic(async () => {
      await add('new')
      const { runOutside } = await import('../../../src/std/context.ts')
      expect(await runOutside(() => names())).toEqual(['old'])
    })
  })

  test('a signal ends the wait, and the queue goes on without it', async () => {
    await freshDatabase()
    const controller = new AbortController()
    const order: string[] = []
    const first = atomic(async () => {
      await pause(10)
      order.push('first')
    })
    const given = atomic(() => order.push('never'), { signal: controller.signal })
    const third = atomic(() => order.push('third'))
    controller.abort()
    await expect(given).rejects.toMatchObject({ code: 'db.aborted' })
    await Promise.all([first, third])
    expect(order).toEqual(['first', 'third'])
    await expect(atomic(() => 1, { signal: AbortSignal.abort() })).resolves.toBe(1) // nothing to wait for
  })

  test('blocks begin in the order they came', async () => {
    await freshDatabase()
    const order: number[] = []
    await Promise.all(
      Array.from({ length: 20 }, (_, n) =>
        atomic(async () => {
          order.push(n)
          await pause(n % 2)
        }),
      ),
    )
    expect(order).toEqual(Array.from({ length: 20 }, (_, n) => n))
  })

  test('an inner block that waits for its own outer block fails after the limit instead of for ever', async () => {
    await freshDatabase({ lockTimeout: 30 })
    const block = atomic(async () => {
      let late!: () => Promise<unknown>
      const outer = new Promise<void>((resolve) => {
        late = async () => {
          resolve()
        }
      }).then(() => add('outer')) // bound to the outer block, which is busy with the inner one
      await atomic(async () => {
        await late()
        await outer
      })
    })
    await expect(block).rejects.toMatchObject({ code: 'db.lock-timeout' })
  })

  test('closing waits for the block that runs', async () => {
    const path = freshPath()
    const db = await freshDatabase({ path })
    const block = atomic(async () => {
      await add('a')
      await pause(10)
      await add('b')
    })
    await pause()
    await db.close()
    await block
    expect(await names()).toEqual(['a', 'b'])
  })
})

describe('several processes', () => {
  test('two processes write to one file; nobody loses a row, and this one never sleeps', async () => {
    const path = freshPath()
    const db = await freshDatabase({ path, lockTimeout: 20_000 })
    const other = start(path, 'theirs', '3', '120')
    const exited = once(other, 'exit')
    const lines = createInterface({ input: other.stdout! })
    await once(lines, 'line') // "holding": the other process is inside its first block
    let ticks = 0
    const timer = setInterval(() => ticks++, 1)
    await atomic(() => add('mine-0')) // begins while the other holds the lock
    for (let n = 1; n < 20; n++) await atomic(() => add(`mine-${n}`))
    clearInterval(timer)
    await exited
    // Waiting was done by timers: others ran meanwhile. A sleeping driver would show no tick.
    expect(ticks).toBeGreaterThan(10)
    const found = await names(db)
    expect(found.filter((name) => name.startsWith('mine'))).toHaveLength(20)
    expect(found.filter((name) => name.startsWith('theirs'))).toHaveLength(3)
  })

  test('a file that others have locked is opened once it is free, and each of its connections waits', async () => {
    for (const options of [{}, { worker: true }]) {
      const path = freshPath()
      const other = new DatabaseSync(path)
      // As one that makes the file, or turns it into one with a log of writes.
      other.exec('BEGIN EXCLUSIVE; CREATE TABLE a (b)')
      const db = createDatabase('own', { engine: 'sqlite', url: `sqlite:${path}`, options })
      const statement = { sql: 'SELECT b FROM a', slots: [], encoders: [], rows: true, writes: false, bulk: null }
      const read = Promise.resolve().then(() => db.rows(statement, []))
      read.catch(() => undefined) // told below
      await new Promise((resolve) => setTimeout(resolve, 50)) // it is refused meanwhile
      other.exec('INSERT INTO a VALUES (1); COMMIT')
      other.close()
      expect(await read).toEqual([[1]])
      await db.close()
    }
  })

  test('another process that keeps the lock too long is reported, with the file', async () => {
    const path = freshPath()
    await freshDatabase({ path, lockTimeout: 60 })
    const other = start(path, 'theirs', '1', '60000')
    const exited = once(other, 'exit')
    await once(createInterface({ input: other.stdout! }), 'line')
    const error = await atomic(() => 1).then(
      () => undefined,
      (reason: OperationalError) => reason,
    )
    other.kill('SIGKILL')
    expect(error).toBeInstanceOf(OperationalError)
    expect(error).toMatchObject({ code: 'db.locked', message: expect.stringContaining(path) })
    await exited
    await add('free again')
    expect(await names()).toEqual(['free again'])
  })

  test('kill -9 loses nothing that was committed and keeps nothing that was not', async () => {
    const path = freshPath()
    const db = await freshDatabase({ path })
    for (let round = 0; round < 3; round++) {
      const other = start(path, `r${round}`, '1000000')
      const told: string[] = []
      const lines = createInterface({ input: other.stdout! })
      lines.on('line', (line) => {
        told.push(line)
        if (told.length === 40 + round * 25) other.kill('SIGKILL')
      })
      await Promise.all([once(other, 'exit'), once(lines, 'close')])
      const again = createDatabase('again', { engine: 'sqlite', url: `sqlite:${path}` })
      const stored = (await again.rows(sqlOf(db).names, [])).map((row) => row[0] as string)
      const mine = stored.filter((name) => name.startsWith(`r${round}-`))
      expect(told.length).toBeGreaterThanOrEqual(40)
      expect(told.filter((name) => !mine.includes(name))).toEqual([])
      // At most the one block whose commit was done but not yet told.
      expect(mine.length - told.length).toBeLessThanOrEqual(1)
      const [check] = await again.rows({ ...sqlOf(db).names, sql: 'PRAGMA integrity_check' }, [])
      expect(check).toEqual(['ok'])
      await again.close()
    }
  })
})

for (const memory of [false, true]) {
  test(`a transaction the database ends by itself breaks every level (${memory ? 'memory' : 'file'})`, async () => {
    const db = await freshDatabase({ memory })
    const block = atomic(async () => {
      await add('a')
      await atomic(async () => {
        await db.exec("INSERT OR ROLLBACK INTO item (name) VALUES ('a')")
      }).catch(() => undefined)
      await add('b')
    })
    await expect(block).rejects.toMatchObject({ code: 'db.broken-transaction' })
    expect(await names()).toEqual([])
    await add('after')
    expect(await names()).toEqual(['after'])
  })
}

test('a long bulk insert and a long read let other work run', async () => {
  const db = await freshDatabase()
  const { addMany } = await import('./databases.ts')
  let ticks = 0
  const timer = setInterval(() => ticks++, 1)
  await addMany('row', 150_000)
  const during = ticks
  let rows = 0
  for await (const chunk of db.iterate(sqlOf(db).all, [], 1000)) {
    expect(chunk.length).toBeLessThanOrEqual(1000)
    rows += chunk.length
  }
  clearInterval(timer)
  expect(rows).toBe(150_000)
  expect(during).toBeGreaterThan(2)
  expect(ticks).toBeGreaterThan(during)
})

test('a change of tables that fails leaves no pragma of its own on the connection', async () => {
  const db = await freshDatabase()
  const pragmas = async () => [
    ...(await sql`pragma legacy_alter_table`.using(db.alias)),
    ...(await sql`pragma foreign_keys`.using(db.alias)),
  ]
  const before = await pragmas()
  const failing = atomic(
    async () => {
      await db.exec('PRAGMA legacy_alter_table = ON')
      await db.exec('ALTER TABLE "nowhere" RENAME TO "item"')
    },
    { schemaChange: true },
  )
  await expect(failing).rejects.toThrow('nowhere')
  expect(await atomic(pragmas)).toEqual(before)
  expect(before).toEqual([[0], [1]])
})
