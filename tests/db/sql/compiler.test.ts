import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { mysqlCompiler } from '../../../src/db/backends/mysql/compiler.ts'
import { postgresCompiler } from '../../../src/db/backends/postgres/compiler.ts'
import { sqliteCompiler } from '../../../src/db/backends/sqlite/compiler.ts'
import { ProgrammingError } from '../../../src/db/errors.ts'
import type { SqlExpr, Statement } from '../../../src/db/sql/nodes.ts'
import { quoteIdentifier } from '../../../src/db/sql/quoting.ts'
import { column, compare, count, insert, param, remove, select } from './nodes.ts'

const name = column('name', 'char')
const number = column('number', 'integer')
const wide = column('exact', 'decimal', { kind: 'decimal', maxDigits: 30, decimalPlaces: 10 })
const narrow = column('price', 'decimal', { kind: 'decimal', maxDigits: 10, decimalPlaces: 2 })
const sqlOf = (statement: Statement): string => sqliteCompiler.compile(statement).sql
const whereOf = (where: SqlExpr): string =>
  sqlOf(select([name], { where })).replace('SELECT "item"."name" FROM "item" WHERE ', '')
const literal = (value: string | number | boolean | null): SqlExpr => ({ t: 'literal', value })

describe('text for SQLite', () => {
  const cases: readonly [string, Statement, string][] = [
    [
      'joins, grouping, having, ordering, limits',
      select([name, count], {
        from: { table: 'item', alias: 'item' },
        joins: [
          { type: 'inner', table: 'box', alias: 'T1', on: compare({ ...number, table: 'T1' }, '=', number) },
          { type: 'left', table: 'item', alias: 'T2', on: compare({ ...name, table: 'T2' }, '=', name) },
        ],
        groupBy: [name],
        having: compare(count, '>', param(0, 'integer')),
        orderBy: [
          { by: name, desc: true },
          { by: count, desc: false, nulls: 'last' },
        ],
        distinct: true,
        limit: param(1, 'integer'),
        offset: param(2, 'integer'),
      }),
      'SELECT DISTINCT "item"."name", COUNT(*) FROM "item" INNER JOIN "box" "T1" ON ("T1"."number" = "item"."number") ' +
        'LEFT OUTER JOIN "item" "T2" ON ("T2"."name" = "item"."name") GROUP BY "item"."name" HAVING COUNT(*) > ? ' +
        'ORDER BY "item"."name" DESC, COUNT(*) ASC NULLS LAST LIMIT ? + 0 OFFSET ?',
    ],
    [
      'a select in from',
      select([count], { from: { query: select([name], { distinct: true }), alias: 'inner' } }),
      'SELECT COUNT(*) FROM (SELECT DISTINCT "item"."name" FROM "item") AS "inner"',
    ],
    ['an insert', insert({ name: 'char', number: 'integer' }), 'INSERT INTO "item" ("name", "number") VALUES (?, ?)'],
    [
      'an upsert',
      insert({ name: 'char', number: 'integer' }, { onConflict: { columns: ['name'], update: ['number'] } }),
      'INSERT INTO "item" ("name", "number") VALUES (?, ?) ON CONFLICT("name") DO UPDATE SET "number" = EXCLUDED."number"',
    ],
    ['a row of defaults', insert({}), 'INSERT INTO "item" DEFAULT VALUES'],
    ['a delete', remove(compare({ ...number, table: null }, '<', literal(3))), 'DELETE FROM "item" WHERE "number" < 3'],
    [
      'an update',
      { t: 'update', table: 'item', set: [{ column: 'name', value: param(0, 'char') }], where: null },
      'UPDATE "item" SET "name" = ?',
    ],
    [
      'raw text around params',
      {
        t: 'rawStatement',
        parts: ['select * from item where id = ', ' and name = ', ''],
        nodes: [param(0, null), param(1, 'char')],
      },
      'select * from item where id = ? and name = ?',
    ],
  ]
  for (const [title, statement, sql] of cases) test(title, () => expect(sqlOf(statement)).toBe(sql))

  test('conditions', () => {
    const a = compare(number, '=', param(0, 'integer'))
    expect(whereOf({ t: 'and', items: [a, { t: 'or', items: [a, { t: 'not', of: a }] }] })).toBe(
      '("item"."number" = ? AND ("item"."number" = ? OR NOT ("item"."number" = ?)))',
    )
    expect(whereOf({ t: 'and', items: [] })).toBe('1')
    expect(whereOf({ t: 'or', items: [] })).toBe('0')
    expect(whereOf({ t: 'not', of: { t: 'in', left: name, right: [] } })).toBe('NOT (0)')
    expect(whereOf({ t: 'isNull', of: name, not: true })).toBe('"item"."name" IS NOT NULL')
    expect(whereOf({ t: 'match', op: 'like', left: name, right: param(0, 'char', { like: 'contains' }) })).toBe(
      `"item"."name" LIKE ? ESCAPE '\\'`,
    )
    expect(whereOf(compare(narrow, '>', param(0, 'decimal')))).toBe('"item"."price" > CAST(? AS NUMERIC)')
    expect(whereOf(compare(wide, '>', param(0, 'decimal')))).toBe('nuages_decimal("item"."exact") > nuages_decimal(?)')
  })

  test('one slot may be used many times, each with its own encoder', () => {
    const where: SqlExpr = {
      t: 'or',
      items: [
        { t: 'match', op: 'like', left: name, right: param(0, 'char', { like: 'contains' }) },
        { t: 'match', op: 'like', left: name, right: param(0, 'char', { like: 'startswith' }) },
        compare(name, '=', param(1, 'char')),
        compare(name, '=', param(0, 'char')),
      ],
    }
    const compiled = sqliteCompiler.compile(select([name], { where }))
    expect(compiled.slots).toEqual([0, 0, 1, 0])
    expect(compiled.encoders.map((encode) => encode?.('5%'))).toEqual(['%5\\%%', '5\\%%', '5%', '5%'])
  })

  test('what reads and what writes is told apart', () => {
    expect(sqliteCompiler.compile(select([name]))).toMatchObject({ rows: true, writes: false })
    expect(sqliteCompiler.compile(insert({ name: 'char' }))).toMatchObject({ rows: false, writes: true })
    expect(sqliteCompiler.compile(insert({ name: 'char' }, { returning: [name] }))).toMatchObject({
      rows: true,
      writes: true,
    })
  })

  test('too many parameters are refused with what to do', () => {
    const items = Array.from({ length: 33_000 }, (_, slot) => param(slot, 'integer'))
    expect(() => sqlOf(select([name], { where: { t: 'in', left: number, right: items } }))).toThrow(
      expect.objectContaining({ code: 'db.too-many-parameters' }),
    )
  })
})

