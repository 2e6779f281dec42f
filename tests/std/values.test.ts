import { inspect } from 'node:util'
import { describe, expect, test } from 'vitest'
import {
  constantTimeEqual,
  deflate,
  fromBase64Url,
  hmac,
  inflate,
  randomBytes,
  randomString,
  sha256,
  toBase64Url,
  toHex,
  uuid4,
  uuid7,
} from '../../src/std/crypto.ts'
import {
  endOfDay,
  startOfDay,
  startOfMonth,
  startOfYear,
  Temporal,
  today,
  toInstant,
  toPlainDate,
} from '../../src/std/dates.ts'
import { Decimal, readDecimal } from '../../src/std/decimal.ts'
import { isIpv4, isIpv6 } from '../../src/std/ip.ts'
import { lazy } from '../../src/std/lazy.ts'

test('values print as what they are, not as the class that holds them', () => {
  const row = {
    price: new Decimal('1.50'),
    on: Temporal.PlainDate.from('2026-01-02'),
    took: [Temporal.Duration.from('PT5M')],
  }
  expect(inspect(row)).toBe(
    '{\n  price: 1.5,\n  on: Temporal.PlainDate 2026-01-02,\n  took: [ Temporal.Duration PT5M ]\n}',
  )
  expect(inspect(Temporal.Instant.from('2026-01-02T03:04:05.000006Z'))).toBe(
    'Temporal.Instant 2026-01-02T03:04:05.000006Z',
  )
  expect(Object.keys(row.on)).toEqual([])
})

describe('Decimal', () => {
  test('keeps every digit of what it is made from', () => {
    const text = `${'1234567890'.repeat(30)}.${'0987654321'.repeat(29)}098765432`
    expect(new Decimal(text).toString()).toBe(text)
    expect(new Decimal('0.1').plus('0.2').toString()).toBe('0.3')
    expect(new Decimal('999999999999999999999999999999').plus(1).toString()).toBe('1000000000000000000000000000000')
  })

  test('prints small and large values without exponent, and gigantic ones with', () => {
    expect(new Decimal('1e30').toString()).toBe(`1${'0'.repeat(30)}`)
    expect(new Decimal('1e-30').toString()).toBe(`0.${'0'.repeat(29)}1`)
    expect(new Decimal('1e1000000000').toString().length).toBeLessThan(20)
  })

  test.each([
    ['1.50', '1.5'],
    [' -3 ', '-3'],
    ['.5', '0.5'],
    ['5.', '5'],
    ['1e3', '1000'],
    [12n, '12'],
    [0.1, '0.1'],
    [new Decimal('2.5'), '2.5'],
    ['0e5', '0'],
  ])('readDecimal(%o) is %s', (input, expected) => {
    expect(readDecimal(input)?.toString()).toBe(expected)
  })

  test.each([
    '',
    ' ',
    'NaN',
    'Infinity',
    '0x10',
    '1_000',
    '1,5',
    '--1',
    '1e1000000000',
    '1e-1000000000',
    '1e99999999999',
    '9'.repeat(5000),
    Number.NaN,
    Number.POSITIVE_INFINITY,
    null,
    undefined,
    true,
    [],
    {},
  ])('readDecimal(%o) is null', (input) => {
    expect(readDecimal(input)).toBeNull()
  })
})

describe('crypto', () => {
  test('hashes and signs as the standards say', () => {
    expect(toHex(sha256('abc'))).toBe('ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad')
    // RFC 4231, test case 2
    expect(toHex(hmac('Jefe', 'what do ya want for nothing?'))).toBe(
      '5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843',
    )
  })

  test('randomString has the length and alphabet asked for, and is never the same', () => {
    expect(randomString(50)).toMatch(/^[A-Za-z0-9]{50}$/)
    expect(randomString(200, 'ab')).toMatch(/^(?=.*a)(?=.*b)[ab]{200}$/)
    expect(randomString(22)).not.toBe(randomString(22))
    expect(randomBytes(16)).toHaveLength(16)
  })

  test('constantTimeEqual compares text and bytes of any length', () => {
    expect(constantTimeEqual('é', 'é')).toBe(true)
    expect(constantTimeEqual('é', new TextEncoder().encode('é'))).toBe(true)
    expect(constantTimeEqual('a', 'b')).toBe(false)
    expect(constantTimeEqual('a', 'aa')).toBe(false)
    expect(constantTimeEqual('', '')).toBe(true)
  })

  test('base64url goes both ways, and refuses what it is not', () => {
    const bytes = new Uint8Array([251, 255, 0, 1])
    expect(toBase64Url(bytes)).toBe('-_8AAQ')
    expect(fromBase64Url('-_8AAQ')).toEqual(bytes)
    expect(fromBase64Url('-_8AAQ==')).toEqual(bytes)
    for (const text of ['a b', 'a+/b', 'a=b', 'a\n']) expect(fromBase64Url(text)).toBeNull()
  })

  test('inflate stops at the size allowed', () => {
    const bomb = deflate('a'.repeat(1_000_000))
    expect(bomb.length).toBeLessThan(2000)
    expect(inflate(bomb, 1_000_000)).toHaveLength(1_000_000)
    expect(() => inflate(bomb, 999_999)).toThrow(RangeError)
  })

  test('UUIDs have their version, and version 7 sorts by time', () => {
    expect(uuid4()).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/)
    expect(uuid7()).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/)
    expect(uuid7(1_700_000_000_000).slice(0, 13)).toBe('018bcfe5-6800')
    expect(uuid7(1) < uuid7(2)).toBe(true)
  })
})

