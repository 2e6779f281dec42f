/** Reads the tables of a MariaDB or MySQL database back as {@link TableSpec}. */
import type { ColumnType, ScalarKind } from '../../kinds.ts'
import type { Compiled, Connection, SqlRow } from '../backend.ts'
import type {
  Beyond,
  ColumnSpec,
  DatabaseOnDelete,
  ForeignKeySpec,
  IndexColumn,
  IndexPart,
  IndexSpec,
  Introspector,
  TableSpec,
} from '../schema.ts'
import { mysqlCompiler } from './compiler.ts'
import { constraintName } from './ddl.ts'
import { hiddenName } from './hidden-columns.ts'
import { isLong } from './types.ts'

/** A statement written here; its values are text. */
function query(sql: string, values: number): Compiled {
  const slots = Array.from({ length: values }, (_, i) => i)
  return { sql, slots, encoders: slots.map(() => null), rows: true, writes: false, bulk: null }
}
const VIEWS = query(
  `SELECT table_name FROM information_schema.tables
   WHERE table_schema = DATABASE() AND table_type = 'VIEW' ORDER BY 1`,
  0,
)
const TABLES = query(
  `SELECT table_name FROM information_schema.tables
   WHERE table_schema = DATABASE() AND table_type IN ('BASE TABLE', 'SYSTEM VERSIONED') ORDER BY 1`,
  0,
)
const COLUMNS = query(
  `SELECT column_name, column_type, is_nullable, column_default, extra, generation_expression, column_comment,
     IF(collation_name = (SELECT table_collation FROM information_schema.tables t
       WHERE t.table_schema = DATABASE() AND t.table_name = c.table_name), NULL, collation_name)
   FROM information_schema.columns c WHERE table_schema = DATABASE() AND table_name = ? ORDER BY ordinal_position`,
  1,
)
const REFERENCES = query(
  `SELECT k.constraint_name, k.column_name, k.referenced_table_name, k.referenced_column_name, r.delete_rule, r.update_rule
   FROM information_schema.key_column_usage k JOIN information_schema.referential_constraints r
     ON r.constraint_schema = k.constraint_schema AND r.constraint_name = k.constraint_name
       AND r.table_name = k.table_name
   WHERE k.table_schema = DATABASE() AND k.table_name = ? AND k.referenced_table_name IS NOT NULL
   ORDER BY k.constraint_name, k.ordinal_position`,
  1,
)
const INDEXES = query(
  `SELECT index_name, non_unique, column_name, collation, index_type, sub_part,
     FALSE /*M!100600 OR ignored = 'YES' *//*!80000 OR is_visible = 'NO' */ FROM information_schema.statistics
   WHERE table_schema = DATABASE() AND table_name = ? ORDER BY index_name, seq_in_index`,
  1,
)
/** Names of checks are a table's own on MariaDB, the database's on MySQL. */
const CHECKS = query(
  `SELECT c.constraint_name, c.check_clause, /*M! c.level *//*!80000 'Table' */
   FROM information_schema.check_constraints c JOIN information_schema.table_constraints t
     ON t.constraint_schema = c.constraint_schema AND t.constraint_name = c.constraint_name
       /*M! AND t.table_name = c.table_name */
   WHERE c.constraint_schema = DATABASE() AND t.table_name = ? AND t.constraint_type = 'CHECK'
   ORDER BY 1`,
  1,
)

/** A comment, and what ours never are: without transactions, in parts, with a past, of another collation than the database. */
const TABLE = query(
  `SELECT table_comment, CONCAT_WS(', ',
     IF((SELECT e.transactions FROM information_schema.engines e WHERE e.engine = t.engine) = 'NO', CONCAT('engine ', engine), NULL),
     IF(create_options LIKE '%partitioned%', 'in parts', NULL),
     IF(table_type = 'SYSTEM VERSIONED', 'system versioning', NULL),
     IF(table_collation <> @@collation_database, CONCAT('collation ', table_collation), NULL))
   FROM information_schema.tables t WHERE table_schema = DATABASE() AND table_name = ?`,
  1,
)
const TRIGGERS = query(
  `SELECT trigger_name, action_timing, event_manipulation, action_statement FROM information_schema.triggers
   WHERE trigger_schema = DATABASE() AND event_object_table = ? ORDER BY 1`,
  1,
)

