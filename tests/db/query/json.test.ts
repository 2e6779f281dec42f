/** JSON: looked up by keys and parts (QS-07), and changed inside by the database. */
import { F, JSONNull, JSONPatch, QueryValueError, Value } from 'nuages/db'
import { describe, expect, test } from 'vitest'
import type { Where } from '../../../src/db/query/types/where.ts'
import { freshTables, watched } from './setup.ts'
import { type Details, Item, stock } from './stock.ts'

freshTables(stock)

const ODD = 'odd "key\' \\ $.x'
const codes = <const K extends string>(where: Where<Item, {}, K>) =>
  Item.objects.filter(where).orderBy('code').valuesList('code', { flat: true })

describe('QS-07: lookups of JSON', () => {
  const fill = () =>
    Item.objects.bulkCreate([
      { code: 'a', details: { colour: 'red', sizes: [1, 2, 3], maker: { name: 'Ada', city: 'Oslo' } } },
      { code: 'b', details: { colour: null, sizes: [], maker: {} } },
      { code: 'c', details: { maker: { name: 'Bea' }, [ODD]: 7 } },
      { code: 'd' },
    ])

  test('keys and indexes, also from the end', async () => {
    await fill()
    expect(await codes({ details__maker__name: 'Ada' })).toEqual(['a'])
    expect(await codes({ details__maker__name__istartswith: 'b' })).toEqual(['c'])
    expect(await codes({ details__sizes__0: 1 })).toEqual(['a'])
    expect(await codes({ 'details__sizes__-1': 3 })).toEqual(['a'])
    expect(await codes({ details__sizes__1__gte: 2 })).toEqual(['a'])
    expect(await codes({ details__sizes__in: [[], [1]] })).toEqual(['b'])
  })

  test('an object with a key `then` is a value, and no promise', async () => {
    await Item.objects.bulkCreate([
      { code: 'a', notes: { then: 'go', if: 1 } },
      { code: 'b', notes: { then: 'stay' } },
    ])
    expect(await codes({ notes: { then: 'stay' } })).toEqual(['b'])
    expect(await codes({ notes__in: [{ then: 'go', if: 1 }] })).toEqual(['a'])
  })

  test('MOD-06: numbers are in the order of numbers, texts in that of texts, by a path and as an annotation', async () => {
    const given = [10, 'b10', 9, -3, null, 1.5, 'a', 1e20, 'b9', -20, '7']
    await Item.objects.bulkCreate(given.map((v, i) => ({ code: `c${i}`, notes: { v } })))
    await Item.objects.create({ code: 'without', notes: {} })
    const numbers = [-20, -3, 1.5, 9, 10, 1e20]
    const texts = ['7', 'a', 'b10', 'b9']
    const annotated = Item.objects.annotate({ v: F('notes__v') as never })
    for (const [path, sign] of [
      ['notes__v', 1],
      ['-notes__v', -1],
      ['v', 1],
      ['-v', -1],
    ] as const) {
      const rows = await annotated.dynamicOrderBy(path).values('notes')
      const found = rows.map(({ notes }) => (notes as { v?: unknown }).v)
      const order = <T>(all: T[]): T[] => (sign === 1 ? all : all.toReversed())
      expect(found.filter((v) => typeof v === 'number')).toEqual(order(numbers))
      expect(found.filter((v) => typeof v === 'string')).toEqual(order(texts))
    }
  })

  test('hasKey, hasKeys and hasAnyKeys, whatever is there', async () => {
    await fill()
    expect(await codes({ details__hasKey: 'colour' })).toEqual(['a', 'b'])
    expect(await codes({ details__hasKeys: ['colour', 'sizes'] })).toEqual(['a', 'b'])
    expect(await codes({ details__hasAnyKeys: ['colour', ODD] })).toEqual(['a', 'b', 'c'])
    expect(await codes({ details__maker__hasKeys: ['name', 'city'] })).toEqual(['a'])
    expect(await codes({ details__hasKeys: [] })).toEqual(['a', 'b', 'c', 'd'])
    expect(await codes({ details__hasAnyKeys: [] })).toEqual([])
    const two = watched(() => codes({ details__hasKeys: ['a', 'b'] }))
    expect((await two).sql).toEqual([expect.stringContaining('"a"')])
    await expect(codes({ details__hasKeys: 'colour' as never })).rejects.toThrow(QueryValueError)
  })

  test('contains and containedBy compare parts', async () => {
    await fill()
    expect(await codes({ details__contains: { colour: 'red' } })).toEqual(['a'])
    expect(await codes({ details__contains: { maker: { name: 'Ada' } } })).toEqual(['a'])
    expect(await codes({ details__sizes__contains: [3, 1] })).toEqual(['a'])
    expect(await codes({ details__contains: {} })).toEqual(['a', 'b', 'c', 'd'])
    expect(await codes({ details__maker__name__contains: 'd' })).toEqual(['a'])
    expect(await codes({ details__containedBy: { colour: null, sizes: [1], maker: {}, more: 1 } as Details })).toEqual([
      'b',
      'd',
    ])
    expect(await codes({ details__maker__containedBy: { name: 'Bea', city: 'x' } })).toEqual(['b', 'c'])
    expect(await codes({ details__contains: F('details') })).toEqual(['a', 'b', 'c', 'd'])
    await expect(codes({ name__contains: ['x'] as never })).rejects.toThrow(QueryValueError)
  })

  test("a key whose value is null, a key that is missing, and JSON's null against SQL's", async () => {
    await fill()
    expect(await codes({ details__colour: null })).toEqual(['b'])
    expect(await codes({ details__colour__isnull: true })).toEqual(['c', 'd'])
    await Item.objects.filter({ code: 'a' }).update({ notes: JSONNull })
    await Item.objects.create({ code: 'e', notes: JSONNull })
    expect(await codes({ notes: JSONNull })).toEqual(['a', 'e'])
    expect(await codes({ notes: null })).toEqual(['b', 'c', 'd'])
    expect(await codes({ notes__isnull: false })).toEqual(['a', 'e'])
    const item = await Item.objects.get({ code: 'a' })
    expect(item.notes).toBeNull()
    item.count = 3
    expect((await watched(() => item.save())).sql).toEqual([
      expect.not.stringContaining('notes'), // what was read as null stays what it is
    ])
    expect(await codes({ notes: JSONNull })).toEqual(['a', 'e'])
  })
})

