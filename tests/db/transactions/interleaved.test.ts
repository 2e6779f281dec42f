import fc from 'fast-check'
import { expect, test } from 'vitest'
import { atomic, onCommit } from '../../../src/db/transactions.ts'
import { add, names, pause, sqlOf } from './databases.ts'
import { freshItems, PLACES } from './places.ts'

/** What one flow of control does: adds a row, or opens a block around other work, one by one or all at once. */
type Work = { add: true; wait: number } | { add: false; fails: boolean; together: boolean; wait: number; inner: Work[] }

const work = fc.letrec<{ work: Work }>((tie) => ({
  work: fc.oneof(
    { depthSize: 'small', withCrossShrink: true },
    fc.record({ add: fc.constant(true as const), wait: fc.integer({ min: 0, max: 2 }) }),
    fc.record({
      add: fc.constant(false as const),
      fails: fc.boolean(),
      together: fc.boolean(),
      wait: fc.integer({ min: 0, max: 2 }),
      inner: fc.array(tie('work'), { maxLength: 4 }),
    }),
  ),
})).work

for (const { place, pinned } of [
  ...PLACES.map((place) => ({ place, pinned: false })),
  { place: PLACES[0]!, pinned: true }, // as tests do it
]) {
  test(`whatever blocks do at once, exactly what none of them undid stays (${place}${pinned ? ', pinned' : ''})`, async () => {
    const db = await freshItems(place)
    let made = 0 // each name once: MariaDB keeps a name that was deleted locked for a while
    await fc.assert(
      fc.asyncProperty(fc.array(work, { minLength: 1, maxLength: 8 }), async (flows) => {
        await db.run(sqlOf(db).clear, [])
        if (pinned) await db.pin()
        const kept: string[] = []
        const told: string[] = []
        /** Runs it; gives the names that stay unless something around it fails. */
        const run = async (item: Work): Promise<string[]> => {
          if (item.wait > 0) await pause(item.wait - 1)
          if (item.add) {
            const name = `row-${made++}`
            await add(name)
            onCommit(() => told.push(name))
            return [name]
          }
          const stays: string[] = []
          const inside = async (): Promise<void> => {
            const one = async (child: Work): Promise<void> => void stays.push(...(await run(child)))
            if (item.together) await Promise.all(item.inner.map(one))
            else for (const child of item.inner) await one(child)
            if (item.fails) throw new Error('undone')
          }
          return atomic(inside).then(
            () => stays,
            (error: Error) => {
              expect(error.message).toBe('undone')
              return []
            },
          )
        }
        for (const names of await Promise.all(flows.map(run))) kept.push(...names)
        expect((await names()).sort()).toEqual(kept.sort())
        expect(told.sort()).toEqual(kept)
        if (pinned) {
          await db.unpin()
          expect(await names()).toEqual([])
        }
      }),
      { numRuns: 60 },
    )
  })
}
