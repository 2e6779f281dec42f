/** What statements do. */
import { describe, expect, test } from 'vitest'
import type { SqlRow } from '../../../src/db/backends/backend.ts'
import type { Database } from '../../../src/db/connections.ts'
import { IntegrityError, ProgrammingError } from '../../../src/db/errors.ts'
import type { SqlExpr } from '../../../src/db/sql/nodes.ts'
import { atomic } from '../../../src/db/transactions.ts'
import { type QueryWrapper, wrapQueries } from '../../../src/db/wrappers.ts'
import { bulkInsert, column, compare, count, insert, param, remove, select } from '../../db/sql/nodes.ts'

import { execAll, fill, kept, rows, run, table, typed } from './items.ts'

export function describeStatements(db: () => Database): void {
  describe('statements', () => {
    test('a bulk insert of many rows gives their keys in order, and happens as a whole', async () => {
      const values = Array.from({ length: 1003 }, (_, i) => [`n${i}`, i]).flat()
      const statement = bulkInsert({ name: 'char', number: 'integer' }, 1003, {
        returning: [column('id', 'auto')].map((node) => ({ ...node, table: null })),
      })
      expect((await rows(statement, values)).map((row) => row[0])).toEqual(
        Array.from({ length: 1003 }, (_, i) => i + 1),
      )
      await db().exec('CREATE UNIQUE INDEX item_name ON item (name)')
      const again = bulkInsert({ name: 'char', number: 'integer' }, 3)
      await expect(run(again, ['new', 1, 'newer', 2, 'n5', 3])).rejects.toThrow(IntegrityError)
      await atomic(async () => {
        // In a block of its own: after an error some databases accept nothing more until it is rolled back.
        await expect(atomic(() => run(again, ['new', 1, 'newer', 2, 'n5', 3]))).rejects.toThrow(IntegrityError)
        expect(await run(again, ['x', 1, 'y', 2, 'z', 3])).toBe(3)
      })
      expect(await rows(select([count]))).toEqual([[1006]])
      expect(
        await run(bulkInsert({ name: 'char', number: 'integer' }, 2, { onConflict: 'ignore' }), ['x', 9, 'w', 9]),
      ).toBe(1)
      const upsert = bulkInsert({ name: 'char', number: 'integer' }, 2, {
        onConflict: { columns: ['name'], update: ['number'] },
      })
      expect(await run(upsert, ['x', 77, 'v', 78])).toBe(2)
      expect(await kept(compare(typed('number'), '>=', param(0, 'integer')), [1002], 'name')).toEqual(['n1002'])
    })
    test('the text of a bulk insert does not depend on how many rows it has', () => {
      const compile = (n: number) => db().backend.compiler.compile(bulkInsert({ name: 'char', number: 'integer' }, n))
      expect(compile(3).sql).toBe(compile(5000).sql)
      expect(compile(3).bulk!.chunkSql).toBe(compile(5000).bulk!.chunkSql)
    })
    test('a row of defaults, an update with arithmetic, changes counted', async () => {
      await run(insert({}))
      await fill('number', [1, 2])
      const more: SqlExpr = {
        t: 'arithmetic',
        op: '+',
        left: { ...typed('number'), table: null },
        right: param(0, 'integer'),
        kind: 'integer',
      }
      expect(
        await run({ t: 'update', table: 'item', set: [{ column: 'number', value: more }], where: null }, [10]),
      ).toBe(3)
      expect(await kept({ t: 'isNull', of: typed('number'), not: true }, [], 'number')).toEqual([11, 12])
    })
    test('broken constraints name their kind, table and columns', async () => {
      await execAll(
        db().backend.schema.createTable(
          table(
            'strict',
            [
              { name: 'name', type: { kind: 'char', maxLength: 5 }, null: false, unique: true },
              { name: 'item_id', type: { kind: 'auto' }, null: true, references: { table: 'item', column: 'id' } },
              { name: 'size', type: { kind: 'integer' }, null: true },
            ],
            {
              uniques: [{ name: 'strict_pair', columns: ['item_id', 'size'] }],
              checks: [{ name: 'strict_size', sql: '"size" > 0' }],
            },
          ),
        ),
      )
      const add = async (values: readonly unknown[]): Promise<unknown> =>
        run({ ...insert({ name: 'char', item_id: 'auto', size: 'integer' }), table: 'strict' }, values)
      await add(['a', null, 1])
      await expect(add(['a', null, 1])).rejects.toMatchObject({
        constraint: 'unique',
        code: 'db.unique-violation',
        table: 'strict',
        columns: ['name'],
        alias: 'default',
      })
      await expect(add([null, null, 1])).rejects.toMatchObject({
        constraint: 'notNull',
        code: 'db.not-null-violation',
        columns: ['name'],
      })
      await expect(add(['b', null, 0])).rejects.toMatchObject({
        constraint: 'check',
        code: 'db.check-violation',
        constraintName: 'strict_size',
      })
      await expect(add(['b', 99, 1])).rejects.toMatchObject({
        constraint: 'foreignKey',
        code: 'db.foreign-key-violation',
      })
      await expect(add(['b', 99, 1])).rejects.not.toHaveProperty('message', expect.stringContaining('99'))
      await atomic(async () => {
        const late = [() => add(['c', 1, 1]), () => fill('name', ['late'])]
        // Where references are checked at the commit, the row may come after what refers to it.
        for (const step of db().features.deferredReferences ? late : late.toReversed()) await step()
      })
      await expect(atomic(() => add(['d', 99, 1]))).rejects.toMatchObject({ constraint: 'foreignKey' })
      expect(await rows({ ...select([count]), from: { table: 'strict', alias: 'strict' } })).toEqual([[2]])
    })
    test('names that cannot be names are refused', async () => {
      for (const name of ['', 'a\0b', 'a\nb', 'a\u007fb']) {
        await expect(async () => rows(select([column(name, 'char')]))).rejects.toThrow(ProgrammingError)
      }
      await expect(rows(select([column('x" FROM item; DROP TABLE item; --', 'char')]))).rejects.toThrow(
        ProgrammingError,
      )
      expect(await rows(select([count]))).toEqual([[0]])
    })
    test('iterating over what a change gives back: all of it has changed, however early the loop is left', async () => {
      const many = db().backend.compiler.compile(
        bulkInsert({ number: 'integer' }, 3, { returning: [{ ...column('id', 'auto'), table: null }] }),
      )
      const read = async (stop: number): Promise<unknown[]> => {
        const seen: unknown[] = []
        for await (const chunk of db().iterate(many, [1, 2, 3], 2)) {
          seen.push(chunk.length)
          if (seen.length === stop) break
        }
        return seen
      }
      expect(await read(9)).toEqual([2, 1])
      await read(1)
      await atomic(() => read(1))
      expect(await rows(select([count]))).toEqual([[9]])
      const refuse: QueryWrapper = () => {
        throw new Error('no statements here')
      }
      await expect(wrapQueries(refuse, () => read(9))).rejects.toThrow('no statements here')
      expect(await rows(select([count]))).toEqual([[9]])
      await run(remove(null))
    })
    test('iterating gives every row once, in chunks, and may stop early', async () => {
      await run(
        bulkInsert({ number: 'integer' }, 2500),
        Array.from({ length: 2500 }, (_, i) => i),
      )
      const statement = db().backend.compiler.compile(
        select([typed('number')], { orderBy: [{ by: typed('id'), desc: false }] }),
      )
      const read = async (): Promise<number[]> => {
        const sizes: number[] = []
        for await (const chunk of db().iterate(statement, [], 1000)) {
          sizes.push(chunk.length)
          if (sizes.length === 1) await run(insert({ number: 'integer' }), [-1])
        }
        return sizes
      }
      expect((await read()).reduce((a, b) => a + b)).toBe(2500)
      for await (const _ of db().iterate(statement, [], 10)) break
      await atomic(async () => {
        for await (const _ of db().iterate(statement, [], 10)) break
        let seen = 0
        for await (const chunk of db().iterate(statement, [], 1000)) seen += chunk.length
        expect(seen).toBe(2501)
      })
      let left: AsyncIterator<SqlRow[]> | undefined
      await atomic(async () => {
        left = db().iterate(statement, [], 10)[Symbol.asyncIterator]()
        await left.next()
      })
      await expect(left!.next()).rejects.toMatchObject({ code: 'db.block-ended' })
      await run(remove(null))
    })
  })
}
