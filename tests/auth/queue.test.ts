import { expect, test } from 'vitest'
import { queued } from '../../src/auth/hashers/queue.ts'

/** Work that ends when it is told to. */
function job() {
  const order: number[] = []
  const ends: (() => void)[] = []
  const run = (n: number) =>
    queued(
      () =>
        new Promise<number>((resolve) => {
          order.push(n)
          ends.push(() => resolve(n))
        }),
    )
  return { order, ends, run }
}

test('three run at once; the others follow in order', async () => {
  const { order, ends, run } = job()
  const all = Array.from({ length: 6 }, (_, n) => run(n))
  await Promise.resolve()
  expect(order).toEqual([0, 1, 2])
  ends[1]!()
  await all[1]
  expect(order).toEqual([0, 1, 2, 3])
  for (let i = 0; i < 6; i++) {
    ends[i]?.()
    await new Promise(setImmediate)
  }
  expect(await Promise.all(all)).toEqual([0, 1, 2, 3, 4, 5])
  expect(order).toEqual([0, 1, 2, 3, 4, 5])
})

test('a failure gives its place to the next', async () => {
  const failing = Array.from({ length: 10 }, () => queued(() => Promise.reject(new Error('broken'))))
  expect((await Promise.allSettled(failing)).every(({ status }) => status === 'rejected')).toBe(true)
  expect(await queued(async () => 'well')).toBe('well')
})

test('beyond a hundred waiting, logins are refused with 503 and when to come back', async () => {
  const { ends, run } = job()
  const all = Array.from({ length: 103 }, (_, n) => run(n))
  await expect(run(103)).rejects.toMatchObject({
    status: 503,
    code: 'auth.too-many-logins',
    headers: { 'retry-after': '2' },
  })
  for (let done = 0; done < 103; done++) {
    while (ends.length <= done) await new Promise(setImmediate)
    ends[done]!()
  }
  expect(await Promise.all(all)).toHaveLength(103)
})
