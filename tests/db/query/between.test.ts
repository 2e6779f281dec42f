/** Tables between with columns of their own (REL-05, REL-06), and the rules of save() and refresh() (MOD-26, MOD-28). */
import { defineApp } from 'nuages'
import {
  char,
  foreignKey,
  IntegrityError,
  isLoaded,
  Model,
  ModelError,
  manyToMany,
  QueryUsageError,
  RowVanishedError,
} from 'nuages/db'
import { describe, expect, test } from 'vitest'
import { freshTables, watched } from './setup.ts'
import { Depot, Item, Line, Order, stock } from './stock.ts'

freshTables(stock)

const lines = () => Line.objects.orderBy('order__number').valuesList('order__number', 'amount')

describe('a table between', () => {
  test('REL-05: add() of what is there already adds nothing, remove() of what is not removes nothing', async () => {
    const item = await Item.objects.create({ code: 'a' })
    const [one, two] = [await Order.objects.create({ number: 1 }), await Order.objects.create({ number: 2 })]
    await item.orders.add(one, one, one.id)
    await item.orders.add(one, two)
    expect(await lines()).toEqual([
      [1, 1],
      [2, 1],
    ])
    await item.orders.remove(two, two)
    await item.orders.remove(two)
    expect(await lines()).toEqual([[1, 1]])
    await item.orders.set([two.id])
    await item.orders.set([two])
    expect(await lines()).toEqual([[2, 1]])
    await item.orders.clear()
    await item.orders.clear()
    expect(await lines()).toEqual([])
  })

  test('REL-06: has columns of its own, which addWith(), setWith() and createWith() fill', async () => {
    const item = await Item.objects.create({ code: 'a' })
    const other = await Item.objects.create({ code: 'b' })
    const [one, two] = [await Order.objects.create({ number: 1 }), await Order.objects.create({ number: 2 })]
    await item.orders.addWith({ amount: 5, replaced: other }, one)
    await item.orders.addWith({ amount: 9 }, one, two)
    expect(await lines()).toEqual([
      [1, 5],
      [2, 9],
    ])
    const three = await item.orders.createWith({ amount: 3 }, { number: 3 })
    expect(three).toBeInstanceOf(Order)
    await item.orders.setWith({ amount: 7 }, [two, three, await Order.objects.create({ number: 4 })])
    expect(await lines()).toEqual([
      [2, 9],
      [3, 3],
      [4, 7],
    ])
    expect((await Line.objects.get({ amount: 9 })).replacedId).toBeNull()
  })

  test('REL-06: values of rows between may be functions, asked for each row', async () => {
    const item = await Item.objects.create({ code: 'a' })
    const [one, two] = [await Order.objects.create({ number: 1 }), await Order.objects.create({ number: 2 })]
    let last = 0
    await item.orders.addWith({ amount: () => ++last }, one, two)
    await item.orders.createWith({ amount: () => ++last }, { number: 3 })
    expect(await lines()).toEqual([
      [1, 1],
      [2, 2],
      [3, 3],
    ])
  })

  test('REL-07: upsert() relates what it made and what it found', async () => {
    const item = await Item.objects.create({ code: 'a' })
    const one = await Order.objects.create({ number: 1 })
    const rows = [
      { id: one.id, number: 5 },
      { id: one.id + 10, number: 6 },
    ]
    await item.orders.upsert(rows, { conflict: ['id'], update: ['number'] })
    expect(await item.orders.orderBy('number').valuesList('number', { flat: true })).toEqual([5, 6])
    await item.orders.upsert(rows, { conflict: ['id'], update: ['number'] })
    expect(await Line.objects.count()).toBe(2)
  })

  test('REL-06: throughFields say which keys it goes by', async () => {
    const [item, other] = [await Item.objects.create({ code: 'a' }), await Item.objects.create({ code: 'b' })]
    const order = await Order.objects.create({ number: 1 })
    await Line.objects.create({ item: other, replaced: item, order })
    expect(await item.orders.count()).toBe(0)
    expect(await other.orders.count()).toBe(1)
  })
})

