/** Rows inserted or changed by a unique constraint, and writes that give rows (QS-21). */
import {
  atomic,
  Excluded,
  F,
  IntegrityError,
  NotSupportedError,
  QueryUsageError,
  QueryValueError,
  type QueryWrapper,
  wrapQueries,
} from 'nuages/db'
import { describe, expect, test } from 'vitest'
import { database } from '../../../src/db/internal.ts'
import { createTables, freshTables, watched } from './setup.ts'
import { Depot, guests, Item, Line, Order, Person, stock } from './stock.ts'

freshTables(stock)

const counts = () => Item.objects.orderBy('code').valuesList('code', 'count')
const tells = () => database('default').features.tellsInserted
const targets = () => database('default').features.conflictTarget

describe('upsert()', () => {
  test('QS-21: inserts what is new and changes what is there, in one statement', async () => {
    const old = await Depot.objects.create({ name: 'old' })
    const { result, sql } = await watched(() =>
      Depot.objects.upsert([{ name: 'new' }, { name: 'old' }], { conflict: ['name'], update: ['name'] }),
    )
    expect(sql.length).toBe(database('default').features.returning ? 1 : 4)
    expect(result.map(({ name }) => name)).toEqual(['new', 'old'])
    expect(result[1]!.id).toBe(old.id)
    expect(result[0]!.id).toBeGreaterThan(old.id)
    expect(result[0]).toBeInstanceOf(Depot)
    if (tells()) expect([...result.created!]).toEqual([result[0]])
    else expect(result.created).toBeNull()
    result[0]!.name = 'renamed'
    await result[0]!.save()
    expect(await Depot.objects.orderBy('name').valuesList('name', { flat: true })).toEqual(['old', 'renamed'])
  })

  test('gives the values that the row has now, also those it was not given', async () => {
    if (!targets()) return expectAmbiguous()
    await Item.objects.create({ code: 'a', name: 'kept', count: 3 })
    const [item] = await Item.objects.upsert([{ code: 'a', name: 'given', count: 9 }], {
      conflict: ['code'],
      update: ['count'],
    })
    expect([item!.name, item!.count]).toEqual(['kept', 9])
    expect((await watched(() => item!.save())).sql).toEqual([])
  })

  test('changes by expressions over the row there and the row given', async () => {
    if (!targets()) return expectAmbiguous()
    await Item.objects.create({ code: 'a', count: 3, name: 'x' })
    const rows = [
      { code: 'a', count: 4 },
      { code: 'b', count: 5 },
    ]
    const items = await Item.objects.upsert(rows, {
      conflict: ['code'],
      update: { count: Item.F('count').plus(Excluded('count')).plus(1), name: 'counted' },
    })
    expect(items.map(({ count }) => count)).toEqual([8, 5])
    expect(await counts()).toEqual([
      ['a', 8],
      ['b', 5],
    ])
    expect((await Item.objects.get({ code: 'a' })).name).toBe('counted')
  })

  test('changes only rows for which `where` holds; the others have no key', async () => {
    if (!targets()) return expectAmbiguous()
    await Item.objects.bulkCreate([
      { code: 'a', count: 10 },
      { code: 'b', count: 1 },
    ])
    const items = await Item.objects.upsert(
      ['a', 'b', 'c'].map((code) => ({ code, count: 5 })),
      { conflict: ['code'], update: ['count'], where: Item.Q({ count__lt: Excluded('count') }) },
    )
    expect(await counts()).toEqual([
      ['a', 10],
      ['b', 5],
      ['c', 5],
    ])
    expect(items[0]!.pk).toBeNull()
    expect([items[1]!.count, items[1]!.pk, items[2]!.pk].every((value) => value > 0)).toBe(true)
  })

  test('QS-21: what changes is of each call, with the same condition too', async () => {
    if (!targets()) return expectAmbiguous()
    await Item.objects.create({ code: 'a', name: 'old', count: 1 })
    const given = (name: string, count: number, update: readonly ('name' | 'count')[]) =>
      Item.objects.upsert([{ code: 'a', name, count }], { conflict: ['code'], update, where: { count__lt: 100 } })
    await given('new', 2, ['count'])
    const [item] = await given('newer', 3, ['name'])
    expect([item!.name, item!.count]).toEqual(['newer', 2])
  })

  test('QS-21: rows find their instances by what is unique, in whatever order the database gives them', async () => {
    if (!targets()) return expectAmbiguous()
    await Item.objects.create({ code: 'b', name: 'kept', count: 3 })
    const backwards: QueryWrapper = async (_query, execute) => {
      const given = await execute()
      if (Array.isArray(given)) given.reverse()
      return given
    }
    const rows = ['a', 'b', 'c'].map((code, i) => ({ code, count: i }))
    for (const update of [['count'], { count: Item.F('count').plus(10) }] as const) {
      const items = await wrapQueries(backwards, () => Item.objects.upsert(rows, { conflict: ['code'], update }))
      expect(items.map(({ code }) => code)).toEqual(['a', 'b', 'c'])
      for (const item of items) expect((await Item.objects.get({ code: item.code })).id).toBe(item.id)
    }
  })

  test('leaves rows alone with an empty update', async () => {
    await Depot.objects.create({ name: 'a' })
    const depots = await Depot.objects.upsert([{ name: 'a' }, { name: 'b' }], { conflict: ['name'], update: [] })
    expect(await Depot.objects.count()).toBe(2)
    expect(depots[1]!.pk).not.toBeNull()
  })

  test('goes by several fields, and by the key', async () => {
    if (!targets()) return expectAmbiguous()
    const one = await Item.objects.create({ code: 'a', shelf: 'x', place: 1, count: 1 })
    await Item.objects.upsert([{ code: 'z', shelf: 'x', place: 1, count: 2 }], {
      conflict: ['place', 'shelf'],
      update: ['count'],
    })
    expect(await counts()).toEqual([['a', 2]])
    await Item.objects.upsert([new Item({ ...{ id: one.id }, code: 'q', count: 7 })], {
      conflict: ['id'],
      update: ['count', 'code'],
    })
    expect(await counts()).toEqual([['q', 7]])
    // Null is equal to nothing.
    await Item.objects.upsert([{ code: 'n1' }, { code: 'n2' }], { conflict: ['place', 'shelf'], update: ['count'] })
    expect(await Item.objects.count()).toBe(3)
  })

  test('goes by a unique constraint with a condition', async () => {
    await createTables('default', guests)
    await Person.objects.bulkCreate([
      { email: 'a@x', left: true },
      { email: 'a@x', visits: 4 },
    ])
    await Person.objects.upsert([{ email: 'a@x' }, { email: 'b@x' }], {
      conflict: ['email'],
      update: { visits: Person.F('visits').plus(1) },
    })
    expect(await Person.objects.orderBy('email', 'visits').valuesList('email', 'left', 'visits')).toEqual([
      ['a@x', true, 1],
      ['a@x', false, 5],
      ['b@x', false, 1],
    ])
  })

  test('is refused where no constraint makes the fields unique, and tells which do', async () => {
    const upsert = Item.objects.upsert([{ code: 'a' }], { conflict: ['name'], update: ['count'] })
    await expect(upsert).rejects.toThrow(QueryUsageError)
    await expect(upsert).rejects.toMatchObject({
      code: 'db.no-unique-constraint',
      hint: expect.stringContaining('(id), (code), (shelf, place)'),
    })
  })

  test('refuses two rows of one key: which one would win is not said', async () => {
    const rows = [{ name: 'a' }, { name: 'a' }]
    const upsert = Depot.objects.upsert(rows, { conflict: ['name'], update: ['name'] })
    await expect(upsert).rejects.toThrow(QueryValueError)
    await expect(upsert).rejects.toMatchObject({
      code: 'db.duplicate-rows',
      message: expect.stringContaining('name a'),
    })
    expect(await Depot.objects.count()).toBe(0)
  })

  test('still fails on another constraint, and then nothing is written', async () => {
    if (!targets()) return expectAmbiguous()
    await Item.objects.create({ code: 'a', shelf: 'x', place: 1 })
    const rows = Array.from({ length: 30 }, (_, i) => ({ code: `c${i}`, shelf: 'x', place: 30 - i }))
    await expect(Item.objects.upsert(rows, { conflict: ['code'], update: ['name'], batchSize: 7 })).rejects.toThrow(
      IntegrityError,
    )
    expect(await Item.objects.count()).toBe(1)
  })

  test('takes any number of rows, with values of its own too', async () => {
    const names = Array.from({ length: 234 }, (_, i) => `d${i}`)
    const rows = names.map((name) => ({ name }))
    expect((await Depot.objects.upsert(rows, { conflict: ['name'], update: ['name'] })).length).toBe(234)
    const again = await Depot.objects.upsert([...rows, { name: 'more' }], {
      conflict: ['name'],
      update: { name: 'd0' },
      where: { name: 'd0' },
    })
    expect(await Depot.objects.count()).toBe(235)
    expect(again.at(-1)!.pk).toBeGreaterThan(234)
    expect(await Depot.objects.upsert([], { conflict: ['name'], update: ['name'] })).toEqual([])
  })

  test('is one among others that do the same at once', async () => {
    const add = () =>
      Depot.objects.upsert(
        ['a', 'b', 'c'].map((name) => ({ name })),
        { conflict: ['name'], update: ['name'] },
      )
    await Promise.all([add(), add(), add(), add()])
    expect(await Depot.objects.count()).toBe(3)
  })

  test('of a related set belongs to its row', async () => {
    if (!targets()) return expectAmbiguous()
    const depot = await Depot.objects.create({ name: 'x' })
    const [item] = await depot.items.upsert([{ code: 'a' }], { conflict: ['code'], update: ['depot'] })
    expect(item!.depotId).toBe(depot.id)
    await expect(
      Item.objects.upsert([{ code: 'a' }], { conflict: ['code'], update: { name: Item.F('depot__name') as never } }),
    ).rejects.toMatchObject({ code: 'db.joined-update' })
  })

  test('Excluded() stands in an upsert only', async () => {
    await expect(Item.objects.filter({ count: Excluded('count') })).rejects.toMatchObject({ code: 'db.no-upsert' })
  })
})

