/** listen() and notify(), where the database has channels. */
import { atomic, listen, NotSupportedError, notify } from 'nuages/db'
import { describe, expect, test, vi } from 'vitest'
import { engine } from '../backends/fresh.ts'
import { Company } from './models.ts'
import { freshTables } from './setup.ts'

freshTables()
const hasChannels = engine.name === 'PostgreSQL' || engine.name === 'PGlite'

describe('channels', () => {
  if (hasChannels) return describeChannels()
  test('are told to be missing', async () => {
    await expect(listen('orders', () => undefined)).rejects.toThrow(NotSupportedError)
    await expect(notify('orders')).rejects.toMatchObject({ code: 'db.not-supported' })
  })
})

function describeChannels(): void {
  /** Hears a channel, until the test ends. */
  async function heard(channel: string, onHeard: (payload: string) => unknown = () => undefined) {
    const payloads: string[] = []
    const listening = await listen(channel, (payload) => {
      payloads.push(payload)
      return onHeard(payload)
    })
    const until = (last: string) => vi.waitFor(() => expect(payloads.at(-1)).toBe(last))
    return { payloads, listening, until }
  }

  test('each message is heard by all who listen, in order, whatever its letters', async () => {
    const [one, two, other] = [await heard('Ordres "à part"'), await heard('Ordres "à part"'), await heard('other')]
    for (const payload of ['1', '', "it's", 'é𝄞\n']) await notify('Ordres "à part"', payload)
    await Promise.all([one.until('é𝄞\n'), two.until('é𝄞\n')])
    expect(one.payloads).toEqual(['1', '', "it's", 'é𝄞\n'])
    expect(two.payloads).toEqual(one.payloads)
    expect(other.payloads).toEqual([])
  })

  test('inside a block it leaves with the commit, and not with a rollback', async () => {
    const { payloads, until } = await heard('orders')
    await expect(
      atomic(async () => {
        await notify('orders', 'undone')
        throw new Error('undone')
      }),
    ).rejects.toThrow('undone')
    await atomic(async () => {
      await notify('orders', 'first')
      await atomic(() => notify('orders', 'second'))
    })
    await until('second')
    expect(payloads).toEqual(['first', 'second'])
  })

  test('a handler runs outside of every block and may query; what it throws is a warning', async () => {
    const warned = vi.fn()
    process.on('warning', warned)
    const { until } = await heard('made', async (name) => {
      if (name === 'bad') throw new Error('a bad name')
      await Company.objects.create({ name })
    })
    await notify('made', 'bad')
    await atomic(() => notify('made', 'Selmer'))
    await until('Selmer')
    await vi.waitFor(async () => expect(await Company.objects.count()).toBe(1))
    await vi.waitFor(() =>
      expect(warned.mock.calls[0]![0]).toMatchObject({
        message: 'What listens to "made" failed: Error: a bad name',
        code: 'db.listener-failed',
      }),
    )
    process.off('warning', warned)
  })

  test('ends with close() and with a signal', async () => {
    const closed = await heard('orders')
    const stop = new AbortController()
    const aborted: string[] = []
    await listen('orders', (payload) => aborted.push(payload), { signal: stop.signal })
    const kept = await heard('orders')
    await closed.listening.close()
    await closed.listening.close()
    stop.abort()
    await notify('orders', 'after')
    await kept.until('after')
    expect([closed.payloads, aborted]).toEqual([[], []])
    await expect(listen('orders', () => undefined, { signal: stop.signal })).rejects.toThrow('aborted')
  })

  test('names and messages that cannot be are refused', async () => {
    for (const channel of ['', 'x'.repeat(64), 'nul\0']) {
      await expect(notify(channel)).rejects.toMatchObject({ code: 'db.invalid-value' })
      await expect(listen(channel, () => undefined)).rejects.toMatchObject({ code: 'db.invalid-value' })
    }
    await expect(notify('orders', 'x'.repeat(8000))).rejects.toMatchObject({ code: 'db.invalid-value' })
    await notify('orders', 'x'.repeat(7999))
  })
}
