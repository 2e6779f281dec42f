/** MOD-03 and 2.19: keys of several columns wherever a key may stand. */
import {
  CommonTable,
  Count,
  Exists,
  IntegrityError,
  Max,
  Prefetch,
  ProtectedError,
  QueryValueError,
  RestrictedError,
} from 'nuages/db'
import { beforeEach, describe, expect, test } from 'vitest'
import { freshTables, watched } from './setup.ts'
import { Event, Invoice, Label, Line, Order, Parcel, Split, Tenant, tenants } from './tenants.ts'

freshTables(tenants)

let one: Tenant
let two: Tenant
beforeEach(async () => {
  one = await Tenant.objects.create({ name: 'one' })
  two = await Tenant.objects.create({ name: 'two' })
  for (const tenant of [one, two]) {
    for (const number of ['a', 'b', 'c']) {
      const order = await Order.objects.create({ tenant, number, total: '1.50' })
      if (number === 'c') continue
      await Line.objects.bulkCreate(
        [1, 2].map((position) => ({ order, position, product: `${number}${position}`, price: 10 * position })),
      )
    }
  }
})
const keys = (rows: readonly { pk: unknown }[]): unknown[] => rows.map((row) => row.pk)

describe('rows of a key of several columns', () => {
  test('2.19: a common table holds parts of a key, not the key: that is told', async () => {
    const whole = new CommonTable('whole', Line.objects.values('order').annotate({ n: Count('*') }))
    await expect(whole.values('n').list()).rejects.toMatchObject({ code: 'db.key-column' })
    const parts = Line.objects.values('order__tenantId', 'order__number').annotate({ n: Count('*') })
    expect(await new CommonTable('parts', parts).values('n').list()).toHaveLength(4)
  })

  test('MOD-21: a unique constraint over a relation to such a key says its own message', async () => {
    const order = await Order.objects.get({ pk: [one.id, 'a'] })
    await Event.objects.create({ order, kind: 'sent' })
    await expect(Event.objects.create({ order, kind: 'sent' })).rejects.toThrow('This happens once.')
  })

  test('have a tuple for pk, are got, saved, read again and deleted by it', async () => {
    const order = await Order.objects.get({ pk: [one.id, 'a'] })
    expect(order.pk).toEqual([one.id, 'a'])
    expect(order.number).toBe('a')
    order.note = 'changed'
    await order.save()
    expect((await Order.objects.get({ tenant: one, number: 'a' })).note).toBe('changed')
    await Order.objects.filter({ pk: [one.id, 'a'] }).update({ note: 'again' })
    await order.refresh()
    expect(order.note).toBe('again')
    expect((await Order.objects.filter({ note: 'again' })).length).toBe(1)
    await Line.objects.filter({ order }).delete()
    expect(await order.delete()).toBe(1)
    expect(await Order.objects.filter({ pk: [one.id, 'a'] }).exists()).toBe(false)
    expect(await Order.objects.count()).toBe(5)
  })

  test('pk in filters, exclusions, lists, order and comparisons', async () => {
    const all = Order.objects.orderBy('pk')
    expect(
      keys(
        await all.filter({
          pk__in: [
            [one.id, 'b'],
            [two.id, 'a'],
            [99, 'a'],
          ],
        }),
      ),
    ).toEqual([
      [one.id, 'b'],
      [two.id, 'a'],
    ])
    expect(await all.filter({ pk__in: [] })).toEqual([])
    expect(keys(await all.exclude({ pk: [one.id, 'a'] }))).toHaveLength(5)
    expect(
      keys(
        await all.exclude({
          pk__in: [
            [one.id, 'a'],
            [one.id, 'b'],
          ],
        }),
      ),
    ).toHaveLength(4)
    expect(keys(await all.filter({ pk__gt: [one.id, 'b'] }))).toEqual([
      [one.id, 'c'],
      [two.id, 'a'],
      [two.id, 'b'],
      [two.id, 'c'],
    ])
    expect(keys(await all.filter({ pk__lte: [one.id, 'b'] }))).toEqual([
      [one.id, 'a'],
      [one.id, 'b'],
    ])
    expect(keys(await Order.objects.orderBy('-pk'))[0]).toEqual([two.id, 'c'])
    expect((await Order.objects.first())!.pk).toEqual([one.id, 'a'])
    expect((await Order.objects.last())!.pk).toEqual([two.id, 'c'])
    expect(await Order.objects.filter({ pk__isnull: true }).count()).toBe(0)
    expect(await Order.objects.filter({ pk__in: Order.objects.filter({ number: 'a' }) }).count()).toBe(2)
  })

  test('walk() says that the key is in its way', () => {
    expect(() => Order.objects.walk('note' as never)).toThrow(
      expect.objectContaining({ code: 'db.composite-key', message: expect.stringContaining('several columns') }),
    )
  })

  test('pk as a value, and rows by key', async () => {
    expect(await Order.objects.filter({ tenant: one }).valuesList('pk', { flat: true })).toEqual([
      [one.id, 'a'],
      [one.id, 'b'],
      [one.id, 'c'],
    ])
    expect(await Order.objects.values('pk', 'note').first()).toEqual({ pk: [one.id, 'a'], note: '' })
    const found = await Order.objects.inBulk([
      [one.id, 'a'],
      [two.id, 'b'],
    ])
    expect(found.size).toBe(2)
    expect(found.get([two.id, 'b'])!.pk).toEqual([two.id, 'b'])
    expect(found.has([two.id, 'c'])).toBe(false)
    const only = await Order.objects.only('note').get({ pk: [one.id, 'a'] })
    expect(only.pk).toEqual([one.id, 'a'])
    expect(await Order.objects.contains(only)).toBe(true)
  })

  test('what is no key is told', async () => {
    await expect(Order.objects.get({ pk: [one.id] as never })).rejects.toMatchObject({
      code: 'db.invalid-value',
      status: 400,
    })
    await expect(Order.objects.filter({ pk: 'x' as never }).count()).rejects.toBeInstanceOf(QueryValueError)
    await expect(Order.objects.filter({ pk__in: [one.id] as never }).count()).rejects.toBeInstanceOf(QueryValueError)
    await expect(Line.objects.filter({ order: one as never }).count()).rejects.toBeInstanceOf(QueryValueError)
    await expect(Order.objects.aggregate({ n: Max('pk') })).rejects.toMatchObject({ code: 'db.composite-key' })
    const fresh = new Order({ number: 'x' })
    expect(fresh.pk).toBeNull()
    await expect(Line.objects.filter({ order: fresh }).count()).rejects.toMatchObject({ code: 'db.unsaved-instance' })
  })

  test('bulkCreate, bulkUpdate, upsert, getOrCreate, updateOrCreate', async () => {
    const made = await Order.objects.bulkCreate([
      { tenant: one, number: 'x' },
      { tenantId: two.id, number: 'x' },
    ] as never)
    expect(keys(made as Order[])).toEqual([
      [one.id, 'x'],
      [two.id, 'x'],
    ])
    for (const [i, row] of made.entries()) (row as Order).note = `n${i}`
    expect(await Order.objects.bulkUpdate(made, ['note'])).toBe(2)
    expect((await Order.objects.get({ pk: [two.id, 'x'] })).note).toBe('n1')
    await Order.objects.upsert(
      [
        { tenant: one, number: 'x', note: 'up' },
        { tenant: one, number: 'y', note: 'new' },
      ],
      { conflict: ['tenant', 'number'], update: ['note'] },
    )
    expect(
      await Order.objects
        .filter({ number__in: ['x', 'y'] })
        .orderBy('pk')
        .valuesList('note', { flat: true }),
    ).toEqual(['up', 'new', 'n1'])
    const [found, isNew] = await Order.objects.getOrCreate({ tenant: one, number: 'x' })
    expect([found.note, isNew]).toEqual(['up', false])
    const [line, added] = await Line.objects.getOrCreate({ order: found, position: 7 }, { product: 'p' })
    expect([line.pk, added]).toEqual([[one.id, 'x', 7], true])
    const [changed] = await Line.objects.updateOrCreate({ order: found, position: 7 }, { product: 'q' })
    expect(changed.product).toBe('q')
    await Line.objects.bulkUpdate([changed], ['product'])
    await expect(Order.objects.create({ tenant: one, number: 'x' })).rejects.toBeInstanceOf(IntegrityError)
  })
})

