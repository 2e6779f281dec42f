/** Reads the tables of a PostgreSQL database back as {@link TableSpec}, from the schema that comes first in the search path. */
import { type ColumnType, elementKind, isArrayKind, isRangeKind, type ScalarKind } from '../../kinds.ts'
import type { Compiled, Connection, SqlRow } from '../backend.ts'
import type {
  Beyond,
  ColumnSpec,
  DatabaseOnDelete,
  ForeignKeySpec,
  IndexPart,
  IndexSpec,
  Introspector,
  TableSpec,
  UniqueSpec,
} from '../schema.ts'
import { constraintName } from './ddl.ts'
import { postgresDecoder } from './values.ts'

/** A statement written here; its values are text. */
function query(sql: string, values: number): Compiled {
  const slots = Array.from({ length: values }, (_, i) => i)
  return { sql, slots, encoders: slots.map(() => null), rows: true, writes: false, bulk: null }
}
const TABLE_OID = `(SELECT c.oid FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
   WHERE c.relname = $1::text AND n.nspname = CURRENT_SCHEMA() AND c.relkind IN ('r', 'p', 'v', 'm'))`
const VIEWS = query(
  `SELECT c.relname::text FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
   WHERE n.nspname = CURRENT_SCHEMA() AND c.relkind IN ('v', 'm') ORDER BY 1`,
  0,
)
const TABLES = query(
  `SELECT c.relname::text FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
   WHERE n.nspname = CURRENT_SCHEMA() AND c.relkind IN ('r', 'p') ORDER BY 1`,
  0,
)
const COLUMNS = query(
  // A default names no column: without its table it is not looked at beside all of them, which costs seconds where there are 1,000.
  `SELECT a.attname::text, FORMAT_TYPE(a.atttypid, a.atttypmod), a.attnotnull,
     PG_GET_EXPR(d.adbin, CASE WHEN a.attgenerated = '' THEN 0 ELSE d.adrelid END),
     a.attidentity::text, a.attgenerated::text, COL_DESCRIPTION(a.attrelid, a.attnum),
     (SELECT l.collname::text FROM pg_collation l JOIN pg_type t ON t.oid = a.atttypid
      WHERE l.oid = a.attcollation AND a.attcollation <> t.typcollation),
     OBJ_DESCRIPTION(a.attrelid, 'pg_class'),
     (SELECT FORMAT_TYPE(t.typbasetype, t.typtypmod) FROM pg_type t WHERE t.oid = a.atttypid AND t.typtype = 'd'),
     CASE WHEN r.relpersistence = 'u' THEN 'not logged' WHEN r.relkind = 'p' THEN 'parts by ' || PG_GET_PARTKEYDEF(r.oid) END
   FROM pg_attribute a JOIN pg_class r ON r.oid = a.attrelid
     LEFT JOIN pg_attrdef d ON d.adrelid = a.attrelid AND d.adnum = a.attnum
   WHERE a.attrelid = ${TABLE_OID} AND a.attnum > 0 AND NOT a.attisdropped ORDER BY a.attnum`,
  1,
)
const CONSTRAINTS = query(
  `SELECT c.conname::text, c.contype::text, t.relname::text, PG_GET_CONSTRAINTDEF(c.oid),
     ARRAY_TO_JSON(ARRAY(SELECT a.attname FROM UNNEST(c.conkey) WITH ORDINALITY k(n, i)
       JOIN pg_attribute a ON a.attrelid = c.conrelid AND a.attnum = k.n ORDER BY k.i))::text,
     ARRAY_TO_JSON(ARRAY(SELECT a.attname FROM UNNEST(c.confkey) WITH ORDINALITY k(n, i)
       JOIN pg_attribute a ON a.attrelid = c.confrelid AND a.attnum = k.n ORDER BY k.i))::text,
     EXISTS (SELECT 1 FROM pg_trigger g WHERE g.tgconstraint = c.oid AND g.tgenabled IN ('D', 'R'))
   FROM pg_constraint c LEFT JOIN pg_class t ON t.oid = c.confrelid
   WHERE c.conrelid = ${TABLE_OID} AND c.contype IN ('p', 'u', 'f', 'c', 'x') ORDER BY c.oid`,
  1,
)
const INDEXES = query(
  `SELECT i.relname::text, x.indisunique, PG_GET_EXPR(x.indpred, x.indrelid), k.i <= x.indnkeyatts, a.attname::text,
     COALESCE((x.indoption[k.i - 1] & 1) = 1, false), COALESCE((x.indoption[k.i - 1] & 2) = 2, false), m.amname::text,
     PG_GET_INDEXDEF(x.indexrelid, k.i::integer, true),
     (SELECT o.opcname::text FROM pg_opclass o WHERE o.oid = x.indclass[k.i - 1] AND NOT o.opcdefault),
     (SELECT l.collname::text FROM pg_collation l WHERE l.oid = x.indcollation[k.i - 1] AND l.oid <> a.attcollation),
     COALESCE((TO_JSONB(x)->>'indnullsnotdistinct')::boolean, false), ARRAY_TO_JSON(i.reloptions)::text,
     x.indisvalid
   FROM pg_index x JOIN pg_class i ON i.oid = x.indexrelid JOIN pg_am m ON m.oid = i.relam
     JOIN UNNEST(x.indkey::smallint[]) WITH ORDINALITY k(n, i) ON true
     LEFT JOIN pg_attribute a ON a.attrelid = x.indrelid AND a.attnum = k.n AND k.n <> 0
   WHERE x.indrelid = ${TABLE_OID} AND NOT EXISTS (SELECT 1 FROM pg_constraint c WHERE c.conindid = x.indexrelid AND c.contype IN ('p', 'u', 'x'))
   ORDER BY x.indexrelid, k.i`,
  1,
)
const TRIGGERS = query(
  `SELECT t.tgname::text, PG_GET_FUNCTIONDEF(t.tgfoid), PG_GET_TRIGGERDEF(t.oid),
     CASE WHEN t.tgenabled IN ('D', 'R') THEN FORMAT('ALTER TABLE %s %s TRIGGER %I', t.tgrelid::regclass,
       CASE t.tgenabled WHEN 'D' THEN 'DISABLE' ELSE 'ENABLE REPLICA' END, t.tgname) END
   FROM pg_trigger t WHERE t.tgrelid = ${TABLE_OID} AND NOT t.tgisinternal ORDER BY 1`,
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
  int4range: 'integerRange',
  int8range: 'bigIntegerRange',
  numrange: 'decimalRange',
  daterange: 'dateRange',
  tstzrange: 'dateTimeRange',
}

