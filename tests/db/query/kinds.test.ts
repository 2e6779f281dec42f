/** What values of which kinds come to, the same on every database, and what is refused before one is asked. */
import { createHash } from 'node:crypto'
import {
  Avg,
  BitAnd,
  bigInteger,
  boolean as booleanField,
  Case,
  Cast,
  Count,
  Decimal,
  decimal,
  Exists,
  F,
  Is,
  integer,
  Max,
  Min,
  OuterRef,
  QueryUsageError,
  QueryValueError,
  StdDev,
  Sum,
  sql,
  text,
  Value,
  Variance,
  When,
  Window,
} from 'nuages/db'
import {
  Abs,
  ACos,
  ASin,
  ATan,
  ATan2,
  Ceil,
  Coalesce,
  Concat,
  Cos,
  Cot,
  Degrees,
  defineFunction,
  Exp,
  Extract,
  Floor,
  Greatest,
  Lag,
  Least,
  Left,
  Length,
  Ln,
  Log,
  Lower,
  MD5,
  Mod,
  NthValue,
  Ntile,
  NullIf,
  Ord,
  Pi,
  Power,
  Radians,
  Random,
  Rank,
  RawSQL,
  Right,
  Round,
  RowNumber,
  SHA1,
  SHA224,
  SHA256,
  SHA384,
  SHA512,
  Sign,
  Sin,
  Sqrt,
  Substr,
  Tan,
  Trunc,
  Upper,
} from 'nuages/db/functions'
import { beforeEach, describe, expect, test } from 'vitest'
import { database } from '../../../src/db/internal.ts'
import { freshTables } from './setup.ts'
import { Depot, Item, stock } from './stock.ts'

freshTables(stock)
const at = new Date('2026-03-01T12:30:15Z')
beforeEach(async () => {
  const depot = await Depot.objects.create({ name: 'a' })
  await Item.objects.bulkCreate([
    { code: '1', name: 'Zebra', count: 12, place: 3, price: new Decimal('2.55'), seenAt: at, gone: true, depot },
    { code: '2', name: 'ant', count: -7, price: new Decimal('-1.25'), depot },
    { code: '3', name: '', count: 5 },
  ])
})
const vendor = () => database('default').features.vendor
// Expressions of every kind, whose mistakes the compiler would tell: here it is the error that is looked at.
const values = async (expression: unknown, rows: { annotate(made: never): unknown } = Item.objects) => {
  const annotated = rows.annotate({ x: expression } as never) as typeof Item.objects
  return (await annotated.orderBy('code')).map((row) => (row as unknown as { x: unknown }).x)
}
const refused = (expression: unknown, code: string, ...words: string[]) =>
  expect(values(expression)).rejects.toMatchObject({
    code,
    message: expect.stringMatching(new RegExp(words.join('.*'))),
  })
const item = Item as unknown as { F(path: string): Record<string, (other: unknown) => unknown> }

describe('EXP-02: what an operation gives', () => {
  test('numbers give the wider one, also of integers and decimals that are no constants', async () => {
    expect(await values(Item.F('count').plus(1))).toEqual([13, -6, 6])
    expect(await values(Item.F('count').times(1.5))).toEqual([18, -10.5, 7.5])
    expect(await values(item.F('count')['plus']!(Item.F('price')))).toEqual([
      new Decimal('14.55'),
      new Decimal('-8.25'),
      null,
    ])
    expect(await values(Cast('count', bigInteger()))).toEqual([12n, -7n, 5n])
    expect(await values(Item.F('count').modulo(2.5))).toEqual([2, -2, 0])
    expect(await values(item.F('price')['modulo']!(2))).toEqual([new Decimal('0.55'), new Decimal('-1.25'), null])
  })
  test('null is of the kind of the other side', async () => {
    expect(await values(Item.F('count').plus(Value(null)))).toEqual([null, null, null])
    expect(await values(Coalesce(Value(null), 'place', 0))).toEqual([3, 0, 0])
  })
  test('what does not add up is refused, and says with what', async () => {
    const code = 'db.mixed-kinds'
    await refused(item.F('name')['plus']!(1), code, 'char', 'integer', '"\\+"')
    await refused(item.F('name')['plus']!(Item.F('code')), code, 'char', 'char')
    await refused(item.F('gone')['plus']!(1), code, 'boolean')
    await refused(item.F('details')['plus']!(1), code, 'json')
    await refused(item.F('seenAt')['plus']!(1), code, 'dateTime', 'integer')
    await refused(item.F('seenAt')['plus']!(Item.F('seenAt')), code, 'dateTime', 'dateTime')
    await refused(item.F('seenAt')['times']!(2), code, 'dateTime')
    await refused(item.F('price')['bitAnd']!(1), code, 'decimal', '"&"')
    await refused(Coalesce('place', Value('none')), code, 'integer', 'text')
    await refused(Greatest('count', 'name'), code, 'integer', 'char')
    await refused(Least('seenAt', 'count'), code, 'dateTime', 'integer')
    await refused(Case([When(Item.Q({ gone: true }), Value('x'))], 1), code, 'text', 'integer')
  })
})

