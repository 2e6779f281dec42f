/** TX-04: what an error does to the block that it happened in, the same on every database. */
import { describe, expect, test } from 'vitest'
import type { Database } from '../../../src/db/connections.ts'
import { DatabaseError, IntegrityError, TransactionError } from '../../../src/db/errors.ts'
import { atomic } from '../../../src/db/transactions.ts'
import { column, count, insert, select } from '../../db/sql/nodes.ts'
import { kept, rows, run, TYPES, typed } from './items.ts'

/** An item under a key, which nothing else has yet. */
const add = (id: number): Promise<number> => run(insert({ id: 'auto', number: 'integer' }), [id, id])
const numbers = (): Promise<unknown[]> => kept({ t: 'isNull', of: typed('number'), not: true }, [], 'number')
const ABSENT = { ...select([count]), from: { table: 'absent', alias: 'absent' } }

/** What a function is refused with. */
async function refusal(work: () => unknown): Promise<unknown> {
  try {
    await work()
  } catch (error) {
    return error
  }
  throw new Error('nothing was refused')
}

export function describeBrokenBlocks(db: () => Database): void {
  describe('TX-04 after an error that was caught', () => {
    test('whatever is asked of the block is refused, with the first error and its statement', async () => {
      let first: unknown
      const block = atomic(async () => {
        await add(1)
        first = await refusal(() => add(1))
        expect(first).toBeInstanceOf(IntegrityError)
        const iterate = async (): Promise<void> => {
          for await (const _ of db().iterate(db().backend.compiler.compile(select([count])), [])) break
        }
        for (const ask of [
          () => add(2),
          numbers,
          () => db().exec('DELETE FROM item'),
          iterate,
          () => atomic(() => add(3)),
          () => atomic(() => add(3), { savepoint: false }),
        ]) {
          expect(await refusal(ask)).toMatchObject({
            code: 'db.broken-transaction',
            message: expect.stringMatching(
              /^The block opened at \S+broken-blocks\.ts:\d+ can only be rolled back: its statement “INSERT INTO .+” failed with “A row with the same .+ \(db\.unique-violation\)”\.$/s,
            ),
            hint: expect.stringContaining('atomic() of its own'),
            sql: (first as DatabaseError).sql,
            cause: first,
          })
        }
      })
      expect(await refusal(() => block)).toMatchObject({ code: 'db.broken-transaction', cause: first })
      expect(await numbers()).toEqual([])
      await add(1)
      expect(await numbers()).toEqual([1])
    })

    test('a block that asks for nothing more is not stored either, and says so', async () => {
      const block = atomic(async () => {
        await add(1)
        await refusal(() => add(1))
      })
      await expect(block).rejects.toMatchObject({ code: 'db.broken-transaction' })
      expect(await numbers()).toEqual([])
    })

    test('that reads is as one that writes: a table that is missing, an iteration', async () => {
      const compiled = db().backend.compiler.compile(ABSENT)
      const iterate = async (): Promise<void> => {
        for await (const _ of db().iterate(compiled, [])) break
      }
      for (const read of [() => rows(ABSENT), iterate, () => db().exec('SELECT * FROM absent')]) {
        const block = atomic(async () => {
          await add(1)
          const first = await refusal(read)
          expect(first).toBeInstanceOf(DatabaseError)
          expect(await refusal(() => add(2))).toMatchObject({ code: 'db.broken-transaction', cause: first })
          throw new RangeError('enough')
        })
        await expect(block).rejects.toThrow(RangeError)
      }
      expect(await numbers()).toEqual([])
    })

    test('an atomic of its own around the statement contains it: the block goes on', async () => {
      await atomic(async () => {
        await add(1)
        await expect(
          atomic(async () => {
            await add(2)
            await refusal(() => add(1))
            await expect(add(3)).rejects.toMatchObject({ code: 'db.broken-transaction' })
          }),
        ).rejects.toMatchObject({ code: 'db.broken-transaction', cause: expect.any(IntegrityError) })
        await expect(atomic(() => add(1))).rejects.toThrow(IntegrityError)
        await add(4)
      })
      expect(await numbers()).toEqual([1, 4])
    })

    test('without a savepoint around it, it is the outer block’s', async () => {
      const block = atomic(async () => {
        await add(1)
        const first = await refusal(() => atomic(() => add(1), { savepoint: false }))
        expect(await refusal(() => add(2))).toMatchObject({ code: 'db.broken-transaction', cause: first })
        throw first
      })
      await expect(block).rejects.toThrow(IntegrityError)
      expect(await numbers()).toEqual([])
    })

    test('of statements sent together those behind it are refused', async () => {
      const block = atomic(async () => {
        const sent = await Promise.allSettled([add(1), add(1), add(2)])
        expect(sent.map((each) => (each.status === 'rejected' ? each.reason.code : 'stored'))).toEqual([
          'stored',
          'db.unique-violation',
          'db.broken-transaction',
        ])
      })
      await expect(block).rejects.toThrow(TransactionError)
      expect(await numbers()).toEqual([])
    })

    test('what is refused before it is sent breaks nothing', async () => {
      await atomic(async () => {
        await add(1)
        await expect((async () => run(insert({ number: TYPES.number!.kind }), ['no number']))()).rejects.toMatchObject({
          code: 'db.invalid-value',
        })
        await expect((async () => rows(select([column('', 'char')])))()).rejects.toThrow(DatabaseError)
        await add(2)
      })
      expect(await numbers()).toEqual([1, 2])
    })

    test('in a test’s transaction a statement stands for itself, as it does outside of blocks', async () => {
      await db().pin()
      try {
        await add(1)
        await expect(add(1)).rejects.toThrow(IntegrityError)
        await add(2)
        const block = atomic(async () => {
          await refusal(() => add(1))
          await add(3)
        })
        await expect(block).rejects.toMatchObject({ code: 'db.broken-transaction' })
        expect(await numbers()).toEqual([1, 2])
      } finally {
        await db().unpin()
      }
    })
  })
}
