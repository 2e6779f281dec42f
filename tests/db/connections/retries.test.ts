/** TX-03, TX-05, TX-07, and blocks that are run again. */
import { atomic, connection, OperationalError, onCommit, setRollback, sql } from 'nuages/db'
import { describe, expect, test } from 'vitest'
import { Company } from '../query/models.ts'
import { freshTables } from '../query/setup.ts'

freshTables()

const passing = (code = 'db.deadlock') => new OperationalError('Somebody else was there.', { code })
const names = async () => (await Company.objects.valuesList('name', { flat: true })).toSorted()

describe('atomic(fn, { retries })', () => {
  test('is run again after a deadlock or a serialization failure; of failed tries nothing is left, callbacks neither', async () => {
    const ran: number[] = []
    let tries = 0
    const given = await atomic(
      async () => {
        const own = ++tries
        await Company.objects.create({ name: `try ${own}` })
        onCommit(() => void ran.push(own))
        if (own < 3) throw passing(own === 1 ? 'db.deadlock' : 'db.serialization-failure')
        return own
      },
      { retries: 3 },
    )
    expect([given, ran, await names()]).toEqual([3, [3], ['try 3']])
  })

  test('gives the last error up after as many tries, and others at once', async () => {
    let tries = 0
    const failing = (error: Error) => () =>
      atomic(
        () => {
          tries++
          throw error
        },
        { retries: 2 },
      )
    const deadlock = passing()
    await expect(failing(deadlock)()).rejects.toBe(deadlock)
    expect(tries).toBe(3)
    tries = 0
    const other = passing('db.connection-lost')
    await expect(failing(other)()).rejects.toBe(other)
    expect(tries).toBe(1)
  })

  test('is not run again by itself inside another block; the outermost one is', async () => {
    let [outer, inner] = [0, 0]
    await atomic(
      async () => {
        outer++
        await atomic(
          () => {
            inner++
            if (inner === 1) throw passing()
          },
          { retries: 5 },
        )
      },
      { retries: 1 },
    )
    expect([outer, inner]).toEqual([2, 2])
  })

  test('callbacks that fail are no reason to run it again: it is stored', async () => {
    let tries = 0
    const block = atomic(
      async () => {
        tries++
        await Company.objects.create({ name: 'once' })
        onCommit(() => {
          throw passing()
        })
      },
      { retries: 3 },
    )
    await expect(block).rejects.toMatchObject({ code: 'db.on-commit-failed' })
    expect([tries, await names()]).toEqual([1, ['once']])
  })
})

describe('setRollback()', () => {
  test('TX-07: undoes the block without an error, its callbacks with it', async () => {
    const ran: string[] = []
    const given = await atomic(async () => {
      await Company.objects.create({ name: 'dry' })
      onCommit(() => void ran.push('never'))
      setRollback()
      return Company.objects.count()
    })
    expect([given, ran, await names()]).toEqual([1, [], []])
  })

  test('TX-07: of an inner block undoes that level only; false takes it back', async () => {
    await atomic(async () => {
      await Company.objects.create({ name: 'outer' })
      await atomic(async () => {
        await Company.objects.create({ name: 'inner' })
        setRollback()
      })
      await atomic(async () => {
        await Company.objects.create({ name: 'kept' })
        setRollback()
        setRollback(false)
      })
    })
    expect(await names()).toEqual(['kept', 'outer'])
    expect(() => setRollback()).toThrow('setRollback() was called outside of atomic().')
  })
})

describe('TX-05: onCommit({ robust })', () => {
  test('an error of a robust callback is a warning; the others run, and the block is well', async () => {
    const warnings: unknown[] = []
    const note = (warning: Error & { code?: string }) => void warnings.push([warning.code, warning.message])
    process.on('warning', note)
    const ran: string[] = []
    await atomic(async () => {
      onCommit(
        () => {
          throw new Error('mail is down')
        },
        { robust: true },
      )
      onCommit(async () => void ran.push(String(await Company.objects.count())))
      await connection().execute(sql`insert into library_company (name) values (${'x'})`)
    })
    await new Promise((resolve) => setImmediate(resolve))
    process.off('warning', note)
    expect([ran, warnings]).toEqual([
      ['1'],
      [['db.on-commit-failed', 'A callback of onCommit() failed: Error: mail is down']],
    ])
  })

  test('a callback may open blocks and give callbacks of its own', async () => {
    const ran: string[] = []
    await atomic(async () => {
      onCommit(async () => {
        await atomic(async () => {
          await Company.objects.create({ name: 'later' })
          onCommit(() => void ran.push('inner'))
        })
        ran.push('outer')
      })
    })
    expect([ran, await names()]).toEqual([['inner', 'outer'], ['later']])
  })
})
