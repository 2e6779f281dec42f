/** Reads the tables of a PostgreSQL database back as {@link TableSpec}, from the schema that comes first in the search path. */
import type { ColumnType } from '../../kinds.ts'
import type { ColumnSpec, Compiled, Connection, IndexSpec, Introspector, SqlRow, TableSpec } from '../backend.ts'
import { constraintName } from './ddl.ts'

/** A statement written here; its values are text. */
function query(sql: string, values: number): Compiled {
  const slots = Array.from({ length: values }, (_, i) => i)
  return { sql, slots, encoders: slots.map(() => null), rows: true, bigints: false, writes: false, bulk: null }
}
const TABLE_OID = `(SELECT c.oid FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
   WHERE c.relname = $1::text AND n.nspname = CURRENT_SCHEMA() AND c.relkind IN ('r', 'p'))`
const TABLES = query(
  `SELECT c.relname::text FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
   WHERE n.nspname = CURRENT_SCHEMA() AND c.relkind IN ('r', 'p') ORDER BY 1`,
  0,
)
const COLUMNS = query(
  `SELECT a.attname::text, FORMAT_TYPE(a.atttypid, a.atttypmod), a.attnotnull, PG_GET_EXPR(d.adbin, d.adrelid),
     a.attidentity::text
   FROM pg_attribute a LEFT JOIN pg_attrdef d ON d.adrelid = a.attrelid AND d.adnum = a.attnum
   WHERE a.attrelid = ${TABLE_OID} AND a.attnum > 0 AND NOT a.attisdropped ORDER BY a.attnum`,
  1,
)
const CONSTRAINTS = query(
  `SELECT c.conname::text, c.contype::text, t.relname::text, PG_GET_CONSTRAINTDEF(c.oid),
     ARRAY_TO_JSON(ARRAY(SELECT a.attname FROM UNNEST(c.conkey) WITH ORDINALITY k(n, i)
       JOIN pg_attribute a ON a.attrelid = c.conrelid AND a.attnum = k.n ORDER BY k.i))::text,
     ARRAY_TO_JSON(ARRAY(SELECT a.attname FROM UNNEST(c.confkey) WITH ORDINALITY k(n, i)
       JOIN pg_attribute a ON a.attrelid = c.confrelid AND a.attnum = k.n ORDER BY k.i))::text
   FROM pg_constraint c LEFT JOIN pg_class t ON t.oid = c.confrelid
   WHERE c.conrelid = ${TABLE_OID} AND c.contype IN ('p', 'u', 'f', 'c') ORDER BY c.oid`,
  1,
)
const INDEXES = query(
  `SELECT i.relname::text, x.indisunique, PG_GET_EXPR(x.indpred, x.indrelid), k.i, a.attname::text,
     (x.indoption[k.i - 1] & 1) = 1
   FROM pg_index x JOIN pg_class i ON i.oid = x.indexrelid
     JOIN UNNEST(x.indkey::smallint[]) WITH ORDINALITY k(n, i) ON true
     JOIN pg_attribute a ON a.attrelid = x.indrelid AND a.attnum = k.n
   WHERE x.indrelid = ${TABLE_OID} AND NOT EXISTS (SELECT 1 FROM pg_constraint c WHERE c.conindid = x.indexrelid AND c.contype IN ('p', 'u', 'x'))
   ORDER BY x.indexrelid, k.i`,
  1,
)

const KINDS: Readonly<Record<string, ColumnType['kind']>> = {
  bigint: 'bigInteger',
  integer: 'integer',
  smallint: 'smallInteger',
  'double precision': 'float',
  boolean: 'boolean',
  date: 'date',
  'time without time zone': 'time',
  interval: 'duration',
  'timestamp with time zone': 'dateTime',
  text: 'text',
  'character varying': 'char',
  jsonb: 'json',
  uuid: 'uuid',
  bytea: 'binary',
  numeric: 'decimal',
}

/** The kind of a declared type; one that we never write becomes text with its own declaration. */
function columnType(declared: string, identity: boolean): ColumnType {
  if (identity) return { kind: 'auto' }
  const char = /^character varying\((\d+)\)$/.exec(declared)
  if (char) return { kind: 'char', maxLength: Number(char[1]) }
  const numeric = /^numeric\((\d+),(\d+)\)$/.exec(declared)
  if (numeric) return { kind: 'decimal', maxDigits: Number(numeric[1]), decimalPlaces: Number(numeric[2]) }
  const kind = KINDS[declared]
  return kind === undefined ? { kind: 'text', declared: { postgres: declared } } : { kind }
}

