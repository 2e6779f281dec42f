/** QS-27: raw() of a model whose key has several columns. */
import { sql } from 'nuages/db'
import { beforeEach, expect, test } from 'vitest'
import { freshTables, watched } from './setup.ts'
import { Line, Order, Tenant, tenants } from './tenants.ts'

freshTables(tenants)

let tenant: Tenant
beforeEach(async () => {
  tenant = await Tenant.objects.create({ name: 'one' })
  for (const number of ['a', 'b']) {
    const order = await Order.objects.create({ tenant, number, total: '1.50' })
    await Line.objects.bulkCreate(
      [1, 2].map((position) => ({ order, position, product: `${number}${position}`, price: position })),
    )
  }
})

test('QS-27, MOD-03: raw() gives instances with their keys, which are saved, read again and deleted', async () => {
  const orders = await Order.objects.raw(sql`select * from tenants_order where number = ${'b'}`)
  expect(orders.map((order) => order.pk)).toEqual([[tenant.id, 'b']])
  const [order] = orders
  order!.note = 'seen'
  const { sql: sent } = await watched(() => order!.save())
  expect(sent).toHaveLength(1)
  expect((await Order.objects.get({ pk: [tenant.id, 'b'] })).note).toBe('seen')
  expect(await order!.lines.count()).toBe(2)
  expect((await order!.tenant).name).toBe('one')
  await order!.refresh()
  expect(await order!.delete()).toBeGreaterThan(0)
  expect(await Order.objects.count()).toBe(1)
})

test('QS-27, MOD-03: a key through a key, with only() and defer() keeping all of it', async () => {
  const text = sql`select tenant_id, number from tenants_order order by number desc`
  const orders = await Order.objects.only('tenant', 'number').raw(text)
  expect(orders.map((order) => order.pk)).toEqual([
    [tenant.id, 'b'],
    [tenant.id, 'a'],
  ])
  const notes = await Order.objects
    .only('note')
    .raw(sql`select note, number, tenant_id from tenants_order where number = 'a'`)
  expect(notes.map((order) => order.pk)).toEqual([[tenant.id, 'a']])
  const full = await Order.objects.prefetchRelated('lines').raw(sql`select * from tenants_order order by number`)
  expect(full.map((order) => order.lines.items.map((line) => line.product))).toEqual([
    ['a1', 'a2'],
    ['b1', 'b2'],
  ])
  const lines = await Line.objects.raw(sql`select * from tenants_line where price > ${1} order by order_number`)
  expect(lines.map((line) => [line.pk, line.product])).toEqual([
    [[tenant.id, 'a', 2], 'a2'],
    [[tenant.id, 'b', 2], 'b2'],
  ])
  expect((await lines[0]!.order).number).toBe('a')
})

test('QS-27: raw() keeps the order of its statement, and its limit', async () => {
  const numbers = async (rows: PromiseLike<readonly Order[]>) => (await rows).map((order) => order.number).join('')
  const all = Order.objects
  expect(await numbers(all.raw(sql`select * from tenants_order order by number desc`))).toBe('ba')
  expect(await numbers(all.raw(sql`select * from tenants_order order by number desc; `))).toBe('ba')
  expect(await numbers(all.raw(sql`select * from tenants_order where note = ${''} order by number desc -- last`))).toBe(
    'ba',
  )
  expect(await numbers(all.raw(sql`select * from tenants_order order by number desc limit 1`))).toBe('b')
  expect(await numbers(all.raw(sql`select * from tenants_order order by number limit ${1}`))).toBe('a')
  const inner = sql`select number from tenants_order order by number desc limit 1`
  expect(await numbers(all.raw(sql`select * from tenants_order where number = (${inner}) and 'order by' <> ''`))).toBe(
    'b',
  )
})

test.each([
  'number desc -- for all, without a limit',
  'number desc # limit',
  'number desc /* into */',
  "case when note = 'for (' then 0 else 1 end, number desc",
  "number desc, concat(note, ' limit ')",
  '(select count(*) from (select 1 as one limit 1) as t), number desc',
  'number desc, (select 1 from tenants_line order by price limit 1)',
])('QS-27: raw() keeps its order: %s', async (order) => {
  const parts = [`select * from tenants_order order by ${order}`]
  // A `#` begins a comment of MariaDB and MySQL alone.
  if (order.includes('#') && process.env.TEST_ENGINE !== 'mysql') parts[0] = parts[0]!.replace('#', '--')
  const rows = await Order.objects.raw(sql(Object.assign(parts, { raw: parts })))
  expect(rows.map((row) => row.number)).toEqual(['b', 'a'])
})

test('QS-27: raw() of a statement that says how many rows, or that has an order inside only', async () => {
  const texts = [
    sql`select * from tenants_order order by number desc limit ${1}`,
    sql`select * from (select * from tenants_order order by number desc limit 1) as t -- order by`,
    sql`select tenants_order.*, row_number() over (order by number) as n from tenants_order order by n desc limit 1`,
  ]
  for (const text of texts) expect((await Order.objects.raw(text)).map((row) => row.number)).toEqual(['b'])
})

test('QS-27, MOD-03: raw() without a column of the key is refused by the database, with the name', async () => {
  await expect(
    (async () => Order.objects.only('tenant', 'number').raw(sql`select tenant_id from tenants_order`))(),
  ).rejects.toThrow(/number/)
})