describe('REL-14 foreign keys of several columns', () => {
  test('are columns named after the relation and those they point to', () => {
    expect(Line.meta.columns.map((field) => field.column)).toEqual([
      'order_tenant_id',
      'order_number',
      'position',
      'product',
      'price',
    ])
    expect(Split.meta.columns.map((field) => field.column)).toEqual([
      'id',
      'line_order_tenant_id',
      'line_order_number',
      'line_position',
      'share',
    ])
    expect(Parcel.meta.columns.map((field) => field.column)).toEqual(['id', 'tenant_id', 'number'])
  })

  test('hold a tuple, are assigned instances, tuples and null', async () => {
    const order = await Order.objects.get({ pk: [one.id, 'a'] })
    const event = new Event({ kind: 'made', order })
    expect(event.orderId).toEqual([one.id, 'a'])
    expect(event.order).toBe(order)
    await event.save()
    event.orderId = [two.id, 'b']
    expect(((await event.order) as Order).pk).toEqual([two.id, 'b'])
    await event.save()
    expect((await Event.objects.get({ id: event.id })).orderId).toEqual([two.id, 'b'])
    event.order = null
    await event.save()
    expect((await Event.objects.get({ id: event.id })).orderId).toBeNull()
    expect(await Event.objects.filter({ order__isnull: true }).count()).toBe(1)
    expect(await Event.objects.filter({ order: null }).count()).toBe(1)
    await Event.objects.filter({ id: event.id }).update({ order })
    expect(await Event.objects.filter({ orderId: [one.id, 'a'] }).count()).toBe(1)
    await Event.objects.filter({ id: event.id }).update({ orderId: null } as never)
    expect(await Event.objects.filter({ order }).count()).toBe(0)
    expect(() => new Event({ kind: 'x', order: [1] as never })).toThrow(/takes 2 values/)
  })

  test('the database keeps them', async () => {
    await expect(Event.objects.create({ kind: 'x', order: [99, 'a'] })).rejects.toBeInstanceOf(IntegrityError)
  })

  test('an order that is saved later gives its key', async () => {
    const order = new Order({ tenant: one, number: undefined })
    const event = new Event({ kind: 'x', order })
    await expect(event.save()).rejects.toMatchObject({ code: 'db.unsaved-relation' })
    order.number = 'late'
    await order.save()
    await event.save()
    expect(event.orderId).toEqual([one.id, 'late'])
  })

  test('are followed in filters, without a join where the column is here', async () => {
    const { result, sql } = await watched(() =>
      Line.objects.filter({ order__tenant: one, order__number: 'a' }).orderBy('position'),
    )
    expect(keys(result)).toEqual([
      [one.id, 'a', 1],
      [one.id, 'a', 2],
    ])
    expect(sql[0]).not.toContain('JOIN')
    expect(await Line.objects.filter({ order__tenant__name: 'two', order__note: '' }).count()).toBe(4)
    expect(
      await Line.objects
        .filter({
          order__in: [
            [one.id, 'a'],
            [two.id, 'b'],
          ],
        })
        .count(),
    ).toBe(4)
    expect(await Line.objects.filter({ order__in: Order.objects.filter({ number: 'b' }) }).count()).toBe(4)
    expect(await Line.objects.exclude({ order: [one.id, 'a'] }).count()).toBe(6)
    expect(await Order.objects.filter({ lines__product: 'a2' }).count()).toBe(2)
    expect(keys(await Order.objects.exclude({ lines__product: 'a2' }))).toEqual([
      [one.id, 'b'],
      [one.id, 'c'],
      [two.id, 'b'],
      [two.id, 'c'],
    ])
    expect(keys(await Order.objects.filter({ lines__isnull: true }))).toEqual([
      [one.id, 'c'],
      [two.id, 'c'],
    ])
    expect(await Tenant.objects.filter({ orders__lines__product: 'b1' }).distinct().count()).toBe(2)
    const split = await Split.objects.create({ line: [one.id, 'a', 1], share: 3 })
    expect(await Split.objects.filter({ line__order__tenant: one }).count()).toBe(1)
    expect(await Split.objects.exclude({ line__order__number: 'a' }).count()).toBe(0)
    expect((await split.line).product).toBe('a1')
    expect((await (await split.line).order).number).toBe('a')
  })

  test('values, order and groups by them', async () => {
    expect(await Line.objects.orderBy('-order', 'position').values('order', 'orderId', 'position').first()).toEqual({
      order: [two.id, 'b'],
      orderId: [two.id, 'b'],
      position: 1,
    })
    const sums = await Line.objects
      .values('order')
      .annotate({ n: Count('*'), top: Max('price') })
      .orderBy('order')
    expect(sums).toEqual(
      [one, two].flatMap(({ id }) => ['a', 'b'].map((number) => ({ order: [id, number], n: 2, top: 20 }))),
    )
    expect((await Order.objects.annotate({ n: Count('lines') })).map((order) => order.n)).toEqual([2, 2, 0, 2, 2, 0])
    expect(await Line.objects.aggregate({ n: Count('order', { distinct: true }), all: Count('pk') })).toEqual({
      n: 4,
      all: 8,
    })
    expect(await Line.objects.values('order').distinct().count()).toBe(4)
    expect(await Order.objects.filter({ lines__price__gt: 0 }).distinct().count()).toBe(4)
    expect((await Order.objects.annotate({ n: Count('lines', { distinct: true }) }).filter({ n__gt: 1 })).length).toBe(
      4,
    )
  })

  test('stand in subqueries', async () => {
    const rows = await Order.objects.annotate({
      has: Exists(Line.objects.filter({ order: Line.OuterRef('pk') as never, price: 20 })),
    })
    expect(rows.map((row) => row.has)).toEqual([true, true, false, true, true, false])
  })

  test('unions are ordered by keys', async () => {
    const both = Order.objects
      .filter({ tenant: one })
      .union(Order.objects.filter({ number: 'a' }))
      .orderBy('-pk')
    expect(keys(await both)).toEqual([
      [two.id, 'a'],
      [one.id, 'c'],
      [one.id, 'b'],
      [one.id, 'a'],
    ])
  })

  test('selectRelated, prefetchRelated and awaiting', async () => {
    const { result, sql } = await watched(() => Line.objects.selectRelated('order__tenant').orderBy('pk'))
    expect(sql).toHaveLength(1)
    expect(result.map((line) => line.order.tenant.name).slice(3, 5)).toEqual(['one', 'two'])
    expect(result[0]!.order.pk).toEqual([one.id, 'a'])
    const ahead = await watched(() =>
      Order.objects.prefetchRelated('lines', new Prefetch('events', Event.objects.orderBy('id'))),
    )
    expect(ahead.sql).toHaveLength(3)
    expect(ahead.result.map((order) => order.lines.length)).toEqual([2, 2, 0, 2, 2, 0])
    const awaited = await watched(async () => {
      for (const line of await Line.objects.all()) expect((await line.order).number).toBe(line.product[0])
    })
    expect(awaited.sql).toHaveLength(2)
    const back = await Line.objects.prefetchRelated('order')
    expect(back.every((line) => line.order.number === line.product[0])).toBe(true)
  })

  test('REL-02: one-to-one, both ways', async () => {
    const order = await Order.objects.get({ pk: [one.id, 'a'] })
    const invoice = await Invoice.objects.create({ order })
    expect((await (await Order.objects.get({ pk: order.pk })).invoice)!.id).toBe(invoice.id)
    expect(await (await Order.objects.get({ pk: [one.id, 'b'] })).invoice).toBeNull()
    await expect(Invoice.objects.create({ order })).rejects.toBeInstanceOf(IntegrityError)
    const rows = await Order.objects.selectRelated('invoice').orderBy('pk')
    expect(rows.map((row) => row.invoice?.id ?? null)).toEqual([invoice.id, null, null, null, null, null])
    expect(keys(await Order.objects.filter({ invoice__isnull: false }))).toEqual([[one.id, 'a']])
  })

  test('related sets: filter, add, create, remove, set, clear', async () => {
    const order = await Order.objects.get({ pk: [one.id, 'c'] })
    await order.lines.create({ position: 1, product: 'new' })
    expect(await order.lines.count()).toBe(1)
    const [first, second] = await Promise.all(['x', 'y'].map((kind) => Event.objects.create({ kind })))
    await order.events.add(first!, second!.id)
    expect(await order.events.orderBy('kind').valuesList('kind', { flat: true })).toEqual(['x', 'y'])
    expect(first!.orderId).toEqual([one.id, 'c'])
    await order.events.remove(first!)
    expect(await order.events.count()).toBe(1)
    await order.events.set([first!])
    expect(keys(await order.events.all())).toEqual([first!.id])
    await order.events.clear()
    expect(await order.events.exists()).toBe(false)
  })

  test('columns that are other fields as well', async () => {
    const order = await Order.objects.get({ pk: [two.id, 'b'] })
    const parcel = await Parcel.objects.create({ tenant: two, order })
    expect([parcel.tenantId, parcel.number]).toEqual([two.id, 'b'])
    expect((await (await Parcel.objects.get({ id: parcel.id })).order)!.pk).toEqual(order.pk)
    parcel.order = null
    expect([parcel.tenantId, parcel.number]).toEqual([two.id, null])
    await parcel.save()
    expect(await Parcel.objects.filter({ order__isnull: true }).count()).toBe(1)
  })
})

