/** What conditions and expressions mean. */
import { describe, expect, test } from 'vitest'
import type { Database } from '../../../src/db/connections.ts'
import type { SqlExpr } from '../../../src/db/sql/nodes.ts'
import { Temporal } from '../../../src/std/dates.ts'
import { Decimal } from '../../../src/std/decimal.ts'
import { bulkInsert, compare, count, insert, param, select } from '../../db/sql/nodes.ts'

import { fill, kept, read, rows, run, TYPES, typed } from './items.ts'

export function describeConditions(db: () => Database): void {
  describe('conditions', () => {
    const lists: readonly [string, readonly unknown[]][] = [
      ['name', ['a', 'b"', "c'"]],
      ['number', [1, 2, 3]],
      ['big', [2n ** 63n - 1n, -(2n ** 63n), 9_007_199_254_740_993n]],
      ['ratio', [0.1, 2, -3.5]],
      ['yes', [true, false]],
      ['token', ['0190f3c8-7c6f-7e3a-9b1e-2f4d6a8b0c1d', '00000000-0000-0000-0000-000000000000']],
      ['bytes', [new Uint8Array([1]), new Uint8Array([2, 0])]],
      ['moment', [new Date(0), new Date(1)]],
      ['data', [{ a: 1, b: 2 }, [true], 'x']],
    ]
    for (const [name, values] of lists) {
      test(`in: a list of ${TYPES[name]!.kind} is one parameter`, async () => {
        await fill(name, [...values, null])
        const where: SqlExpr = { t: 'in', left: typed(name), right: param(0, TYPES[name]!.kind, { list: true }) }
        expect(await kept(where, [values], name)).toEqual(values)
        expect(await kept(where, [[values[0], null]], name)).toEqual([values[0]])
        expect(await kept(where, [[]], name)).toEqual([])
        expect(await kept({ t: 'not', of: where }, [[values[0]]], name)).toEqual(values.slice(1))
      })
    }
    test('in: decimals of every size', async () => {
      for (const [name, texts] of [
        ['price', ['1.50', '2', '0.1']],
        ['exact', ['12345678901234567890.1', '1.5', '0']],
      ] as const) {
        await fill(
          name,
          texts.map((text) => new Decimal(text)),
        )
        const where: SqlExpr = { t: 'in', left: typed(name), right: param(0, 'decimal', { list: true }) }
        expect((await kept(where, [texts.slice(0, 2).map((text) => new Decimal(text))], name)).map(String)).toEqual(
          texts.slice(0, 2).map((t) => String(new Decimal(t))),
        )
      }
    })
    test('in: tuples, expressions, subqueries; nothing is in an empty list', async () => {
      await run(bulkInsert({ name: 'char', number: 'integer' }, 3), ['a', 1, 'b', 2, 'c', 3])
      const pair = [typed('name'), typed('number')]
      expect(
        await kept({ t: 'in', left: pair, right: param(0, null, { list: true }) }, [
          [
            ['a', 1],
            ['b', 3],
            ['c', 3],
          ],
        ]),
      ).toEqual(['a', 'c'])
      expect(
        await kept({ t: 'in', left: typed('name'), right: [param(0, 'char'), param(1, 'char')] }, ['a', 'b']),
      ).toEqual(['a', 'b'])
      expect(await kept({ t: 'in', left: typed('name'), right: [] }, [])).toEqual([])
      const inner = select([typed('number')], { where: compare(typed('name'), '=', param(0, 'char')) })
      expect(await kept({ t: 'in', left: typed('number'), right: inner }, ['b'])).toEqual(['b'])
    })
    test('a list of 40,000 values is still one parameter', async () => {
      await fill('number', [39_999, 40_001])
      const where: SqlExpr = { t: 'in', left: typed('number'), right: param(0, 'integer', { list: true }) }
      expect(await kept(where, [Array.from({ length: 40_000 }, (_, n) => n)], 'number')).toEqual([39_999])
    })
    test('patterns match their own special characters only', async () => {
      const names = ['100% sure', '100 % sure', 'a_b', 'aXb', 'back\\slash', 'Plain']
      await fill('name', names)
      const like = (form: 'contains' | 'startswith' | 'endswith' | 'exact'): SqlExpr => ({
        t: 'match',
        op: 'ilike',
        left: typed('name'),
        right: param(0, 'char', { like: form }),
      })
      expect(await kept(like('contains'), ['0%'])).toEqual(['100% sure'])
      expect(await kept(like('contains'), ['a_b'])).toEqual(['a_b'])
      expect(await kept(like('contains'), ['k\\s'])).toEqual(['back\\slash'])
      expect(await kept(like('startswith'), ['100'])).toEqual(names.slice(0, 2))
      expect(await kept(like('endswith'), ['SURE'])).toEqual(names.slice(0, 2))
      expect(
        await kept({ t: 'match', op: 'iexact', left: typed('name'), right: param(0, 'char', { like: 'exact' }) }, [
          'plain',
        ]),
      ).toEqual(['Plain'])
      const other: SqlExpr = {
        t: 'match',
        op: 'like',
        left: typed('name'),
        right: typed('name'),
        pattern: 'contains',
      }
      expect(await kept(other, [])).toEqual(names)
    })
    test('regular expressions, and one that is none', async () => {
      await fill('name', ['abc', 'ABD', 'xyz'])
      const match = (op: 'regex' | 'iregex'): SqlExpr => ({
        t: 'match',
        op,
        left: typed('name'),
        right: param(0, 'char'),
      })
      expect(await kept(match('regex'), ['^ab'])).toEqual(['abc'])
      expect(await kept(match('iregex'), ['^ab.$'])).toEqual(['abc', 'ABD'])
      await expect(kept(match('regex'), ['(unclosed'])).rejects.toMatchObject({
        code: 'db.invalid-pattern',
        status: 400,
      })
    })
    test('decimals compare and sort as numbers, whatever their length', async () => {
      const texts = [
        '-12345678901234567890.5',
        '-2',
        '-1.5',
        '-0.01',
        '0',
        '0.001',
        '0.01',
        '9',
        '10',
        '10.5',
        '12345678901234567890.0000000001',
        '12345678901234567890.0000000002',
      ]
      for (const name of ['exact']) {
        await fill(
          name,
          [...texts].reverse().map((text) => new Decimal(text)),
        )
        const sorted = await rows(select([typed(name)], { orderBy: [{ by: typed(name), desc: false }] }))
        expect(sorted.map((row) => String(read(name, row[0])))).toEqual(
          texts.map((text) => new Decimal(text).toString()),
        )
        const above = await kept(
          compare(typed(name), '>', param(0, 'decimal')),
          [new Decimal('12345678901234567890.0000000001')],
          name,
        )
        expect(above.map(String)).toEqual(['12345678901234567890.0000000002'])
        expect(await kept(compare(typed(name), '=', param(0, 'decimal')), [new Decimal('10.50')], name)).toHaveLength(1)
        const between: SqlExpr = {
          t: 'between',
          of: typed(name),
          low: param(0, 'decimal'),
          high: param(1, 'decimal'),
        }
        expect(await kept(between, [new Decimal('-1.5'), new Decimal('0.001')], name)).toHaveLength(4)
      }
    })
    test('sums, averages and extremes of long decimals are exact', async () => {
      await fill(
        'exact',
        ['12345678901234567890.0000000001', '0.0000000002', '-1'].map((text) => new Decimal(text)),
      )
      const call = (name: 'sum' | 'min' | 'max' | 'avg'): SqlExpr => ({
        t: 'function',
        name,
        args: [typed('exact')],
        kind: 'decimal',
      })
      const [row] = await rows(
        select([
          call('sum'),
          call('min'),
          call('max'),
          { t: 'arithmetic', op: '+', left: call('max'), right: param(0, 'decimal'), kind: 'decimal' },
        ]),
        [new Decimal('0.0000000009')],
      )
      expect(row!.map((value) => String(db().decoder('decimal')!(value)))).toEqual([
        '12345678901234567889.0000000003',
        '-1',
        '12345678901234567890.0000000001',
        '12345678901234567890.000000001',
      ])
    })
    test('an average of durations has microseconds, a sum beyond 64 bits is a data error', async () => {
      await fill('span', [Temporal.Duration.from('PT1S'), Temporal.Duration.from('PT0.000002S')])
      const call = (name: 'sum' | 'avg', of: string, kind: 'duration' | 'bigInteger'): SqlExpr => ({
        t: 'function',
        name,
        args: [typed(of)],
        kind,
      })
      const [row] = await rows(select([call('avg', 'span', 'duration'), call('sum', 'span', 'duration')]))
      expect(row!.map((value) => String(db().decoder('duration')!(value)))).toEqual(['PT0.500001S', 'PT1.000002S'])
      await fill('big', [2n ** 63n - 1n, 1n])
      await expect(rows(select([call('sum', 'big', 'bigInteger')]))).rejects.toMatchObject({ code: 'db.invalid-value' })
    })
    test('whole numbers divide as whole numbers', async () => {
      await fill('number', [7])
      const half: SqlExpr = {
        t: 'arithmetic',
        op: '/',
        left: typed('number'),
        right: param(0, 'integer'),
        kind: 'integer',
      }
      expect(await rows(select([half]), [2])).toEqual([[3]])
    })
    test('parts of instants are read in the time zone asked for', async () => {
      await fill('moment', [new Date('2024-12-31T23:30:15.250Z')])
      const parts = ['year', 'month', 'day', 'hour', 'minute', 'second', 'week', 'weekDay', 'quarter', 'date'] as const
      const extract = (timeZone: string) =>
        select(parts.map((part): SqlExpr => ({ t: 'extract', part, from: typed('moment'), timeZone, kind: 'integer' })))
      expect(await rows(extract('UTC'))).toEqual([[2024, 12, 31, 23, 30, 15, 1, 3, 4, '2024-12-31']])
      expect(await rows(extract('Europe/Paris'))).toEqual([[2025, 1, 1, 0, 30, 15, 1, 4, 1, '2025-01-01']])
      expect(await rows(extract('Asia/Kathmandu'))).toEqual([[2025, 1, 1, 5, 15, 15, 1, 4, 1, '2025-01-01']])
      await expect(async () => rows(extract("Mars/Olympus'"))).rejects.toMatchObject({ code: 'db.unknown-time-zone' })
    })
    test('instants and durations add up', async () => {
      await run(insert({ moment: 'dateTime', span: 'duration' }), [
        new Date('2024-02-28T23:59:59.500Z'),
        Temporal.Duration.from('P1DT0.5S'),
      ])
      const sum: SqlExpr = { t: 'arithmetic', op: '+', left: typed('moment'), right: typed('span'), kind: 'dateTime' }
      const difference: SqlExpr = { t: 'arithmetic', op: '-', left: sum, right: typed('moment'), kind: 'duration' }
      const [row] = await rows(select([sum, difference]))
      expect(db().decoder('dateTime')!(row![0])).toEqual(new Date('2024-03-01T00:00:00Z'))
      expect(String(db().decoder('duration')!(row![1]))).toBe('P1DT0.5S')
    })
    test('JSON is compared by value and reached by path, whatever the keys', async () => {
      await fill('data', [
        { b: 2, a: 1 },
        { a: { 'k"ey': [10, 'é'] } },
        { a: true },
        { a: 1, "x' = 1 OR 1=1 --": 'safe' },
      ])
      const path = (...steps: (string | number)[]): SqlExpr => ({ t: 'jsonPath', from: typed('data'), path: steps })
      const ids = async (where: SqlExpr, values: unknown[]) =>
        (await rows(select([typed('id')], { where }), values)).map((row) => row[0])
      expect(await ids(compare(typed('data'), '=', param(0, 'json')), [{ a: 1, b: 2 }])).toEqual([1])
      expect(await ids(compare(path('a'), '=', param(0, 'json')), [true])).toEqual([3])
      expect(await ids(compare(path('a'), '=', param(0, 'json')), [1])).toEqual([1, 4])
      expect(await ids(compare(path('a', 'k"ey', 1), '=', param(0, 'json')), ['é'])).toEqual([2])
      expect(await ids(compare(path('a', 'k"ey', 0), '>', param(0, 'json')), [9])).toEqual([2])
      expect(await ids(compare(path("x' = 1 OR 1=1 --"), '=', param(0, 'json')), ['safe'])).toEqual([4])
      const [row] = await rows(select([path('a', 'k"ey')], { where: compare(typed('id'), '=', param(0, 'auto')) }), [2])
      expect(db().decoder('json')!(row![0])).toEqual([10, 'é'])
    })
    test('case, coalesce, concat, count with a filter, exists, limits', async () => {
      await run(bulkInsert({ name: 'char', number: 'integer' }, 4), ['a', 1, 'b', null, 'c', 3, 'd', 4])
      const order = [{ by: typed('number'), desc: true, nulls: 'last' as const }]
      expect(
        await rows(
          select([typed('name')], { orderBy: order, limit: param(0, 'integer'), offset: param(1, 'integer') }),
          [2, 1],
        ),
      ).toEqual([['c'], ['a']])
      expect(
        await rows(select([typed('name')], { orderBy: order, offset: param(0, 'integer'), limit: null }), [3]),
      ).toEqual([['b']])
      const big = compare(typed('number'), '>', param(0, 'integer'))
      const filtered: SqlExpr = { t: 'function', name: 'count', args: [], filter: big, kind: 'integer' }
      expect(await rows(select([filtered, count]), [2])).toEqual([[2, 4]])
      const label: SqlExpr = {
        t: 'case',
        when: [{ condition: big, then: { t: 'literal', value: 'big' } }],
        otherwise: {
          t: 'function',
          name: 'concat',
          args: [typed('name'), { t: 'literal', value: "'s" }],
          kind: 'char',
        },
        kind: 'char',
      }
      expect(await rows(select([label], { orderBy: [{ by: typed('id'), desc: false }] }), [2])).toEqual([
        ["a's"],
        ["b's"],
        ['big'],
        ['big'],
      ])
      expect(
        await kept(
          {
            t: 'and',
            items: [
              { t: 'exists', query: select([typed('id')]) },
              { t: 'isNull', of: typed('number'), not: false },
            ],
          },
          [],
        ),
      ).toEqual(['b'])
    })
  })
}
