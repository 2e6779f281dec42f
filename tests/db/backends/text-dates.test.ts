import fc from 'fast-check'
import { expect, test } from 'vitest'
import { daysFromCivil, readInstant, writeInstant } from '../../../src/db/backends/text-dates.ts'
import { offsetAt } from '../../../src/db/backends/time-zones.ts'
import { toPlainDateTime } from '../../../src/std/dates.ts'

const MIN = Date.parse('0001-01-01T00:00:00Z')
const MAX = Date.parse('9999-12-31T23:59:59.999Z')
const instants = fc.integer({ min: MIN, max: MAX })

test('every instant is written as Django writes it and read back', () => {
  fc.assert(
    fc.property(instants, (ms) => {
      const text = writeInstant(new Date(ms))
      const iso = new Date(ms).toISOString()
      const expected = iso.endsWith('.000Z') ? iso.slice(0, 19) : `${iso.slice(0, 23)}000`
      expect(text).toBe(expected.replace('T', ' '))
      expect(readInstant(text)).toBe(ms)
    }),
    { numRuns: 2000 },
  )
})

test('other spellings of an instant are read, other text is not', () => {
  const ms = Date.parse('2024-01-31T10:15:20.123Z')
  for (const text of [
    '2024-01-31 10:15:20.123',
    '2024-01-31 10:15:20.123456',
    '2024-01-31T10:15:20.123Z',
    '2024-01-31 10:15:20.123000+00:00',
    '2024-01-31 12:15:20.123+02:00',
    '2024-01-31 05:45:20.123456-0430',
  ]) {
    expect(readInstant(text), text).toBe(ms)
  }
  expect(readInstant('2024-01-31')).toBe(Date.parse('2024-01-31T00:00:00Z'))
  expect(readInstant('2024-01-31 10:15')).toBe(Date.parse('2024-01-31T10:15:00Z'))
  expect(readInstant('2024-01-31 10:15:20.1')).toBe(Date.parse('2024-01-31T10:15:20.100Z'))
  for (const text of [
    '',
    'now',
    '2024-13-01 00:00:00',
    '2024-1-1 10:00',
    '2024-01-31 10-15-20',
    '2024-01-31 10:15:20,5',
  ]) {
    expect(readInstant(text), text).toBeNaN()
  }
})

test('days are counted as the calendar does', () => {
  fc.assert(
    fc.property(instants, (ms) => {
      const date = new Date(ms)
      expect(daysFromCivil(date.getUTCFullYear(), date.getUTCMonth() + 1, date.getUTCDate())).toBe(
        Math.floor(ms / 86_400_000),
      )
    }),
  )
})

test('offsets are those of Temporal, in zones with odd hours and old rules', () => {
  const zones = fc.constantFrom(
    'Europe/Paris',
    'America/St_Johns',
    'Asia/Kathmandu',
    'Australia/Lord_Howe',
    'Africa/Monrovia',
    'Pacific/Apia',
    'UTC',
  )
  fc.assert(
    fc.property(zones, fc.integer({ min: Date.parse('1890-01-01'), max: Date.parse('2060-01-01') }), (zone, ms) => {
      const wall = toPlainDateTime(new Date(ms), zone)
      const expected = Date.parse(`${wall.toString({ fractionalSecondDigits: 3 })}Z`) - ms
      expect(offsetAt(zone, ms)).toBe(expected)
    }),
    { numRuns: 500 },
  )
})
