/** Where engines once answered otherwise: cases that `differential.test.ts` found, by what a user sees. */
import {
  Avg,
  bigInteger,
  Case,
  connection,
  dynamicQuery,
  F,
  integer,
  OuterRef,
  Subquery,
  sql,
  Value,
  When,
} from 'nuages/db'
import { Floor, Mod, RawSQL, Round, Sign } from 'nuages/db/functions'
import { beforeEach, describe, expect, test } from 'vitest'
import { freshTables } from './setup.ts'
import { Item, Maker, Part, shop } from './shop.ts'

freshTables(shop)

const BIG = 9_007_199_254_740_993n
const ids = async (rows: PromiseLike<readonly { id: number }[]>) => (await rows).map((row) => row.id)

describe('JSON', () => {
  const DATA = [null, 1, [1], [null], { a: 'a' }, 'x', [[2]], { a: null }, { a: [5] }]
  beforeEach(async () => {
    await Item.objects.bulkCreate(DATA.map((data, i) => ({ id: i + 1, label: `${i}`, data })))
  })

  test.each([
    [{ data__0__isnull: false }, [3, 4, 7]],
    [{ data__0: 1 }, [3]],
    [{ data__0: null }, [4]],
    [{ data__0__0: 2 }, [7]],
    [{ data__a__0: 5 }, [9]],
    [{ 'data__-1': 1 }, [3]],
    [{ 'data__a__-1': 5 }, [9]],
  ])('what is no list has no first item: %j', async (where, found) => {
    expect(await ids(dynamicQuery(Item).filter(where).orderBy('id') as never)).toEqual(found)
  })

  test('null in JSON is no text, which is neither found nor told apart from it', async () => {
    const { objects } = Item
    expect(await ids(objects.filter({ data__a__contains: 'n' } as never))).toEqual([])
    expect(await ids(objects.exclude({ data__a__contains: 'a' } as never).orderBy('id'))).not.toContain(8)
  })

  test('a whole column is ordered as what stands at a path: numbers as numbers, texts as texts', async () => {
    await Item.objects.all().delete()
    const values = [10, 9, 1.5, 'b', 'a', 'a b', -2]
    await Item.objects.bulkCreate(values.map((data, i) => ({ id: i + 1, label: 'x', data })))
    const numbers = Item.objects.filter({ id__in: [1, 2, 3, 7] })
    const texts = Item.objects.filter({ id__in: [4, 5, 6] })
    expect(await ids(numbers.orderBy('data'))).toEqual([7, 3, 2, 1])
    expect(await ids(numbers.orderBy('-data'))).toEqual([1, 2, 3, 7])
    expect(await ids(texts.orderBy('data'))).toEqual([5, 6, 4])
    const halves = [{ id__lte: 2 }, { id__gt: 2 }] as const
    const both = (set: typeof numbers) =>
      set.filter(halves[0]).values('id', 'data').union(set.filter(halves[1]).values('id', 'data'))
    expect(await ids(both(numbers).orderBy('data'))).toEqual([7, 3, 2, 1])
    expect(await ids(both(texts).orderBy('-data').slice(0, 2))).toEqual([4, 6])
  })
})

describe('orders', () => {
  beforeEach(async () => {
    await Item.objects.bulkCreate([
      { id: 1, label: 'b', big: 9n },
      { id: 2, label: 'a', big: 10n },
      { id: 3, label: 'c' },
    ])
  })

  test.each([2, -2])('the number %i is no place of a column, in an order or in groups', async (number) => {
    const rows = Item.objects.annotate({ one: Value(number) })
    const order = rows.orderBy(rows.F('one').asc({ nulls: 'first' }), 'id')
    expect(await order.valuesList('id', 'label', 'one')).toEqual([
      [1, 'b', number],
      [2, 'a', number],
      [3, 'c', number],
    ])
    const groups = rows.values('one').annotate({ mean: Avg('id') })
    expect(await groups).toEqual([{ one: number, mean: 2 }])
  })

  test('query sets put together are ordered by large integers as by numbers', async () => {
    const [one, other] = [{ id: 1 }, { id: 2 }].map((where) => Item.objects.filter(where).values('id', 'big'))
    const all = one!.union(other!)
    expect(await ids(all.orderBy('big'))).toEqual([1, 2])
    expect(await ids(all.orderBy('-big'))).toEqual([2, 1])
    expect(await ids(all.orderBy(F('big').desc({ nulls: 'last' }) as never))).toEqual([2, 1])
  })
})

describe('numbers', () => {
  beforeEach(async () => {
    await Item.objects.create({ id: 1, label: 'x', count: -7, big: BIG })
  })

  test('what is whole stays whole: the rest and the quotient of Sign() and Floor()', async () => {
    const values = {
      rest: Mod(Sign('count'), 2),
      half: Sign<'count', Item>('count').dividedBy(2),
      third: Floor<'count', Item>('count').dividedBy(2),
    }
    expect(
      await Item.objects.annotate(values as never).values('rest' as never, 'half' as never, 'third' as never),
    ).toEqual([{ rest: -1, half: 0, third: -3 }])
  })

  test('what is rounded may pass the size of its column', async () => {
    await Item.objects.update({ count: 2_147_483_647 })
    const twice = Item.F('count').times(2)
    const values = { round: Round(twice, 0), rest: Mod(twice, 4_294_967_296) }
    expect(await Item.objects.annotate(values).values('round', 'rest')).toEqual([
      { round: 4_294_967_294, rest: 4_294_967_294 },
    ])
  })

  test('QS-27 integers of SQL beyond 2^53 are bigints, others numbers', async () => {
    const text = sql`select 9007199254740993, 5, -9007199254740993, big, label from shop_item`
    expect([...(await text)]).toEqual([[BIG, 5, -BIG, BIG, 'x']])
    expect((await connection().execute(text)).rows).toEqual([[BIG, 5, -BIG, BIG, 'x']])
    const rows = Item.objects.annotate({
      a: RawSQL(sql`9007199254740993`, integer()),
      b: RawSQL(sql`big`, bigInteger()),
    })
    expect(await rows.values('a', 'b')).toEqual([{ a: BIG, b: BIG }])
    for await (const row of rows.iterator()) expect(row.a).toBe(BIG)
  })
})

test('a subquery beside a related column, in an exclude() over many rows', async () => {
  const maker = await Maker.objects.create({ name: 'm' })
  await Item.objects.bulkCreate([1, 2, 3].map((id) => ({ id, label: `${id}`, maker })))
  await Part.objects.bulkCreate(
    [
      [1, 5],
      [1, 6],
      [2, 7],
    ].map(([item, size]) => ({ item: item!, size: size! })),
  )
  const largest = Part.objects
    .filter({ item: OuterRef('id') as never })
    .orderBy('-size')
    .valuesList('size', { flat: true })
  const rows = Item.objects.exclude({ parts__size: Subquery(largest) as never }).orderBy('id')
  expect(await ids(rows)).toEqual([3])
  const listed = Case([When({ id__in: [1] } as never, Value(5))], Value(8))
  expect(await ids(Item.objects.exclude({ parts__size: listed as never }).orderBy('id'))).toEqual([2, 3])
})
