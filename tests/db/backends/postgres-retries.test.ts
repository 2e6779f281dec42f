/** Blocks that really disturb each other on a server, and are run again. */
import { atomic, connection, onCommit, sql } from 'nuages/db'
import { afterAll, beforeEach, describe, expect, test } from 'vitest'
import { closeDatabases, configureDatabases } from '../../../src/db/internal.ts'
import { Company } from '../query/models.ts'
import { createTables } from '../query/setup.ts'
import { dropSchemas, freshSchemas } from './postgres.ts'

const schema = await freshSchemas(10)
afterAll(async () => {
  await closeDatabases()
  await dropSchemas()
})
beforeEach(async () => {
  await closeDatabases()
  configureDatabases({ default: schema() })
  await createTables()
  await Company.objects.bulkCreate([{ name: 'a' }, { name: 'b' }])
})

/** A round in which two blocks each hold what the other wants. */
function crossing() {
  const both = Promise.withResolvers<void>()
  let arrived = 0
  return async (): Promise<void> => {
    if (++arrived >= 2) both.resolve()
    await both.promise
  }
}

describe('atomic(fn, { retries }) on a server', () => {
  const take = async (name: string) => {
    // Looked for at once, not after a second.
    await connection().execute(sql`set local deadlock_timeout = '20ms'`)
    await Company.objects.filter({ name }).forUpdate()
  }

  test('a deadlock ends one of two blocks, which is run again', async () => {
    const meet = crossing()
    const ran: string[] = []
    let tries = 0
    const block = (first: string, second: string) =>
      atomic(
        async () => {
          tries++
          onCommit(() => void ran.push(first))
          await take(first)
          await meet()
          await take(second)
        },
        { retries: 3 },
      )
    await Promise.all([block('a', 'b'), block('b', 'a')])
    expect(tries).toBe(3)
    expect(ran.toSorted()).toEqual(['a', 'b'])
  })

  test('without retries one of them fails with db.deadlock', async () => {
    const meet = crossing()
    const block = (first: string, second: string) =>
      atomic(async () => {
        await take(first)
        await meet()
        await take(second)
      })
    const outcomes = await Promise.allSettled([block('a', 'b'), block('b', 'a')])
    const failed = outcomes.filter((each) => each.status === 'rejected')
    expect(failed.map((each) => each.reason.code)).toEqual(['db.deadlock'])
  })

  test('a deadlock that was caught inside makes the block broken, and is seen through that', async () => {
    const meet = crossing()
    let tries = 0
    const block = (first: string, second: string) =>
      atomic(
        async () => {
          tries++
          await take(first)
          await meet()
          await take(second).catch(() => undefined)
        },
        { retries: 3 },
      )
    await Promise.all([block('a', 'b'), block('b', 'a')])
    expect(tries).toBe(3)
  })

  test('serializable blocks that disturb each other add up in the end', async () => {
    const [company] = await Company.objects.filter({ name: 'a' })
    let tries = 0
    await Promise.all(
      Array.from({ length: 8 }, () =>
        atomic(
          async () => {
            tries++
            const { name } = await Company.objects.get({ id: company!.id })
            await Company.objects.filter({ id: company!.id }).update({ name: `${name}+` })
          },
          { isolation: 'serializable', retries: 100 },
        ),
      ),
    )
    expect((await Company.objects.get({ id: company!.id })).name).toBe('a++++++++')
    expect(tries).toBeGreaterThan(8)
  })
})
