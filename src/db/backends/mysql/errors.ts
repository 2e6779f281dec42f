/** Errors of MariaDB and MySQL as ours. Numbers: https://mariadb.com/kb/en/mariadb-error-code-reference/ */
import {
  type ConstraintKind,
  DatabaseError,
  DataError,
  IntegrityError,
  locksTables,
  OperationalError,
  ProgrammingError,
  SAME_ALWAYS,
  SEE_MIGRATIONS,
  SEE_SQL,
  TABLE_IN_USE,
} from '../../errors.ts'
import { shorterKey } from '../table-parts.ts'
import { mysqlFeatures } from './features.ts'

interface ServerError extends Error {
  readonly code: string
  readonly errno: number
  readonly sqlState?: string
  readonly sqlMessage?: string
}

interface Broken {
  readonly kind: ConstraintKind
  readonly code: string
}
const NOT_NULL: Broken = { kind: 'notNull', code: 'db.not-null-violation' }
const UNIQUE: Broken = { kind: 'unique', code: 'db.unique-violation' }
const REFERENCE: Broken = { kind: 'foreignKey', code: 'db.foreign-key-violation' }
const CHECK: Broken = { kind: 'check', code: 'db.check-violation' }
const CONSTRAINTS: Readonly<Record<number, Broken>> = {
  1048: NOT_NULL,
  1364: NOT_NULL,
  1062: UNIQUE,
  1586: UNIQUE,
  // MariaDB, of a table that others refer to: ALTER TABLE would have to drop rows that a new unique index finds twice.
  1834: UNIQUE,
  1216: REFERENCE,
  1217: REFERENCE,
  1451: REFERENCE,
  1452: REFERENCE,
  3819: CHECK,
  4025: CHECK,
  1644: { kind: 'other', code: 'db.integrity-error' },
}

