/** The keys of plain records are kept: they must be, to the letter, what a condition writes, whatever is in the record. */
import fc from 'fast-check'
import { Q } from 'nuages/db'
import { describe, expect, test } from 'vitest'
import { database } from '../../../src/db/internal.ts'
import type { AnyModel } from '../../../src/db/models/meta.ts'
import { planCount } from '../../../src/db/query/plan.ts'
import { recordKey } from '../../../src/db/query/records.ts'
import { initialState } from '../../../src/db/query/state.ts'
import { withFilter } from '../../../src/db/query/state-ops.ts'
import { freshTables } from './setup.ts'
import { Depot, Item, stock } from './stock.ts'

freshTables(stock)
const model = Item as unknown as AnyModel // the class, seen by the query room

const paths = [
  'id',
  'pk',
  'name',
  'name__icontains',
  'name__isnull',
  'data__hasKey',
  'data__contains',
  'depot',
  'x__in',
]
const value = fc.oneof(
  fc.integer(),
  fc.string(),
  fc.boolean(),
  fc.constant(null),
  fc.date(),
  fc.bigInt(),
  fc.array(fc.integer(), { maxLength: 2 }),
  fc.constant(new Set([1])),
  fc.constant({ a: 1 }),
)
const record = fc.dictionary(fc.constantFrom(...paths), value, { maxKeys: 4, noNullPrototype: true })

describe('QS-01: a record', () => {
  test('has the key and the values of the same condition as a Q, each time it is asked', () => {
    fc.assert(
      fc.property(record, record, fc.boolean(), (first, second, negated) => {
        const start = withFilter(initialState(model), first)
        for (let time = 0; time < 2; time++) {
          const short = withFilter(start, second, negated)
          const long = withFilter(start, Q(second as never) as never, negated)
          expect([short.key, short.values]).toEqual([long.key, long.values])
        }
      }),
    )
  })

  test('is kept by names that may stand in a key, and by no others', () => {
    const values: unknown[] = []
    expect(recordKey('1', 'filter', { 'id\x01\x10': 3 }, values)).toBeNull()
    expect(() => Item.objects.filter({ 'id\x02': 3 } as never)).toThrow(/is not a path/)
    expect(() => Item.objects.filter({ id: undefined } as never)).toThrow(/undefined/)
    expect(recordKey('1', 'filter', {}, values)).toBeNull()
  })

  test('keeps memory flat: names are forgotten when there are many, and questions go on as before', () => {
    const key = recordKey('1', 'filter', { id: 3 }, [])
    for (let i = 0; i < 10_000; i++) expect(recordKey(`key ${i}`, 'filter', { [`name${i}`]: 3 }, [])).toMatch(/name/)
    expect(recordKey('1', 'filter', { id: 3 }, [])).toBe(key)
  })

  test('is not the one that was given: what is done to that later does not reach the query', async () => {
    await Item.objects.create({ code: 'a', name: 'one' })
    const where = { name: 'one' }
    const items = Item.objects.filter(where).filter({ id__gt: 0 })
    where.name = 'two'
    expect(await items.count()).toBe(1)
  })
})

describe('QS-22: update() of plain values', () => {
  test('takes names as attributes and as fields, and one plan for each shape', async () => {
    const depot = await Depot.objects.create({ name: 'd' })
    const item = await Item.objects.create({ code: 'a', name: 'one' })
    const { backend } = database()
    expect(await Item.objects.filter({ id: item.id }).update({ depot })).toBe(1)
    const before = planCount(backend)
    expect(await Item.objects.filter({ id: item.id }).update({ depot: null })).toBe(1)
    expect(await Item.objects.filter({ id: item.id }).update({ depot: depot.id } as never)).toBe(1)
    expect(planCount(backend)).toBe(before)
    expect((await Item.objects.get({ id: item.id })).depotId).toBe(depot.id)
    expect(await Item.objects.filter({ id: item.id }).update({})).toBe(0)
    await expect(Item.objects.update({ name: undefined as never })).rejects.toMatchObject({
      code: 'db.undefined-value',
    })
    await expect(Item.objects.update({ nope: 1 } as never)).rejects.toMatchObject({ code: 'db.unknown-field' })
    await expect(Item.objects.slice(0, 1).update({ name: 'x' })).rejects.toMatchObject({ code: 'db.sliced-query' })
  })
})
