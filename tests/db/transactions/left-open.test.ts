/** Raw SQL at the borders of transactions: what one request leaves open, another would write into. */
import { atomic, connection, sql } from 'nuages/db'
import { describe, expect, test } from 'vitest'
import { Company, library } from '../query/models.ts'
import { freshTables } from '../query/setup.ts'

freshTables(library)

const BORDERS = [
  sql`begin`,
  sql`BEGIN IMMEDIATE`,
  sql`start transaction`,
  sql` /* a comment */ begin`,
  sql`-- a comment
  begin`,
  sql`commit`,
  sql`end`,
  sql`rollback`,
  sql`rollback work`,
  sql`set autocommit = 0`,
  sql`set session autocommit=0`,
]
const refused = { code: 'db.raw-transaction' }

describe('TX-01 a raw statement neither begins nor ends a transaction', () => {
  test('outside of a block: what other requests write then is not undone by it', async () => {
    for (const [i, statement] of BORDERS.entries()) {
      await expect(connection().execute(statement)).rejects.toMatchObject(refused)
      await expect(statement.rows()).rejects.toMatchObject(refused)
      await Company.objects.create({ id: i + 1, name: 'told to be stored' })
    }
    expect(await Company.objects.count()).toBe(BORDERS.length)
  })

  test('inside of a block: it stays whole', async () => {
    const block = atomic(async () => {
      await Company.objects.create({ id: 1, name: 'one' })
      await expect(connection().execute(sql`commit`)).rejects.toMatchObject(refused)
      throw new Error('undone')
    })
    await expect(block).rejects.toThrow('undone')
    expect(await Company.objects.count()).toBe(0)
  })

  test('a savepoint outside of a block is refused: SQLite would begin a transaction with it', async () => {
    for (const mark of [
      sql`savepoint mine`,
      sql` SAVEPOINT mine`,
      sql`-- a comment
      savepoint mine`,
      sql`/* one */ /* two */ savepoint mine`,
    ]) {
      await expect(connection().execute(mark)).rejects.toMatchObject({ code: 'db.not-in-block' })
      await expect(mark.rows()).rejects.toMatchObject({ code: 'db.not-in-block' })
    }
    await Company.objects.create({ id: 1, name: 'told to be stored' })
    await expect(
      atomic(async () => {
        throw new Error('undone')
      }),
    ).rejects.toThrow('undone')
    expect(await Company.objects.count()).toBe(1)
  })

  test('savepoints inside of a block are statements as others', async () => {
    await atomic(async () => {
      await connection().execute(sql`savepoint mine`)
      await Company.objects.create({ id: 1, name: 'one' })
      await connection().execute(sql`rollback to savepoint mine`)
      await Company.objects.create({ id: 2, name: 'two' })
    })
    expect(await Company.objects.valuesList('id', { flat: true })).toEqual([2])
  })
})
