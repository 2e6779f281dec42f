/** Aggregates of texts and bits, uuids, SQL of the project's own (EXP-01, 03, 06, 09, 10, 11, 12, 18, 21). */
import {
  Avg,
  BitAnd,
  BitOr,
  BitXor,
  Count,
  char,
  F,
  integer,
  JSONArrayAgg,
  JSONObjectAgg,
  Max,
  Min,
  QueryUsageError,
  QueryValueError,
  StringAgg,
  Sum,
  sql,
  text,
  Value,
  Window,
} from 'nuages/db'
import { Collate, defineFunction, JSONObject, Length, Lower, RawSQL, Replace, UUID4, UUID7 } from 'nuages/db/functions'
import { beforeEach, describe, expect, test } from 'vitest'
import { database } from '../../../src/db/internal.ts'
import { freshTables, watched } from './setup.ts'
import { Depot, fillDepots, Item, stock } from './stock.ts'

freshTables(stock)
beforeEach(fillDepots)

test('QS-03: Q() of a query set speaks of annotations, and is combined', async () => {
  const counted = Depot.objects.annotate({ n: Count('items') })
  const names = (condition: ReturnType<typeof counted.Q>) =>
    counted.filter(condition).orderBy('name').valuesList('name', { flat: true })
  expect(await names(counted.Q({ n__gte: 3 }).or({ name: 'c' }))).toEqual(['a', 'c'])
  expect(
    await names(
      counted
        .Q({ n: 0 })
        .not()
        .and(Depot.Q({ name__in: ['b', 'c'] })),
    ),
  ).toEqual(['b'])
})

describe('StringAgg()', () => {
  test('EXP-09, EXP-10: joins texts in an order, once each or only some', async () => {
    const depots = await Depot.objects
      .annotate({
        all: StringAgg('items__name', ', ', { orderBy: ['items__code'] }),
        back: StringAgg('items__name', '', { orderBy: ['-items__code'] }),
        once: StringAgg('items__name', '|', { distinct: true, orderBy: ['items__name'] }),
        some: StringAgg('items__name', ',', { filter: Depot.Q({ items__count__lt: 8 }) }),
        by: StringAgg(Lower('items__name'), ' ', { orderBy: [Depot.F('items__count').desc()] }),
        n: Count('items'),
      })
      .orderBy('name')
    const rows = depots.map(({ all, back, some, by, n }) => [all, back, some, by, n])
    expect(rows).toEqual([
      ['Zebra, ant, ant', 'antantZebra', 'ant', 'zebra ant ant', 3],
      ['Bee', 'Bee', 'Bee', 'bee', 1],
      [null, null, null, null, 0],
    ])
    expect(depots.map(({ once }) => once?.split('|').sort())).toEqual([['Zebra', 'ant'], ['Bee'], undefined])
  })

  test('EXP-09: nulls are left out; numbers are texts; the delimiter may be an expression', async () => {
    const { shelves, none, counts, by } = await Item.objects.aggregate({
      shelves: StringAgg('shelf', ','),
      none: StringAgg('shelf', ',', { filter: Item.Q({ shelf: null }), distinct: true }),
      counts: StringAgg('count', '+', { orderBy: ['count'] }),
      by: StringAgg('code', Lower(Value(' X ')), { orderBy: ['code'] }),
    })
    expect([shelves, none, counts, by]).toEqual(['x', null, '5+6+10+12', '1 x 2 x 3 x 4'])
  })

  test('CVE-2020-7471: the delimiter is a parameter', async () => {
    const delimiter = "'-') FROM x; --"
    const { result, sql } = await watched(() =>
      Item.objects.aggregate({ all: StringAgg('code', delimiter, { orderBy: ['code'] }) }),
    )
    expect(result.all).toBe(['1', '2', '3', '4'].join(delimiter))
    expect(sql.join()).not.toContain('--')
  })

  test('over a slice, the rows keep their order', async () => {
    const sliced = Item.objects.orderBy('code').slice(1, 4)
    const { all } = await sliced.aggregate({ all: StringAgg('code', '', { orderBy: ['-count'] }) })
    expect(all).toBe('234')
  })
})

