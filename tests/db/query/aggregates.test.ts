/** Aggregates: what they are over no rows, and expressions around them (EXP-08, QS-10, QS-11). */
import {
  Avg,
  BoolAnd,
  BoolOr,
  Count,
  Decimal,
  F,
  JSONArrayAgg,
  Max,
  Min,
  type QuerySet,
  QueryUsageError,
  StdDev,
  StringAgg,
  Sum,
  Window,
} from 'nuages/db'
import { Coalesce, Length, Now } from 'nuages/db/functions'
import { beforeEach, describe, expect, test } from 'vitest'
import { freshTables, watched } from './setup.ts'
import { Depot, fillDepots, Item, stock } from './stock.ts'

freshTables(stock)
beforeEach(fillDepots)

describe('EXP-08: the default of an aggregate', () => {
  test('stands where there are no rows, or none but nulls', async () => {
    const nobody = Item.objects.filter({ code: 'none' })
    const totals = (rows: QuerySet<Item>) =>
      rows.aggregate({
        sum: Sum('place', { default: 0 }),
        least: Min('name', { default: 'nothing' }),
        price: Max('price', { default: new Decimal('9.99') }),
        average: Avg('place', { default: 0.5 }),
        spread: StdDev('place', { default: -1 }),
        names: StringAgg('name', ', ', { default: '-' }),
        list: JSONArrayAgg('name', { default: [] }),
        seen: Max('seenAt', { default: new Date('2026-01-02T03:04:05Z') }),
        now: Max('seenAt', { default: Now() }),
        plain: Sum('place'),
        n: Count('*'),
      })
    const { now, ...none } = await totals(nobody)
    expect(now).toBeInstanceOf(Date)
    expect(none).toEqual({
      sum: 0,
      least: 'nothing',
      price: new Decimal('9.99'),
      average: 0.5,
      spread: -1,
      names: '-',
      list: [],
      seen: new Date('2026-01-02T03:04:05Z'),
      plain: null,
      n: 0,
    })
    const { sum, price, average } = await totals(Item.objects)
    expect([sum, price, average]).toEqual([7, new Decimal('1.5'), 3.5])
    expect(await Item.objects.filter({ code: '2' }).aggregate({ sum: Sum('place', { default: 3 }) })).toEqual({
      sum: 3,
    })
  })
  test('of rows, of groups, over relations, with a filter and of distinct values', async () => {
    const depots = await Depot.objects
      .annotate({
        all: Sum('items__count', { default: 0 }),
        large: Sum('items__count', { default: -1, filter: Depot.Q({ items__count__gt: 9 }) }),
        once: Sum('items__count', { default: 0, distinct: true }),
        long: Max(Length('items__name'), { default: 0 }),
      })
      .filter({ all__lt: 20 })
      .orderBy('all')
    expect(depots.map(({ name, all, large, once, long }) => [name, all, large, once, long])).toEqual([
      ['c', 0, -1, 0, 0],
      ['b', 5, -1, 5, 3],
    ])
    const groups = await Item.objects
      .values('depot__name')
      .annotate({ places: Sum('place', { default: 0 }) })
      .orderBy('depot__name')
    expect(groups).toEqual([
      { depot__name: 'a', places: 7 },
      { depot__name: 'b', places: 0 },
    ])
  })
  test('is coalesce() around the aggregate, and two defaults share a plan', async () => {
    const least = (otherwise: number) =>
      Item.objects.filter({ code: 'x' }).aggregate({ s: Sum('place', { default: otherwise }) })
    const { result, sql } = await watched(async () => [await least(1), await least(2)])
    expect(result).toEqual([{ s: 1 }, { s: 2 }])
    expect(sql[0]!.toLowerCase()).toMatch(/^select coalesce\(\(?sum\(/)
  })
  test('over a query set that can have no rows asks nothing', async () => {
    const { result, sql } = await watched(async () => [
      await Item.objects.none().aggregate({ s: Sum('place', { default: 1 }), n: Count('*'), m: Max('name') }),
      await Item.objects
        .filter({ code__in: [] })
        .aggregate({ s: Sum('place', { default: 2 }), n: Count('*'), m: Max('name') }),
    ])
    expect(result).toEqual([
      { s: 1, n: 0, m: null },
      { s: 2, n: 0, m: null },
    ])
    expect(sql).toEqual([])
    expect(await Item.objects.none().aggregate({ s: Coalesce(Sum('place'), 7) })).toEqual({ s: 7 })
    expect(
      await Item.objects
        .filter({ code__in: [] })
        .distinct()
        .aggregate({ s: Coalesce(Sum('place'), 7) }),
    ).toEqual({ s: 7 })
  })
  test('in a window, over a slice, and beside distinct rows', async () => {
    const rows = await Item.objects
      .annotate({ before: Window(Sum('place', { default: 0 }), { orderBy: ['code'], frame: { rows: [null, -1] } }) })
      .orderBy('code')
    expect(rows.map(({ before }) => before)).toEqual([0, 3, 3, 7])
    const last = Item.objects.orderBy('-code').slice(0, 1)
    expect(await last.aggregate({ s: Sum('place', { default: 4 }) })).toEqual({ s: 4 })
  })
  test('Count takes none, and says so', () => {
    // @ts-expect-error a count is never null
    expect(() => Count('name', { default: 0 })).toThrow(QueryUsageError)
    expect(() => Count('name', { default: 0 } as never)).toThrow('over no rows it is 0')
  })
})

test('CON-17 BoolAnd and BoolOr, on every database', async () => {
  await Item.objects.filter({ code: '1' }).update({ gone: true })
  const nobody = Item.Q({ code: 'none' })
  expect(
    await Item.objects.aggregate({
      all: BoolAnd('gone'),
      any: BoolOr('gone'),
      first: BoolAnd('gone', { filter: Item.Q({ code: '1' }) }),
      none: BoolOr('gone', { filter: nobody }),
      instead: BoolAnd('gone', { filter: nobody, default: true }),
    }),
  ).toEqual({ all: false, any: true, first: true, none: null, instead: true })
  const rows = Item.objects.annotate({ any: Window(BoolOr('gone')) }).valuesList('any', { flat: true })
  expect(new Set(await rows)).toEqual(new Set([true]))
  await expect(Item.objects.aggregate({ x: BoolAnd('place' as 'gone') })).rejects.toMatchObject({
    code: 'db.wrong-kind',
  })
})

describe('expressions around aggregates', () => {
  test('EXP-08, EXP-12: Coalesce(), arithmetic, orders', async () => {
    const depots = await Depot.objects
      .annotate({
        all: Coalesce(Sum('items__count'), 0),
        mean: Sum(Depot.F('items__count')).times(2).dividedBy(Count('items')),
      })
      .orderBy(Count('items').desc(), 'name')
    expect(depots.map(({ name, all, mean }) => [name, all, mean === null ? null : Math.floor(mean)])).toEqual([
      ['a', 28, 18],
      ['b', 5, 10],
      ['c', 0, null],
    ])
    expect(await Item.objects.aggregate({ s: Coalesce(Sum('place'), Max('count'), 0) })).toEqual({ s: 7 })
    expect(
      await Depot.objects.filter({ name: 'c' }).aggregate({ s: Coalesce(Sum('items__price'), new Decimal(0)) }),
    ).toEqual({
      s: new Decimal(0),
    })
  })
})

describe('aggregates where none can be', () => {
  const misplaced = (where: string) => ({ code: 'db.misplaced-aggregate', message: expect.stringContaining(where) })

  test('inside another, of a row or of all rows', async () => {
    const counted = Depot.objects.annotate({ n: Count('items') })
    await expect(counted.annotate({ s: Sum(F('n') as never) }).list()).rejects.toMatchObject(
      misplaced('annotation "s"'),
    )
    await expect(Item.objects.aggregate({ s: Sum(Sum('count')) })).rejects.toMatchObject(
      misplaced('"s" of aggregate()'),
    )
  })
  test('in orderBy() and filter() of rows that are not grouped; of groups they may', async () => {
    const ordered = Depot.objects.orderBy(Count('items').desc())
    await expect(ordered.list()).rejects.toMatchObject(misplaced('in orderBy()'))
    await expect(Item.objects.filter({ count__gt: Max('count') }).list()).rejects.toMatchObject(
      misplaced('in filter()'),
    )
    const aliased = Depot.objects
      .alias({ n: Count('items') })
      .orderBy(Max('items__count').desc({ nulls: 'last' }), '-n')
    expect((await aliased).map(({ name }) => name)).toEqual(['a', 'b', 'c'])
  })
  test('in update()', async () => {
    await expect(Item.objects.update({ count: Count('orders') })).rejects.toMatchObject(misplaced('stock.Item.count'))
  })
})

test('QS-09, QS-10, EXP-01: F() of a query set names its annotations', async () => {
  const counted = Depot.objects.annotate({ n: Count('items') })
  expect(await counted.aggregate({ sum: Sum(counted.F('n')), most: Max(counted.F('n')) })).toEqual({ sum: 4, most: 3 })
  const rows = await counted
    .annotate({ twice: counted.F('n').times(2) })
    .filter({ n__gt: counted.F('n').minus(1), twice__lt: 6 })
    .orderBy(counted.F('n').desc())
  expect(rows.map(({ name, twice }) => [name, twice])).toEqual([
    ['b', 2],
    ['c', 0],
  ])
  const groups = Item.objects.values('depot').annotate({ n: Count('id') })
  expect(await groups.aggregate({ most: Max(groups.F('n')) })).toEqual({ most: 3 })
})
