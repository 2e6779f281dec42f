/**
 * Whether the key of a table counts on from its rows. PostgreSQL keeps the next number apart from them: rows that came with
 * numbers of their own (`COPY`, a dump, a fixture) leave it behind, and the next row is refused as one that is there.
 */
import type { TableSpec } from '../../backends/schema.ts'
import type { MigrationDatabase } from '../database.ts'
import type { Drift } from './differences.ts'

type Sequence = [name: string | null, mayRead: boolean | null, step: string | null, last: string | null, room: string]
type Numbers = [highest: string | null, last: string, isUsed: boolean]

/** The differences of a table's numbered key from one that counts; none on databases that look at the rows themselves. */
export async function countDifferences({ backend, query }: MigrationDatabase, live: TableSpec): Promise<Drift[]> {
  const [key] = live.primaryKey
  const counts = live.columns.some(({ name, type }) => name === key && type.kind === 'auto')
  if (backend.features.vendor !== 'postgres' || key === undefined || !counts) return []
  const quote = (of: string) => backend.compiler.quote(of)
  const literal = (of: string, kind: 'text') => backend.compiler.literal(of, kind)
  const table = literal(quote(live.name), 'text')
  const one = (expected: string, found: string | null): Drift[] => [
    { table: live.name, part: 'behaviour', name: key, expected, found },
  ]
  const [found] = (await query(
    `SELECT q.name, HAS_SEQUENCE_PRIVILEGE(q.name, 'SELECT'), s.seqincrement::text, s.seqmax::text,
       CASE a.atttypid WHEN 'int2'::regtype THEN '32767' WHEN 'int4'::regtype THEN '2147483647' ELSE '9223372036854775807' END
     FROM (SELECT PG_GET_SERIAL_SEQUENCE(${table}, ${literal(key, 'text')}) AS name) q
       JOIN pg_attribute a ON a.attrelid = ${table}::regclass AND a.attname = ${literal(key, 'text')}
       LEFT JOIN pg_sequence s ON s.seqrelid = q.name::regclass`,
  )) as Sequence[]
  const [name, mayRead, step, last, room] = found! // its own column
  if (name === null || step === null || last === null) return one('a sequence of its own', null)
  if (BigInt(last) < BigInt(room)) return one(`numbers up to ${room}`, `up to ${last}`)
  if (mayRead !== true || BigInt(step) < 0n) return []
  // The rows are those that are committed now; the sequence is read after, and only runs on.
  const [numbers] = (await query(
    `SELECT (SELECT MAX(${quote(key)}) FROM ${quote(live.name)})::text, last_value::text, is_called FROM ${name}`,
  )) as Numbers[]
  const [highest, value, isUsed] = numbers! // a sequence is one row
  const next = BigInt(value) + (isUsed ? BigInt(step) : 0n)
  if (highest === null || next > BigInt(highest)) return []
  return one(`the next number is beyond ${highest}, the highest that there is`, `it is ${next}`)
}