describe('JSONArrayAgg() and JSONObjectAgg()', () => {
  test('EXP-10: lists of values and of parts of rows, in an order, some or once each; null over no rows', async () => {
    const depots = await Depot.objects
      .annotate({
        names: JSONArrayAgg('items__name', { orderBy: ['-items__code'] }),
        some: JSONArrayAgg('items__count', { filter: Depot.Q({ items__count__lt: 11 }), orderBy: ['items__count'] }),
        once: JSONArrayAgg('items__name', { distinct: true, orderBy: ['items__name'] }),
        parts: JSONArrayAgg(JSONObject({ code: 'items__code', gone: 'items__gone', details: 'items__details' }), {
          orderBy: [Depot.F('items__count').asc()],
        }),
        n: Count('items'),
      })
      .orderBy('name')
    const part = (code: string) => ({ code, gone: false, details: {} })
    expect(depots.map(({ names, some, parts, n }) => [names, some, parts, n])).toEqual([
      [['ant', 'ant', 'Zebra'], [6, 10], ['3', '2', '1'].map(part), 3],
      [['Bee'], [5], [part('4')], 1],
      [[null], null, [{ code: null, gone: null, details: null }], 0],
    ])
    expect(depots.map(({ once }) => once?.toSorted())).toEqual([['Zebra', 'ant'], ['Bee'], [null]])
    const none = {
      list: JSONArrayAgg<'code', Item>('code'),
      object: JSONObjectAgg<'code', 'count', Item>('code', 'count'),
    }
    expect(await Item.objects.filter({ count: -1 }).aggregate(none)).toEqual({ list: null, object: null })
    expect(await Item.objects.none().aggregate(none)).toEqual({ list: null, object: null })
  })

  test('EXP-10: values of every kind', async () => {
    const texts = ['"quotes"', "it's", 'back\\slash', 'é – 🎸', 'a,b', 'line\nline', '']
    await Item.objects
      .filter({ code: '1' })
      .update({ gone: true, details: { colour: texts[0]! }, price: '1.50' as never })
    const { gone, details, prices, notes } = await Item.objects.filter({ code__in: ['1', '2'] }).aggregate({
      gone: JSONArrayAgg('gone', { orderBy: ['code'] }),
      details: JSONArrayAgg('details', { orderBy: ['code'] }),
      prices: JSONArrayAgg('price', { orderBy: ['code'] }),
      notes: JSONArrayAgg('notes', { orderBy: ['code'] }),
    })
    expect([gone, details, prices, notes]).toEqual([
      [true, false],
      [{ colour: '"quotes"' }, {}],
      [1.5, null],
      [null, null],
    ])
    await Item.objects.bulkCreate(texts.map((name, i) => ({ code: `t${i}`, name })))
    const kept = Item.objects.filter({ code__startswith: 't' })
    const all = await kept.aggregate({
      list: JSONArrayAgg('name', { orderBy: ['code'] }),
      object: JSONObjectAgg('name', 'code', { orderBy: ['code'] }),
    })
    expect(all.list).toEqual(texts)
    expect(all.object).toEqual(Object.fromEntries(texts.map((name, i) => [name, `t${i}`])))
  })

  test('EXP-10: objects leave out null keys, keep the last of several, and take any key', async () => {
    const { shelves, last, first, byCount, some } = await Item.objects.aggregate({
      shelves: JSONObjectAgg('shelf', 'name'),
      last: JSONObjectAgg('name', 'code', { orderBy: ['code'] }),
      first: JSONObjectAgg('name', 'code', { orderBy: ['-code'] }),
      byCount: JSONObjectAgg('count', Lower('name')),
      some: JSONObjectAgg('code', 'gone', { filter: Item.Q({ count__lt: 10 }) }),
    })
    expect(shelves).toEqual({ x: 'Zebra' })
    expect(last).toEqual({ Zebra: '1', ant: '3', Bee: '4' })
    expect(first).toEqual({ Zebra: '1', ant: '2', Bee: '4' })
    expect(byCount).toEqual({ 12: 'zebra', 10: 'ant', 6: 'ant', 5: 'bee' })
    expect(some).toEqual({ 3: false, 4: false })
  })
})

test('EXP-10: aggregates that depend on no order refuse one, and so do distinct values another than their own', async () => {
  const code = 'db.bad-options'
  const options = { orderBy: ['code'] } as object
  const makers = [
    () => Sum<'count', Item>('count', options),
    () => Count<'count', Item>('count', options),
    () => BitOr<'count', Item>('count', options),
  ]
  for (const make of makers) expect(make).toThrow(expect.objectContaining({ code }))
  // @ts-expect-error: nor do they compile
  expect(() => Item.objects.aggregate({ x: Sum('count', { orderBy: ['code'] }) })).toThrow(QueryUsageError)
  const refused = Item.objects.aggregate({ x: StringAgg('name', ',', { distinct: true, orderBy: ['code'] }) })
  await expect(refused).rejects.toMatchObject({ code, message: expect.stringContaining('stringAgg') })
})

