/** Arrays and ranges: what they hold, what lookups take, what a wrong one says. */
import { BoolAnd, boolean, char, type Decimal, decimal, integer, json, Model, Temporal, text } from 'nuages/db'
import {
  ArrayAgg,
  array,
  Corr,
  CovarPop,
  dateRange,
  decimalRange,
  exclude,
  integerRange,
  Range,
  RegrCount,
  RegrSlope,
} from 'nuages/db/postgres'
import { eq } from './eq.ts'

class Note extends Model<Note>()({
  title: char({ maxLength: 50 }),
  tags: array(char({ maxLength: 40 }), { blank: true }),
  lines: array(text({ null: true }), { null: true }),
  prices: array(decimal({ maxDigits: 9, decimalPlaces: 2 })),
  seats: integerRange({ null: true }),
  period: dateRange(),
  cost: decimalRange({ null: true }),
}) {}
class Measure extends Model<Measure>()({
  name: char({ maxLength: 50 }),
  x: integer(),
  y: decimal({ maxDigits: 9, decimalPlaces: 2, null: true }),
  dry: boolean(),
}) {}
// @ts-expect-error JSON has lists of its own
array(json<number>())
exclude({ name: 'x', expressions: [['room', '=']], where: { cancelled: false } })
// @ts-expect-error without a name
exclude({ expressions: [['room', '=']] })

export async function typed(note: Note): Promise<void> {
  eq<typeof note.tags, readonly string[]>(true)
  eq<typeof note.lines, readonly (string | null)[] | null>(true)
  eq<typeof note.prices, readonly Decimal[]>(true)
  eq<typeof note.seats, Range<number> | null>(true)
  eq<typeof note.period, Range<Temporal.PlainDate>>(true)
  const today = Temporal.Now.plainDateISO()
  await Note.objects.create({ title: 'a', prices: ['1.5'], period: new Range(today, null) })
  // @ts-expect-error prices are needed
  await Note.objects.create({ title: 'a', period: new Range(today, null) })
  // @ts-expect-error texts
  await Note.objects.create({ title: 'a', tags: [1], prices: [], period: new Range(today, null) })

  Note.objects.filter({
    tags__contains: ['a'],
    tags__len__gte: 1,
    tags__0: 'x',
    tags__0__startswith: 'y',
    tags__0_2: ['a', 'b'],
  })
  Note.objects.filter({ tags: ['a'], tags__in: [['a'], []], tags__overlap: ['b'], lines__contains: ['x', null] })
  Note.objects.filter({ seats__contains: 5, period__contains: today, period__overlap: new Range(today, today) })
  Note.objects.filter({
    period__startswith__year: 2024,
    seats__endswith__lt: 9,
    seats__isempty: false,
    cost__contains: '1.5',
  })
  // @ts-expect-error a list
  Note.objects.filter({ tags__contains: 'a' })
  // @ts-expect-error texts
  Note.objects.filter({ tags__0: 1 })
  // @ts-expect-error there is no such lookup
  Note.objects.filter({ tags__icontains: 'a' })
  // @ts-expect-error days
  Note.objects.filter({ period__contains: 5 })
  // @ts-expect-error a range
  Note.objects.filter({ seats__overlap: 5 })

  const first = await Note.objects.valuesList('tags__0', { flat: true })
  eq<typeof first, (string | null)[]>(true)
  const starts = await Note.objects.valuesList('period__startswith', { flat: true })
  eq<typeof starts, (Temporal.PlainDate | null)[]>(true)
  const { titles } = await Note.objects.aggregate({
    titles: ArrayAgg('title', { orderBy: ['-title'], distinct: true }),
  })
  eq<typeof titles, string[] | null>(true)
  // @ts-expect-error no such field
  await Note.objects.aggregate({ titles: ArrayAgg('titel') })
  const statistics = await Measure.objects.aggregate({
    slope: RegrSlope('y', 'x'),
    sure: Corr('y', Measure.F('x').times(2), { default: 0, filter: Measure.Q({ dry: true }) }),
    sample: CovarPop('x', 'y', { sample: true }),
    n: RegrCount('x', 'y'),
    dry: BoolAnd('dry'),
    wet: BoolAnd('dry', { default: false }),
  })
  eq<
    typeof statistics,
    { slope: number | null; sure: number; sample: number | null; n: number; dry: boolean | null; wet: boolean }
  >(true)
  // @ts-expect-error no such field, in the first place
  await Measure.objects.aggregate({ slope: RegrSlope('yy', 'x') })
  // @ts-expect-error nor in the second
  await Measure.objects.aggregate({ slope: RegrSlope('y', 'xx') })
  // @ts-expect-error a text is no number
  await Measure.objects.aggregate({ slope: RegrSlope('y', 'name') })
  // @ts-expect-error nor is a boolean
  await Measure.objects.aggregate({ n: RegrCount('dry', 'x') })
  // @ts-expect-error over no rows it is 0
  await Measure.objects.aggregate({ n: RegrCount('y', 'x', { default: 1 }) })
  // @ts-expect-error a number is neither true nor false
  await Measure.objects.aggregate({ dry: BoolAnd('x') })
  // @ts-expect-error no such field
  await Measure.objects.aggregate({ dry: BoolAnd('dyr') })
  array(integer(), { size: 2, default: () => [1, 2] })
}
