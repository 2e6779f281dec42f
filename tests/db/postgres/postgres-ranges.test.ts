/** Ranges of PostgreSQL: values there and back, lookups; exclusion constraints. */
import { F, IntegrityError, type Temporal } from 'nuages/db'
import { exclude, Range, RangeIntersectsAgg } from 'nuages/db/postgres'
import { beforeEach, describe, expect, test } from 'vitest'
import { Booking, day, dec, Room } from './models.ts'
import { freshDiary } from './setup.ts'

freshDiary()

let room: Room
beforeEach(async () => {
  room = await Room.objects.create({ name: 'Blue' })
})
const days = (from: string | null, to: string | null): Range<Temporal.PlainDate> =>
  new Range(from === null ? null : day(from), to === null ? null : day(to))
const JUNE = days('2024-06-01', '2024-07-01')

describe('values', () => {
  test('every kind, its ends, and none', async () => {
    const values = {
      seats: new Range(1, 10),
      ids: new Range(-(2n ** 63n), 2n ** 63n - 1n),
      price: new Range(dec('0.10'), dec('12345678901234567890.5'), '(]'),
      open: new Range(new Date('2024-06-01T10:00:00.5Z'), new Date('2024-06-01T12:00:00Z')),
    }
    const { id } = await Booking.objects.create({ room, period: JUNE, ...values })
    const found = await Booking.objects.get({ id })
    expect(String(found.period)).toBe('[2024-06-01,2024-07-01)')
    expect(found.seats).toEqual(new Range(1, 10))
    expect(found.ids).toEqual(values.ids)
    expect(String(found.price)).toBe('(0.1,12345678901234567890.5]')
    expect(found.price!.lowerInc).toBe(false)
    expect(found.open).toEqual(values.open)
  })

  test('without ends, empty, null; whole numbers and days in one form', async () => {
    const { id } = await Booking.objects.create({
      room,
      period: days(null, null),
      seats: new Range(1, 5, '[]'),
      ids: Range.empty(),
    })
    const found = await Booking.objects.get({ id })
    expect([found.period.lowerInf, found.period.upperInf, found.period.isEmpty]).toEqual([true, true, false])
    expect(found.seats).toEqual(new Range(1, 6))
    expect(found.ids!.isEmpty).toBe(true)
    expect(found.price).toBeNull()
    found.seats = new Range<number>(null, 3)
    await found.save()
    expect((await Booking.objects.get({ id })).seats).toEqual(new Range(null, 3))
  })

  test('many rows, by arrays and by COPY', async () => {
    for (const count of [100, 2500]) {
      await Booking.objects.all().delete()
      await Booking.objects.bulkCreate(
        Array.from({ length: count }, (_, i) => ({
          room,
          period: JUNE,
          cancelled: true,
          seats: i % 2 ? null : new Range(i, i + 5),
        })),
      )
      expect(await Booking.objects.filter({ seats__contains: 0 }).count()).toBe(1)
      expect(await Booking.objects.filter({ seats__isnull: true }).count()).toBe(count / 2)
    }
  })

  test('what is no range, or has ends of another kind, is refused', async () => {
    await expect(Booking.objects.create({ room, period: 'x' as never })).rejects.toMatchObject({
      code: 'db.invalid-value',
    })
    await expect(Booking.objects.create({ room, period: new Range(1, 2) as never })).rejects.toMatchObject({
      code: 'db.invalid-value',
    })
    await expect(Booking.objects.create({ room, period: days('2024-02-01', '2024-01-01') })).rejects.toMatchObject({
      code: 'db.invalid-value',
    })
  })
})

test('lookups', async () => {
  const add = (seats: Range<number>, period: Range<Temporal.PlainDate>) =>
    Booking.objects.create({ room, cancelled: true, seats, period })
  await add(new Range(0, 10), JUNE)
  await add(new Range(10, 20), days('2024-07-01', null))
  await add(Range.empty<number>(), days(null, '2024-01-01'))
  const found = (where: object) =>
    Booking.objects
      .filter(where as never)
      .orderBy('id')
      .valuesList('seats', { flat: true })
      .list()
      .then((all) => all.map(String).join(' '))
  const [a, b, c] = ['[0,10)', '[10,20)', 'empty']
  expect(await found({ seats__contains: 9 })).toBe(a)
  expect(await found({ seats__contains: new Range(11, 12) })).toBe(b)
  expect(await found({ period__contains: day('2030-01-01') })).toBe(b)
  expect(await found({ period__contains: days('2024-06-02', '2024-06-03') })).toBe(a)
  expect(await found({ seats__containedBy: new Range(0, 15) })).toBe(`${a} ${c}`)
  expect(await found({ seats__overlap: new Range(9, 11) })).toBe(`${a} ${b}`)
  expect(await found({ seats__fullyLt: new Range(10, 11) })).toBe(a)
  expect(await found({ seats__fullyGt: new Range(0, 10) })).toBe(b)
  expect(await found({ seats__notLt: new Range(5, 6) })).toBe(b)
  expect(await found({ seats__notGt: new Range(5, 12) })).toBe(a)
  expect(await found({ seats__adjacentTo: new Range(20, 30) })).toBe(b)
  expect(await found({ seats__isempty: true })).toBe(c)
  expect(await found({ seats__startswith: 10 })).toBe(b)
  expect(await found({ seats__endswith__lte: 10 })).toBe(a)
  expect(await found({ period__startswith__year: 2024, period__upperInf: false })).toBe(a)
  expect(await found({ period__upperInf: true })).toBe(b)
  expect(await found({ seats: new Range(0, 9, '[]') })).toBe(a)
  expect(await found({ seats__in: [new Range(0, 10), Range.empty()] })).toBe(`${a} ${c}`)
  expect(await found({ seats__contains: F('id') })).toBe(`${a}`)
  expect(await Booking.objects.exclude({ seats__contains: 9 }).count()).toBe(2)
  expect(
    await Booking.objects
      .orderBy('id')
      .valuesList('period__startswith', { flat: true })
      .then((all) => all.map(String)),
  ).toEqual(['2024-06-01', '2024-07-01', 'null'])
  expect(await Booking.objects.dynamic({ seats__contains: '9' }).count()).toBe(1)
  expect(await Booking.objects.dynamic({ seats__overlap: '[9, 11)' }).count()).toBe(2)
  expect(() => Booking.objects.dynamic({ seats__overlap: 'x' })).toThrow(expect.objectContaining({ status: 400 }))
})