/** A default as the value of its kind: `'it''s'::text`, `7`, `true`, `statement_timestamp()`. */
function columnDefault(text: string | null, { kind }: ColumnType): Pick<ColumnSpec, 'default'> {
  if (text === null || /^NULL\b/i.test(text)) return {}
  if (/statement_timestamp\(\)|\bnow\(\)|CURRENT_(TIMESTAMP|DATE|TIME)/i.test(text))
    return { default: { function: 'now' } }
  const quoted = /^'((?:[^']|'')*)'(?:::[\w ()[\],]+)?$/s.exec(text)?.[1]?.replaceAll("''", "'")
  if (kind === 'boolean') return { default: { value: (quoted ?? text) === 'true' || quoted === 't' } }
  const plain = quoted ?? text.replace(/^\((.*)\)$/, '$1').replace(/::[\w ]+$/, '')
  if (kind === 'integer' || kind === 'smallInteger' || kind === 'auto' || kind === 'float')
    return { default: { value: Number(plain) } }
  if (kind === 'bigInteger') return { default: { value: BigInt(plain) } }
  if (kind === 'json') return { default: { value: JSON.parse(plain) as unknown } }
  return { default: { value: plain } }
}

type ConstraintRow = [name: string, type: string, target: string | null, text: string, columns: string, keys: string]
const listed = (json: string): string[] => JSON.parse(json) as string[] // made by the statement above

function readIndexes(rows: readonly SqlRow[]): IndexSpec[] {
  const found = new Map<string, IndexSpec>()
  for (const [name, unique, where, , column, desc] of rows as [
    string,
    boolean,
    string | null,
    number,
    string,
    boolean,
  ][]) {
    const known = found.get(name)
    const columns = [...(known?.columns ?? []), { name: column, desc }]
    found.set(name, { name, columns, ...(unique && { unique: true }), ...(where !== null && { where }) })
  }
  return [...found.values()]
}

async function readTable(connection: Connection, name: string): Promise<TableSpec | null> {
  const rows = (await connection.rows(COLUMNS, [name])) as [string, string, boolean, string | null, string][]
  if (rows.length === 0) return null
  const constraints = (await connection.rows(CONSTRAINTS, [name])) as ConstraintRow[]
  const primaryKey = listed(constraints.find(([, type]) => type === 'p')?.[4] ?? '[]')
  const references = new Map<string, { table: string; column: string }>()
  const alone = new Set<string>()
  const uniques: { name: string; columns: string[] }[] = []
  for (const [constraint, type, target, , columnsText, keysText] of constraints) {
    const columns = listed(columnsText)
    if (type === 'f' && columns.length === 1)
      references.set(columns[0]!, { table: target!, column: listed(keysText)[0]! })
    else if (type === 'u') {
      const own =
        columns.length === 1 &&
        [constraintName(name, columns, 'uniq'), `${name}_${columns[0]}_key`].includes(constraint)
      if (own) alone.add(columns[0]!)
      else uniques.push({ name: constraint, columns })
    }
  }
  const columns = rows.map(([column, declared, notNull, value, identity]): ColumnSpec => {
    const type = columnType(declared, identity !== '' && primaryKey.length === 1 && primaryKey[0] === column)
    const reference = references.get(column)
    return {
      name: column,
      type,
      null: !notNull,
      ...(alone.has(column) && { unique: true }),
      ...columnDefault(value, type),
      ...(reference && { references: reference }),
    }
  })
  const checks = constraints
    .filter(([, type]) => type === 'c')
    .map(([constraint, , , text]) => ({ name: constraint, sql: text.replace(/^CHECK \((.*)\)$/s, '$1') }))
  return { name, columns, primaryKey, uniques, checks, indexes: readIndexes(await connection.rows(INDEXES, [name])) }
}

/** The introspector of PostgreSQL; `connection` may be a Database. */
export const postgresIntrospector: Introspector = {
  async tables(connection) {
    return (await connection.rows(TABLES, [])).map((row) => String(row[0]))
  },
  table: readTable,
}