describe('text for DDL', () => {
  const inline = (expr: SqlExpr, ...values: unknown[]): string => sqliteCompiler.inline(expr, values)

  test('conditions have their values in them and no table names', () => {
    expect(inline(compare(number, '>=', param(0, 'integer')), 1)).toBe('"number" >= 1')
    expect(inline(compare(name, '<>', param(0, 'char')), "it's")).toBe(`"name" <> 'it''s'`)
    expect(inline({ t: 'in', left: name, right: param(0, 'char', { list: true }) }, ['a', 'b'])).toBe(
      `"name" IN ('a', 'b')`,
    )
    expect(inline({ t: 'isNull', of: name, not: true })).toBe('"name" IS NOT NULL')
    expect(inline(compare(column('yes', 'boolean'), '=', param(0, 'boolean')), true)).toBe('"yes" = 1')
    expect(inline(compare(column('at', 'dateTime'), '>', param(0, 'dateTime')), new Date(0))).toBe(
      `"at" > '1970-01-01 00:00:00'`,
    )
    expect(inline(compare(wide, '>', param(0, 'decimal')), '1.50')).toBe('"exact" > 1.5')
  })

  test('constants', () => {
    const of = sqliteCompiler.literal.bind(sqliteCompiler)
    expect(of(null, 'char')).toBe('NULL')
    expect(of("a'b", 'char')).toBe("'a''b'")
    expect(of(2n ** 62n, 'bigInteger')).toBe('4611686018427387904')
    expect(of('123456789012345678.5', 'decimal')).toBe("'123456789012345678.5'")
    expect(of({ a: "'" }, 'json')).toBe(`'{"a":"''"}'`)
    expect(of(new Uint8Array([255, 0]), 'binary')).toBe("X'ff00'")
    expect(() => of('a\0b', 'char')).toThrow(ProgrammingError)
  })
})