test('EXP-10: values inside the order, the filter and the arguments each reach their place', async () => {
  const { all } = await Item.objects.aggregate({
    all: StringAgg(Replace('code', Value('4'), Value('four')), Value('/'), {
      orderBy: [Item.F('count').times(-3).asc()],
      filter: Item.Q({ count__lt: 11 }),
    }),
  })
  expect(all).toBe('2/3/four')
})

test('EXP-08: aggregates of expressions are of the expressions’ types', async () => {
  const found = await Item.objects.aggregate({
    longest: Max(Length('name')),
    twice: Sum(Item.F('count').times(2)),
    average: Avg(Length('name')),
    first: Min(Lower('name')),
    names: Count(Lower('name'), { distinct: true }),
  })
  const typed: [number | null, number | null, number | null, string | null, number] = [
    found.longest,
    found.twice,
    found.average,
    found.first,
    found.names,
  ]
  expect(typed).toEqual([5, 66, 3.5, 'ant', 3])
  // @ts-expect-error: and their paths are checked
  const wrong = Item.objects.aggregate({ m: Max(Length('nam')) })
  await expect(wrong).rejects.toMatchObject({ code: 'db.unknown-field' })
})

test('EXP-11: bits that all, any or an odd number of values have', async () => {
  const bits = {
    and: BitAnd<'count', Item>('count'),
    or: BitOr<'count', Item>('count'),
    xor: BitXor<'count', Item>('count'),
  }
  expect(await Item.objects.aggregate(bits)).toEqual({
    and: 12 & 10 & 6 & 5,
    or: 12 | 10 | 6 | 5,
    xor: 12 ^ 10 ^ 6 ^ 5,
  })
  expect(await Item.objects.none().aggregate(bits)).toEqual({ and: null, or: null, xor: null })
  expect(await Item.objects.filter({ count: 0 }).aggregate(bits)).toEqual({ and: null, or: null, xor: null })
  const some = await Item.objects.aggregate({ x: BitOr('count', { filter: Item.Q({ count__gte: 10 }) }) })
  expect(some.x).toBe(14)
})

test('EXP-18: uuids are made by the database, another for each row', async () => {
  const rows = await Item.objects.annotate({ four: UUID4(), seven: UUID7() }).orderBy('code')
  const form = (version: number) =>
    new RegExp(`^[0-9a-f]{8}-[0-9a-f]{4}-${version}[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$`)
  for (const { four, seven } of rows) {
    expect(four).toMatch(form(4))
    expect(seven).toMatch(form(7))
    const at = Number.parseInt(seven.replaceAll('-', '').slice(0, 12), 16)
    expect(Math.abs(at - Date.now())).toBeLessThan(60_000)
  }
  expect(new Set(rows.flatMap(({ four, seven }) => [four, seven])).size).toBe(8)
})

test('EXP-01: a slice of a text counts as JavaScript does', async () => {
  const rows = await Item.objects
    .annotate({ a: Item.F('name').slice(0, 2), b: Item.F('name').slice(1), c: Item.F('name').slice(3, 1) })
    .filter({ a: 'Ze' })
  expect(rows.map(({ a, b, c }) => [a, b, c])).toEqual([['Ze', 'ebra', '']])
  await Item.objects.update({ name: Item.F('name').slice(0, 1) })
  expect(await Item.objects.orderBy('code').valuesList('name', { flat: true })).toEqual(['Z', 'a', 'a', 'B'])
  expect(() => Item.F('name').slice(-1)).toThrow(QueryValueError)
})

