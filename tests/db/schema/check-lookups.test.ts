/** Every sort of condition as a check of a table: the database and fullClean() refuse the same rows (MOD-20, MOD-21). */
import { defineApp } from 'nuages'
import {
  boolean,
  char,
  check,
  date,
  dateTime,
  decimal,
  integer,
  json,
  Model,
  Own,
  Temporal,
  time,
  uuid,
} from 'nuages/db'
import { Length } from 'nuages/db/functions'
import { expect, test } from 'vitest'
import { freshTablesOf } from './tables.ts'

const DAY = Temporal.PlainDate.from('2026-03-09')
const GOOD = {
  name: 'a_b\\c%',
  other: 'B\\C',
  count: 5,
  most: 9,
  price: '2.50',
  day: DAY,
  at: new Date('2026-03-09T10:00:00.123Z'),
  clock: Temporal.PlainTime.from('10:30'),
  open: true,
  key: '0b0e7a4e-0000-4000-8000-0000000000ff',
  data: { "it's": { 'odd \\ "key': 1 }, list: [1, 2], name: 'x', size: 3, on: true, at: { path: 'q', q: [{ r: 1 }] } },
}

const data = (changed: object) => ({ data: { ...GOOD.data, ...changed } })

/** Conditions, and a value of one field that breaks each. */
const CHECKS: Readonly<Record<string, readonly [condition: object, broken: Record<string, unknown>]>> = {
  begins: [{ name__startswith: 'a_' }, { name: 'ab\\c%' }],
  either: [Own({ name__startswith: 'a_' }).or(Own({ name__endswith: 'z' })), { name: 'ab\\c%' }],
  ends: [{ name__endswith: '\\c%' }, { name: 'a_b\\c' }],
  contains: [{ name__contains: '_b\\' }, { name: 'a_bc%' }],
  folded: [{ name__istartswith: 'A_' }, { name: 'x' }],
  equal: [{ name__iexact: 'A_B\\C%' }, { name: 'a_b\\c' }],
  unlike: [Own({ name: 'it\\' }).not(), { name: 'it\\' }],
  named: [{ name__in: ['a_b\\c%', "o'clock"] }, { name: 'x' }],
  beside: [{ name__icontains: Own('other') }, { other: 'q' }],
  shorter: [Own({ count__lt: Own('most') }), { count: 9 }],
  between: [{ count__range: [1, 8] }, { count: 0, most: 9 }],
  computed: [{ count: Own('most').minus(4) }, { count: 4 }],
  cheap: [{ price__lte: '99.99' }, { price: '100' }],
  later: [{ day__gte: DAY }, { day: DAY.subtract({ days: 1 }) }],
  yearly: [{ day__year: 2026, day__month__lte: 6 }, { day: DAY.add({ months: 5 }) }],
  recent: [{ at__gte: new Date('2026-01-01T00:00:00Z') }, { at: new Date('2025-12-31T23:59:59Z') }],
  hourly: [{ clock__lt: Temporal.PlainTime.from('12:00:00.5') }, { clock: Temporal.PlainTime.from('12:00:01') }],
  opened: [{ open: true }, { open: false }],
  keyed: [Own({ key__in: [GOOD.key] }), { key: '0b0e7a4e-0000-4000-8000-000000000000' }],
  inside: [{ 'data__it\'s__odd \\ "key': 1 }, data({ "it's": { 'odd \\ "key': 2 } })],
  called: [{ data__name: 'x' }, data({ name: 'y' })],
  oneOf: [{ data__name__in: ['x', 'y', 'é'] }, data({ name: 'z' })],
  turnedOn: [{ data__on: true }, data({ on: false })],
  sized: [{ data__size__gte: 3, data__size__lt: 100 }, data({ size: 20_000 })],
  objectOf: [{ data__at: { path: 'q', q: [{ r: 1 }] } }, data({ at: { path: 'q' } })],
  objectNot: [Own({ data__at: { q: { r: 1 } } }).not(), data({ at: { q: { r: 1 } } })],
  objectPath: [Own({ data__at: { path: 'p' } }).not(), data({ at: { path: 'p' } })],
  holding: [{ data__list__contains: [2] }, data({ list: [1] })],
  present: [{ data__hasKey: 'name' }, { data: { ...GOOD.data, name: undefined } }],
  known: [{ data__size__isnull: false }, { data: { ...GOOD.data, size: undefined } }],
}

class Ruled extends Model<Ruled>()(
  {
    name: char({ maxLength: 20 }),
    other: char({ maxLength: 20 }),
    count: integer(),
    most: integer(),
    price: decimal({ maxDigits: 8, decimalPlaces: 2 }),
    day: date(),
    at: dateTime(),
    clock: time(),
    open: boolean(),
    key: uuid(),
    data: json<unknown>(),
  },
  {
    constraints: [
      ...Object.entries(CHECKS).map(([name, [condition]]) => check(condition as never, { name })),
      check(Own({ count__gt: Length('other') }), { name: 'longer' }),
    ],
  },
) {}
defineApp({ name: 'ruled', root: import.meta.url, models: { Ruled } })
freshTablesOf(Ruled)

test('MOD-20: a row that keeps them all is stored', async () => {
  const row = new Ruled(GOOD as never)
  await row.fullClean()
  await row.save()
  expect(await Ruled.objects.count()).toBe(1)
})

test.each([
  ...Object.entries(CHECKS).map(([name, [, broken]]) => [name, broken] as const),
  ['longer', { name: 'a_b\\c%b\\c%', other: 'B\\C%B' }] as const,
])('MOD-20, MOD-21: %s', async (name, broken) => {
  const values = { ...GOOD, ...broken }
  await expect(Ruled.objects.create(values as never)).rejects.toMatchObject({ code: 'db.check-violation' })
  await expect(new Ruled(values as never).fullClean()).rejects.toThrow(`“${name}”`)
})