describe('many-to-many', () => {
  test('to and from them', async () => {
    const order = await Order.objects.get({ pk: [one.id, 'a'] })
    const [red, blue] = await Label.objects.bulkCreate([{ name: 'red' }, { name: 'blue' }])
    await order.labels.add(red!, blue!)
    await red!.orders.add([one.id, 'b'], order)
    expect(await order.labels.orderBy('name').valuesList('name', { flat: true })).toEqual(['blue', 'red'])
    expect(keys(await red!.orders.all())).toEqual([
      [one.id, 'a'],
      [one.id, 'b'],
    ])
    expect(keys(await Order.objects.filter({ labels__name: 'red' }))).toEqual([
      [one.id, 'a'],
      [one.id, 'b'],
    ])
    expect(keys(await Order.objects.exclude({ labels: blue! }).filter({ tenant: one }))).toEqual([
      [one.id, 'b'],
      [one.id, 'c'],
    ])
    const { result, sql } = await watched(() => Label.objects.prefetchRelated('orders__labels').orderBy('name'))
    expect(sql).toHaveLength(3)
    expect(result.map((label) => label.orders.length)).toEqual([1, 2])
    expect(result[0]!.orders.items[0]!.labels.length).toBe(2)
    expect((await Label.objects.annotate({ n: Count('orders') }).orderBy('name')).map((row) => row.n)).toEqual([1, 2])
    await red!.orders.remove([one.id, 'b'])
    await red!.orders.set([[two.id, 'a'], order])
    expect(keys(await red!.orders.all())).toEqual([
      [one.id, 'a'],
      [two.id, 'a'],
    ])
    await order.labels.clear()
    expect(await red!.orders.count()).toBe(1)
  })

  test('between rows of one model', async () => {
    const [a, b] = await Order.objects.filter({ tenant: one })
    await a!.related.add(b!)
    expect(keys(await b!.related.all())).toEqual([a!.pk])
    await b!.related.remove(a!)
    expect(await a!.related.count()).toBe(0)
  })
})