describe('EXP-03: functions of the project', () => {
  const Plus = defineFunction('$1 + $2', integer())
  const Both = defineFunction(
    { sqlite: "$1 || '$$' || $2", mysql: "concat($1, '$$', $2)", default: "$1 || '$$' || $2" },
    text(),
  )
  const First = defineFunction('coalesce($*)', text())

  test('take paths, expressions and constants; values are parameters', async () => {
    const hostile = "x'); DROP TABLE stock_item; --"
    const { result, sql } = await watched(() =>
      Item.objects
        .annotate({
          n: Plus('count', 1),
          both: Both('code', Value(hostile)),
          first: First('shelf', 'name', Value('z')),
        })
        .orderBy('-n')
        .list(),
    )
    expect(result.map(({ n, first }) => [n, first])).toEqual([
      [13, 'x'],
      [11, 'ant'],
      [7, 'ant'],
      [6, 'Bee'],
    ])
    expect(result[0]!.both).toBe(`1$${hostile}`)
    expect(sql.join()).not.toContain('DROP')
    expect(await Item.objects.filter({ count: Plus('count', 0) }).count()).toBe(4)
    await Item.objects.update({ count: Plus('count', 5) })
    expect(await Item.objects.aggregate({ sum: Sum(Plus('count', 0)) })).toEqual({ sum: 53 })
  })

  test('refuse a wrong number of arguments, and databases without a text', async () => {
    expect(() => Plus('count' as never)).toThrow(QueryUsageError)
    expect(() => defineFunction({}, text())).toThrow(QueryUsageError)
    expect(() => defineFunction('a\0b', text())).toThrow(QueryUsageError)
    const other = database('default').features.vendor === 'mysql' ? 'sqlite' : 'mysql'
    const Elsewhere = defineFunction({ [other]: 'x($1)' }, text())
    await expect(Item.objects.annotate({ x: Elsewhere('name') }).list()).rejects.toMatchObject({
      code: 'db.no-sql-here',
    })
  })
})

test('EXP-06: sql as an expression, with values and expressions inside', async () => {
  const double = RawSQL<number, Item>(sql`${Item.F('count')} * ${2} + ${1}`, integer())
  const rows = await Item.objects
    .annotate({ double })
    .filter({ double__gt: 20 })
    .orderBy('-double')
    .valuesList('double', { flat: true })
  expect(rows).toEqual([25, 21])
  expect(await Item.objects.filter({ count: RawSQL(sql`5 + ${5}`, integer()) }).count()).toBe(1)
  expect(() => RawSQL('1' as never, integer())).toThrow(QueryUsageError)
})

test('EXP-12: Collate() orders and compares by the rules of a collation', async () => {
  const names = {
    sqlite: ['BINARY', 'NOCASE'],
    postgres: ['C', 'und-x-icu'],
    mysql: ['utf8mb4_bin', 'utf8mb4_general_ci'],
  }
  const [bytes, people] = names[database('default').features.vendor] as [string, string]
  const order = (collation: string) =>
    Item.objects
      .filter({ code__in: ['1', '2', '4'] })
      .orderBy(Collate<'name', Item>('name', collation).asc())
      .valuesList('name', { flat: true })
  expect(await order(bytes)).toEqual(['Bee', 'Zebra', 'ant'])
  expect(await order(people)).toEqual(['ant', 'Bee', 'Zebra'])
  for (const bad of ['a"; DROP TABLE x', 'a b', '', 'a`', "a'", 'a\0', '--', 'é'])
    expect(() => Collate('name', bad)).toThrow(QueryValueError)
})

test('EXP-21: frames leave out the row itself, its equals, or all of them', async () => {
  const over = (exclude?: 'currentRow' | 'group' | 'ties') =>
    Window<Item, number | null, [], ['name']>(Sum('count'), {
      orderBy: ['name'],
      frame: { rows: [null, null], ...(exclude === undefined ? {} : { exclude }) },
    })
  const rows = Item.objects.filter({ code__in: ['2', '3', '4'] }).annotate({
    all: over(),
    row: over('currentRow'),
    group: over('group'),
    ties: over('ties'),
  })
  if (!database('default').features.frameExclusion)
    return expect(rows.list()).rejects.toMatchObject({ code: 'db.no-frame-exclusion' })
  expect((await rows.orderBy('code')).map(({ all, row, group, ties }) => [all, row, group, ties])).toEqual([
    [21, 11, 5, 15],
    [21, 15, 5, 11],
    [21, 16, 16, 21],
  ])
  expect(() => over('x) --' as never)).toThrow(QueryValueError)
  return undefined
})

test('F() takes what it is told by the place where it stands', async () => {
  expect(await Item.objects.filter({ code: F('code') }).count()).toBe(4)
  expect(
    await Item.objects
      .annotate({ c: defineFunction('lower($1)', char({ maxLength: 5 }))('name') })
      .filter({ c: 'bee' })
      .count(),
  ).toBe(1)
})