const KINDS: Readonly<Record<string, ColumnType['kind']>> = {
  bigint: 'bigInteger',
  int: 'integer',
  smallint: 'smallInteger',
  double: 'float',
  'tinyint(1)': 'boolean',
  date: 'date',
  'time(6)': 'time',
  'datetime(6)': 'dateTime',
  longtext: 'text',
  json: 'json',
  uuid: 'uuid',
  'char(32)': 'uuid',
  longblob: 'binary',
}

/** Types that we never write, by the kind whose values theirs are. */
const CLOSE: readonly (readonly [type: RegExp, kind: ScalarKind])[] = [
  [/^bigint\b/, 'bigInteger'],
  [/^(?:tiny|small|medium)?int\b|^year\b/, 'integer'],
  [/^float\b|^double\b/, 'float'],
  [/^decimal\b/, 'decimal'],
  [/^(?:datetime|timestamp)\b/, 'dateTime'],
  [/^time\b/, 'time'],
  [/^char\(\d+\)$/, 'char'],
  [/^(?:tiny|medium)?blob\b|^(?:var)?binary\b/, 'binary'],
]

/** The kind of a declared type; one that no kind is close to becomes text with its own declaration. */
function columnType(given: string, json: boolean, identity: boolean): ColumnType {
  const declared = given.toLowerCase()
  if (identity) return { kind: 'auto' }
  if (json) return { kind: 'json' }
  const char = /^varchar\((\d+)\)$/.exec(declared)
  if (char) return { kind: 'char', maxLength: Number(char[1]) }
  const decimal = /^decimal\((\d+),(\d+)\)$/.exec(declared)
  if (decimal) return { kind: 'decimal', maxDigits: Number(decimal[1]), decimalPlaces: Number(decimal[2]) }
  // Whole numbers have a width for show: `bigint(20)`.
  const kind = KINDS[declared] ?? KINDS[declared.replace(/^(bigint|int|smallint)\(\d+\)$/, '$1')]
  if (kind !== undefined) return { kind }
  const close = CLOSE.find(([type]) => type.test(declared))?.[1] ?? 'text'
  const [, length, places] = /^(?:char|decimal)\((\d+)(?:,(\d+))?\)/.exec(declared) ?? []
  return {
    kind: close,
    ...(close === 'char' && { maxLength: Number(length) }),
    ...(close === 'decimal' &&
      length !== undefined && { maxDigits: Number(length), decimalPlaces: Number(places ?? 0) }),
    // The values of an enum are told by their case.
    declared: { mysql: given },
  }
}