/** On a database that cannot name the constraint, a model with several is refused. */
async function expectAmbiguous(): Promise<void> {
  const upsert = Item.objects.upsert([{ code: 'a' }], { conflict: ['code'], update: ['count'] })
  await expect(upsert).rejects.toThrow(NotSupportedError)
  await expect(upsert).rejects.toMatchObject({ code: 'db.upsert-ambiguous' })
}

describe('bulkCreate() on conflicts', () => {
  test('QS-21: updates, and gives the keys', async () => {
    const old = await Depot.objects.create({ name: 'a' })
    const depots = await Depot.objects.bulkCreate([{ name: 'a' }, { name: 'b' }], {
      updateConflicts: true,
      uniqueFields: ['name'],
      updateFields: ['name'],
    })
    expect(depots[0]!.id).toBe(old.id)
    expect(depots[1]!.id).toBeGreaterThan(old.id)
  })

  test('QS-21: refuses options that do not go together', async () => {
    const rows = [{ name: 'a' }]
    for (const options of [
      { updateConflicts: true },
      { updateConflicts: true, uniqueFields: ['name'] },
      { uniqueFields: ['name'], updateFields: ['name'] },
      { ignoreConflicts: true, updateConflicts: true, uniqueFields: ['name'], updateFields: ['name'] },
    ] as const)
      await expect(Depot.objects.bulkCreate(rows, options)).rejects.toMatchObject({ code: 'db.bad-options' })
    expect(await Depot.objects.count()).toBe(0)
  })
})

