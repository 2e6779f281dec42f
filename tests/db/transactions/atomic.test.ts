import { describe, expect, test } from 'vitest'
import { database } from '../../../src/db/connections.ts'
import { CommitCallbackError, TransactionError } from '../../../src/db/errors.ts'
import { atomic, onCommit } from '../../../src/db/transactions.ts'
import { add, addMany, names, pause, sqlOf } from './databases.ts'
import { freshItems, PLACES } from './places.ts'

const inBlock = (): boolean => database().currentBlock() !== null

for (const place of PLACES) {
  describe(`in ${place}`, () => {
    test('a block that returns is committed, and gives what its function gives', async () => {
      await freshItems(place)
      expect(await atomic(() => add('a').then(() => inBlock()))).toBe(true)
      expect(inBlock()).toBe(false)
      expect(await names()).toEqual(['a'])
    })

    test('a block that throws leaves nothing', async () => {
      await freshItems(place)
      const failure = new Error('no')
      await expect(
        atomic(async () => {
          await add('a')
          throw failure
        }),
      ).rejects.toBe(failure)
      expect(await names()).toEqual([])
    })

    test('a function that is not async may throw, too', async () => {
      await freshItems(place)
      await expect(
        atomic(() => {
          throw new RangeError('now')
        }),
      ).rejects.toThrow(RangeError)
      expect(await atomic(() => 5)).toBe(5)
    })

    test('TX-02: an inner block that throws undoes its own level only', async () => {
      await freshItems(place)
      await atomic(async () => {
        await add('outer')
        await atomic(async () => {
          await add('inner')
          await atomic(() => add('innermost'))
          throw new Error('no')
        }).catch(() => undefined)
        await atomic(() => add('second'))
        expect(await names()).toEqual(['outer', 'second'])
      })
      expect(await names()).toEqual(['outer', 'second'])
    })

    test('of 50 interleaved blocks the half that fails leaves nothing, and nothing is seen before its commit', async () => {
      const db = await freshItems(place)
      const committed = new Set<string>()
      let early = 0
      const watch = async (): Promise<void> => {
        for (const name of await names()) if (!committed.has(name.split('-')[0]!)) early++
      }
      const block = (n: number): Promise<void> =>
        atomic(async () => {
          onCommit(() => undefined)
          for (let step = 0; step < 4; step++) {
            await add(`${n}-${step}`)
            await pause(n % 3)
          }
          if (n % 2) throw new Error('rolled back')
          committed.add(String(n)) // the commit follows without giving up the thread's turn for a statement
        })
      const outcomes = Promise.allSettled(Array.from({ length: 50 }, (_, n) => block(n)))
      let running = true
      void outcomes.then(() => {
        running = false
      })
      while (running) {
        await watch()
        await pause(2)
      }
      expect((await outcomes).filter((outcome) => outcome.status === 'rejected')).toHaveLength(25)
      expect(early).toBe(0)
      const found = await names()
      expect(found).toHaveLength(25 * 4)
      expect(found.every((name) => Number(name.split('-')[0]) % 2 === 0)).toBe(true)
      expect(await db.rows(sqlOf(db).count, [])).toEqual([[100]])
    })

    test('statements outside a block never land inside somebody else’s', async () => {
      await freshItems(place)
      let open!: () => void
      const gate = new Promise<void>((resolve) => {
        open = resolve
      })
      const block = atomic(async () => {
        await add('inside')
        await gate
        throw new Error('rolled back')
      })
      await pause()
      const outside = add('outside')
      await pause()
      open()
      await expect(block).rejects.toThrow('rolled back')
      await outside
      expect(await names()).toEqual(['outside'])
    })

    test('statements and inner blocks started together run one after another', async () => {
      await freshItems(place)
      await atomic(async () => {
        const results = await Promise.allSettled([
          add('1'),
          atomic(async () => {
            await add('2')
            await pause(5)
            throw new Error('undone')
          }),
          atomic(async () => {
            await add('3')
            await pause(1)
            await add('4')
          }),
          add('5'),
          atomic(() => Promise.all([add('6'), add('7'), atomic(() => add('8'))])),
        ])
        expect(results.map((result) => result.status)).toEqual([
          'fulfilled',
          'rejected',
          'fulfilled',
          'fulfilled',
          'fulfilled',
        ])
      })
      expect(await names()).toEqual(['1', '3', '4', '5', '6', '7', '8'])
    })

    test('a block that ends before what it started is rolled back and says so', async () => {
      await freshItems(place)
      let late: Promise<unknown> | undefined
      const block = atomic(async () => {
        await add('a')
        late = atomic(async () => {
          await pause(5)
          await add('b')
        })
        late.catch(() => undefined)
      })
      await expect(block).rejects.toMatchObject({
        code: 'db.statement-in-flight',
        message: expect.stringContaining('atomic.test.ts'),
      })
      await expect(late).rejects.toMatchObject({ code: 'db.block-ended' })
      expect(await names()).toEqual([])
    })

    test('a bulk insert nobody awaits is in flight', async () => {
      await freshItems(place)
      const block = atomic(async () => {
        addMany('x', 50_000).catch(() => undefined)
      })
      await expect(block).rejects.toMatchObject({ code: 'db.statement-in-flight' })
      expect(await names()).toEqual([])
    })

    test('a statement that outlives its block fails', async () => {
      await freshItems(place)
      let late: Promise<unknown> | undefined
      await atomic(async () => {
        late = pause(10).then(() => add('late'))
        late.catch(() => undefined)
      })
      await expect(late).rejects.toMatchObject({ code: 'db.block-ended' })
      await expect(late).rejects.toBeInstanceOf(TransactionError)
      expect(await names()).toEqual([])
    })

    test('TX-02: an option that it has not is refused, not left out', async () => {
      await freshItems(place)
      const refused = { code: 'db.bad-options', message: 'atomic() has no option "retry".' }
      await expect(atomic(() => add('a'), { retry: 3 } as object)).rejects.toMatchObject(refused)
      expect(await names()).toEqual([])
    })

    test('durable refuses to nest', async () => {
      await freshItems(place)
      expect(await atomic(() => 1, { durable: true })).toBe(1)
      await atomic(async () => {
        await expect(atomic(() => 1, { durable: true })).rejects.toMatchObject({ code: 'db.nested-durable' })
      })
    })

    test('without a savepoint an inner failure is the outer block’s', async () => {
      await freshItems(place)
      const block = atomic(async () => {
        await add('a')
        await atomic(
          async () => {
            throw new Error('inner')
          },
          { savepoint: false },
        ).catch(() => undefined)
        await expect(add('b')).rejects.toMatchObject({ code: 'db.broken-transaction' })
      })
      await expect(block).rejects.toMatchObject({ code: 'db.broken-transaction', cause: new Error('inner') })
      expect(await names()).toEqual([])
      await atomic(() => atomic(() => add('c'), { savepoint: false }))
      expect(await names()).toEqual(['c'])
    })

    test('two databases have independent blocks', async () => {
      await freshItems(place, ['default', 'other'])
      await atomic(async () => {
        await add('one')
        await atomic(() => add('two', database('other')), { using: 'other' })
        throw new Error('default only')
      }).catch(() => undefined)
      expect(await names(database('default'))).toEqual([])
      expect(await names(database('other'))).toEqual(['two'])
    })
  })
}

