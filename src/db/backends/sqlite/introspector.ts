/** Reads the tables of an SQLite file back as {@link TableSpec}. */
import type { ColumnType } from '../../kinds.ts'
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
} from '../schema.ts'
import { indexCondition, indexParts, type ParsedTable, parseCreateTable } from './parse-ddl.ts'
import { sqliteDecoder } from './values.ts'

/** A statement written here; its values are text. */
function query(sql: string, values: number): Compiled {
  const slots = Array.from({ length: values }, (_, i) => i)
  return { sql, slots, encoders: slots.map(() => null), rows: true, writes: false, bulk: null }
}
const TABLES = query(
  // Tables of FTS5 are indexes, and have tables of their own.
  `SELECT name FROM pragma_table_list WHERE schema = 'main' AND type = 'table' AND name NOT LIKE 'sqlite\\_%' ESCAPE '\\'
   ORDER BY name`,
  0,
)
const FULLTEXT = query(
  `SELECT name, sql FROM sqlite_master WHERE type = 'table' AND sql LIKE 'CREATE VIRTUAL TABLE%' AND sql LIKE ? ORDER BY name`,
  1,
)
const TABLE = query(`SELECT sql FROM sqlite_master WHERE type = 'table' AND name = ?`, 1)
const COLUMNS = query(
  'SELECT name, type, "notnull", dflt_value, pk FROM pragma_table_xinfo(?) WHERE hidden IN (0, 2, 3) ORDER BY cid',
  1,
)
const WRITTEN = query('SELECT name FROM pragma_table_xinfo(?) WHERE hidden = 0', 1)
const REFERENCES = query(
  'SELECT "from", "table", "to", id, seq, on_delete, on_update FROM pragma_foreign_key_list(?)',
  1,
)
const INDEXES = query(
  `SELECT l.name, l."unique", l.origin, m.sql, x.name, x."desc" FROM pragma_index_list(?) l
   JOIN pragma_index_xinfo(l.name) x ON x.key = 1 LEFT JOIN sqlite_master m ON m.type = 'index' AND m.name = l.name
   ORDER BY l.seq DESC, x.seqno`,
  1,
)

const VIEWS = query("SELECT name FROM sqlite_master WHERE type = 'view' ORDER BY name", 0)
// Those of an index for searching are the index.
const TRIGGERS = query(
  `SELECT name, sql FROM sqlite_master t WHERE type = 'trigger' AND tbl_name = ? AND NOT EXISTS (
     SELECT 1 FROM pragma_table_list v WHERE v.type = 'virtual'
       AND t.name IN (v.name || '_insert', v.name || '_update', v.name || '_delete')) ORDER BY name`,
  1,
)

/** Names that we, Django and most others give types; SQLite itself takes any. */
const KINDS: Readonly<Record<string, ColumnType['kind']>> = {
  integer: 'integer',
  int: 'integer',
  mediumint: 'integer',
  'integer unsigned': 'integer',
  smallint: 'smallInteger',
  tinyint: 'smallInteger',
  'smallint unsigned': 'integer',
  bigint: 'bigInteger',
  'bigint unsigned': 'bigInteger',
  real: 'float',
  float: 'float',
  double: 'float',
  'double precision': 'float',
  numeric: 'decimal',
  boolean: 'boolean',
  timestamp: 'dateTime',
  clob: 'text',
  bool: 'boolean',
  date: 'date',
  time: 'time',
  datetime: 'dateTime',
  text: 'text',
  decimal: 'decimal',
  varchar: 'char',
  blob: 'binary',
}

