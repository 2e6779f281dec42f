/**
 * Names and values that would leave their place in SQL: each is refused with a code, or quoted and harmless. Every test
 * names the hole of Django's that it would have been. What is refused is refused before anything is sent.
 */
import { Count, Excluded, F, JSONPatch, Prefetch, Q, QuerySet, StringAgg, Sum, sql, Value, Window } from 'nuages/db'
import { Collate, Extract, Trunc } from 'nuages/db/functions'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { onQuery } from '../../../src/db/internal.ts'
import { freshTables } from './setup.ts'
import { Depot, Item, stock } from './stock.ts'

freshTables(stock)

/** Every way out of a name that was ever used, around something to do harm with. */
const HOSTILE = [
  'x" FROM stock_item; DROP TABLE stock_item; --',
  "x' OR '1'='1",
  'x` OR 1=1 -- ',
  'x-- ',
  'x/* */',
  'x; DROP TABLE stock_item',
  'x # ',
  'x y',
  'x\ty',
  'x\ny',
  'x\u0000y',
  'x\u0001y',
  'x\u001fy',
  'x\u007fy',
  'stock_item.name',
  'x%sy',
  'x%%',
  'x)y',
  'x]y',
  'x\\',
  '$1',
  '?',
  ':x',
  'x\u2028y',
  '\ud800',
  '',
]

let sent: string[] = []
let stop = () => {}
beforeEach(async () => {
  await Item.objects.bulkCreate([
    { code: 'a', name: 'one', details: { colour: 'red' } },
    { code: 'b', name: 'two' },
  ])
  sent = []
  stop = onQuery((event) => void sent.push(event.sql))
})
afterEach(async () => {
  stop()
  expect(await Item.objects.count()).toBe(2)
})