describe('EXP-01: operators', () => {
  test('bits move, and a slice is of a text', async () => {
    expect(await values(Item.F('count').bitLeftShift(2))).toEqual([48, -28, 20])
    expect(await values(Item.F('count').bitRightShift(1), Item.objects.filter({ count__gt: 0 }))).toEqual([6, 2])
    await refused(Item.F('count').slice(1), 'db.wrong-kind', 'slice\\(\\)', '"count"', 'integer')
  })
  test('save() with an expression writes what the database makes of it, and the row has it then', async () => {
    const row = await Item.objects.get({ code: '1' })
    await Item.objects.filter({ code: '1' }).update({ count: 20 })
    await row.save({ set: { count: Item.F('count').plus(1) } })
    expect(row.count).toBe(21)
    await row.save() // the expression is gone: nothing is added once more
    expect(await Item.objects.get({ code: '1' })).toMatchObject({ count: 21 })
  })
})

describe('EXP-08: aggregates of what they cannot be of', () => {
  test('are refused with the field and its kind', async () => {
    const code = 'db.wrong-kind'
    const wrong: [string, unknown][] = [
      ['Sum was given "name", which is of kind char', Sum('name' as never)],
      ['Avg was given "seenAt", which is of kind dateTime', Avg('seenAt' as never)],
      ['Sum was given "gone", which is of kind boolean', Sum('gone' as never)],
      ['StdDev was given "name"', StdDev('name' as never)],
      ['Variance was given "details"', Variance('details' as never)],
      ['BitAnd was given "price", which is of kind decimal', BitAnd('price' as never)],
      ['Max was given "details", which is of kind json', Max('details' as never)],
      ['Sum was given a value of kind text', Sum(Lower('name') as never)],
    ]
    for (const [message, x] of wrong) {
      await expect(Item.objects.aggregate({ x } as never)).rejects.toMatchObject({
        code,
        message: expect.stringContaining(message),
      })
    }
    await expect(Depot.objects.annotate({ x: Sum('items__name' as never) }).list()).rejects.toMatchObject({ code })
    await refused(Abs('name' as never), code, 'Abs was given "name"')
    await refused(Sqrt('seenAt' as never), code, 'Sqrt')
    await refused(Round('name' as never), code, 'Round')
    await refused(Mod('count', Lower('name') as never), code, 'Mod', 'text')
  })
  test('the least and the largest of booleans, and a spread of integers beyond 2^53', async () => {
    expect(await Item.objects.aggregate({ all: Min('gone'), any: Max('gone') })).toEqual({ all: false, any: true })
    const wide = Item.objects.annotate({ w: Cast(Item.F('count').times(2 ** 50), bigInteger()) })
    const { spread } = await wide.aggregate({ spread: StdDev(wide.F('w')) })
    expect(spread).toBeGreaterThan(2 ** 50)
  })
})

describe('EXP-12: choosing among values', () => {
  test('nulls: Coalesce skips them, NullIf makes them, Greatest and Least are as the guide says', async () => {
    expect(await values(Coalesce('place', 'count'))).toEqual([3, -7, 5])
    expect(await values(NullIf('count', 5))).toEqual([12, -7, null])
    expect(await values(NullIf('name', Value('')))).toEqual(['Zebra', 'ant', null])
    const left = vendor() === 'postgres' // it leaves nulls out
    expect(await values(Greatest('count', 'place'))).toEqual([12, left ? -7 : null, left ? 5 : null])
    expect(await values(Least('count', 'place'))).toEqual([3, left ? -7 : null, left ? 5 : null])
    expect(await values(Greatest('count', Coalesce('place', 'count')))).toEqual([12, -7, 5])
  })
  test('Cast', async () => {
    expect(await values(Cast('count', text()))).toEqual(['12', '-7', '5'])
    expect(await values(Cast('code', integer()))).toEqual([1, 2, 3])
    expect(await values(Cast('count', decimal({ maxDigits: 8, decimalPlaces: 2 })))).toEqual(
      [12, -7, 5].map((n) => new Decimal(n)),
    )
  })
  test('too few arguments', () => {
    const code = 'db.wrong-arguments'
    const none = [Coalesce, Concat, () => (Greatest as (...args: unknown[]) => unknown)('count')] as (() => unknown)[]
    for (const make of none) expect(make).toThrow(expect.objectContaining({ code }))
  })
})