describe('writes that give rows', () => {
  const returns = () => database('default').features.returnsChanged

  test('updateReturning() gives the rows as they are now', async () => {
    await Item.objects.bulkCreate(['a', 'b', 'c'].map((code, i) => ({ code, count: i })))
    const update = () => Item.objects.filter({ count__gte: 1 }).updateReturning({ count: Item.F('count').plus(10) })
    if (!returns()) return expect(update()).rejects.toMatchObject({ code: 'db.no-returning' })
    const { result, sql } = await watched(update)
    expect(sql).toEqual([expect.stringMatching(/^UPDATE .* RETURNING /)])
    expect(result.map(({ code, count }) => [code, count]).sort()).toEqual([
      ['b', 11],
      ['c', 12],
    ])
    expect((await watched(() => result[0]!.save())).sql).toEqual([])
    expect(await Item.objects.none().updateReturning({ count: 1 })).toEqual([])
    expect(await Item.objects.filter({ depot__name: 'none' }).updateReturning({ count: F('place') as never })).toEqual(
      [],
    )
  })

  test('deleteReturning() gives the rows that went, with cascades or without', async () => {
    const order = await Order.objects.create({ number: 1 })
    const item = await Item.objects.create({ code: 'a' })
    await Line.objects.create({ item, order })
    if (returns()) {
      const { result, sql } = await watched(() => Line.objects.deleteReturning())
      expect(sql).toEqual([expect.stringMatching(/^DELETE .* RETURNING /)])
      expect(result.map((line) => line.amount)).toEqual([1])
    }
    await Line.objects.create({ item, order })
    const [gone] = await Item.objects.deleteReturning()
    expect([gone!.id, gone!.code, await Line.objects.count()]).toEqual([item.id, 'a', 0])
    await gone!.save({ forceInsert: true })
    expect((await Item.objects.get()).id).toBe(item.id)
    await expect(Item.objects.slice(0, 1).deleteReturning()).rejects.toMatchObject({ code: 'db.sliced-query' })
  })

  test('are undone with their block', async () => {
    if (!returns()) return
    await Depot.objects.create({ name: 'a' })
    await expect(
      atomic(async () => {
        await Depot.objects.updateReturning({ name: 'b' })
        throw new Error('stop')
      }),
    ).rejects.toThrow('stop')
    expect(await Depot.objects.valuesList('name', { flat: true })).toEqual(['a'])
  })
})