/** Types that we never write, by the kind whose values theirs are. */
const CLOSE: readonly (readonly [type: RegExp, kind: ScalarKind])[] = [
  // Without a zone: of projects that keep their instants in UTC without saying so.
  [/^timestamp(?:\(\d\))? with(?:out)? time zone$/, 'dateTime'],
  [/^time(?:\(\d\))? without time zone$/, 'time'],
  [/^interval\b/, 'duration'],
  [/^character\(\d+\)$/, 'char'],
  [/^real$/, 'float'],
  [/^json$/, 'json'],
]

/** The kind of a declared type; one that no kind is close to becomes text with its own declaration. */
function columnType(declared: string, identity: boolean): ColumnType {
  if (identity) return { kind: 'auto' }
  if (declared.endsWith('[]')) {
    const element = columnType(declared.slice(0, -2), false)
    if (element.declared === undefined) return { ...element, kind: `${elementKind(element.kind)}[]` }
  }
  const char = /^character varying\((\d+)\)$/.exec(declared)
  if (char) return { kind: 'char', maxLength: Number(char[1]) }
  const numeric = /^numeric\((\d+),(\d+)\)$/.exec(declared)
  if (numeric) return { kind: 'decimal', maxDigits: Number(numeric[1]), decimalPlaces: Number(numeric[2]) }
  const kind = KINDS[declared]
  if (kind !== undefined) return { kind }
  const length = /^character\((\d+)\)$/.exec(declared)?.[1]
  const close = CLOSE.find(([type]) => type.test(declared))?.[1] ?? 'text'
  return {
    kind: close,
    ...(length !== undefined && { maxLength: Number(length) }),
    declared: { postgres: declared },
  }
}