/** The name without quotes of either kind, and without the database before it. */
const bare = (name: string): string => name.replaceAll(/[`"]/g, '').split('.').at(-1)!

/** Where a constraint was broken, as far as the message tells; values in it are left where they are. */
function placeOf(
  { kind }: Broken,
  message: string,
  sql: string,
): { table: string | null; columns: string[]; name: string | null } {
  const written = /^\s*(?:insert into|update|delete from|replace into)\s+(["`][^"`]+["`]|\w+)/i.exec(sql)?.[1]
  const table = written === undefined ? null : bare(written)
  if (kind === 'notNull') {
    const column = /^(?:Column|Field) '([^']+)'/.exec(message)?.[1]
    return { table, columns: column === undefined ? [] : [column], name: null }
  }
  if (kind === 'unique') {
    // MySQL writes `table.key`, MariaDB the key alone.
    const key = /for key '([^']+)'$/.exec(message)?.[1] ?? /ADD UNIQUE INDEX ["`]([^"`]+)/i.exec(sql)?.[1]
    return { table, columns: [], name: key === undefined ? null : bare(key) }
  }
  if (kind === 'foreignKey') {
    const [, child, name, columns] =
      /constraint fails \(((?:[`"][^`"]+[`"]\.)?[`"][^`"]+[`"]), CONSTRAINT [`"]([^`"]+)[`"] FOREIGN KEY \(([^)]*)\)/.exec(
        message,
      ) ?? []
    return {
      table: child === undefined ? table : bare(child),
      columns: columns?.split(', ').map(bare) ?? [],
      name: name ?? null,
    }
  }
  const name = /CONSTRAINT [`"](.+?)[`"] failed|Check constraint '([^']+)'/.exec(message)
  return { table, columns: [], name: name === null ? null : bare(name[1] ?? name[2]!) }
}

function integrityError(error: ServerError, broken: Broken, sql: string): DatabaseError {
  const message = error.sqlMessage ?? error.message
  const { table, columns: told, name } = placeOf(broken, message, sql)
  const { kind, code } = broken
  const isKey = kind === 'unique' && name === 'PRIMARY'
  const columns = kind === 'unique' && !isKey && name !== null && table !== null ? columnsOfKey(table, name) : told
  const where = columns.length > 0 ? `${table}.${columns.join(', ')}` : (name ?? table ?? '')
  const messages: Record<ConstraintKind, string> = {
    unique: `A row with the same ${where} already exists.`,
    primaryKey: `A row with the same key of ${table} already exists.`,
    notNull: `${where} cannot be null.`,
    check: `The check "${name}" does not hold.`,
    exclusion: `A row that excludes this one already exists (${name}).`,
    foreignKey: `A reference of ${where} leads to a row that does not exist, or a row that others refer to would go.`,
    other: message, // of a trigger, which says why
  }
  const constraint = isKey ? 'primaryKey' : kind
  return new IntegrityError(messages[constraint], { code, constraint, table, columns, name, sql, cause: error })
}

/** Columns of a key that is named for them (ddl.ts): `book_isbn_uniq`; none where it has another name. */
function columnsOfKey(table: string, name: string): string[] {
  const column = name.startsWith(`${table}_`) && name.endsWith('_uniq') ? name.slice(table.length + 1, -5) : ''
  return column === '' ? [] : [column]
}

interface Known {
  readonly code: string
  readonly what: string
  readonly hint: string
}
const DENIED: Known = { code: 'db.access-denied', what: 'The server refused the user', hint: 'Check the database URL.' }
const FULL: Known = {
  code: 'db.too-many-connections',
  what: 'The server has no more connections',
  hint: 'Lower poolSize, or raise max_connections of the server.',
}
const LOCKED: Known = {
  code: 'db.locked',
  what: 'A lock was not free',
  hint: 'Another transaction holds the row, or one of a migration the table.',
}
const TABLE_LOCKED: Known = { ...LOCKED, hint: `${TABLE_IN_USE}SHOW PROCESSLIST.` }
const CANCELLED: Known = {
  code: 'db.cancelled',
  what: 'The statement was stopped',
  hint: 'It took too long, or its signal was aborted.',
}
const SLOW: Known = {
  ...CANCELLED,
  hint: 'It took longer than statementTimeout, an option of the database, allows; waiting for a row is part of that.',
}
const READ_ONLY: Known = {
  code: 'db.read-only',
  what: 'The database takes no writes here',
  hint: 'It is a replica, or its transactions are read only: write to the primary.',
}
const LOST: Known = {
  code: 'db.connection-lost',
  what: 'The connection to the database was lost',
  hint: 'Nothing that was not committed is stored. The pool opens another connection.',
}
const SERVER: Readonly<Record<number, Known>> = {
  1040: FULL,
  1203: FULL,
  1226: FULL,
  1044: DENIED,
  1045: DENIED,
  1698: DENIED,
  1049: {
    code: 'db.no-such-database',
    what: 'There is no such database',
    hint: 'Create it: CREATE DATABASE name CHARACTER SET utf8mb4.',
  },
  1205: LOCKED,
  3572: LOCKED,
  1213: {
    code: 'db.deadlock',
    what: 'Transactions waited for each other',
    hint: 'Run the block again; lock rows in one order.',
  },
  1020: {
    code: 'db.serialization-failure',
    what: 'Transactions disturbed each other',
    hint: 'Run the block again.',
  },
  1317: CANCELLED,
  1969: SLOW,
  3024: SLOW,
  1792: READ_ONLY,
  1836: READ_ONLY,
  1927: LOST,
  1053: LOST,
  4031: LOST,
  1021: { code: 'db.disk-full', what: 'The disk of the server is full', hint: 'Free some space.' },
  1114: { code: 'db.disk-full', what: 'The table of the server is full', hint: 'Free some space.' },
}
/** A value that its column, or an expression, cannot hold. */
const DATA: ReadonlySet<number> = new Set([
  1264, 1265, 1292, 1365, 1366, 1367, 1406, 1411, 1426, 1441, 1690, 3140, 3141, 3156, 4037, 4038,
])
const PATTERN: ReadonlySet<number> = new Set([
  1139, 3685, 3686, 3687, 3688, 3689, 3690, 3691, 3692, 3693, 3694, 3695, 3696, 3697, 3698, 3699,
])
const NETWORK = /^(ECONNREFUSED|ENOTFOUND|ETIMEDOUT|EHOSTUNREACH|ENOENT|EAI_AGAIN)$/
const GONE = /^(PROTOCOL_CONNECTION_LOST|ECONNRESET|EPIPE)$/

function operational({ code, what, hint }: Known, error: Error, sql: string): OperationalError {
  return new OperationalError(`${what}: ${error.message}.`, { code, status: 503, hint, sql, cause: error })
}

/** An error of the driver or the server as one of ours; others as they are. `sql` is kept without its values. */
export function translateMysqlError(error: unknown, sql: string): unknown {
  if (error instanceof DatabaseError || !(error instanceof Error)) return error
  const { code } = error as ServerError
  if (typeof code === 'string' && NETWORK.test(code)) {
    const known = {
      code: 'db.cannot-connect',
      what: 'The database server cannot be reached',
      hint: 'Is the server running, and is the host in the database URL right?',
    }
    return operational(known, error, sql)
  }
  const isGone = (typeof code === 'string' && GONE.test(code)) || /closed state|Connection lost/i.test(error.message)
  if (isGone) return operational(LOST, error, sql)
  // Of errors of its own MariaDB's have numbers that the driver has no name for.
  const { errno, sqlState } = error as ServerError
  if (typeof errno !== 'number' || sqlState === undefined) return error
  return serverError(error as ServerError, sql)
}

/** Where a generated column, a check or the condition of a unique constraint names a key that counts by itself. */
const NOT_FROM_KEY =
  'Here a check, a stored or indexed computed field and the condition of a unique constraint name other columns than such a key: ' +
  'one that the condition is really about, or no condition.'

function serverError(error: ServerError, sql: string): DatabaseError {
  const { errno } = error
  const message = error.sqlMessage ?? error.message
  const broken = CONSTRAINTS[errno]
  if (broken !== undefined) {
    // MariaDB keeps JSON as text with a check of the column's name.
    return integrityError(error, broken, sql)
  }
  // `--read-only`, as replicas have it; other options of the server have the same number.
  const known = errno === 1290 && /read[-_]only/.test(message) ? READ_ONLY : SERVER[errno]
  // One number for rows and tables; what changes tables waits for no row.
  if (known === LOCKED && locksTables(sql)) return operational(TABLE_LOCKED, error, sql)
  if (known !== undefined) return operational(known, error, sql)
  if (PATTERN.has(errno)) {
    return new DataError(`The regular expression is none: ${message}.`, {
      code: 'db.invalid-pattern',
      status: 400,
      sql,
      cause: error,
    })
  }
  if (DATA.has(errno)) {
    return new DataError(`The database refused a value: ${message}.`, {
      code: 'db.invalid-value',
      status: 400,
      sql,
      cause: error,
    })
  }
  // MySQL tells generated columns from indexes and checks; MariaDB does not.
  if (errno === 1901 || errno === 3102 || errno === 3757 || errno === 3814) {
    const [what, where] = /'([^']+)'.*?([`'][^`']+[`'])\W*$/.exec(message)?.slice(1) ?? []
    const column = where?.replaceAll(/[`']/g, '"')
    // Named is then the key that is read, not the column, the check or the condition that reads it.
    const isNumbered = what === 'AUTO_INCREMENT'
    const told = isNumbered
      ? `The database gives ${column} its numbers by itself (AUTO_INCREMENT), and neither checks nor keeps what is computed from it. `
      : what === undefined
        ? ''
        : `${column} cannot be computed from ${what}. `
    return new ProgrammingError(`${told}The database refused the statement: ${message}.`, {
      code: 'db.invalid-sql',
      hint: isNumbered ? NOT_FROM_KEY : SAME_ALWAYS,
      sql,
      cause: error,
    })
  }
  // A long text, or one that is too wide, in a key; MariaDB takes them in unique constraints, MySQL in neither.
  if (errno === 1170 || errno === 1071) {
    return new ProgrammingError(`The database refused the statement: ${message}.`, {
      code: 'db.invalid-sql',
      hint: shorterKey(mysqlFeatures),
      sql,
      cause: error,
    })
  }
  // MariaDB says of what it should drop which kind it is, MySQL does not.
  const isColumn = errno === 1054 || (errno === 1091 && /DROP COLUMN/i.test(message))
  const missing = errno === 1146 || errno === 1051 ? 'table' : isColumn ? 'column' : null
  return new ProgrammingError(`The database refused the statement: ${message}.`, {
    code: missing ? `db.no-such-${missing}` : 'db.invalid-sql',
    hint: missing || errno === 1091 ? SEE_MIGRATIONS : SEE_SQL,
    sql,
    cause: error,
  })
}