/** The kind of a declared type; one that we never write becomes text with its own declaration. */
function columnType(declared: string, json: boolean, identity: boolean): ColumnType {
  const type = declared.toLowerCase()
  if (identity) return { kind: 'auto' }
  if (json) return { kind: 'json' }
  if (type === 'char(32)') return { kind: 'uuid' }
  const match = /^([a-z_ ]+?)\s*\((\d+)(?:\s*,\s*(\d+))?\)$/.exec(type)
  if (/^(var|n|nvar)?char$|^(varying )?character( varying)?$|^native character$/.test(match?.[1] ?? ''))
    return { kind: 'char', maxLength: Number(match![2]) }
  if (match?.[1] === 'decimal_text' || match?.[1] === 'decimal' || match?.[1] === 'numeric') {
    return { kind: 'decimal', maxDigits: Number(match[2]), decimalPlaces: Number(match[3] ?? 0) }
  }
  const kind = KINDS[type]
  return kind === undefined ? { kind: 'text', declared: { sqlite: declared } } : { kind }
}

/** A default as the value of its kind; what is no constant as its text. */
function columnDefault(text: string | null, type: ColumnType): Pick<ColumnSpec, 'default'> {
  if (text === null || text.toUpperCase() === 'NULL') return {}
  if (/\bCURRENT_(TIMESTAMP|DATE|TIME)\b|'now'/i.test(text)) return { default: { function: 'now' } }
  const quoted = /^'((?:[^']|'')*)'$/.exec(text)
  const raw = quoted
    ? quoted[1]!.replaceAll("''", "'")
    : /^[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?$/i.test(text)
      ? Number(text)
      : null
  if (raw === null)
    return /^(true|false)$/i.test(text) ? { default: { value: /^t/i.test(text) } } : { default: { sql: text } }
  try {
    const decode = sqliteDecoder(type.kind, type)
    // Integers keep all their digits as text.
    const value = type.kind === 'bigInteger' || type.kind === 'decimal' ? (quoted ? raw : text) : raw
    return { default: { value: decode === null ? value : decode(value) } }
  } catch {
    return { default: { value: raw } }
  }
}

function readIndexes(rows: readonly SqlRow[]): { indexes: IndexSpec[]; constraints: string[][] } {
  const byName = new Map<
    string,
    { unique: boolean; origin: string; sql: string | null; columns: { name: string | null; desc: boolean }[] }
  >()
  for (const [name, unique, origin, sql, column, desc] of rows as [
    string,
    number,
    string,
    string | null,
    string | null,
    number,
  ][]) {
    const index = byName.get(name) ?? { unique: unique === 1, origin, sql, columns: [] }
    index.columns.push({ name: column, desc: desc === 1 })
    byName.set(name, index)
  }
  const indexes: IndexSpec[] = []
  const constraints: string[][] = []
  for (const [name, { unique, origin, sql, columns }] of byName) {
    if (origin === 'u') constraints.push(columns.flatMap((column) => column.name ?? []))
    if (origin !== 'c') continue
    const written = sql === null ? [] : indexParts(sql)
    const named = columns.map(({ name: column, desc }, i): IndexPart => {
      const { sql: text = '', collation } = written[i] ?? {}
      const more = collation === undefined ? { desc } : { desc, collation }
      return column === null ? { sql: text, ...more } : { name: column, ...more }
    })
    const where = sql === null ? undefined : indexCondition(sql)
    indexes.push({ name, columns: named, ...(unique && { unique }), ...(where !== undefined && { where }) })
  }
  return { indexes: indexes.sort((a, b) => (a.name < b.name ? -1 : 1)), constraints }
}

/** Tables of FTS5 that are indexes of a table, as we write them. */
function readFulltext(rows: readonly SqlRow[]): IndexSpec[] {
  return (rows as [string, string][]).flatMap(([name, sql]) => {
    const list = /USING fts5\((.*?), content=/.exec(sql)?.[1]
    if (list === undefined) return []
    const columns = [...list.matchAll(/"((?:[^"]|"")*)"/g)].map(([, column]) => ({
      name: column!.replaceAll('""', '"'),
      desc: false,
    }))
    return [{ name, columns, method: 'fulltext', ...(/tokenize='porter/.test(sql) && { language: 'english' }) }]
  })
}

