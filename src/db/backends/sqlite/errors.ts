/** SQLite's errors as ours. Codes: https://sqlite.org/rescode.html */
import {
  type ConstraintKind,
  DatabaseError,
  DataError,
  IntegrityError,
  OperationalError,
  ProgrammingError,
  SAME_ALWAYS,
  SEE_MIGRATIONS,
} from '../../errors.ts'

const BUSY = 5
const LOCKED = 6

interface DriverError extends Error {
  readonly code: string
  readonly errcode?: number
}

function isDriverError(error: unknown): error is DriverError {
  return error instanceof Error && typeof (error as { code?: unknown }).code === 'string'
}

/** Another connection has the lock; trying again later may succeed. */
export function isBusy(error: unknown): boolean {
  if (!isDriverError(error) || error.errcode === undefined) return false
  const primary = error.errcode & 0xff
  return primary === BUSY || primary === LOCKED
}

/** A reference would lead nowhere. */
export function isBrokenReference(error: unknown): error is Error {
  return isDriverError(error) && error.errcode === 787
}

/** The driver refuses to round an integer beyond 2^53. */
export function isTooLarge(error: unknown): boolean {
  return isDriverError(error) && error.code === 'ERR_OUT_OF_RANGE'
}

const CONSTRAINTS: Readonly<Record<number, { kind: ConstraintKind; code: string }>> = {
  275: { kind: 'check', code: 'db.check-violation' },
  787: { kind: 'foreignKey', code: 'db.foreign-key-violation' },
  1299: { kind: 'notNull', code: 'db.not-null-violation' },
  1555: { kind: 'primaryKey', code: 'db.unique-violation' },
  2067: { kind: 'unique', code: 'db.unique-violation' },
  2579: { kind: 'primaryKey', code: 'db.unique-violation' },
}

function integrityError(error: DriverError, sql: string): IntegrityError {
  const { kind, code } = CONSTRAINTS[error.errcode!] ?? { kind: 'other' as const, code: 'db.integrity-error' }
  const detail = /constraint failed: ([\s\S]+)$/.exec(error.message)?.[1] ?? ''
  const paths = kind === 'check' || detail.startsWith('index ') ? [] : detail.split(', ')
  const columns = paths.map((path) => path.slice(path.indexOf('.') + 1)).filter((name) => name !== '')
  const told = paths[0]?.includes('.') ? paths[0].slice(0, paths[0].indexOf('.')) : null
  // The copy of a table that is made anew: nobody knows it by that name.
  const isCopied = told !== null && sql.startsWith('INSERT INTO "new__')
  const table = isCopied ? told.replace(/^new__/, '') : told
  const name = kind === 'check' ? detail : (/^index '(.+)'$/.exec(detail)?.[1] ?? null)
  const where = columns.length > 0 ? `${table}.${columns.join(', ')}` : (name ?? '')
  const messages: Record<ConstraintKind, string> = {
    unique: `A row with the same ${where} already exists.`,
    primaryKey: `A row with the same ${where} already exists.`,
    notNull: `${where} cannot be null.`,
    check: `The check "${where}" does not hold.`,
    exclusion: `A row that excludes this one already exists (${name}).`,
    foreignKey:
      columns.length > 0
        ? `${where} would refer to a row that does not exist.`
        : 'A reference leads to a row that does not exist, or a row that others refer to would go.',
    other: error.message,
  }
  return new IntegrityError(messages[kind], { code, constraint: kind, table, columns, name, sql, cause: error })
}

const OPERATIONAL: Readonly<Record<number, { code: string; what: string; hint: string }>> = {
  7: { code: 'db.out-of-memory', what: 'SQLite has no more memory', hint: 'Read large results with iterator().' },
  8: {
    code: 'db.read-only',
    what: 'The database cannot be written',
    hint: 'Check the rights of the file and its folder.',
  },
  10: {
    code: 'db.io-error',
    what: 'The disk failed to read or write',
    hint: 'Check the disk; restore a backup if needed.',
  },
  11: {
    code: 'db.corrupt',
    what: 'The database file is damaged',
    hint: 'Restore a backup, or see sqlite.org/recovery.html.',
  },
  13: { code: 'db.disk-full', what: 'The disk is full', hint: 'Free some space; the transaction was rolled back.' },
  14: {
    code: 'db.cannot-open',
    what: 'The database file cannot be opened',
    hint: 'Check the path and the rights of its folder.',
  },
  26: { code: 'db.not-a-database', what: 'The file is not an SQLite database', hint: 'Check the path in `databases`.' },
}

/**
 * An error of node:sqlite as one of ours; others as they are. `sql` is kept without its values.
 * @param path   the database file, where it is being opened: SQLite does not name it
 */
export function translateSqliteError(error: unknown, sql: string, path?: string): unknown {
  if (error instanceof DatabaseError || !isDriverError(error)) return error
  const { errcode } = error
  if (errcode === undefined) {
    if (isTooLarge(error)) {
      return new DataError('The database holds an integer beyond ±2^53 that was read as a number.', {
        code: 'db.integer-too-large',
        hint: 'Declare the column with bigInteger(), or cast it to text in raw SQL.',
        sql,
        cause: error,
      })
    }
    if (error.code === 'ERR_INVALID_ARG_TYPE' || error.code === 'ERR_INVALID_ARG_VALUE') {
      return new DataError(`SQLite cannot hold a value of the statement: ${error.message}`, {
        code: 'db.invalid-value',
        sql,
        cause: error,
      })
    }
    return error.code === 'ERR_INVALID_STATE' ? closedError(error, sql) : error
  }
  const primary = errcode & 0xff
  if (primary === 19) return integrityError(error, sql)
  if (primary === 18 || primary === 20 || /pattern too complex|integer overflow/.test(error.message)) {
    return new DataError(`SQLite refused a value: ${error.message}.`, {
      code: 'db.invalid-value',
      sql,
      status: 400,
      cause: error,
    })
  }
  const known = OPERATIONAL[primary]
  if (known) {
    const where = path === undefined ? '' : ` (${path})`
    return new OperationalError(`${known.what}${where}: ${error.message}.`, {
      code: known.code,
      hint: known.hint,
      sql,
      cause: error,
    })
  }
  if (primary === BUSY || primary === LOCKED) {
    return new OperationalError(`The database is locked: ${error.message}.`, {
      code: 'db.locked',
      status: 503,
      sql,
      cause: error,
    })
  }
  const missing = /^no such (table|column): |^table \S+ has no (column) named /.exec(error.message)
  return new ProgrammingError(`SQLite refused the statement: ${error.message}.`, {
    code: missing ? `db.no-such-${missing[1] ?? missing[2]}` : 'db.invalid-sql',
    ...(missing && { hint: SEE_MIGRATIONS }),
    ...(/^non-deterministic /.test(error.message) && { hint: SAME_ALWAYS }),
    sql,
    cause: error,
  })
}

function closedError(error: DriverError, sql: string): OperationalError {
  return new OperationalError(`The database is closed: ${error.message}.`, { code: 'db.closed', sql, cause: error })
}
