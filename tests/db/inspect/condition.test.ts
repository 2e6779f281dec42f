/** MDB-08: conditions of checks as lookups, in the words of each database. */
import { expect, test } from 'vitest'
import { readCheck } from '../../../src/db/inspect/condition.ts'
import { print } from '../../../src/db/migrations/source.ts'

const FIELDS: Readonly<Record<string, 'numbers' | 'texts' | null>> = {
  n: 'numbers',
  status: 'texts',
  'odd "one': 'numbers',
  day: null,
}
function read(sql: string): string | null {
  const found = readCheck(sql, (column) => (column in FIELDS ? { name: column, values: FIELDS[column]! } : null))
  return found === null ? null : print(found)
}

const CASES: readonly (readonly [sql: string, found: string | null])[] = [
  ['n > 0', '{ n__gt: 0 }'],
  ['"n" >= -1.5', '{ n__gte: -1.5 }'],
  ['`n` < 3', '{ n__lt: 3 }'],
  ['"odd ""one" = 3', "{ 'odd \"one': 3 }"],
  ['(n > 0) AND (n <= 9)', '{ n__gt: 0, n__lte: 9 }'],
  ['((n >= 0) AND ((n)::numeric <= (9)::numeric))', '{ n__gte: 0, n__lte: 9 }'],
  ['n > 0 or n < -5', 'Own({ n__gt: 0 }).or({ n__lt: -5 })'],
  ['n > 0 or n is null and day is not null', 'Own({ n__gt: 0 }).or({ n__isnull: true, day__isnull: false })'],
  ['(n > 0 or n < -5) and n <> 3', null],
  ['(n > 0 OR n < -5) AND day IS NULL', 'Own({ n__gt: 0 }).or({ n__lt: -5 }).and({ day__isnull: true })'],
  ['day IS NULL AND (n > 0 OR n < -5)', 'Own({ day__isnull: true }).and(Own({ n__gt: 0 }).or({ n__lt: -5 }))'],
  ['n > 0 AND n > 1', 'Own({ n__gt: 0 }).and({ n__gt: 1 })'],
  ['n BETWEEN 1 AND 5 AND day IS NULL', '{ n__gte: 1, n__lte: 5, day__isnull: true }'],
  ["status = 'a''b AND n'", '{ status: "a\'b AND n" }'],
  ["status IN ('a', 'b)')", "{ status__in: ['a', 'b)'] }"],
  [
    "((status)::text = ANY ((ARRAY['a'::character varying, 'b'::character varying])::text[]))",
    "{ status__in: ['a', 'b'] }",
  ],
  ['(n = ANY (ARRAY[1, 2]))', '{ n__in: [1, 2] }'],
  ["(n > '-3'::integer)", '{ n__gt: -3 }'],
  // What is not the same, or not known.
  ['n::integer > 0 AND n > 1', null],
  ["status > 'a'", null],
  ["n = 'a'", null],
  ["day > '2020-01-01'", null],
  ['m > 0', null],
  ['n > day', null],
  ['n * 2 > 1', null],
  ['NOT n > 1', null],
  ["status LIKE 'a%'", null],
  ["status = _utf8mb4'a'", null],
  ['n > 90071992547409930', null],
  ['n > 1e5', null],
  ['n > 0 OR', null],
  ['n > 0)', null],
  ['', null],
]

for (const [sql, found] of CASES) test(`MDB-08 ${sql || 'nothing'}`, () => expect(read(sql)).toBe(found))
