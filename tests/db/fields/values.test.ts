/** Every kind of field through create(), a filter and a read, with values at its edges, on the engine of `TEST_ENGINE`. */
import { defineApp } from 'nuages'
import {
  bigInteger,
  binary,
  boolean,
  char,
  Decimal,
  date,
  dateTime,
  decimal,
  duration,
  float,
  integer,
  json,
  Model,
  smallInteger,
  Temporal,
  text,
  time,
  uuid,
} from 'nuages/db'
import { assertNumQueries } from 'nuages/testing'
import { describe, expect, test } from 'vitest'
import { database } from '../../../src/db/internal.ts'
import { freshTablesOf } from '../schema/tables.ts'

class Every extends Model<Every>()({
  name: char({ maxLength: 200, null: true }),
  body: text({ null: true }),
  number: integer({ null: true }),
  small: smallInteger({ null: true }),
  big: bigInteger({ null: true }),
  ratio: float({ null: true }),
  price: decimal({ maxDigits: 10, decimalPlaces: 2, null: true }),
  exact: decimal({ maxDigits: 40, decimalPlaces: 10, null: true }),
  yes: boolean({ null: true }),
  day: date({ null: true }),
  clock: time({ null: true }),
  moment: dateTime({ null: true }),
  span: duration({ null: true }),
  data: json<unknown>({ null: true }),
  token: uuid({ null: true }),
  bytes: binary({ null: true }),
}) {}
defineApp({ name: 'every', root: import.meta.url, models: { Every } })
freshTablesOf(Every)

const NUL = 'a\0b'
const VALUES: Readonly<Record<string, readonly unknown[]>> = {
  name: ['', ' ', 'it\'s "quoted" \\ %_', 'é'.normalize('NFD'), '𝒳🎷', '\u2028\ufeff', 'x'.repeat(200)],
  body: ['', '\n\r\t', '\u0001\u007f', '𐍈'.repeat(5000), "'; DROP TABLE every_every; --"],
  number: [0, -1, 2 ** 31 - 1, -(2 ** 31)],
  small: [32_767, -32_768],
  big: [0n, 2n ** 53n + 1n, -(2n ** 53n) - 1n, 2n ** 63n - 1n, -(2n ** 63n)],
  ratio: [0.1, -1e-300, 1.7976931348623157e308, 5e-324, 2 ** 53],
  price: ['0', '0.01', '-99999999.99', '99999999.99'],
  exact: ['123456789012345678901234567890.0123456789', '-0.0000000001', '999999999999999999999999999999.9999999999'],
  yes: [true, false],
  day: ['0001-01-01', '1582-10-10', '2024-02-29', '9999-12-31'].map((day) => Temporal.PlainDate.from(day)),
  clock: ['00:00:00', '23:59:59.999999', '12:00:00.000001'].map((clock) => Temporal.PlainTime.from(clock)),
  moment: ['0001-01-01T00:00:00.000Z', '1969-12-31T23:59:59.999Z', '9999-12-31T23:59:59.999Z'].map(
    (at) => new Date(at),
  ),
  span: ['PT0S', 'PT0.000001S', '-P1DT1.5S', 'P999999DT23H59M59.999999S'].map((span) => Temporal.Duration.from(span)),
  data: [{}, [], 'text', 0, true, { a: [null, { 'b"c': '\\' }], é: '\u2028' }, { deep: { er: [1.5, -0.25] } }],
  token: ['00000000-0000-0000-0000-000000000000', 'ffffffff-ffff-4fff-bfff-ffffffffffff'],
  bytes: [new Uint8Array(), Uint8Array.from({ length: 256 }, (_, i) => i)],
}

const plain = (value: unknown): unknown => {
  if (Decimal.isDecimal(value)) return (value as Decimal).toFixed()
  if (value instanceof Temporal.Duration) return value.total('microseconds')
  if (value instanceof Uint8Array) return [...value]
  const tag = Object.prototype.toString.call(value)
  return tag.startsWith('[object Temporal') ? String(value) : value
}
const wanted = (name: string, value: unknown): unknown =>
  plain(name === 'price' || name === 'exact' ? new Decimal(value as string) : value)

describe('values at the edges', () => {
  test.each(Object.keys(VALUES))('of %s are written, read, found and changed as they are', async (name) => {
    const values = VALUES[name]!
    for (const value of values) {
      const made = await Every.objects.create({ [name]: value })
      expect(plain(made[name as 'name'])).toEqual(wanted(name, value))
      // Nor is what was made: what is noted of its row is read as the database's own text is.
      await assertNumQueries(0, () => made.save())
      const read = await Every.objects.get({ id: made.id })
      expect(plain(read[name as 'name'])).toEqual(wanted(name, value))
      // What was read is not changed by being saved.
      await assertNumQueries(0, () => read.save())
      const found = await Every.objects.filter({ [name]: value, id: made.id } as never).count()
      expect([value, found]).toEqual([value, 1])
    }
    const rows = await Every.objects.bulkCreate(values.map((value) => ({ [name]: value })))
    const again = await Every.objects.filter({ id__in: rows.map((row) => row.id) }).orderBy('id')
    expect(again.map((row) => plain(row[name as 'name']))).toEqual(values.map((value) => wanted(name, value)))
    await again[0]!.refresh()
    again[0]!.name = null
    await again[0]!.save()
  })

  test('MOD-06 literals in the default of a typed json() are of its type', async () => {
    class Themed extends Model<Themed>()({
      theme: json<{ name: 'light' | 'dark' }>({ default: () => ({ name: 'light' }) }),
      maybe: json<{ name: 'light' | 'dark' }>({ null: true, default: () => ({ name: 'dark' }) }),
      // @ts-expect-error: no such theme
      wrong: json<{ name: 'light' | 'dark' }>({ default: () => ({ name: 'lihgt' }) }),
    }) {}
    defineApp({ name: 'themed', root: import.meta.url, models: { Themed } })
    const { theme, maybe } = new Themed({})
    expect([theme.name, maybe?.name]).toEqual(['light', 'dark'] satisfies [typeof theme.name, 'dark'])
  })

  test('text with NUL is kept, or refused before it is sent', async () => {
    const work = async () => (await Every.objects.create({ body: NUL })).id
    if (!database().features.nulInText) {
      await expect(work()).rejects.toMatchObject({ code: 'db.invalid-value' })
      return
    }
    const id = await work()
    expect((await Every.objects.get({ id })).body).toBe(NUL)
  })

  test('lone surrogates are refused, for no database could give them back', async () => {
    for (const name of ['name', 'body'] as const)
      await expect((async () => Every.objects.create({ [name]: 'a\ud800b' }))()).rejects.toMatchObject({
        code: 'db.invalid-value',
      })
  })

  test.each([
    ['big', 2n ** 63n],
    ['big', -(2n ** 63n) - 1n],
    ['small', 1.5],
    ['ratio', Number.NaN],
    ['ratio', Number.POSITIVE_INFINITY],
    ['moment', new Date(Number.NaN)],
    ['token', 'not a uuid'],
    ['number', 'x'],
  ])('%s refuses %s', async (name, value) => {
    await expect((async () => Every.objects.create({ [name]: value }))()).rejects.toMatchObject({
      code: 'db.invalid-value',
    })
    expect(await Every.objects.count()).toBe(0)
  })
})