describe('no input reaches the text', () => {
  // Django's CVE-2019-14234, CVE-2022-28346, CVE-2022-34265, CVE-2025-57833, CVE-2026-1287 and their kin.
  const nasty = fc.oneof(
    fc.string({ unit: 'binary' }),
    fc.constantFrom(`"`, `'`, '`', '--', '/*', ';', '#', ' ', '.', '%', '\\', `x" OR 1=1 --`, `' = 'a') OR 1=1 --`),
  )

  test('identifiers are quoted or refused', () => {
    fc.assert(
      fc.property(nasty, (text) => {
        let quoted: string
        try {
          quoted = quoteIdentifier(text)
        } catch (error) {
          expect(error).toMatchObject({ code: 'db.invalid-identifier' })
          return
        }
        expect(quoted.slice(1, -1).replaceAll('""', '')).not.toContain('"')
        expect(quoted.startsWith('"') && quoted.endsWith('"')).toBe(true)
      }),
      { numRuns: 2000 },
    )
  })

  test('keys of JSON paths and texts stay inside their quotes', () => {
    fc.assert(
      fc.property(nasty, (text) => {
        let sql: string
        try {
          sql = whereOf({
            t: 'and',
            items: [compare({ t: 'jsonPath', from: column('data', 'json'), path: [text] }, '=', literal(text))],
          })
        } catch (error) {
          expect(error).toMatchObject({ code: 'db.invalid-sql' })
          return
        }
        expect(sql.replace(/'(?:[^']|'')*'/gs, '')).toBe('((json_extract("item"."data", )) = )')
      }),
      { numRuns: 2000 },
    )
  })

  test('time zones, numbers and raw text are checked', () => {
    const extract = (timeZone: string): SqlExpr => ({
      t: 'extract',
      part: 'year',
      from: column('at', 'dateTime'),
      timeZone,
      kind: 'integer',
    })
    expect(() => whereOf(extract("UTC'); DROP TABLE x; --"))).toThrow(
      expect.objectContaining({ code: 'db.unknown-time-zone' }),
    )
    expect(() => whereOf(literal(Number.NaN))).toThrow(expect.objectContaining({ code: 'db.invalid-value' }))
    expect(() => sqlOf({ t: 'rawStatement', parts: ['select 1\0'], nodes: [] })).toThrow(
      expect.objectContaining({ code: 'db.invalid-sql' }),
    )
    const part = { ...extract('Europe/Paris'), part: "year'); --" } as unknown as SqlExpr
    expect(() => whereOf(part)).toThrow(ProgrammingError)
    expect(() => whereOf({ t: 'nonsense' } as unknown as SqlExpr)).toThrow(ProgrammingError)
    const operator = { ...(compare(number, '=', literal(1)) as object), op: '= 1 OR 1' } as unknown as SqlExpr
    expect(() => whereOf(operator)).toThrow(ProgrammingError)
  })
})

describe('what a raw statement does is told by its words, not by those inside of texts, names and comments', () => {
  const read = { rows: true, writes: false }
  const change = { rows: false, writes: true }
  const both = { rows: true, writes: true }
  const everywhere: readonly [string, object][] = [
    ['select \'delete\', "update" -- insert', read],
    ['/* insert */ with x as (select 1) select * from x', read],
    ["with x as (select 'it''s') delete from t where a = 'x'", change],
    ["insert into t values ('returning') /* returning */ -- returning", change],
    ['update t set a = 1 returning a', both],
  ]
  const postgres: readonly [string, object][] = [
    ['with x as (select $$delete$$) select * from x', read],
    ["with x as (select $$'$$) delete from t where a = $$'$$ returning a", both],
    ["with x as (select $a$ $$ ' $a$) delete from t where a = 'x'", change],
    ['insert into t values ($$returning$$)', change],
    ["with x as (select E'it\\'s') delete from t where a = 'x'", change],
    ["with x as (select a$b$ from t) delete from t where c$b$ = 'x'", change],
    ["select '{a}'::jsonb #> '{delete}'", read],
    ['with x as (select $1::int) delete from t where a = $1 and b = $2', change],
  ]
  const mysql: readonly [string, object][] = [
    ['with x as (select 1) select `delete` from x', read],
    ["with x as (select 1) # it's\ndelete from t where a = 'x'", change],
  ]
  test.each([
    ...everywhere.flatMap(([sql, shape]) =>
      [sqliteCompiler, postgresCompiler, mysqlCompiler].map((of) => [sql, shape, of] as const),
    ),
    ...postgres.map(([sql, shape]) => [sql, shape, postgresCompiler] as const),
    ...mysql.map(([sql, shape]) => [sql, shape, mysqlCompiler] as const),
  ])('%s', (sql, shape, compiler) => {
    expect(compiler.compile({ t: 'rawStatement', parts: [sql], nodes: [] })).toMatchObject(shape)
  })
})