describe('TX-05 onCommit', () => {
  test('callbacks run in order after the outermost commit, those of undone levels never', async () => {
    await freshItems(PLACES[0]!)
    const ran: string[] = []
    await atomic(async () => {
      onCommit(() => {
        ran.push('first')
      })
      await atomic(async () => {
        onCommit(() => ran.push('undone'))
        throw new Error('x')
      }).catch(() => undefined)
      await atomic(async () => {
        onCommit(async () => {
          await pause(2)
          ran.push('inner')
        })
      })
      onCommit(async () => {
        ran.push(`last, outside: ${!inBlock()}`)
      })
      expect(ran).toEqual([])
    })
    expect(ran).toEqual(['first', 'inner', 'last, outside: true'])
  })

  test('callbacks of a block that fails never run', async () => {
    await freshItems(PLACES[0]!)
    const ran: string[] = []
    await atomic(async () => {
      onCommit(() => ran.push('never'))
      throw new Error('x')
    }).catch(() => undefined)
    expect(ran).toEqual([])
  })

  test('one that fails stops no other; the caller learns that the commit happened', async () => {
    await freshItems(PLACES[0]!)
    const ran: number[] = []
    const block = atomic(async () => {
      await add('a')
      onCommit(() => {
        throw new Error('mail server')
      })
      onCommit(() => {
        ran.push(2)
      })
    })
    await expect(block).rejects.toBeInstanceOf(CommitCallbackError)
    expect(ran).toEqual([2])
    expect(await names()).toEqual(['a'])
  })

  test('outside a block it runs at once', async () => {
    await freshItems(PLACES[0]!)
    const ran: number[] = []
    await onCommit(() => ran.push(1))
    expect(ran).toEqual([1])
  })
})

describe('pinned for tests', () => {
  test('everything of every context runs in one transaction, and unpin() undoes it', async () => {
    const db = await freshItems(PLACES[0]!)
    await add('before')
    await db.pin()
    await Promise.all([
      add('a'),
      atomic(async () => {
        await add('b')
        await pause(3)
        await add('c')
      }),
      atomic(() => add('d')),
    ])
    await atomic(async () => {
      await add('e')
      throw new Error('x')
    }).catch(() => undefined)
    expect((await names()).sort()).toEqual(['a', 'b', 'before', 'c', 'd'])
    await db.unpin()
    expect(await names()).toEqual(['before'])
  })

  test('pins nest, durable blocks and callbacks work as without a pin', async () => {
    const db = await freshItems(PLACES[0]!)
    const ran: string[] = []
    await db.pin()
    await add('suite')
    await db.pin()
    await atomic(
      async () => {
        onCommit(() => ran.push('done'))
        await add('test')
      },
      { durable: true },
    )
    expect(ran).toEqual(['done'])
    expect(await names()).toEqual(['suite', 'test'])
    await db.unpin()
    expect(await names()).toEqual(['suite'])
    await db.unpin()
    expect(await names()).toEqual([])
    await expect(db.unpin()).rejects.toMatchObject({ code: 'db.not-in-block' })
  })
})
