/** What is computed over rows: of all of them, and of groups. */
import {
  AnyValue,
  Avg,
  BitOr,
  BoolAnd,
  Count,
  JSONArrayAgg,
  JSONObjectAgg,
  Max,
  Min,
  StdDev,
  StringAgg,
  Sum,
  Value,
  Variance,
} from 'nuages/db'
import { Coalesce, JSONObject } from 'nuages/db/functions'
import { Work, Writer } from './models.ts'
import {
  bigint,
  boolean,
  date,
  decimal,
  duration,
  gives,
  instant,
  list,
  literal,
  number,
  oneOf,
  optional,
  orNull,
  plainDate,
  plainTime,
  record,
  row,
  string,
} from './shapes.ts'

const every = Work.objects
const none = Work.objects.filter({ id: -1 })

/** Of rows and of none: a null that the type promises comes of none. */
const sums = (of: typeof every) =>
  of.aggregate({
    rows: Count('id'),
    pagesOf: Sum('pages'),
    partsOf: Sum('parts'),
    weightOf: Sum('weight'),
    priceOf: Sum('price'),
    soldOf: Sum('sold'),
    lengthOf: Sum('length'),
    sure: Sum('pages', { default: 0 }),
  })
const averages = (of: typeof every) =>
  of.aggregate({
    pagesOf: Avg('pages'),
    weightOf: Avg('weight'),
    priceOf: Avg('price'),
    soldOf: Avg('sold'),
    deviation: StdDev('pages'),
    variance: Variance('pages', { sample: true }),
    price2: StdDev('price'),
    lengthOf: Avg('length'),
    sure: Avg('pages', { default: 0.5 }),
  })
const ends = (of: typeof every) =>
  of.aggregate({
    titleOf: Max('title'),
    stateOf: Min('state'),
    pagesOf: Max('pages'),
    feeOf: Min('fee'),
    soldOf: Max('sold'),
    publishedOnOf: Max('publishedOn'),
    opensAtOf: Min('opensAt'),
    madeAtOf: Max('madeAt'),
    loggedAtOf: Max('loggedAt'),
    lengthOf: Max('length'),
    born: Max('writer__bornOn'),
    any: AnyValue('price'),
    sure: Max('title', { default: '' }),
  })
const lists = (of: typeof every) =>
  of.aggregate({
    titles: StringAgg('title', ', '),
    numbers: JSONArrayAgg('pages', { orderBy: ['id'] }),
    rows: JSONArrayAgg(JSONObject({ id: 'id', subtitle: 'subtitle' }), { orderBy: ['id'] }),
    states: JSONObjectAgg('title', 'pages'),
    bits: BitOr('pages'),
    seen: BoolAnd('visible'),
  })
const around = (of: typeof every) =>
  of.aggregate({
    either: Coalesce(Max('parts'), Max('pages'), 0),
    filtered: Count('id', { filter: Work.Q({ visible: true }) }),
    distinct: Count('writer', { distinct: true }),
    text: Coalesce(Max('subtitle'), Value('none')),
  })

const summed = row({
  rows: number,
  pagesOf: orNull(number),
  partsOf: orNull(number),
  weightOf: orNull(number),
  priceOf: orNull(decimal),
  soldOf: orNull(bigint),
  lengthOf: orNull(duration),
  sure: number,
})
const averaged = row({
  pagesOf: orNull(number),
  weightOf: orNull(number),
  priceOf: orNull(decimal),
  soldOf: orNull(number),
  deviation: orNull(number),
  variance: orNull(number),
  price2: orNull(number),
  lengthOf: orNull(duration),
  sure: number,
})
const ended = row({
  titleOf: orNull(string),
  stateOf: optional(oneOf<'draft' | 'out'>('draft', 'out')),
  pagesOf: orNull(number),
  feeOf: orNull(decimal),
  soldOf: orNull(bigint),
  publishedOnOf: orNull(plainDate),
  opensAtOf: orNull(plainTime),
  madeAtOf: orNull(date),
  loggedAtOf: orNull(instant),
  lengthOf: orNull(duration),
  born: orNull(plainDate),
  any: orNull(decimal),
  sure: string,
})

const listed = row({
  titles: orNull(string),
  numbers: orNull(list(number)),
  rows: orNull(list(row({ id: number, subtitle: orNull(string) }))),
  states: orNull(record(number)),
  bits: orNull(number),
  seen: orNull(boolean),
})
const surrounded = row({ either: number, filtered: number, distinct: number, text: string })

export const aggregated = {
  sums: [gives(() => sums(every), summed), gives(() => sums(none), summed)],
  averages: [gives(() => averages(every), averaged), gives(() => averages(none), averaged)],
  'least and most': [gives(() => ends(every), ended), gives(() => ends(none), ended)],
  'lists and joined texts': [gives(() => lists(every), listed), gives(() => lists(none), listed)],
  'what stands around them': [gives(() => around(every), surrounded), gives(() => around(none), surrounded)],
}

export const grouped = {
  'by a column': gives(
    () => Work.objects.values('state').annotate({ n: Count('id'), cost: Sum('price'), last: Max('seenAt') }),
    list(row({ state: literal('draft', 'out'), n: number, cost: optional(decimal), last: orNull(date) })),
  ),
  'by a path that may lead nowhere': gives(
    () => Work.objects.values('editor__name').annotate({ n: Count('id') }),
    list(row({ editor__name: orNull(string), n: number })),
  ),
  'over a relation': gives(
    async () =>
      (
        await Writer.objects.annotate({
          n: Count('works'),
          sum: Sum('works__price'),
          all: Sum('works__pages', { default: 0 }),
        })
      ).map(({ n, sum, all }) => ({ n, sum, all })),
    list(row({ n: number, sum: orNull(decimal), all: number })),
  ),
  'over a relation, as values': gives(
    () => Writer.objects.annotate({ n: Count('works'), most: Max('works__sold') }).values('name', 'n', 'most'),
    list(row({ name: string, n: number, most: orNull(bigint) })),
  ),
}