describe('what deletion does', () => {
  test('cascades through keys of keys', async () => {
    expect((await Tenant.objects.filter({ id: one.id }).delete()).total).toBe(8)
    expect(await Line.objects.count()).toBe(4)
  })

  test('protect, restrict and setNull', async () => {
    const order = await Order.objects.get({ pk: [one.id, 'a'] })
    const split = await Split.objects.create({ line: [one.id, 'a', 1], share: 1 })
    await expect(order.delete()).rejects.toBeInstanceOf(ProtectedError)
    await split.delete()
    const invoice = await Invoice.objects.create({ order })
    await expect(order.delete()).rejects.toBeInstanceOf(RestrictedError)
    await invoice.delete()
    const event = await Event.objects.create({ kind: 'x', order })
    await order.labels.add(await Label.objects.create({ name: 'l' }))
    const { perModel } = await Order.objects.filter({ pk: [one.id, 'a'] }).delete()
    expect(perModel).toMatchObject({ 'tenants.Order': 1, 'tenants.Line': 2 })
    await event.refresh()
    expect(event.orderId).toBeNull()
  })
})

describe('instances', () => {
  test('fullClean() tells a key that leads nowhere and one that is taken', async () => {
    await expect(new Event({ kind: 'x', order: [99, 'a'] }).fullClean()).rejects.toMatchObject({
      fields: { order: [expect.any(String)] },
    })
    await expect(new Order({ tenant: one, number: 'a' }).fullClean()).rejects.toThrow()
    await new Event({ kind: 'x', order: [one.id, 'a'] }).fullClean()
    await Event.objects.create({ kind: 'x', order: [one.id, 'a'] })
    await expect(new Event({ kind: 'x', order: [one.id, 'a'] }).fullClean()).rejects.toThrow()
  })

  test('show the tuple in JSON and text', async () => {
    const line = await Line.objects.get({ pk: [one.id, 'a', 1] })
    expect(line.toJSON()).toEqual({ order: [one.id, 'a'], position: 1, product: 'a1', price: 10 })
    expect(String(line)).toBe(`Line(${one.id}, a, 1)`)
  })

  test('dynamic() reads keys from text', async () => {
    expect(await Order.objects.dynamic({ pk: [String(one.id), 'a'] }).count()).toBe(1)
    expect(await Line.objects.dynamic({ order__in: [[String(one.id), 'a']] }).count()).toBe(2)
    expect(() => Order.objects.dynamic({ pk: 'x' })).toThrow(QueryValueError)
  })
})
