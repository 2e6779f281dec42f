import { clock } from 'nuages/testing'
import { afterEach, describe, expect, test } from 'vitest'

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