/** A default as the value of its kind: `'it''s'::text`, `7`, `true`, `statement_timestamp()`. */
function columnDefault(text: string | null, { kind }: ColumnType): Pick<ColumnSpec, 'default'> {
  if (text === null || /^NULL\b/i.test(text)) return {}
  // A moment of its own is an expression: `now() + '1 day'`.
  if (/statement_timestamp\(\)|\bnow\(\)|CURRENT_(TIMESTAMP|DATE|TIME)/i.test(text) && !/ [-+] /.test(text))
    return { default: { function: 'now' } }
  const quoted = /^'((?:[^']|'')*)'(?:::[\w ()[\],."]+)?$/s.exec(text)?.[1]?.replaceAll("''", "'")
  if (kind === 'boolean') return { default: { value: (quoted ?? text) === 'true' || quoted === 't' } }
  if (quoted === undefined && (/[a-z_"]\w*"?\(/i.test(text) || / [-+] /.test(text))) return { default: { sql: text } }
  const plain = quoted ?? text.replace(/^\((.*)\)$/, '$1').replace(/::[\w ]+$/, '')
  if (kind === 'integer' || kind === 'smallInteger' || kind === 'auto' || kind === 'float')
    return { default: { value: Number(plain) } }
  if (kind === 'bigInteger') return { default: { value: BigInt(plain) } }
  if (kind === 'json') return { default: { value: JSON.parse(plain) as unknown } }
  if (isArrayKind(kind) || isRangeKind(kind)) {
    return quoted === undefined ? { default: { sql: text } } : { default: { value: postgresDecoder(kind)!(quoted) } }
  }
  return { default: { value: plain } }
}

type ConstraintRow = [
  name: string,
  type: string,
  target: string | null,
  text: string,
  columns: string,
  keys: string,
  isOff: boolean,
]
const listed = (json: string): string[] => JSON.parse(json) as string[] // made by the statement above

type IndexRow = [
  name: string,
  unique: boolean,
  where: string | null,
  isKey: boolean,
  column: string | null,
  desc: boolean,
  nullsFirst: boolean,
  method: string,
  text: string,
  opclass: string | null,
  collation: string | null,
  nullsEqual: boolean,
  settings: string | null,
  valid: boolean,
]

function readIndexes(rows: readonly SqlRow[]): IndexSpec[] {
  const found = new Map<string, IndexSpec>()
  for (const row of rows as IndexRow[]) {
    const [name, unique, where, isKey, column, , , method, , , , nullsEqual, settings, valid] = row
    const known = found.get(name)
    const include = [...(known?.include ?? []), ...(isKey || column === null ? [] : [column])]
    found.set(name, {
      name,
      columns: [...(known?.columns ?? []), ...(isKey ? [indexPart(row)] : [])],
      ...(unique && { unique: true }),
      ...(where !== null && { where }),
      ...(method !== 'btree' && { method }),
      ...(include.length > 0 && { include }),
      ...(nullsEqual && { nullsDistinct: false }),
      ...(settings !== null && { with: Object.fromEntries(listed(settings).map(setting)) }),
      ...(!valid && { beyond: 'not valid' }),
    })
  }
  return [...found.values()].map((index) => searchIndex(index) ?? index)
}

const SEARCHED = /COALESCE\(\(?("(?:[^"]|"")+"|[a-z_][a-z0-9_$]*)\)?(?:::text)?, ''::text\)/g

/** An index over the words of columns, as `ddl.ts` writes one for searching; null of another. */
function searchIndex({ columns, method, ...index }: IndexSpec): IndexSpec | null {
  const text = method === 'gin' && columns.length === 1 ? columns[0]!.sql : undefined
  const [, language, words] = /^to_tsvector\('(\w+)'::regconfig, (.*)\)$/s.exec(text ?? '') ?? []
  if (language === undefined || words!.replace(SEARCHED, '').replace(/[() ]|\|\||' '::text/g, '') !== '') return null
  const names = Array.from(words!.matchAll(SEARCHED), ([, name]) =>
    name!.replace(/^"(.*)"$/s, '$1').replaceAll('""', '"'),
  )
  const own = language === 'simple' ? {} : { language }
  return { ...index, method: 'fulltext', columns: names.map((name) => ({ name, desc: false })), ...own }
}

function indexPart([, , , , column, desc, nullsFirst, , text, opclass, collation]: IndexRow): IndexPart {
  // Without a word about them nulls come last, descending first.
  const nulls = nullsFirst === desc ? undefined : nullsFirst ? ('first' as const) : ('last' as const)
  const more = {
    desc,
    ...(nulls && { nulls }),
    ...(opclass !== null && { opclass }),
    ...(collation !== null && column !== null && { collation }),
  }
  return column === null ? { sql: text.replace(/^\((.*)\)$/s, '$1'), ...more } : { name: column, ...more }
}

/** `fillfactor=70` */
function setting(text: string): [string, string | number] {
  const [name, value] = text.split('=') as [string, string]
  return [name, /^\d+$/.test(value) ? Number(value) : value]
}

/** What the text of a unique constraint says besides its columns. */
function uniqueOptions(text: string): Omit<UniqueSpec, 'name' | 'columns'> {
  const deferrable = /\bDEFERRABLE( INITIALLY DEFERRED)?$/.exec(text)
  const include = /\bINCLUDE \((.*?)\)(?: DEFERRABLE|$)/.exec(text)?.[1]
  return {
    ...(/^UNIQUE NULLS NOT DISTINCT/.test(text) && { nullsDistinct: false }),
    ...(include !== undefined && {
      include: [...include.matchAll(/"((?:[^"]|"")*)"|([^", ]+)/g)].map((m) => m[1]?.replaceAll('""', '"') ?? m[2]!),
    }),
    ...(deferrable && { deferrable: deferrable[1] === undefined ? ('immediate' as const) : ('deferred' as const) }),
  }
}