describe('JSONPatch()', () => {
  const patched = (changes: object) => JSONPatch<Item, 'details', string, string, string>('details', changes as never)
  const details = async (changes: object) => {
    const { sql } = await watched(() => Item.objects.update({ details: patched(changes) }))
    expect(sql.length).toBe(1)
    return (await Item.objects.get()).details
  }
  const start = (value: unknown) => Item.objects.create({ code: 'a', name: 'n', count: 4, details: value as Details })

  test('sets what is named and keeps the rest, making objects on the way', async () => {
    await start({ colour: 'red', maker: { name: 'Ada' } })
    expect(await details({ set: { maker__city: 'Oslo', colour: null } })).toEqual({
      colour: null,
      maker: { name: 'Ada', city: 'Oslo' },
    })
    expect(await details({ set: { colour: 'blue' }, remove: ['maker'] })).toEqual({ colour: 'blue' })
    expect(await details({ set: { maker__name: 'Bea', sizes: [1, 2] } })).toEqual({
      colour: 'blue',
      maker: { name: 'Bea' },
      sizes: [1, 2],
    })
  })

  test('makes objects in the place of null, text and missing values', async () => {
    await start({ maker: null, colour: 'x' })
    expect(await details({ set: { maker__name: 'Ada', colour__a__b: true } })).toEqual({
      maker: { name: 'Ada' },
      colour: { a: { b: true } },
    })
  })

  test('exchanges items of a list that are there, removes one, and appends', async () => {
    await start({ sizes: [1, 2, 3] })
    expect(await details({ set: { sizes__0: 10, sizes__7: 5, 'sizes__-1': 30 } })).toEqual({
      sizes: [10, 2, 30],
    })
    expect(await details({ remove: ['sizes__1'], set: { sizes__2: 33 } })).toEqual({ sizes: [10, 33] })
    expect(await details({ append: { sizes: 4, list: 'new' } })).toEqual({ sizes: [10, 33, 4], list: ['new'] })
    expect(await details({ set: { none__0: 1 } as never, append: { sizes: [5] } })).toEqual({
      sizes: [10, 33, 4, [5]],
      list: ['new'],
    })
  })

  test('merges as RFC 7396 says', async () => {
    await start({ a: 'b', c: { d: 'e', f: 'g' }, keep: [1] })
    expect(
      await details({ merge: { a: 'z', c: { f: null }, keep: [2], new: { x: { y: 1 } }, empty: {} } as never }),
    ).toEqual({
      a: 'z',
      c: { d: 'e' },
      keep: [2],
      new: { x: { y: 1 } },
      empty: {},
    })
    expect(await details({ merge: { c: {}, a: { b: null } } })).toMatchObject({ a: {}, c: { d: 'e' } })
  })

  test('takes expressions over the row, with their types', async () => {
    await start({ sizes: [] })
    const patch = JSONPatch<Item, 'details', string>('details', {
      set: {
        name: Item.F('name'),
        count: Item.F('count').plus(1),
        gone: Item.F('gone'),
        first: Value<string, Item>('say "hi"'),
        copy: Item.F('details'),
      } as never,
    })
    await Item.objects.update({ details: patch })
    expect((await Item.objects.get()).details).toEqual({
      sizes: [],
      name: 'n',
      count: 5,
      gone: false,
      first: 'say "hi"',
      copy: { sizes: [] },
    })
  })

  test('starts an object where the column is empty', async () => {
    await start({})
    await Item.objects.update({ notes: JSONPatch<Item, 'notes', string>('notes', { set: { a: 1 } as never }) })
    expect((await Item.objects.get()).notes).toEqual({ a: 1 })
  })

  test('loses nothing that others change elsewhere in the same value', async () => {
    await start({})
    await Promise.all(
      Array.from({ length: 10 }, (_, i) => Item.objects.update({ details: patched({ set: { [`k${i}`]: i } }) })),
    )
    expect(Object.keys((await Item.objects.get()).details).length).toBe(10)
  })

  test('CVE-2019-14234: keys are data, whatever they hold', async () => {
    await start({})
    const keys = [ODD, "a') OR 1=1 --", 'b"}', '$', '[0]', '`;#/*', '%s', 'a.b', '\\', "'", 'é\u2028', '__proto__']
    const merge = JSON.parse(`{${keys.map((key, i) => `${JSON.stringify(key)}:${i}`).join()}}`)
    expect(await details({ merge })).toEqual(merge)
    expect(
      await details({ merge: JSON.parse(`{${keys.map((key) => `${JSON.stringify(key)}:null`).join()}}`) }),
    ).toEqual({})
  })

  test('refuses what has no one meaning', async () => {
    const refused = (changes: object, code: string) =>
      expect(() => JSONPatch<Item, 'details', string, string, string>('details', changes as never)).toThrow(
        expect.objectContaining({ code }),
      )
    refused({ set: { a: 1, a__b: 2 } }, 'db.json-patch-overlap')
    refused({ set: { a: 1 }, remove: ['a'] }, 'db.json-patch-overlap')
    refused({ remove: ['a__0', 'a__1'] }, 'db.json-patch-overlap')
    refused({ set: { a__0: 1, a__b: 1 } }, 'db.json-patch-overlap')
    refused({ set: { a: undefined } }, 'db.undefined-value')
    refused({ set: { a____b: 1 } }, 'db.invalid-path')
    refused({ remove: ['a\x01'] }, 'db.invalid-path')
    refused({ merge: [1] }, 'db.invalid-value')
  })
})