describe('EXP-14: parts that a kind has not', () => {
  test('a day has no hours', async () => {
    const day = Extract('seenAt', 'date')
    await refused(Trunc(day, 'hour'), 'db.not-a-date', '"hour"', 'date')
    await refused(Extract(day, 'time'), 'db.not-a-date', '"time"')
    await refused(Extract(Extract('seenAt', 'time'), 'year'), 'db.not-a-date', '"year"', 'time')
    expect(await values(Extract(Extract('seenAt', 'time'), 'minute'))).toEqual([30, null, null])
    expect(await values(Extract(day, 'quarter'))).toEqual([1, null, null])
  })
  test('a zone may be an offset, and hours to the east are before', async () => {
    const east = { timeZone: '+05:45' }
    expect(await values(Extract('seenAt', 'hour', east))).toEqual([18, null, null])
    expect((await values(Trunc('seenAt', 'day', east)))[0]).toEqual(new Date('2026-02-28T18:15:00Z'))
    expect(await values(Extract('seenAt', 'hour', { timeZone: '-03:00' }))).toEqual([9, null, null])
  })
})

describe('EXP-15: numbers', () => {
  test('are rounded to places, also negative ones, halves of decimals away from zero', async () => {
    expect((await values(Round('price', 1))).map(String)).toEqual(['2.6', '-1.3', 'null'])
    expect(await values(Round('count', -1))).toEqual([10, -10, 10])
    expect(await values(Round(Item.F('count').times(1.1), -1))).toEqual([10, -10, 10])
    expect(await values(Mod('price', new Decimal('0.5')))).toEqual([new Decimal('0.05'), new Decimal('-0.25'), null])
  })
})

test('EXP-15: functions of numbers give what JavaScript does, everywhere', async () => {
  const x = Item.F('count').times(1 / 16) // 0.75, where the logarithm, the root and the angles have values
  const made: [unknown, number][] = [
    [Abs(x), 0.75],
    [Ceil(x), 1],
    [Floor(x), 0],
    [Sign(x), 1],
    [Sqrt(x), Math.sqrt(0.75)],
    [Exp(x), Math.exp(0.75)],
    [Ln(x), Math.log(0.75)],
    [Log(2, x), Math.log2(0.75)],
    [Power(x, 2), 0.5625],
    [Mod('count', 5), 2],
    [Degrees(x), (0.75 * 180) / Math.PI],
    [Radians(x), (0.75 * Math.PI) / 180],
    [Sin(x), Math.sin(0.75)],
    [Cos(x), Math.cos(0.75)],
    [Tan(x), Math.tan(0.75)],
    [Cot(x), 1 / Math.tan(0.75)],
    [ASin(x), Math.asin(0.75)],
    [ACos(x), Math.acos(0.75)],
    [ATan(x), Math.atan(0.75)],
    [ATan2(x, 2), Math.atan2(0.75, 2)],
    [Pi(), Math.PI],
  ]
  for (const [expression, expected] of made) {
    const [found] = await values(expression, Item.objects.filter({ code: '1' }))
    expect(found).toBeCloseTo(expected, 9)
  }
  for (const found of await values(Random())) expect(found).toSatisfy((n: number) => n >= 0 && n < 1)
})

test('EXP-17: hashes are those of the text in UTF-8, null of null', async () => {
  await Item.objects.filter({ code: '2' }).update({ name: 'Été 🎸' })
  const hashes = { md5: MD5, sha224: SHA224, sha256: SHA256, sha384: SHA384, sha512: SHA512 }
  // SHA-1 needs an extension on PostgreSQL.
  const here = vendor() === 'postgres' ? hashes : { ...hashes, sha1: SHA1 }
  for (const [name, hash] of Object.entries(here)) {
    const expected = ['Zebra', 'Été 🎸', ''].map((text) => createHash(name).update(text).digest('hex'))
    expect(await values(hash('name'))).toEqual(expected)
    expect(await values(hash('shelf'))).toEqual([null, null, null])
  }
})

describe('EXP-16: texts', () => {
  test('of other kinds are made texts', async () => {
    expect(await values(Concat('name', Value(' × '), 'count'))).toEqual(['Zebra × 12', 'ant × -7', ' × 5'])
    expect(await values(Length('count'))).toEqual([2, 2, 1])
    expect(await values(Upper('count'))).toEqual(['12', '-7', '5'])
    expect(await values(Ord('name'))).toEqual([90, 97, 0])
  })
  test('positions count from 1, lengths from 0', () => {
    for (const make of [
      () => Substr('name', 0),
      () => Substr('name', 1, -1),
      () => Left('name', -1),
      () => Right('name', 1.5),
    ]) {
      expect(make).toThrow(QueryValueError)
    }
  })
  test('a misspelt path says which was meant', async () => {
    const wrong = Item.objects.annotate({ x: Lower('nam' as never) }).list()
    await expect(wrong).rejects.toMatchObject({
      code: 'db.unknown-field',
      hint: expect.stringContaining('Did you mean "name"?'),
    })
    const behind = Item.objects.annotate({ x: Upper('depot__nmae' as never) }).list()
    await expect(behind).rejects.toMatchObject({ hint: expect.stringContaining('Did you mean "name"?') })
  })
})

