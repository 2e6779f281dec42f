/** abortable(): what waits, what runs and what is yet to come when the signal fires. */
import { abortable, atomic, connection, OperationalError, onCommit } from 'nuages/db'
import { describe, expect, test } from 'vitest'
import { Company } from '../query/models.ts'
import { freshTables } from '../query/setup.ts'

freshTables()

const rejected = (reason: unknown) => ({ code: 'db.aborted', cause: reason })

describe('abortable()', () => {
  test('gives what its function gives while the signal is silent', async () => {
    const { signal } = new AbortController()
    expect(await abortable(signal, () => Company.objects.count())).toBe(0)
    expect(await abortable(signal, () => Company.objects.filter({ name: 'x' }))).toEqual([])
    expect(abortable(signal, () => 5)).toBe(5)
  })

  test('a statement that has not begun is refused, with the reason of the signal; what is outside goes on', async () => {
    const reason = new Error('the visitor left')
    const signal = AbortSignal.abort(reason)
    await expect(abortable(signal, () => Company.objects.create({ name: 'x' }))).rejects.toMatchObject(rejected(reason))
    await expect(abortable(signal, () => Company.objects.count())).rejects.toBeInstanceOf(OperationalError)
    await expect(abortable(signal, async () => connection().ping())).rejects.toMatchObject(rejected(reason))
    await expect(abortable(signal, () => atomic(() => 1))).rejects.toMatchObject(rejected(reason))
    expect(await Company.objects.count()).toBe(0)
  })

  test('a block whose signal fires is rolled back, even where it asks for nothing more', async () => {
    const controller = new AbortController()
    const ran: string[] = []
    const block = abortable(controller.signal, () =>
      atomic(async () => {
        await Company.objects.create({ name: 'x' })
        onCommit(() => ran.push('committed'))
        controller.abort()
      }),
    )
    await expect(block).rejects.toMatchObject({ code: 'db.aborted' })
    expect([ran, await Company.objects.count()]).toEqual([[], 0])
    await atomic(() => Company.objects.create({ name: 'next' }))
    expect(await Company.objects.count()).toBe(1)
  })

  test('waiting for a turn in a block ends at once', async () => {
    const controller = new AbortController()
    const gate = Promise.withResolvers<void>()
    await atomic(async () => {
      const holding = atomic(() => gate.promise)
      const waiting = abortable(controller.signal, () => Company.objects.create({ name: 'x' }))
      waiting.catch(() => undefined)
      controller.abort()
      await expect(waiting).rejects.toMatchObject({ code: 'db.aborted' })
      gate.resolve()
      await holding
      await Company.objects.create({ name: 'y' })
    })
    expect(await Company.objects.valuesList('name', { flat: true })).toEqual(['y'])
  })

  test('a loop over rows stops at the next chunk, and gives its connection back', async () => {
    await Company.objects.bulkCreate(Array.from({ length: 50 }, (_, i) => ({ name: `c${i}` })))
    for (let i = 0; i < 12; i++) {
      const controller = new AbortController()
      let seen = 0
      const loop = abortable(controller.signal, async () => {
        for await (const company of Company.objects.iterator({ chunk: 10 })) {
          if (company.name && ++seen === 15) controller.abort()
        }
      })
      await expect(loop).rejects.toMatchObject({ code: 'db.aborted' })
      expect(seen).toBe(20)
    }
    expect(await Company.objects.count()).toBe(50)
  })

  test('of two signals, one inside the other, each counts', async () => {
    const outer = new AbortController()
    const inner = new AbortController()
    const both = () => abortable(outer.signal, async () => abortable(inner.signal, async () => Company.objects.count()))
    expect(await both()).toBe(0)
    outer.abort()
    await expect(both()).rejects.toMatchObject({ code: 'db.aborted' })
  })
})