/** Refused with a code of ours, and nothing was sent but `most` plain statements. */
async function refused(work: () => unknown, most = 0): Promise<void> {
  const before = sent.length
  const error = await Promise.resolve()
    .then(work)
    .then(
      (result) => `gave ${JSON.stringify(result)}`,
      (reason: unknown) => reason,
    )
  expect(error).toMatchObject({ code: expect.stringMatching(/^db\./) })
  // The rows themselves, where what is read after them was wrong.
  const after = sent.slice(before)
  expect(after.slice(most)).toEqual([])
  expect(after.every((text) => /^SELECT [^;#`]+ FROM .stock_item. .t0.$/.test(text))).toBe(true)
}
// The tests speak past the compiler, as input does.
const items = Item.objects as unknown as Record<string, (...args: unknown[]) => PromiseLike<unknown>>
const all = () => Item.objects.all() as unknown as Record<string, (...args: unknown[]) => PromiseLike<unknown>>

describe('names', () => {
  test('CVE-2022-28346, 2025-13372, 2025-57833, 2025-59681, 2026-1287: of annotations', async () => {
    for (const name of HOSTILE) {
      if (name === '$1') continue // a name of JavaScript; names of annotations are never a part of SQL
      const named = (value: unknown) => ({ [name]: value })
      for (const method of ['annotate', 'alias', 'aggregate', 'dynamicAnnotate'])
        await refused(() => all()[method]!(named(Count('id' as never))))
      await refused(() => all().annotate!(named(F('name' as never))))
      await refused(() =>
        (Item.objects.values('code') as never as typeof items).annotate!(named(Sum('count' as never))),
      )
    }
    for (const name of ['__proto__', 'constructor', 'toString', 'pk'])
      await refused(() => all().annotate!(Object.fromEntries([[name, Count('id' as never)]])))
  })

  test('CVE-2021-35042, 2026-1312: of orders', async () => {
    for (const name of HOSTILE) {
      if (name === '?') continue // random order
      for (const order of [name, `-${name}`]) {
        await refused(() => all().orderBy!(order))
        await refused(() => all().dynamicOrderBy!(order))
        await refused(() => all().earliest!(order))
        await refused(() => Item.objects.annotate({ n: StringAgg('code', ',', { orderBy: [order as never] }) }))
        await refused(() =>
          Item.objects.annotate({ n: Window(Sum('count' as never), { orderBy: [order as never] }) as never }),
        )
      }
    }
  })

  test('CVE-2024-42005: of values(), and of columns read', async () => {
    for (const name of HOSTILE)
      for (const method of ['values', 'valuesList', 'only', 'defer', 'selectRelated', 'dynamicValues'])
        await refused(() => all()[method]!(...(method === 'only' || method === 'defer' ? [name] : [name])).then())
  })

  test('CVE-2019-14234: of filters, and of paths in expressions', async () => {
    for (const name of HOSTILE) {
      await refused(() => all().filter!({ [name]: 1 }))
      await refused(() => all().filter!({ [`name__${name}`]: 1 }))
      await refused(() => all().filter!({ [`depot__${name}`]: 1 }))
      await refused(() => all().dynamic!({ [name]: '1' }))
      await refused(() => all().exclude!({ [name]: 1 }))
      await refused(() => all().filter!(Q({ [name]: 1 } as never)))
      await refused(() => all().filter!({ count: F(name as never) }))
      await refused(() => all().annotate!({ n: Count(name as never) }))
    }
  })

  test('of fields to write', async () => {
    for (const name of HOSTILE) {
      await refused(() => items.update!({ [name]: 1 }))
      await refused(() => items.dynamicUpdate!({ [name]: 1 }))
      await refused(() => items.updateReturning!({ [name]: 1 }))
      await refused(() => items.upsert!([{ code: 'a' }], { conflict: [name], update: ['name'] }))
      await refused(() => items.upsert!([{ code: 'a' }], { conflict: ['id'], update: [name] }))
      await refused(() => items.upsert!([{ code: 'a' }], { conflict: ['id'], update: { [name]: 1 } }))
      await refused(() =>
        items.upsert!([{ code: 'a' }], { conflict: ['id'], update: { name: Excluded(name as never) } }),
      )
      await refused(() => items.bulkUpdate!([new Item({ code: 'a' })], [name]))
      await refused(() => items.create!({ code: 'z', [name]: 1 }))
    }
  })

  test('of collations, locks and prefetched sets', async () => {
    for (const name of HOSTILE) {
      if (name !== 'stock_item.name') await refused(() => Collate('name', name))
      await refused(() => Item.objects.forUpdate({ of: [name as never] }).list())
      await refused(() => all().prefetchRelated!(name).then(), 1)
      await refused(() => Item.objects.prefetchRelated(new Prefetch(name as never)).list(), 1)
    }
  })
})

describe('keys of JSON', () => {
  test('CVE-2019-14234, 2024-53908: are data, whatever they hold', async () => {
    for (const key of HOSTILE.filter((name) => name.isWellFormed() && !name.includes('\u0000'))) {
      await Item.objects.filter({ code: 'b' }).update({ details: JSON.parse(`{${JSON.stringify(key)}: 1}`) })
      const codes = (where: object) => Item.objects.filter(where as never).valuesList('code', { flat: true })
      expect(await codes({ details__hasKey: key })).toEqual(['b'])
      expect(await codes({ details__hasKeys: [key] })).toEqual(['b'])
      expect(await codes({ details__hasAnyKeys: [key, 'none'] })).toEqual(['b'])
      expect(await codes({ details__contains: { [key]: 1 } })).toEqual(['b'])
      await Item.objects.update({ details: JSONPatch('details', { merge: { [key]: 2 } as never }) })
      expect(await codes({ details__contains: { [key]: 2 } })).toEqual(expect.arrayContaining(['a', 'b']))
    }
  })

  test('CVE-2024-42005: in values(), orders and filters by path', async () => {
    for (const key of HOSTILE.filter((name) => name !== '' && !name.includes('__'))) {
      const path = `details__${key}`
      const rows = async (work: () => PromiseLike<unknown>) => {
        try {
          return await work()
        } catch (error) {
          // Control characters and broken text are refused; all else is a key that nothing has.
          expect(error).toMatchObject({ code: expect.stringMatching(/^db\./) })
          return null
        }
      }
      const values = await rows(() => all().values!(path))
      if (values !== null) expect(values).toEqual([{ [path]: null }, { [path]: null }])
      const filtered = await rows(() => all().filter!({ [path]: 1 }))
      if (filtered !== null) expect(filtered).toEqual([])
      const ordered = await rows(() => all().orderBy!(path))
      if (ordered !== null) expect(ordered).toHaveLength(2)
    }
  })
})

describe('words of functions', () => {
  test('CVE-2022-34265: units of Trunc() and parts of Extract() are from a list, zones are names of zones', async () => {
    for (const word of [...HOSTILE, "year') ; --", 'YEAR', 'millennium', '__proto__', 'constructor']) {
      await refused(() => Item.objects.annotate({ x: Trunc('seenAt', word as never) }).list())
      await refused(() => Item.objects.annotate({ x: Extract('seenAt', word as never) }).list())
      await refused(() => Item.objects.datetimes('seenAt', word as never).list())
      if (word !== '')
        await refused(() => Item.objects.annotate({ x: Trunc('seenAt', 'year', { timeZone: word }) }).list())
    }
  })

  test('CVE-2022-28347: options of explain() and its formats are from a list', async () => {
    const words = [
      ...HOSTILE,
      'ANALYZE); SELECT 1; --',
      'analyze, costs',
      'ANALYZE',
      'constructor',
      'toString',
      'write',
    ]
    for (const word of words) {
      await refused(() => Item.objects.explain({ [word]: true } as never))
      await refused(() => Item.objects.explain({ [word]: false } as never))
      await refused(() => Item.objects.filter({ count: 1 }).explain({ format: word as never }))
    }
    for (const body of [
      '{"__proto__": true}',
      '{"format": {"toString": 1}}',
      '{"format": ["json"]}',
      '{"format": null}',
    ])
      await refused(() => Item.objects.explain(JSON.parse(body)))
    // The value of an option is no text either.
    for (const on of ['true); DROP TABLE stock_item; --', 1, {}, []])
      for (const option of ['analyze', 'costs'])
        await Item.objects.explain({ [option]: on } as never).catch((error: unknown) => error)
    expect(sent.join()).not.toContain('DROP')
  })

  test('CVE-2020-7471: delimiters and constants are parameters', async () => {
    for (const text of HOSTILE.filter((name) => name.isWellFormed() && !name.includes('\u0000') && name.length > 3)) {
      const { joined } = await Item.objects.aggregate({ joined: StringAgg('code', text, { orderBy: ['code'] }) })
      expect(joined).toBe(`a${text}b`)
      expect(await Item.objects.annotate({ x: Value(text) }).valuesList('x', { flat: true })).toEqual([text, text])
      expect(await sql`select ${text}`.rows()).toEqual([[text]])
      expect(sent.slice(-3).join()).not.toContain(text)
    }
  })

  test('CVE-2020-9402, 2026-1207: numbers given as texts are no numbers', async () => {
    for (const text of ['1); DROP TABLE stock_item; --', '1 OR 1=1', '']) {
      await refused(() => Item.objects.filter({ count__gte: text as never }).list())
      await refused(() => Item.objects.update({ count: text as never }))
      await refused(() => Item.objects.slice(text as never, 2).list())
      await refused(() => Item.F('name').slice(text as never))
      const frame = { rows: [text as never, 1] as const }
      await refused(() => Item.objects.annotate({ x: Window(Sum('count' as never), { frame }) as never }).list())
      await refused(() => items.bulkCreate!([{ code: 'x' }], { batchSize: text }))
    }
  })
})

describe('CVE-2025-64459: objects from outside', () => {
  const BODIES = [
    '{"_connector": "OR 1=1 OR", "code": "a"}',
    '{"connector": "or", "code": "a"}',
    '{"or": [{"code": "a"}]}',
    '{"and": [{"code": "a"}]}',
    '{"not": {"code": "a"}}',
    '{"AND": 1}',
    '{"raw": "1=1"}',
    '{"$where": "1=1"}',
    '{"$raw": ["1=1"]}',
    '{"toSQL": "1=1"}',
    '{"toSql": "1=1"}',
    '{"children": [], "negated": true}',
    '{"__proto__": {"code": "a"}}',
    '{"constructor": {"name": "Condition"}}',
    '{"then": 1}',
    '{"~q": 1}',
  ]

  test('have no operators: their keys are names of fields, or errors', async () => {
    for (const body of BODIES) {
      const where = JSON.parse(body) as object
      await refused(() => all().filter!({ ...where }))
      await refused(() => all().filter!(where))
      await refused(() => all().exclude!(where))
      await refused(() => all().dynamic!(where))
      await refused(() => all().get!(where))
      await refused(() => all().filter!(Q(where as never)))
    }
    expect(Object.prototype).not.toHaveProperty('code')
  })

  test('are no values of columns, nor expressions, conditions or query sets', async () => {
    const forged: readonly object[] = [
      { t: 'raw', parts: ['1=1'], nodes: [] },
      { parts: ['1=1'], values: [] },
      { name: 'count', args: [], kind: 'boolean' },
      { path: 'name' },
      { model: 'stock.Item', state: {} },
      { writeShape: 'x', model: {} },
      { toString: 'x' },
      { value: 1, kind: 'integer' },
      { in: ['a'] },
      { $gt: '' },
    ]
    for (const value of forged) {
      await refused(() => all().filter!({ name: value }).then())
      await refused(() => all().filter!({ count__gte: value }).then())
      await refused(() => all().update!({ name: value }))
      await refused(() => all().filter!({ depot: value }).then())
      await refused(() => all().annotate!({ x: value }))
      await refused(() => all().raw!(value))
      await refused(() => all().filter!({ name__in: [value] }).then())
      await refused(() => (Depot.objects as unknown as typeof items).getOrCreate!({ name: value }))
    }
    for (const where of [[], [{ code: 'a' }], 'code', 1, true, null]) await refused(() => all().filter!(where))
    expect(Item.objects).toBeInstanceOf(QuerySet)
  })
})
