/** QS-06: parts of dates, times and instants as lookups, against what Temporal says of the same moment. */
import { defineApp } from 'nuages'
import { char, date, dateTime, Model, Temporal, time } from 'nuages/db'
import { withTimeZone } from 'nuages/i18n'
import { beforeEach, describe, expect, test } from 'vitest'
import { freshTables, watched } from './setup.ts'

class Moment extends Model<Moment>()({
  name: char({ maxLength: 40 }),
  at: dateTime(),
  on: date(),
  clock: time(),
}) {}

freshTables(defineApp({ name: 'moments', root: import.meta.url, models: { Moment } }))

/** Ends of years and weeks, a leap day, a quarter's last second, both sides of midnight in the zone. */
const MOMENTS = [
  '2023-12-31T23:30:00Z',
  '2024-01-01T00:00:00Z',
  '2024-02-29T12:34:56Z',
  '2024-03-31T21:59:59Z',
  '2024-06-30T22:00:00Z',
  '2024-12-30T05:06:07Z',
  '2027-01-03T08:00:00Z',
]
const ZONE = 'Europe/Berlin'

/** What a name gives of a moment in the zone. */
const PARTS: Record<string, (at: Temporal.ZonedDateTime) => number> = {
  year: (at) => at.year,
  isoYear: (at) => at.yearOfWeek!,
  quarter: (at) => Math.ceil(at.month / 3),
  month: (at) => at.month,
  week: (at) => at.weekOfYear!,
  weekDay: (at) => (at.dayOfWeek % 7) + 1, // Sunday is 1
  isoWeekDay: (at) => at.dayOfWeek,
  day: (at) => at.day,
  hour: (at) => at.hour,
  minute: (at) => at.minute,
  second: (at) => at.second,
}
const OF_DATES = ['year', 'isoYear', 'quarter', 'month', 'week', 'weekDay', 'isoWeekDay', 'day']
const OF_TIMES = ['hour', 'minute', 'second']

const zoned = MOMENTS.map((text) => Temporal.Instant.from(text).toZonedDateTimeISO(ZONE))
beforeEach(async () => {
  await Moment.objects.bulkCreate(
    zoned.map((at, i) => ({
      name: MOMENTS[i]!,
      at: new Date(at.epochMilliseconds),
      on: at.toPlainDate(),
      clock: at.toPlainTime(),
    })),
  )
})
const found = (where: Record<string, unknown>): Promise<readonly string[]> =>
  withTimeZone(ZONE, async () =>
    Moment.objects
      .filter(where as never)
      .orderBy('id')
      .valuesList('name', { flat: true })
      .list(),
  )
const named = (holds: (at: Temporal.ZonedDateTime) => boolean): string[] => MOMENTS.filter((_, i) => holds(zoned[i]!))

describe('QS-06: date lookups', () => {
  const cases = [
    ...Object.keys(PARTS).map((part) => ['at', part] as const),
    ...OF_DATES.map((part) => ['on', part] as const),
    ...OF_TIMES.map((part) => ['clock', part] as const),
  ]
  test.each(cases)('%s__%s, alone and with lookups behind it', async (field, part) => {
    const of = PARTS[part]!
    for (const value of new Set(zoned.map(of))) {
      expect(await found({ [`${field}__${part}`]: value })).toEqual(named((at) => of(at) === value))
      expect(await found({ [`${field}__${part}__gt`]: value })).toEqual(named((at) => of(at) > value))
      expect(await found({ [`${field}__${part}__lte`]: value })).toEqual(named((at) => of(at) <= value))
      expect(await found({ [`${field}__${part}__in`]: [value, 9999] })).toEqual(named((at) => of(at) === value))
    }
  })

  test('at__date and at__time are of the zone, and are looked up further', async () => {
    for (const one of zoned) {
      const [day, clock] = [one.toPlainDate(), one.toPlainTime()]
      expect(await found({ at__date: day })).toEqual(named((at) => at.toPlainDate().equals(day)))
      expect(await found({ at__date__lt: day })).toEqual(
        named((at) => Temporal.PlainDate.compare(at.toPlainDate(), day) < 0),
      )
      expect(await found({ at__date__month: day.month })).toEqual(named((at) => at.month === day.month))
      expect(await found({ at__time__gte: clock })).toEqual(
        named((at) => Temporal.PlainTime.compare(at.toPlainTime(), clock) >= 0),
      )
      expect(await found({ at__time__hour: clock.hour })).toEqual(named((at) => at.hour === clock.hour))
    }
  })

  test('the same moment is another day in another zone', async () => {
    const first = Temporal.PlainDate.from('2024-01-01')
    const inZone = (zone: string) => withTimeZone(zone, async () => Moment.objects.filter({ at__date: first }).count())
    expect([await inZone('UTC'), await inZone(ZONE), await inZone('America/New_York')]).toEqual([1, 2, 0])
  })

  test('a year is a range of the column, which an index serves', async () => {
    for (const where of [{ at__year: 2024 }, { on__year: 2024 }, { at__date: zoned[2]!.toPlainDate() }]) {
      const { sql } = await watched(() => found(where))
      const column = Object.keys(where)[0]!.startsWith('at') ? 'at' : 'on'
      expect(sql[0]!.replaceAll('`', '"')).toMatch(new RegExp(`"${column}" >= .* AND .*"${column}" < `))
    }
  })
})
