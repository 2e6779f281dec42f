/** Values keep their type and every digit. */
import { describe, expect, test } from 'vitest'
import type { Database } from '../../../src/db/connections.ts'
import { DataError } from '../../../src/db/errors.ts'
import { Temporal } from '../../../src/std/dates.ts'
import { Decimal } from '../../../src/std/decimal.ts'
import { remove, select } from '../../db/sql/nodes.ts'

import { read, roundTrip, rows, run, TYPES, typed } from './items.ts'

/** Text that some databases cannot keep: NUL, and halves of letters in JSON. They refuse it, and lose nothing. */
const isOdd = (value: unknown): boolean =>
  typeof value !== 'bigint' && /\\u0000|\\ud800/.test(JSON.stringify(value) ?? '')

export function describeValues(db: () => Database): void {
  describe('values', () => {
    const same: readonly [string, readonly unknown[]][] = [
      ['name', ['', 'nul \0 inside', 'Django Reinhardt', '𝄞 nuages', "it's; -- \\ % _", 'a\u2028b', 'line\nline']],
      ['number', [0, -1, 2 ** 31 - 1, -(2 ** 31)]],
      ['small', [-32_768, 32_767]],
      ['big', [2n ** 63n - 1n, -(2n ** 63n), 9_007_199_254_740_993n, 0n]],
      ['ratio', [0.1, -1.5e-300, 5, 1e308]],
      ['yes', [true, false]],
      ['data', [{ a: [1, 'é', null, true, { b: {} }] }, [], 'text', 0, false, { k: '\ud800' }, { n: '\0' }]],
      ['token', ['0190f3c8-7c6f-7e3a-9b1e-2f4d6a8b0c1d']],
      ['bytes', [new Uint8Array([0, 255, 1]), new Uint8Array(0)]],
      [
        'moment',
        [
          '1970-01-01T00:00:00.000Z',
          '9999-12-31T23:59:59.999Z',
          '0001-01-01T00:00:00.001Z',
          '2024-02-29T12:30:15.050Z',
        ].map((s) => new Date(s)),
      ],
    ]
    for (const [name, values] of same) {
      test(`${TYPES[name]!.kind} values come back as they were`, async () => {
        for (const value of values) {
          if (!db().features.nulInText && isOdd(value)) {
            await expect(roundTrip(name, value)).rejects.toMatchObject({ code: 'db.invalid-value' })
          } else expect(await roundTrip(name, value)).toStrictEqual(value)
        }
        expect(await roundTrip(name, null)).toBeNull()
      })
    }
    const printed: readonly [string, readonly { toString(): string }[]][] = [
      ['price', ['0.10', '-9999999999.99', '1234567890.12', '0'].map((text) => new Decimal(text))],
      [
        'exact',
        ['12345678901234567890.1234567891', '-0.0000000001', '99999999999999999999.9999999999'].map(
          (text) => new Decimal(text),
        ),
      ],
      ['day', ['0001-01-01', '1969-12-31', '9999-12-31', '2024-02-29'].map((text) => Temporal.PlainDate.from(text))],
      ['clock', ['00:00:00', '23:59:59.999999', '12:30:00.000001'].map((text) => Temporal.PlainTime.from(text))],
    ]
    for (const [name, values] of printed) {
      test(`${name}: ${TYPES[name]!.kind} values keep every digit`, async () => {
        for (const value of values) expect(String(await roundTrip(name, value))).toBe(String(value))
      })
    }
    test('durations keep their microseconds, beyond 285 years too', async () => {
      for (const text of ['PT0S', 'P1DT2H3M4.000005S', '-P1DT0.5S', 'P200000DT0.000001S']) {
        const read = (await roundTrip('span', Temporal.Duration.from(text))) as Temporal.Duration
        expect(read.total('microseconds')).toBe(Temporal.Duration.from(text).total('microseconds'))
      }
    })
    test('what another program wrote and we cannot hold is refused by the database, or told when it is read', async () => {
      const foreign: readonly [string, string][] = [
        ['moment', 'infinity'],
        ['moment', '-infinity'],
        ['moment', '0044-03-15 00:00:00+00 BC'],
        ['moment', '12024-01-01 00:00:00+00'],
        ['day', 'infinity'],
        ['day', '0044-03-15 BC'],
        ['day', '12024-01-01'],
        ['clock', '24:00:00'],
        ['exact', 'NaN'],
        ['span', 'infinity'],
      ]
      for (const [name, text] of foreign) {
        await run(remove(null))
        const written = await Promise.resolve()
          .then(() => db().exec(`INSERT INTO item (${name}) VALUES ('${text}')`))
          .then(
            () => true,
            () => false,
          )
        if (!written) continue
        const reading = rows(select([typed(name)])).then(([row]) => read(name, row![0]))
        await expect(reading, `${name} ${text}`).rejects.toMatchObject({
          code: 'db.corrupt-value',
          message: expect.stringContaining(TYPES[name]!.kind),
        })
      }
    })
    test('a value of the wrong type is refused with its kind and what was expected', async () => {
      const wrong: readonly [string, unknown][] = [
        ['name', 5],
        ['name', 'broken \ud800 emoji'],
        ['name', undefined],
        ['number', '5'],
        ['number', 1.5],
        ['number', 2 ** 53],
        ['big', 2n ** 63n],
        ['big', -(2n ** 63n) - 1n],
        ['body', 'half \udc00'],
        ['big', 'x'],
        ['ratio', Number.NaN],
        ['ratio', Number.POSITIVE_INFINITY],
        ['price', 'abc'],
        ['price', new Decimal(Number.NaN)],
        ['yes', 1],
        ['day', '2024-01-01'],
        ['day', new Date()],
        ['clock', '10:00'],
        ['moment', new Date(Number.NaN)],
        ['moment', new Date('+010000-01-01')],
        ['moment', '2024-01-01'],
        ['token', 'nope'],
        ['bytes', 'text'],
        ['data', 1n],
        ['data', () => 1],
        ['data', { a: [Number.NaN] }],
        ['span', Temporal.Duration.from('P1M')],
      ]
      for (const [name, value] of wrong) {
        const error = await roundTrip(name, value).then(
          () => null,
          (reason) => reason,
        )
        expect(error, `${name} ${String(value)}`).toBeInstanceOf(DataError)
        expect(error).toMatchObject({
          code: 'db.invalid-value',
          message: expect.stringContaining(`"${TYPES[name]!.kind}"`),
        })
      }
    })
  })
}