/** A default as the value of its kind. MariaDB gives SQL, MySQL the value itself, or SQL with a character set before it. */
function columnDefault(text: string | null, type: ColumnType): Pick<ColumnSpec, 'default'> {
  const { kind } = type
  if (text === null || text.toUpperCase() === 'NULL') return {}
  // A moment of its own is an expression: `now() + interval 1 day`.
  if (/\b(?:utc_|current_|curdate|curtime)\w*|\bnow\(/i.test(text))
    return { default: / [-+] /.test(text) ? { sql: text } : { function: 'now' } }
  const hex = /^\(?convert\(unhex\('([\da-f]*)'\) using utf8mb4\)\)?$/i.exec(text)?.[1]
  if (hex !== undefined) return { default: { value: Buffer.from(hex, 'hex').toString('utf8') } }
  // Of a text kept beside the row it is an expression, which MariaDB writes with backslashes.
  const inside = /^\(?(?:_\w+)?'(.*)'\)?$/s.exec(text)?.[1]
  const quoted = isLong(type) ? inside?.replaceAll("\\'", "'") : inside?.replaceAll("''", "'")
  if (quoted === undefined && /[a-z_"`]\w*["`]?\(/i.test(text)) return { default: { sql: text } }
  const plain = quoted ?? text
  if (kind === 'boolean') return { default: { value: plain === '1' } }
  if (kind === 'integer' || kind === 'smallInteger' || kind === 'auto' || kind === 'float')
    return { default: { value: Number(plain) } }
  if (kind === 'bigInteger') return { default: { value: BigInt(plain) } }
  if (kind === 'json') return { default: { value: JSON.parse(plain) as unknown } }
  return { default: { value: plain } }
}

interface Index extends IndexSpec {
  readonly unique: boolean
}
interface ReadIndex extends Index {
  readonly columns: readonly IndexColumn[]
}
type IndexRow = [
  name: string,
  different: number,
  column: string,
  direction: string | null,
  type: string,
  length: number | bigint | string | null,
  isIgnored: number,
]
function readIndexes(rows: readonly SqlRow[]): ReadIndex[] {
  const found = new Map<string, ReadIndex>()
  for (const [name, different, column, direction, type, length, isIgnored] of rows as IndexRow[]) {
    const known = found.get(name)
    const columns = [...(known?.columns ?? []), { name: column, desc: direction === 'D' }]
    const method = type === 'FULLTEXT' ? { method: 'fulltext' } : {}
    // Of the text of an expression it is ours to say.
    const whole = length === null || column === hiddenName(name, columns.length - 1)
    const ignored = Number(isIgnored) === 1 ? 'ignored' : undefined
    const part = whole ? (known?.beyond ?? ignored) : `of ${Number(length)} letters of ${column}`
    const beyond = part === undefined ? {} : { beyond: part }
    found.set(name, { name, unique: Number(different) === 0, columns, ...method, ...beyond })
  }
  return [...found.values()]
}

type ColumnRow = [
  column: string,
  declared: string,
  nullable: string,
  value: string | null,
  extra: string,
  expression: string | null,
  comment: string,
  collation: string | null,
]

/** The columns of an index for searching, whose own column holds their text; null of another index. */
function searchedColumns(
  { name, method }: ReadIndex,
  expressions: ReadonlyMap<string, string | null>,
  hidden: Set<string>,
): IndexPart[] | null {
  const text = method === 'fulltext' ? expressions.get(name) : null
  const list = /^concat_ws\((?:_\w+)?\\?' \\?',(.*)\)$/i.exec(text ?? '')?.[1]
  if (list === undefined) return null
  hidden.add(name)
  const names = [...list.matchAll(/[`"]((?:[^`"]|``|"")+)[`"]/g)]
  return names.map(([, column]) => ({ name: column!.replaceAll('``', '`'), desc: false }))
}

/** Indexes with expressions in place of the columns that stand for them, and the names of those. */
function shown(found: readonly ReadIndex[], rows: readonly ColumnRow[]): { indexes: Index[]; hidden: Set<string> } {
  const expressions = new Map(
    rows.map(([column, , , , extra, text]) => [column, /invisible/i.test(extra) ? text : null]),
  )
  const hidden = new Set<string>()
  const indexes = found.map((index) => ({
    ...index,
    columns:
      searchedColumns(index, expressions, hidden) ??
      index.columns.map((part, i): IndexPart => {
        const sql = expressions.get(part.name)
        if (!sql || part.name !== hiddenName(index.name, i)) return part
        hidden.add(part.name)
        return { sql, desc: part.desc }
      }),
  }))
  return { indexes, hidden }
}

function onDelete(rule: string): { readonly onDelete?: DatabaseOnDelete } {
  return rule === 'CASCADE' ? { onDelete: 'cascade' } : rule === 'SET NULL' ? { onDelete: 'setNull' } : {}
}

/** Ours follow nothing: a key that others refer to keeps its value. */
function beyond(rule: string): { readonly beyond?: Beyond } {
  return ['RESTRICT', 'NO ACTION'].includes(rule) ? {} : { beyond: `on update ${rule.toLowerCase()}` }
}

async function readTable(connection: Connection, name: string): Promise<TableSpec | null> {
  const rows = (await connection.rows(COLUMNS, [name])) as ColumnRow[]
  if (rows.length === 0) return null
  const checks = (await connection.rows(CHECKS, [name])) as [string, string, string][]
  const links = (await connection.rows(REFERENCES, [name])) as [string, string, string, string, string, string][]
  const { indexes, hidden } = shown(readIndexes(await connection.rows(INDEXES, [name])), rows)
  const primaryKey =
    indexes.find((index) => index.name === 'PRIMARY')?.columns.flatMap((column) => column.name ?? []) ?? []
  const keys = indexes.filter(({ unique, name: key }) => unique && key !== 'PRIMARY')
  const alone = new Set<string>()
  const uniques: { name: string; columns: string[] }[] = []
  const expressions: IndexSpec[] = []
  for (const index of keys) {
    const { name: key } = index
    const columns = index.columns.filter((part) => part.name !== undefined)
    if (columns.length < index.columns.length) {
      expressions.push(index)
      continue
    }
    const [first] = columns
    // Django's name for the unique column of a field is the column's own.
    const own = columns.length === 1 && [constraintName(name, [first!.name], 'uniq'), first!.name].includes(key)
    if (own) alone.add(first!.name)
    else uniques.push({ name: key, columns: columns.map((column) => column.name) })
  }
  const foreignKeys: ForeignKeySpec[] = []
  const references = new Map<string, NonNullable<ColumnSpec['references']>>()
  for (const [constraint, column, table, key, rule, update] of links) {
    const all = links.filter((other) => other[0] === constraint)
    if (all.length > 1) {
      if (all[0]![1] === column) {
        const [columns, targets] = [all.map((link) => link[1]), all.map((link) => link[3])]
        foreignKeys.push({ name: constraint, columns, table, targets, ...onDelete(rule), ...beyond(update) })
      }
    } else {
      const named = constraint === constraintName(name, [column], 'fk') ? {} : { name: constraint }
      references.set(column, { table, column: key, ...onDelete(rule), ...beyond(update), ...named })
    }
  }
  const ofReference = new Set(links.map(([constraint]) => constraint))
  const [[comment, tableBeyond]] = (await connection.rows(TABLE, [name])) as [[string, string]]
  const isJson = (column: string): boolean =>
    checks.some(([check, sql]) => check === column && /^json_valid\(/i.test(sql))
  const seen = rows.filter(([column]) => !hidden.has(column))
  const columns = seen.map(([column, declared, nullable, value, extra, expression, comment, collation]): ColumnSpec => {
    const type = columnType(declared, isJson(column), /auto_increment/i.test(extra))
    const reference = references.get(column)
    return {
      name: column,
      type,
      null: nullable === 'YES',
      ...(alone.has(column) && { unique: true }),
      ...(expression
        ? { generated: { sql: expression, stored: /stored|persistent/i.test(extra) } }
        : columnDefault(value, type)),
      ...(/on update/i.test(extra) && { beyond: extra.toLowerCase() }),
      ...(type.kind === 'auto' && !/^bigint(\(\d+\))?$/i.test(declared) && { beyond: declared.toLowerCase() }),
      ...(comment !== '' && { comment }),
      ...(collation !== null && type.kind !== 'json' && { collation }),
      ...(reference && { references: reference }),
    }
  })
  return {
    name,
    columns,
    primaryKey,
    uniques,
    checks: checks.filter(([, , level]) => level === 'Table').map(([check, sql]) => ({ name: check, sql })),
    indexes: [
      ...indexes
        .filter(({ unique, name: index }) => !unique && !ofReference.has(index))
        .map(({ unique: _, ...index }) => index),
      ...expressions,
    ],
    ...(foreignKeys.length > 0 && { foreignKeys }),
    ...(comment !== '' && { comment }),
    ...(tableBeyond !== '' && { beyond: tableBeyond }),
  }
}

/** The introspector of MariaDB and MySQL; `connection` may be a Database. */
export const mysqlIntrospector: Introspector = {
  async tables(connection) {
    return (await connection.rows(TABLES, [])).map((row) => String(row[0]))
  },
  table: readTable,
  async views(connection) {
    return (await connection.rows(VIEWS, [])).map((row) => String(row[0]))
  },
  view: readTable,
  async triggers(connection, table) {
    const rows = (await connection.rows(TRIGGERS, [table])) as [string, string, string, string][]
    return rows.map(([name, timing, event, body]) => ({
      name,
      sql: [
        `CREATE TRIGGER ${mysqlCompiler.quote(name)} ${timing} ${event} ON ${mysqlCompiler.quote(table)} FOR EACH ROW ${body}`,
      ],
    }))
  },
}
