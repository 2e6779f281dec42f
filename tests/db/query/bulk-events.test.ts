/** Signals of writes of query sets, and those of rows beside them. */
import {
  type AnyQuerySet,
  type BulkWriteEvent,
  m2mChanged,
  postBulkWrite,
  postDelete,
  postSave,
  preBulkWrite,
  preDelete,
  preSave,
} from 'nuages/db'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { database } from '../../../src/db/internal.ts'
import { freshTables, watched } from './setup.ts'
import { Depot, Item, Order, stock } from './stock.ts'

freshTables(stock)

let stops: (() => void)[] = []
let heard: BulkWriteEvent[] = []
const keep = (event: BulkWriteEvent) => void heard.push(event)
beforeEach(() => {
  heard = []
  stops = [preBulkWrite.connect(keep), postBulkWrite.connect(keep)]
})
afterEach(() => {
  for (const stop of stops) stop()
})
const told = () => heard.map(({ action, count, fields, alias }) => ({ action, count, fields, alias }))
const both = (action: string, count: number, fields: string[] | null) =>
  [null, count].map((n) => ({ action, count: n, fields, alias: 'default' }))

test('update() tells its fields and rows, before and after', async () => {
  await Depot.objects.create({ name: 'a' })
  expect(heard).toEqual([])
  const before: number[] = []
  stops.push(
    preBulkWrite.connect(async ({ queryset, model }) => {
      expect(model).toBe(Depot)
      before.push(await (queryset as AnyQuerySet).count())
    }),
  )
  expect(await Depot.objects.filter({ name: 'a' }).update({ name: 'b' })).toBe(1)
  expect(before).toEqual([1])
  expect(told()).toEqual(both('update', 1, ['name']))
  expect(heard.map(({ rows }) => rows)).toEqual([null, null])
})

test('updateReturning(), dynamicUpdate(), delete() and deleteReturning() likewise', async () => {
  await Item.objects.bulkCreate([{ code: 'a' }, { code: 'b' }, { code: 'c' }])
  heard = []
  await Item.objects.filter({ code: 'a' }).dynamicUpdate({ count: 1 })
  if (database('default').features.returnsChanged)
    await Item.objects.filter({ code: 'a' }).updateReturning({ count: 1 })
  else heard.push(...heard)
  await Item.objects.filter({ code: 'a' }).delete()
  await Item.objects.filter({ code: 'b' }).deleteReturning()
  expect(told()).toEqual([
    ...both('update', 1, ['count']),
    ...both('update', 1, ['count']),
    ...both('delete', 1, null),
    ...both('delete', 1, null),
  ])
})

test('bulkCreate(), bulkUpdate() and upsert() tell their rows', async () => {
  const depots = await Depot.objects.bulkCreate([{ name: 'a' }, { name: 'b' }])
  expect(heard[0]!.rows).toEqual([{ name: 'a' }, { name: 'b' }])
  expect(heard[1]!.rows).toBe(depots)
  depots[0]!.name = 'x'
  await Depot.objects.bulkUpdate(depots, ['name'])
  const upserted = await Depot.objects.upsert([{ name: 'x' }], { conflict: ['name'], update: ['name'] })
  expect(heard.at(-1)!.rows).toBe(upserted)
  expect(upserted.length).toBe(1)
  expect(told()).toEqual([
    ...both('bulkCreate', 2, null),
    ...both('bulkUpdate', 2, ['name']),
    ...both('upsert', 1, ['name']),
  ])
  expect(heard.every(({ queryset }) => queryset === null)).toBe(true)
})

test('a receiver that throws stops or undoes the write', async () => {
  const stop = preBulkWrite.connect(() => {
    throw new Error('not now')
  })
  await expect(Depot.objects.bulkCreate([{ name: 'a' }])).rejects.toThrow('not now')
  stop()
  const undo = postBulkWrite.connect(() => {
    throw new Error('not so')
  })
  await expect(Depot.objects.bulkCreate([{ name: 'a' }])).rejects.toThrow('not so')
  undo()
  expect(await Depot.objects.count()).toBe(0)
})

test('nobody listening, nothing is opened', async () => {
  for (const stop of stops) stop()
  const { sql } = await watched(() => Depot.objects.update({ name: 'a' }))
  expect(sql).toEqual([expect.stringMatching(/^UPDATE/)])
})

test('save(), cascades and related sets tell signals of rows, not of query sets', async () => {
  const names: string[] = []
  const note = (name: string) => () => void names.push(name)
  stops.push(preSave.connect(note('preSave')), postSave.connect(note('postSave')))
  stops.push(preDelete.connect(note('preDelete')), postDelete.connect(note('postDelete')))
  stops.push(m2mChanged.connect(({ action }) => void names.push(action)))
  const item = await Item.objects.create({ code: 'a' })
  ;(item as { count: unknown }).count = Item.F('count').plus(1)
  await item.save()
  const order = await Order.objects.create({ number: 1 })
  await item.orders.add(order)
  await item.orders.clear()
  const depot = await Depot.objects.create({ name: 'd' })
  await depot.items.add(item)
  await item.delete()
  expect(heard).toEqual([])
  expect(names).toEqual([
    ...['preSave', 'postSave', 'preSave', 'postSave', 'preSave', 'postSave'],
    ...['preAdd', 'postAdd', 'preClear', 'postClear', 'preSave', 'postSave', 'preDelete', 'postDelete'],
  ])
})
