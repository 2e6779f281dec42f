/** REL-12 peers of models whose keys are of several fields. */
import { expect, test } from 'vitest'
import { freshTables, watched } from './setup.ts'
import { Line, Order, Split, Tenant, tenants } from './tenants.ts'

freshTables(tenants)

test('REL-12 relations to keys of several fields: one query for many peers, down the tree', {
  timeout: 60_000,
}, async () => {
  const tenant = await Tenant.objects.create({ name: 'one' })
  const orders = await Order.objects.bulkCreate([1, 2].map((i) => ({ tenant, number: `n${i}` })))
  const lines = await Line.objects.bulkCreate(
    Array.from({ length: 12_000 }, (_, i) => ({ order: orders[i % 2]!, position: i, product: 'x' })),
  )
  await Split.objects.bulkCreate(lines.map((line) => ({ line, share: 1 })))
  const splits = await Split.objects.all()
  const { sql } = await watched(async () => {
    for (const split of splits) await (await (await split.line).order).tenant
  })
  expect(splits).toHaveLength(12_000)
  expect(sql).toHaveLength(3)
})
