import { isDeepStrictEqual } from 'node:util'
import { clock, testSite } from 'nuages/testing'
import * as runner from 'vitest'
import { afterEach, describe, expect, test, vi } from 'vitest'
import settings from './project/settings.ts'
import { Book, Order } from './project/shop/models.ts'

afterEach(() => clock.restore())

describe('the clock', () => {
  test('stops, goes on by what is asked, and is given back', () => {
    const real = Date
    clock.stop('2026-07-01T12:00:00Z')
    expect(new Date().toISOString()).toBe('2026-07-01T12:00:00.000Z')
    expect(Date.now()).toBe(Date.UTC(2026, 6, 1, 12))
    clock.advance(1500)
    expect(new Date().toISOString()).toBe('2026-07-01T12:00:01.500Z')
    clock.restore()
    expect(Date).toBe(real)
    expect(Math.abs(Date.now() - performance.timeOrigin - performance.now())).toBeLessThan(5000)
  })

  test('leaves every other use of Date as it is', () => {
    clock.stop(0)
    expect(new Date('2026-01-02').toISOString()).toBe('2026-01-02T00:00:00.000Z')
    expect(new Date(2026, 0, 2, 3).getHours()).toBe(3)
    expect(new Date(new Date(5)).getTime()).toBe(5)
    expect(new Date() instanceof Date).toBe(true)
    expect(Date.parse('1970-01-01T00:00:01Z')).toBe(1000)
    expect(typeof Date()).toBe('string')
  })

  test('shifted rather than stopped goes on', () => {
    const before = Date.now()
    clock.advance(60_000)
    expect(Date.now()).toBeGreaterThanOrEqual(before + 60_000)
  })

  test('dates made before are dates after, and the other way round', () => {
    const old = new Date()
    clock.stop()
    expect(old instanceof Date).toBe(true)
    const held = new Date()
    clock.restore()
    expect(held instanceof Date).toBe(true)
    expect(structuredClone(held).getTime()).toBe(held.getTime())
  })
})

describe('the clock of a test', () => {
  test('moves by days and the like, back too', () => {
    clock.stop('2026-01-01T00:00:00Z')
    clock.advance({ days: 31, hours: 1, minutes: 2, seconds: 3, milliseconds: 4 })
    expect(new Date().toISOString()).toBe('2026-02-01T01:02:03.004Z')
    clock.advance({ days: -31 })
    expect(new Date().toISOString()).toBe('2026-01-01T01:02:03.004Z')
  })

  test('stops where it stands, and goes on being stopped', () => {
    clock.advance({ days: 1000 })
    clock.stop()
    const first = Date.now()
    expect(first).toBeGreaterThan(performance.timeOrigin + 999 * 86_400_000)
    expect(new Date()).toEqual(new Date(first))
  })

  test('dates of all times are deeply equal, and may be extended', () => {
    const before = new Date(5)
    clock.stop(5)
    expect(isDeepStrictEqual(new Date(), before)).toBe(true)
    class Later extends Date {}
    expect(new Later()).toBeInstanceOf(Later)
    expect(new Later().getTime()).toBe(5)
  })

  test('is held for Temporal, too', async () => {
    const { Temporal } = await import('../../src/std/dates.ts')
    clock.stop('2026-01-23T12:00:00Z')
    expect(String(Temporal.Now.instant())).toBe('2026-01-23T12:00:00Z')
  })

  test('leaves a fake of the runner’s alone', () => {
    vi.useFakeTimers({ now: 7 })
    const fake = Date
    clock.stop(9)
    expect(Date.now()).toBe(9)
    clock.restore()
    expect(Date).toBe(fake)
    expect(Date.now()).toBe(7)
    vi.useRealTimers()
  })

  test.each([['no date'], [Number.NaN], [new Date(Number.NaN)]])('%s is no time', (at) => {
    expect(() => clock.stop(at)).toThrow(expect.objectContaining({ code: 'testing.bad-time' }))
    expect(() => clock.advance(Number.NaN)).toThrow(expect.objectContaining({ code: 'testing.bad-time' }))
    expect(() => clock.advance({ days: Number.NaN })).toThrow('{"days":null}')
    expect(Math.abs(Date.now() - performance.timeOrigin - performance.now())).toBeLessThan(5000)
  })
})

describe('with the clock', () => {
  const site = testSite(settings, runner)

  test('sessions end, by the visitor’s cookie and by the site', async () => {
    clock.stop('2026-01-01T00:00:00Z')
    await site.client.get('/visits/')
    const key = site.client.cookies.get('sessionid')!
    clock.advance({ minutes: 59 })
    expect((await site.client.get('/visits/')).body).toBe('2')
    clock.advance({ hours: 2 })
    expect((await site.client.get('/visits/')).body).toBe('1')
    site.client.cookies.set('sessionid', key)
    expect((await site.client.get('/visits/')).body).toBe('1')
  })

  test('cookies end by their own time', async () => {
    clock.stop()
    await site.client.get('/cookies/short/?maxAge=60')
    const cookie = async () => (await site.client.get('/echo/')).json<{ headers: { cookie: string } }>().headers.cookie
    expect(await cookie()).toBe('short=x')
    clock.advance({ seconds: 61 })
    expect(await cookie()).toBeNull()
    expect(site.client.cookies.has('short')).toBe(false)
  })

  test('rows have the time of the test', async () => {
    const at = new Date('2030-05-05T05:05:05Z')
    const book = await Book.objects.create({ title: 'Timed' })
    clock.stop(at)
    await site.client.post(`/books/${book.id}/buy/`)
    expect((await Order.objects.get()).at).toEqual(at)
  })
})
