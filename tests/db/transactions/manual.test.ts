/** TX-07: transactions and savepoints whose ends are said by hand. */
import { abortable, atomic, beginTransaction, onCommit, savepoint, setRollback } from 'nuages/db'
import { describe, expect, test } from 'vitest'
import { database } from '../../../src/db/connections.ts'
import { onRollback } from '../../../src/db/transactions.ts'
import { Company, library } from '../query/models.ts'
import { freshTables } from '../query/setup.ts'

freshTables(library)

const add = (id: number) => Company.objects.create({ id, name: `number ${id}` })
const ids = () => Company.objects.orderBy('id').valuesList('id', { flat: true }).list()

describe('TX-07 a transaction by hand', () => {
  test('commit() stores what ran in it, rollback() nothing; callbacks follow', async () => {
    const ran: string[] = []
    const kept = await beginTransaction()
    expect(await kept.run(() => add(1).then(({ id }) => id))).toBe(1)
    await kept.run(() => onCommit(() => void ran.push('stored')))
    await kept.run(() => add(2))
    expect(ran).toEqual([])
    expect(kept.ended).toBe(false)
    await kept.commit()
    expect([kept.ended, ran]).toEqual([true, ['stored']])

    const given = await beginTransaction()
    await given.run(async () => {
      await add(3)
      onCommit(() => void ran.push('never'))
      onRollback(() => void ran.push('undone'))
    })
    await given.rollback()
    expect(ran).toEqual(['stored', 'undone'])
    expect(await ids()).toEqual([1, 2])
  })

  test('what runs outside of run() is not in it', async () => {
    const transaction = await beginTransaction()
    await transaction.run(() => add(1))
    expect(database().currentBlock()).toBeNull()
    await transaction.rollback()
    await add(2)
    expect(await ids()).toEqual([2])
  })

  test('await using undoes what was not committed', async () => {
    {
      await using transaction = await beginTransaction()
      await transaction.run(() => add(1))
    }
    {
      await using transaction = await beginTransaction()
      await transaction.run(() => add(2))
      await transaction.commit()
    }
    expect(await ids()).toEqual([2])
  })

  test('ends once, and takes nothing after its end', async () => {
    const transaction = await beginTransaction()
    await transaction.commit()
    for (const late of [() => transaction.commit(), () => transaction.rollback(), () => transaction.run(() => add(1))])
      await expect(late()).rejects.toMatchObject({ code: 'db.block-ended' })
    expect(await ids()).toEqual([])
  })

  test('TX-04 is broken by a statement that fails, unless an atomic contains it', async () => {
    const contained = await beginTransaction()
    await contained.run(() => add(1))
    await expect(contained.run(() => atomic(() => add(1)))).rejects.toMatchObject({ code: 'db.unique-violation' })
    await contained.commit()

    const broken = await beginTransaction()
    await broken.run(() => add(2))
    await expect(broken.run(() => add(2))).rejects.toMatchObject({ code: 'db.unique-violation' })
    await expect(broken.run(() => add(3))).rejects.toMatchObject({ code: 'db.broken-transaction' })
    await expect(broken.commit()).rejects.toMatchObject({ code: 'db.broken-transaction' })
    expect(await ids()).toEqual([1])
  })

  test('setRollback() is said to commit(); a signal ends the wait for its beginning; none begins inside a block', async () => {
    const trial = await beginTransaction()
    await trial.run(async () => {
      await add(1)
      setRollback()
    })
    await trial.commit()
    await atomic(async () => {
      await expect(beginTransaction()).rejects.toMatchObject({ code: 'db.nested-durable' })
    })
    const stop = new AbortController()
    stop.abort()
    await expect(abortable(stop.signal, () => beginTransaction())).rejects.toMatchObject({ code: 'db.aborted' })
    expect(await ids()).toEqual([])
  })

  test('in a test’s transaction it is undone with it', async () => {
    await database().pin()
    const transaction = await beginTransaction()
    await transaction.run(() => add(1))
    await transaction.commit()
    expect(await ids()).toEqual([1])
    const other = await beginTransaction()
    await other.run(() => add(2))
    await other.rollback()
    expect(await ids()).toEqual([1])
    await database().unpin()
    expect(await ids()).toEqual([])
  })
})

describe('TX-07 a savepoint by hand', () => {
  test('rollback() undoes what came after, callbacks too, any number of times; release() keeps it', async () => {
    const ran: string[] = []
    await atomic(async () => {
      await add(1)
      onCommit(() => void ran.push('one'))
      const mark = await savepoint()
      for (const id of [2, 3]) {
        await add(id)
        onCommit(() => void ran.push(`undone ${id}`))
        onRollback(() => void ran.push(`rolled back ${id}`))
        await mark.rollback()
      }
      expect(await ids()).toEqual([1])
      await add(4)
      await mark.release()
      await add(5)
    })
    expect(await ids()).toEqual([1, 4, 5])
    expect(ran).toEqual(['rolled back 2', 'rolled back 3', 'one'])
  })

  test('TX-04 rollback() heals a block that a statement after it broke', async () => {
    await atomic(async () => {
      const mark = await savepoint()
      await add(1)
      await expect(add(1)).rejects.toMatchObject({ code: 'db.unique-violation' })
      await expect(savepoint()).rejects.toMatchObject({ code: 'db.broken-transaction' })
      await expect(mark.release()).rejects.toMatchObject({ code: 'db.broken-transaction' })
      await mark.rollback()
      await add(2)
    })
    expect(await ids()).toEqual([2])
  })

  test('ends those made after it', async () => {
    await atomic(async () => {
      const first = await savepoint()
      const second = await savepoint()
      const third = await savepoint()
      await second.release()
      for (const gone of [second, third]) {
        await expect(gone.rollback()).rejects.toMatchObject({ code: 'db.savepoint-ended' })
        await expect(gone.release()).rejects.toMatchObject({ code: 'db.savepoint-ended' })
      }
      const last = await savepoint()
      await first.rollback()
      await expect(last.rollback()).rejects.toMatchObject({ code: 'db.savepoint-ended' })
      await add(1) // none of that broke the block
    })
    expect(await ids()).toEqual([1])
  })

  test('belongs to its level, and waits for blocks inside', async () => {
    await atomic(async () => {
      const outer = await savepoint()
      await add(1)
      const [, inner] = await Promise.all([
        atomic(() => add(2)),
        atomic(async () => {
          const mark = await savepoint()
          await add(3)
          await mark.rollback()
          return mark
        }),
      ])
      await expect(inner.rollback()).rejects.toMatchObject({ code: 'db.block-ended' })
      expect(await ids()).toEqual([1, 2])
      await Promise.all([atomic(() => add(4)), outer.rollback()])
      expect(await ids()).toEqual([])
    })
    await expect(savepoint()).rejects.toMatchObject({ code: 'db.not-in-block' })
  })

  test('works in a transaction by hand, a nested block, and a test’s transaction', async () => {
    await database().pin()
    await expect(savepoint()).rejects.toMatchObject({ code: 'db.not-in-block' })
    await using transaction = await beginTransaction()
    await transaction.run(() => add(1))
    const mark = await transaction.run(() => savepoint())
    await transaction.run(() => add(2))
    await mark.rollback()
    await transaction.run(() =>
      atomic(async () => {
        const inner = await savepoint()
        await add(3)
        await inner.rollback()
        await add(4)
      }),
    )
    await transaction.commit()
    expect(await ids()).toEqual([1, 4])
    await database().unpin()
  })
})