test('clean() reads ranges and their text', () => {
  const field = Booking.meta.fields.get('seats')!
  expect(field.clean('1, 5')).toEqual(new Range(1, 5))
  expect(field.clean('(1, 5]')).toEqual(new Range(1, 5, '(]'))
  expect(field.clean('[1,)')).toEqual(new Range(1, null))
  expect(String(Booking.meta.fields.get('period')!.clean('2024-01-01, 2024-02-01'))).toBe('[2024-01-01,2024-02-01)')
  for (const wrong of ['x', '1', '5, 1', '1, y', '[1,2', 7]) expect(() => field.clean(wrong), String(wrong)).toThrow()
})

describe('exclude()', () => {
  test('rows that have something in common are refused, by name and with its message', async () => {
    await Booking.objects.create({ room, period: JUNE })
    const again = Booking.objects.create({ room, period: days('2024-06-30', '2024-08-01') })
    await expect(again).rejects.toThrow(IntegrityError)
    await expect(again).rejects.toMatchObject({
      code: 'db.exclusion-violation',
      constraint: 'exclusion',
      constraintName: 'no_double_booking',
      message: 'The room is taken.',
    })
    await Booking.objects.create({ room, period: days('2024-07-01', '2024-08-01') })
    await Booking.objects.create({ room, period: JUNE, cancelled: true })
    await Booking.objects.create({ room: await Room.objects.create({ name: 'Red' }), period: JUNE })
    expect(await Booking.objects.count()).toBe(4)
  })

  test('CON-19: fullClean() asks before the database does, of other rows, unless a field is left out', async () => {
    const first = await Booking.objects.create({ room, period: JUNE })
    await first.fullClean()
    const again = new Booking({ room, period: days('2024-06-30', '2024-08-01') })
    await expect(again.fullClean()).rejects.toMatchObject({ messages: ['The room is taken.'], kind: 'invalid' })
    await again.fullClean({ unique: false })
    await again.fullClean({ exclude: ['period'] })
    await again.fullClean({ exclude: ['cancelled'] })
    again.cancelled = true
    await again.fullClean()
    await new Booking({ room, period: days('2024-07-01', '2024-08-01') }).fullClean()
    first.cancelled = true
    await first.save()
    again.cancelled = false
    await again.fullClean()
  })

  test('operators, methods and classes are words and nothing else', () => {
    const make = (more: object) => () => exclude({ name: 'x', expressions: [['room', '=']], ...more })
    expect(make({ expressions: [['room', '= ); DROP TABLE x; --']] })).toThrow(
      expect.objectContaining({ code: 'db.bad-exclusion' }),
    )
    expect(make({ using: 'gist (' })).toThrow(expect.objectContaining({ code: 'db.bad-exclusion' }))
    expect(make({ expressions: [['room', '=', 'a b']] })).toThrow(expect.objectContaining({ code: 'db.bad-exclusion' }))
    expect(make({ expressions: [] })).toThrow(expect.objectContaining({ code: 'db.bad-exclusion' }))
  })
})

test('EXP-10 RangeIntersectsAgg: what all ranges have in common', async () => {
  await Booking.objects.bulkCreate([
    { room, period: days('2024-06-01', '2024-06-20'), seats: new Range(1, 5) },
    { room, period: days('2024-06-10', '2024-07-01'), seats: new Range(7, 9), cancelled: true },
  ])
  const { period, seats } = await Booking.objects.aggregate({
    period: RangeIntersectsAgg('period'),
    seats: RangeIntersectsAgg('seats', { filter: Booking.Q({ cancelled: false }) }),
  })
  expect(String(period)).toBe('[2024-06-10,2024-06-20)')
  expect(seats).toEqual(new Range(1, 5))
  expect(await Booking.objects.none().aggregate({ none: RangeIntersectsAgg('period') })).toEqual({ none: null })
  await expect(Room.objects.aggregate({ x: RangeIntersectsAgg('name') })).rejects.toMatchObject({
    code: 'db.not-a-range',
  })
})
