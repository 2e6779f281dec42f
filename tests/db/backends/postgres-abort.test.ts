/** abortable() on a server: statements that run are stopped there. */
import { abortable, atomic, connection, sql } from 'nuages/db'
import { afterAll, beforeEach, describe, expect, test } from 'vitest'
import { closeDatabases, configureDatabases } from '../../../src/db/internal.ts'
import { Company } from '../query/models.ts'
import { createTables } from '../query/setup.ts'
import { dropSchemas, freshSchemas } from './postgres.ts'

const schema = await freshSchemas(20)
afterAll(async () => {
  await closeDatabases()
  await dropSchemas()
})
beforeEach(async () => {
  await closeDatabases()
  const config = schema()
  configureDatabases({
    default: config,
    watch: { ...config, options: { ...config.options, poolSize: '1' } },
  })
  await createTables()
})

/** Resolves once the server runs a statement with this word in it. */
async function running(word: string): Promise<void> {
  const watch = connection('watch')
  for (;;) {
    const { rows } = await watch.execute(
      sql`select 1 from pg_stat_activity where state = 'active' and pid <> pg_backend_pid() and query like ${`%${word}%`}`,
    )
    if (rows.length > 0) return
    await new Promise((resolve) => setTimeout(resolve, 5))
  }
}
/** Whether it still runs one. */
async function runs(word: string): Promise<boolean> {
  const { rows } = await connection('watch').execute(
    sql`select 1 from pg_stat_activity where state = 'active' and pid <> pg_backend_pid() and query like ${`%${word}%`}`,
  )
  return rows.length > 0
}

const SLOW = sql`select pg_sleep(30)::text as slow_statement`

describe('a statement that runs', () => {
  test('outside a block is stopped on the server', async () => {
    const controller = new AbortController()
    const reason = new Error('closed')
    const slow = abortable(controller.signal, () => connection().execute(SLOW))
    slow.catch(() => undefined)
    await running('slow_statement')
    controller.abort(reason)
    await expect(slow).rejects.toMatchObject({ code: 'db.aborted', cause: reason })
    expect(await runs('slow_statement')).toBe(false)
    // The connections of the pool are good for others.
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
    await running('slow_statement')
    controller.abort()
    await expect(block).rejects.toMatchObject({ code: 'db.broken-transaction', cause: { code: 'db.aborted' } })
    expect(await Company.objects.count()).toBe(0)
  })

  test('in an inner block is stopped; caught around it, the outer one goes on', async () => {
    const controller = new AbortController()
    const block = atomic(async () => {
      await Company.objects.create({ name: 'kept' })
      const inner = atomic(() => abortable(controller.signal, () => connection().execute(SLOW)))
      await expect(inner).rejects.toMatchObject({ code: 'db.aborted' })
      await Company.objects.create({ name: 'kept too' })
    })
    await running('slow_statement')
    controller.abort()
    await block
    expect(await Company.objects.count()).toBe(2)
  })

  test('that waits for a row of somebody else gives up', async () => {
    const company = await Company.objects.create({ name: 'row' })
    const controller = new AbortController()
    await atomic(async () => {
      await Company.objects.filter({ id: company.id }).forUpdate()
      const other = abortable(controller.signal, () =>
        atomic(() => Company.objects.using('watch').filter({ id: company.id }).update({ name: 'other' }), {
          using: 'watch',
        }),
      )
      other.catch(() => undefined)
      await new Promise((resolve) => setTimeout(resolve, 30))
      controller.abort()
      await expect(other).rejects.toMatchObject({ code: 'db.aborted' })
      await Company.objects.filter({ id: company.id }).update({ name: 'mine' })
    })
    expect((await Company.objects.get({ id: company.id })).name).toBe('mine')
  })
})

test('waiting for a connection of the pool ends at once, and the connection goes to who comes next', async () => {
  const gate = Promise.withResolvers<void>()
  const begun = Promise.withResolvers<void>()
  const holding = atomic(
    () => {
      begun.resolve()
      return gate.promise
    },
    { using: 'watch' },
  )
  await begun.promise
  const controller = new AbortController()
  const waiting = abortable(controller.signal, () => Company.objects.using('watch').count())
  const block = abortable(controller.signal, () => atomic(() => 1, { using: 'watch' }))
  const patient = Company.objects.using('watch').count()
  controller.abort()
  await expect(waiting).rejects.toMatchObject({ code: 'db.aborted' })
  await expect(block).rejects.toMatchObject({ code: 'db.aborted' })
  gate.resolve()
  await holding
  expect(await patient).toBe(0)
  expect(await Company.objects.using('watch').count()).toBe(0)
})

test('signals that fire at any moment leave every connection whole', async () => {
  const outcomes = await Promise.allSettled(
    Array.from({ length: 150 }, (_, i) => {
      const signal = AbortSignal.timeout(i % 30)
      return abortable(signal, () =>
        i % 2 === 0
          ? atomic(async () => {
              await Company.objects.create({ name: `${i}` })
              await connection().execute(sql`select pg_sleep(0.004)::text`)
            })
          : connection().execute(sql`select pg_sleep(0.004)::text`),
      )
    }),
  )
  const codes = new Set(outcomes.flatMap((each) => (each.status === 'rejected' ? [each.reason.code] : [])))
  expect([...codes].filter((code) => code !== 'db.aborted')).toEqual([])
  const stored = outcomes.filter((each, i) => i % 2 === 0 && each.status === 'fulfilled').length
  expect(await Company.objects.count()).toBe(stored)
  expect(await Promise.all(Array.from({ length: 40 }, () => Company.objects.count()))).toEqual(Array(40).fill(stored))
})