/** Named and many-column uniques are the table's, the rest their column's. */
function readUniques(table: string, constraints: readonly string[][], parsed: ParsedTable): TableSpec['uniques'] {
  return constraints.flatMap((columns) => {
    const written = parsed.uniques.find(
      (unique) => unique.columns.join('\0').toLowerCase() === columns.join('\0').toLowerCase(),
    )
    if (columns.length === 1 && !written?.name) return []
    return [{ name: written?.name ?? `${table}_${columns.join('_')}_uniq`, columns }]
  })
}

const ACTIONS: Readonly<Record<string, DatabaseOnDelete>> = {
  CASCADE: 'cascade',
  'SET NULL': 'setNull',
  'SET DEFAULT': 'setDefault',
}

/** Ours wait for the commit and follow nothing. */
function beyond(action: string, update: string, isDeferred: boolean): { readonly beyond?: Beyond } {
  const found = [
    ...(action === 'RESTRICT' ? ['on delete restrict'] : []),
    ...(update === 'NO ACTION' ? [] : [`on update ${update.toLowerCase()}`]),
    ...(isDeferred ? [] : ['not deferred']),
  ]
  return found.length > 0 ? { beyond: found.join(' ') } : {}
}

/** `exact`: types and defaults in the words that the table has for them, so that columns can be made again as they are. */
async function readTable(connection: Connection, name: string, exact = false): Promise<TableSpec | null> {
  const [found] = await connection.rows(TABLE, [name])
  if (found === undefined) return null
  const parsed = parseCreateTable(String(found[0]))
  const rows = (await connection.rows(COLUMNS, [name])) as [string, string, number, string | null, number][]
  const references = new Map<string, NonNullable<ColumnSpec['references']>>()
  const links = (await connection.rows(REFERENCES, [name])) as LinkRow[]
  for (const [from, table, to, id, , action, update] of links) {
    if (links.some((other) => other[3] === id && other[4] > 0)) continue // over several columns
    const onDelete = ACTIONS[action]
    const column = to ?? (await primaryKeyOf(connection, table))
    const more = beyond(action, update, parsed.deferred.has(from))
    references.set(from, { table, column, ...(onDelete && { onDelete }), ...more })
  }
  const foreignKeys = await readForeignKeys(connection, name, links, parsed)
  const { indexes, constraints } = readIndexes(await connection.rows(INDEXES, [name]))
  const uniques = readUniques(name, constraints, parsed)
  const primaryKey = rows
    .filter((row) => row[4] > 0)
    .sort((a, b) => a[4] - b[4])
    .map((row) => row[0])
  const isJson = (column: string): boolean =>
    parsed.checks.some((check) => check.column === column && /^\(*JSON_VALID\(/i.test(check.sql))
  const columns = rows.map(([column, declared, notNull, value, pk]): ColumnSpec => {
    const identity = pk > 0 && primaryKey.length === 1 && parsed.autoincrement
    const read = columnType(declared, isJson(column), identity)
    const type = exact ? { ...read, declared: { sqlite: declared } } : read
    const reference = references.get(column)
    const generated = parsed.generated.get(column)
    const collation = parsed.collations.get(column)
    const conflict = parsed.conflicts.get(column)
    const unique =
      constraints.some((one) => one.length === 1 && one[0] === column) &&
      !uniques.some((u) => u.columns.length === 1 && u.columns[0] === column)
    return {
      name: column,
      type,
      null: notNull === 0 && pk === 0,
      ...(unique && { unique: true }),
      ...(exact && value !== null ? { default: { sql: value } } : columnDefault(value, type)),
      ...(generated && { generated }),
      ...(collation !== undefined && { collation }),
      ...(conflict !== undefined && { beyond: conflict }),
      ...(reference && { references: reference }),
    }
  })
  const checks = parsed.checks
    .filter((check) => check.column === null || !isJson(check.column))
    .map(({ name: named, column, sql }, i) => ({ name: named ?? `${name}_${column ?? i}_check`, sql }))
  indexes.push(...readFulltext(await connection.rows(FULLTEXT, [`% content='${name.replaceAll("'", "''")}',%`])))
  const spec = { name, columns, primaryKey, uniques, checks, indexes, ...(foreignKeys.length > 0 && { foreignKeys }) }
  return parsed.beyond.length > 0 ? { ...spec, beyond: parsed.beyond.join(', ') } : spec
}

async function primaryKeyOf(connection: Connection, table: string, at = 0): Promise<string> {
  const rows = await connection.rows(COLUMNS, [table])
  return String(rows.find((row) => row[4] === at + 1)?.[0] ?? 'rowid')
}

type LinkRow = [from: string, table: string, to: string | null, id: number, seq: number, action: string, update: string]

/** References over several columns; their names are in the table's text only. */
async function readForeignKeys(
  connection: Connection,
  name: string,
  links: readonly LinkRow[],
  parsed: ParsedTable,
): Promise<ForeignKeySpec[]> {
  const ids = new Set(links.filter(([, , , , seq]) => seq > 0).map(([, , , id]) => id))
  const found: ForeignKeySpec[] = []
  // SQLite numbers them from the last written one.
  for (const id of [...ids].sort((a, b) => b - a)) {
    const parts = links.filter((link) => link[3] === id).sort((a, b) => a[4] - b[4])
    const columns = parts.map(([from]) => from)
    const targets: string[] = []
    for (const [, table, to, , seq] of parts) targets.push(to ?? (await primaryKeyOf(connection, table, seq)))
    const written = parsed.foreignKeys.find((key) => key.columns.join('\0') === columns.join('\0'))
    const [, table, , , , action, update] = parts[0]! // one of `ids`
    const onDelete = ACTIONS[action]
    const own = written?.name ?? `${name}_${columns.join('_')}_fk`
    const more = beyond(action, update, parsed.deferred.has(columns.join('\0')))
    found.push({ name: own, columns, table, targets, ...(onDelete && { onDelete }), ...more })
  }
  return found
}

/** The introspector of SQLite; `connection` may be a Database. */
export const sqliteIntrospector: Introspector = {
  async tables(connection) {
    return (await connection.rows(TABLES, [])).map((row) => String(row[0]))
  },
  table: (connection, name) => readTable(connection, name),
  asDeclared: (connection, name) => readTable(connection, name, true),
  async views(connection) {
    return (await connection.rows(VIEWS, [])).map((row) => String(row[0]))
  },
  async view(connection, name) {
    const rows = (await connection.rows(COLUMNS, [name])) as [string, string, number, string | null, number][]
    if (rows.length === 0) return null
    const columns = rows.map(([column, declared]) => ({
      name: column,
      type: columnType(declared, false, false),
      null: true,
    }))
    return { name, columns, primaryKey: [], uniques: [], checks: [], indexes: [] }
  },
  async triggers(connection, table) {
    return (await connection.rows(TRIGGERS, [table])).map(([name, sql]) => ({ name: String(name), sql: [String(sql)] }))
  },
  async broken(connection, table) {
    for (const [what, sql] of await usesOf(connection, table)) {
      try {
        await connection.rows(query(sql, 0), [])
      } catch (error) {
        return `${what}: ${error instanceof Error ? error.message : String(error)}`
      }
    }
    return null
  },
}

/** Statements that can be prepared only where each view, and each trigger of a table, finds what it names. */
async function usesOf(connection: Connection, table: string): Promise<[what: string, sql: string][]> {
  const quote = (name: unknown) => `"${String(name).replaceAll('"', '""')}"`
  const views = await connection.rows(VIEWS, [])
  const uses = views.map(([view]): [string, string] => [`the view ${view}`, `SELECT 1 FROM ${quote(view)} LIMIT 0`])
  if ((await connection.rows(TRIGGERS, [table])).length === 0) return uses
  const columns = (await connection.rows(WRITTEN, [table])).map(([column]) => quote(column))
  const changes = [
    `INSERT INTO ${quote(table)} DEFAULT VALUES`,
    `UPDATE ${quote(table)} SET ${columns.map((column) => `${column} = ${column}`).join(', ')}`,
    `DELETE FROM ${quote(table)}`,
  ]
  return [...uses, ...changes.map((sql): [string, string] => [`a trigger of ${table}`, `EXPLAIN ${sql}`])]
}
