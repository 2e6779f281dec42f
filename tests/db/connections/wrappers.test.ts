/** MDB-06: functions around every statement. */
import { atomic, connection, type QueryCall, type QueryWrapper, sql, using, wrapQueries } from 'nuages/db'
import { beforeEach, describe, expect, test } from 'vitest'
import { database, onQuery } from '../../../src/db/internal.ts'
import { Author, Company } from '../query/models.ts'
import { createTables, freshTables } from '../query/setup.ts'

freshTables()
beforeEach(() => createTables('other'))

const noting =
  (seen: QueryCall[]): QueryWrapper =>
  (query, execute) => {
    seen.push(query)
    return execute()
  }

describe('wrapQueries()', () => {
  test('MDB-06: sees sql, parameters, alias and whether there are many rows, and gives what the statement gives', async () => {
    const seen: QueryCall[] = []
    const found = await wrapQueries(noting(seen), async () => {
      await Company.objects.create({ name: 'Selmer' })
      await Company.objects.bulkCreate([{ name: 'a' }, { name: 'b' }])
      await using('other', () => Company.objects.count())
      return Company.objects.filter({ name: 'Selmer' }).count()
    })
    expect(found).toBe(1)
    expect(seen.map(({ alias, many }) => [alias, many])).toEqual([
      ['default', false],
      ['default', true],
      ['other', false],
      ['default', false],
    ])
    expect(seen[0]!.sql).toMatch(/^INSERT INTO/)
    expect(seen[0]!.params).toContain('Selmer')
  })

  test('is bound to what runs inside, and to nothing beside it', async () => {
    const seen: QueryCall[] = []
    const gate = Promise.withResolvers<void>()
    const inside = wrapQueries(noting(seen), async () => {
      await gate.promise
      await Company.objects.count()
    })
    await Company.objects.count()
    expect(seen).toHaveLength(0)
    gate.resolve()
    await inside
    expect(seen).toHaveLength(1)
    await Company.objects.count()
    expect(seen).toHaveLength(1)
  })

  test('a query that is given and not awaited is wrapped all the same', async () => {
    const seen: QueryCall[] = []
    expect(await wrapQueries(noting(seen), () => Company.objects.filter({ name: 'x' }))).toEqual([])
    expect(seen).toHaveLength(1)
  })

  test('one that throws blocks: nothing is sent, and the query log knows nothing of it', async () => {
    const sent: string[] = []
    const stop = onQuery((event) => sent.push(event.sql))
    const blocked: QueryWrapper = () => {
      throw new Error('no queries here')
    }
    try {
      await expect(wrapQueries(blocked, () => Company.objects.create({ name: 'x' }))).rejects.toThrow('no queries here')
      await expect(wrapQueries(blocked, async () => database().exec('DROP TABLE no_such'))).rejects.toThrow(
        'no queries',
      )
      await expect(
        wrapQueries(blocked, async () => {
          for await (const company of Company.objects.iterator()) void company
        }),
      ).rejects.toThrow('no queries here')
    } finally {
      stop()
    }
    expect(sent.filter((text) => !text.startsWith('SELECT'))).toEqual([])
    expect(await Company.objects.count()).toBe(0)
  })

  test('they nest, the outermost first; each may wait and sees errors', async () => {
    const order: string[] = []
    const named =
      (name: string): QueryWrapper =>
      async (_query, execute) => {
        order.push(`${name} before`)
        try {
          const result = await execute()
          order.push(`${name} after`)
          return result
        } catch (error) {
          order.push(`${name} failed`)
          throw error
        }
      }
    await wrapQueries(named('outer'), () => wrapQueries(named('inner'), () => Company.objects.count()))
    expect(order).toEqual(['outer before', 'inner before', 'inner after', 'outer after'])
    order.length = 0
    await Company.objects.create({ id: 1, name: 'one' })
    await expect(
      wrapQueries(named('outer'), () => Company.objects.create({ id: 1, name: 'again' })),
    ).rejects.toMatchObject({ code: 'db.unique-violation' })
    expect(order).toEqual(['outer before', 'outer failed'])
  })

  test('statements that a wrapper sends itself go through those outside of it only', async () => {
    const seen: QueryCall[] = []
    const counting: QueryWrapper = async (_query, execute) => {
      await Author.objects.count()
      return execute()
    }
    await wrapQueries(noting(seen), () => wrapQueries(counting, () => Company.objects.count()))
    expect(seen).toHaveLength(2)
  })

  test('statements in a block, raw ones and the first rows of a loop are seen; begin and commit are not', async () => {
    const seen: QueryCall[] = []
    await Company.objects.bulkCreate(Array.from({ length: 5 }, (_, i) => ({ name: `c${i}` })))
    await wrapQueries(noting(seen), () =>
      atomic(async () => {
        await atomic(() => connection().execute(sql`select ${1}`))
        for await (const company of Company.objects.iterator({ chunk: 2 })) void company
      }),
    )
    expect(seen).toHaveLength(2)
  })
})
