/** abortable() around a busy loop of quick queries: a database that answers at once must let the signal fire. */
import { abortable, atomic } from 'nuages/db'
import { expect, test } from 'vitest'
import { Company } from '../query/models.ts'
import { freshTables } from '../query/setup.ts'

freshTables()

/** Ends by itself after a while, so that a signal that never fires fails the test instead of hanging it. */
async function busy(work: () => PromiseLike<unknown>): Promise<string> {
  const end = performance.now() + 3000
  while (performance.now() < end) await work()
  return 'never stopped'
}
const stopped = { code: 'db.aborted', cause: { name: 'TimeoutError' } }

const loops: Record<string, () => Promise<unknown>> = {
  reads: () => busy(() => Company.objects.count()),
  writes: () => busy(() => Company.objects.update({ name: 'x' })),
  'reads in a block': () => atomic(() => busy(() => Company.objects.count())),
  blocks: () => busy(() => atomic(() => Company.objects.count())),
  'writes in a block': () => atomic(() => busy(() => Company.objects.create({ name: 'x' }))),
}
for (const [name, loop] of Object.entries(loops)) {
  test(`TX-10 a signal stops a loop of ${name}, and timers fire beside it`, async () => {
    let ticks = 0
    const timer = setInterval(() => ticks++, 10)
    await expect(abortable(AbortSignal.timeout(150), loop)).rejects.toMatchObject(stopped)
    clearInterval(timer)
    expect(ticks).toBeGreaterThan(0)
    expect(await Company.objects.count()).toBe(0)
  })
}

test('statements started together keep their order, whether a turn was due or not', async () => {
  const { signal } = new AbortController()
  await abortable(signal, () =>
    atomic(async () => {
      for (let i = 0; i < 3; i++) {
        const end = performance.now() + 15
        while (performance.now() < end);
        const names = ['a', 'b', 'c'].map((name) => `${name}${i}`)
        await Promise.all(names.map((name) => Company.objects.create({ name })))
      }
    }),
  )
  const names = await Company.objects.orderBy('pk').valuesList('name', { flat: true })
  expect(names).toEqual(['a0', 'b0', 'c0', 'a1', 'b1', 'c1', 'a2', 'b2', 'c2'])
})