describe('days', () => {
  const paris = 'Europe/Paris'

  test('a day begins where the clock of the time zone says', () => {
    const evening = new Date('2024-06-30T22:30:00Z')
    expect(toPlainDate(evening, paris).toString()).toBe('2024-07-01')
    expect(startOfDay(evening, paris).toISOString()).toBe('2024-06-30T22:00:00.000Z')
    expect(endOfDay(evening, paris).toISOString()).toBe('2024-07-01T22:00:00.000Z')
    expect(startOfMonth(evening, 'UTC').toISOString()).toBe('2024-06-01T00:00:00.000Z')
    expect(startOfYear(Temporal.PlainDate.from('2024-07-01'), paris).toISOString()).toBe('2023-12-31T23:00:00.000Z')
    expect(today(paris, evening).toString()).toBe('2024-07-01')
  })

  test('a day is 23 or 25 hours long when clocks change', () => {
    const hours = (day: string) => {
      const date = Temporal.PlainDate.from(day)
      return (endOfDay(date, paris).getTime() - startOfDay(date, paris).getTime()) / 3_600_000
    }
    expect([hours('2024-03-31'), hours('2024-10-27'), hours('2024-10-28')]).toEqual([23, 25, 24])
  })

  test('a day may begin after midnight', () => {
    expect(startOfDay(Temporal.PlainDate.from('2018-11-04'), 'America/Sao_Paulo').toISOString()).toBe(
      '2018-11-04T03:00:00.000Z',
    )
  })

  test('a wall time that was skipped is read as the later one, one that comes twice as the first', () => {
    expect(toInstant(Temporal.PlainDateTime.from('2024-03-31T02:30'), paris).toISOString()).toBe(
      '2024-03-31T01:30:00.000Z',
    )
    expect(toInstant(Temporal.PlainDateTime.from('2024-10-27T02:30'), paris).toISOString()).toBe(
      '2024-10-27T00:30:00.000Z',
    )
  })
})

describe('IP addresses', () => {
  test.each(['0.0.0.0', '255.255.255.255'])('%s is IPv4', (text) => expect(isIpv4(text)).toBe(true))
  test.each(['010.8.8.8', '127.0.0.01', '1.2.3', '1.2.3.4.5', '256.1.1.1', '1.2.3.4 ', '1.2.3.4\n', '0x7f.1.1.1', ''])(
    '%j is not IPv4',
    (text) => expect(isIpv4(text)).toBe(false),
  )
  test.each([
    '::',
    '::1',
    '1::',
    '1:2:3:4:5:6:7:8',
    'fe80::1',
    '::ffff:1.2.3.4',
    '1:2:3:4:5:6:1.2.3.4',
    '1:2:3:4:5:6:7::',
  ])('%s is IPv6', (text) => expect(isIpv6(text)).toBe(true))
  test.each([
    ':',
    ':::',
    '1',
    '1:2:3:4:5:6:7',
    '1:2:3:4:5:6:7:8:9',
    '1::2::3',
    ':1:2:3:4:5:6:7',
    '1.2.3.4::',
    '::1.2.3.4:1',
    '1:2:3:4:5:6:7::8',
    'g::',
    '::%',
  ])('%j is not IPv6', (text) => expect(isIpv6(text)).toBe(false))
  test('a scope is accepted unless told otherwise', () => {
    expect(isIpv6('fe80::1%eth0')).toBe(true)
    expect(isIpv6('fe80::1%eth0', { scope: false })).toBe(false)
  })
})

test('lazy makes its value once, and tries again after an error', () => {
  let calls = 0
  const value = lazy(() => {
    if (++calls === 1) throw new Error('not yet')
    return undefined
  })
  expect(value).toThrow('not yet')
  expect(value()).toBeUndefined()
  expect(value()).toBeUndefined()
  expect(calls).toBe(2)
})