test('EXP-04: a case without branches is its last value', async () => {
  expect(await values(Case([], Value('x')))).toEqual(['x', 'x', 'x'])
})

test('EXP-05: a subquery inside a subquery names the query around both', async () => {
  const sameDepot = Item.objects.filter({ depot: OuterRef('id'), code: OuterRef(OuterRef('code')) })
  const rows = Item.objects.filter(Exists(Depot.objects.filter(Exists(sameDepot))))
  expect(await rows.orderBy('code').valuesList('code', { flat: true })).toEqual(['1', '2'])
  const tooFar = Item.objects.filter(Exists(Depot.objects.filter({ id: OuterRef(OuterRef('id')) })))
  await expect(tooFar.list()).rejects.toMatchObject({ code: 'db.no-outer-query' })
  expect(() => OuterRef(F('code') as never)).toThrow(QueryValueError)
})

test('EXP-07: any expression that is true or false is a filter, and may be turned round', async () => {
  const Positive = defineFunction('$1 > 0', booleanField())
  const isPositive = () => RawSQL<boolean, Item>(sql`${Item.F('count')} > ${0}`, booleanField())
  const codes = (rows: typeof Item.objects) => rows.orderBy('code').valuesList('code', { flat: true })
  for (const [yes, no] of [
    [Item.objects.filter(Item.F('gone')), Item.objects.exclude(Item.F('gone'))],
    [Item.objects.filter(Is(Item.Q({ gone: true }))), Item.objects.exclude(Is(Item.Q({ gone: true })))],
    [
      Item.objects.filter(Case([When(Item.Q({ count: 12 }), true)], false)),
      Item.objects.exclude(Case([When(Item.Q({ count: 12 }), true)], false)),
    ],
  ]) {
    expect(await codes(yes as typeof Item.objects)).toEqual(['1'])
    expect(await codes(no as typeof Item.objects)).toEqual(['2', '3'])
  }
  for (const made of [() => Positive<['count'], Item>('count'), isPositive]) {
    expect(await codes(Item.objects.filter(made()) as typeof Item.objects)).toEqual(['1', '3'])
    expect(await codes(Item.objects.exclude(made()) as typeof Item.objects)).toEqual(['2'])
  }
  await expect(Item.objects.filter(Lower('name') as never).list()).rejects.toMatchObject({
    code: 'db.invalid-condition',
  })
})

describe('EXP-19, EXP-20, EXP-21: windows', () => {
  test('what an aggregate is over may be a window', async () => {
    const ranked = Item.objects.annotate({ place_: Window(Rank(), { orderBy: ['-count'] }) })
    expect(await ranked.aggregate({ last: Max(ranked.F('place_')), n: Count('id') })).toEqual({ last: 3, n: 3 })
  })
  test('an order may be one', async () => {
    const ordered = Item.objects.orderBy(Window(RowNumber(), { orderBy: [Item.F('count').desc()] }) as never)
    expect(await ordered.valuesList('code', { flat: true })).toEqual(['1', '3', '2'])
  })
  test('where none can be, it is told', async () => {
    const update = Item.objects.update({ place: Window(Rank(), { orderBy: [Item.F('count').asc()] }) as never })
    await expect(update).rejects.toMatchObject({ code: 'db.misplaced-window' })
    expect(() => Window(Count('name', { distinct: true }))).toThrow(QueryUsageError)
  })
  test('numbers of rows and frames that are none are refused', async () => {
    for (const make of [() => Ntile(0), () => Ntile(1.5), () => Lag('name', -1), () => NthValue('name', 0)])
      expect(make).toThrow(QueryValueError)
    const frames = [{ rows: [0, 0], range: [0, 0] }, { groups: [-1, 0] }, {}, { rows: [1] }]
    for (const frame of frames)
      expect(() => Window(Sum('count'), { frame: frame as never })).toThrow(
        expect.objectContaining({ code: 'db.invalid-frame' }),
      )
    const range = (orderBy: string[]) => Window(Sum('count'), { orderBy: orderBy as never, frame: { range: [-3, 3] } })
    await refused(range(['name']), 'db.invalid-frame', 'char')
    await refused(range(['count', 'code']), 'db.invalid-frame', '2 orders')
    await refused(range([]), 'db.invalid-frame', '0 orders')
    expect(await values(range(['count']))).toEqual([12, -7, 5])
  })
})
