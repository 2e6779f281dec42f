/** What abortable() stops, and what is run again, on MariaDB. */
import { abortable, atomic, connection, sql } from 'nuages/db'
import { afterAll, beforeEach, describe, expect, test } from 'vitest'
import { closeDatabases, configureDatabases } from '../../../src/db/internal.ts'
import { Company } from '../query/models.ts'
import { createTables } from '../query/setup.ts'
import { dropDatabases, freshDatabases } from './mysql.ts'

const fresh = await freshDatabases(10)
afterAll(async () => {
  await closeDatabases()
  await dropDatabases()
})
beforeEach(async () => {
  await closeDatabases()
  const config = fresh()
  configureDatabases({ default: config, watch: { ...config, options: { ...config.options, poolSize: '1' } } })
  await createTables()
})

const SLOW = sql`select sleep(30) as slow_statement`

async function runs(): Promise<boolean> {
  const { rows } = await connection('watch').execute(
    sql`select 1 from information_schema.processlist where id <> connection_id() and info like ${'%slow_statement%'}`,
  )
  return rows.length > 0
}
async function running(): Promise<void> {
  while (!(await runs())) await new Promise((resolve) => setTimeout(resolve, 5))
}

describe('a statement that runs', () => {
  test('outside a block is stopped on the server, and the pool stays good', async () => {
    const controller = new AbortController()
    const reason = new Error('closed')
    const slow = abortable(controller.signal, () => connection().execute(SLOW))
    slow.catch(() => undefined)
    await running()
    controller.abort(reason)
    await expect(slow).rejects.toMatchObject({ code: 'db.aborted', cause: reason })
    expect(await runs()).toBe(false)
    expect(await Promise.all(Array.from({ length: 10 }, () => Company.objects.count()))).toEqual(Array(10).fill(0))
  })

  test('in a block is stopped, and the block can only be rolled back', async () => {
    const controller = new AbortController()
    const block = atomic(async () => {
      await Company.objects.create({ name: 'lost' })
      await abortable(controller.signal, () => connection().execute(SLOW)).catch(() => undefined)
      await Company.objects.count()
    })
    block.catch(() => undefined)
    await running()
    controller.abort()
    await expect(block).rejects.toMatchObject({ code: 'db.broken-transaction' })
    expect(await Company.objects.count()).toBe(0)
  })
})

test('a deadlock ends one of two blocks, which is run again', async () => {
  await Company.objects.bulkCreate([{ name: 'a' }, { name: 'b' }])
  const [a, b] = await Company.objects.orderBy('name').valuesList('id', { flat: true })
  const both = Promise.withResolvers<void>()
  let [arrived, tries] = [0, 0]
  const block = (first: number, second: number) =>
    atomic(
      async () => {
        tries++
        await Company.objects.filter({ id: first }).update({ name: `${first}` })
        if (++arrived >= 2) both.resolve()
        await both.promise
        await Company.objects.filter({ id: second }).update({ name: `${second}` })
      },
      { retries: 3 },
    )
  await Promise.all([block(a!, b!), block(b!, a!)])
  expect(tries).toBe(3)
  expect(await Company.objects.orderBy('id').valuesList('name', { flat: true })).toEqual([`${a}`, `${b}`])
})