function onDelete(text: string): { readonly onDelete?: DatabaseOnDelete } {
  const [, action] = /ON DELETE (CASCADE|SET NULL|SET DEFAULT)/.exec(text) ?? []
  if (action === undefined) return {}
  return { onDelete: action === 'CASCADE' ? 'cascade' : action === 'SET NULL' ? 'setNull' : 'setDefault' }
}

/** Ours wait for the commit, follow nothing, and were compared with the rows that were there. */
function beyond(text: string, isOff: boolean): { readonly beyond?: Beyond } {
  const found = [
    ...(/ON UPDATE (?:CASCADE|SET NULL|SET DEFAULT|RESTRICT)|ON DELETE RESTRICT|MATCH FULL/.exec(text) ?? []),
    ...(/INITIALLY DEFERRED/.test(text) ? [] : ['not deferred']),
    ...(/NOT VALID$/.test(text) ? ['not valid'] : []),
    // By DISABLE TRIGGER ALL, as some load rows: nothing is checked any more.
    ...(isOff || /NOT ENFORCED/.test(text) ? ['not enforced'] : []),
  ]
  return found.length > 0 ? { beyond: found.join(' ').toLowerCase() } : {}
}

async function readTable(connection: Connection, name: string): Promise<TableSpec | null> {
  const rows = (await connection.rows(COLUMNS, [name])) as [
    column: string,
    declared: string,
    notNull: boolean,
    value: string | null,
    identity: string,
    generated: string,
    comment: string | null,
    collation: string | null,
    tableComment: string | null,
    base: string | null,
    tableBeyond: string | null,
  ][]
  if (rows.length === 0) return null
  const constraints = (await connection.rows(CONSTRAINTS, [name])) as ConstraintRow[]
  const primaryKey = listed(constraints.find(([, type]) => type === 'p')?.[4] ?? '[]')
  const references = new Map<string, NonNullable<ColumnSpec['references']>>()
  const alone = new Set<string>()
  const uniques: UniqueSpec[] = []
  const foreignKeys: ForeignKeySpec[] = []
  for (const [constraint, type, target, text, columnsText, keysText, isOff] of constraints) {
    const columns = listed(columnsText)
    if (type === 'f' && columns.length === 1)
      references.set(columns[0]!, {
        table: target!,
        column: listed(keysText)[0]!,
        ...onDelete(text),
        ...beyond(text, isOff),
      })
    else if (type === 'f')
      foreignKeys.push({
        name: constraint,
        columns,
        table: target!,
        targets: listed(keysText),
        ...onDelete(text),
        ...beyond(text, isOff),
      })
    else if (type === 'u') {
      const own =
        columns.length === 1 &&
        [constraintName(name, columns, 'uniq'), `${name}_${columns[0]}_key`].includes(constraint)
      if (own) alone.add(columns[0]!)
      else uniques.push({ name: constraint, columns, ...uniqueOptions(text) })
    }
  }
  const columns = rows.map(
    ([column, declared, notNull, value, identity, generated, comment, collation, , base]): ColumnSpec => {
      // `serial`, as Django made keys before its version 4.1, counts by a sequence of its own.
      const counts = identity !== '' || /^nextval\('/.test(value ?? '')
      const numbered = counts && primaryKey.length === 1 && primaryKey[0] === column
      // The values of a domain are those of the type it is made of.
      const type =
        base === null
          ? columnType(declared, numbered)
          : { ...columnType(base, false), declared: { postgres: declared } }
      const reference = references.get(column)
      const more = [
        ...(identity === 'a' ? ['takes no value given'] : []),
        ...(numbered && declared !== 'bigint' ? [declared] : []),
      ]
      return {
        name: column,
        type,
        null: !notNull,
        ...(alone.has(column) && { unique: true }),
        ...(generated === ''
          ? columnDefault(numbered ? null : value, type)
          : { generated: { sql: value!, stored: generated === 's' } }),
        ...(more.length > 0 && { beyond: more.join(', ') }),
        ...(comment !== null && { comment }),
        ...(collation !== null && { collation }),
        ...(reference && { references: reference }),
      }
    },
  )
  const checks = constraints
    .filter(([, type]) => type === 'c')
    .map(([constraint, , , text]) => ({ name: constraint, sql: text.replace(/^CHECK \((.*)\)$/s, '$1') }))
  const others = constraints.filter(([, type]) => type === 'x').map(([own, , , text]) => ({ name: own, sql: text }))
  const [, , , , , , , , comment, , tableBeyond] = rows[0]!
  const indexes = readIndexes(await connection.rows(INDEXES, [name]))
  return {
    name,
    columns,
    primaryKey,
    uniques,
    checks,
    indexes,
    ...(foreignKeys.length > 0 && { foreignKeys }),
    ...(others.length > 0 && { constraints: others }),
    ...(comment !== null && { comment }),
    ...(tableBeyond !== null && { beyond: tableBeyond.toLowerCase() }),
  }
}

/** The introspector of PostgreSQL; `connection` may be a Database. */
export const postgresIntrospector: Introspector = {
  async tables(connection) {
    return (await connection.rows(TABLES, [])).map((row) => String(row[0]))
  },
  table: readTable,
  async views(connection) {
    return (await connection.rows(VIEWS, [])).map((row) => String(row[0]))
  },
  view: readTable,
  async triggers(connection, table) {
    const rows = (await connection.rows(TRIGGERS, [table])) as [string, string, string, string | null][]
    return rows.map(([name, ...sql]) => ({ name, sql: sql.filter((each) => each !== null) }))
  },
}