describe('save()', () => {
  test('MOD-26: a forced update of no row is an error, whether anything changed or not', async () => {
    const depot = await Depot.objects.create({ name: 'a' })
    expect((await watched(() => depot.save({ forceUpdate: true }))).sql.length).toBe(1)
    await Depot.objects.all().delete()
    await expect(depot.save({ forceUpdate: true })).rejects.toThrow(RowVanishedError)
    depot.name = 'b'
    await expect(depot.save({ forceUpdate: true })).rejects.toThrow(RowVanishedError)
    const unsaved = new Depot({ name: 'x' })
    await expect(unsaved.save({ forceUpdate: true })).rejects.toMatchObject({ code: 'db.unsaved-instance' })
    unsaved.id = 99
    await expect(unsaved.save({ forceUpdate: true })).rejects.toMatchObject({ code: 'db.row-vanished' })
    expect(await Depot.objects.count()).toBe(0)
  })

  test('MOD-26: a forced update takes the key of an instance that was never read', async () => {
    const { id } = await Depot.objects.create({ name: 'a' })
    await new Depot({ id, name: 'b' }).save({ forceUpdate: true })
    expect(await Depot.objects.valuesList('name', { flat: true })).toEqual(['b'])
    await expect(new Depot({ id, name: 'c' }).save({ forceInsert: true })).rejects.toThrow(IntegrityError)
    await expect(new Depot({ id, name: 'c' }).save()).rejects.toThrow(IntegrityError)
  })

  test('MOD-26: options that contradict one another are refused', async () => {
    const depot = await Depot.objects.create({ name: 'a' })
    await expect(depot.save({ forceInsert: true, forceUpdate: true })).rejects.toThrow(QueryUsageError)
    await expect(depot.save({ forceInsert: true, fields: ['name'] })).rejects.toMatchObject({ code: 'db.bad-options' })
    depot.name = 'b'
    expect((await watched(() => depot.save({ fields: [] }))).sql).toEqual([])
    expect(await Depot.objects.filter({ name: 'a' }).count()).toBe(1)
  })
})

test('MOD-28: refresh() reads from a query set, with its filters and what it loads', async () => {
  const depot = await Depot.objects.create({ name: 'd' })
  const item = await Item.objects.create({ code: 'a', depot })
  const read = await Item.objects.get({ id: item.id })
  expect(isLoaded(read.depot!)).toBe(false)
  await Item.objects.update({ name: 'new' })
  const { sql } = await watched(() => read.refresh({ from: Item.objects.selectRelated('depot') }))
  expect(sql.length).toBe(1)
  expect(read.name).toBe('new')
  expect(isLoaded(read.depot!)).toBe(true)
  await expect(read.refresh({ from: Item.objects.filter({ gone: true }) })).rejects.toThrow(RowVanishedError)
  await expect(read.refresh({ from: Depot.objects })).rejects.toThrow(QueryUsageError)
  await read.refresh()
  expect(isLoaded(read.depot!)).toBe(false)
})

// Last, for a model that is wrong stays known.
test('REL-06: throughFields are two foreign keys, in their order', () => {
  class Wheel extends Model<Wheel>()({
    name: char({ maxLength: 5 }),
    cars: () => manyToMany(Car, { through: Axle, throughFields: ['car', 'wheel'] }),
  }) {}
  class Car extends Model<Car>()({ name: char({ maxLength: 5 }) }) {}
  class Axle extends Model<Axle>()({
    wheel: () => foreignKey(Wheel, { onDelete: 'cascade' }),
    car: () => foreignKey(Car, { onDelete: 'cascade' }),
  }) {}
  defineApp({ name: 'garage', root: import.meta.url, models: { Axle, Car, Wheel } })
  expect(() => Wheel.meta.fields.get('cars')!.relation!.through).toThrow(ModelError)
  expect(() => Wheel.meta.fields.get('cars')!.relation!.through).toThrow('throughFields (car,wheel)')
})
