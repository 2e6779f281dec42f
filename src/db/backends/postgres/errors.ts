/** PostgreSQL's errors as ours. Codes: https://www.postgresql.org/docs/current/errcodes-appendix.html */
import {
  type ConstraintKind,
  DatabaseError,
  DataError,
  IntegrityError,
  locksTables,
  NotSupportedError,
  OperationalError,
  ProgrammingError,
  SAME_ALWAYS,
  SEE_MIGRATIONS,
  SEE_SQL,
  TABLE_IN_USE,
  TransactionError,
} from '../../errors.ts'
import { missingExtension } from './extensions.ts'

interface ServerError extends Error {
  readonly code: string
  readonly detail?: string
  readonly hint?: string
  readonly table?: string
  readonly column?: string
  readonly constraint?: string
  /** What it was doing: `while updating tuple (0,1) in relation "books"`. */
  readonly where?: string
}

const CONSTRAINTS: Readonly<Record<string, { kind: ConstraintKind; code: string }>> = {
  '23502': { kind: 'notNull', code: 'db.not-null-violation' },
  '23503': { kind: 'foreignKey', code: 'db.foreign-key-violation' },
  '23505': { kind: 'unique', code: 'db.unique-violation' },
  '23514': { kind: 'check', code: 'db.check-violation' },
  '23P01': { kind: 'exclusion', code: 'db.exclusion-violation' },
}

const TOO_LONG = 'Ask before with fullClean(), which names the field, or give the field more maxLength and migrate.'

function integrityError(error: ServerError, sql: string): IntegrityError {
  const { kind, code } = CONSTRAINTS[error.code] ?? { kind: 'other' as const, code: 'db.integrity-error' }
  const { detail = '' } = error
  // Of a row that others refer to, the columns are those of its own table, which the server does not name.
  const stays = error.code === '23503' && / is still referenced from table /.test(detail)
  const listed = stays ? undefined : /^Key \(([^)]*)\)=/.exec(detail)?.[1]
  const columns = error.column ? [error.column] : (listed?.split(', ').map((name) => name.replaceAll('"', '')) ?? [])
  const table = error.table ?? null
  const name = error.constraint ?? null
  const where = columns.length > 0 ? `${table}.${columns.join(', ')}` : (name ?? '')
  const messages: Record<ConstraintKind, string> = {
    unique: `A row with the same ${where} already exists.`,
    primaryKey: `A row with the same ${where} already exists.`,
    notNull: `${where} cannot be null.`,
    check: `The check "${name}" does not hold.`,
    exclusion: `A row that excludes this one already exists (${name}).`,
    foreignKey: stays
      ? `A row that rows of ${table} refer to cannot go (${name}).`
      : / is not present in table /.test(detail)
        ? `${where} refers to a row that does not exist.`
        : `A reference of ${where} leads to a row that does not exist, or a row that others refer to would go.`,
    other: error.message,
  }
  const isKey = kind === 'unique' && name !== null && name.endsWith('_pkey')
  const constraint = isKey ? 'primaryKey' : kind
  return new IntegrityError(messages[kind], { code, constraint, table, columns, name, sql, cause: error })
}

const OPERATIONAL: Readonly<Record<string, { code: string; what: string; hint: string }>> = {
  '28P01': { code: 'db.access-denied', what: 'The server refused the password', hint: 'Check the database URL.' },
  '28000': {
    code: 'db.access-denied',
    what: 'The server refused the user',
    hint: 'Check the database URL and pg_hba.conf.',
  },
  '3D000': { code: 'db.no-such-database', what: 'There is no such database', hint: 'Create it: createdb <name>.' },
  '53300': {
    code: 'db.too-many-connections',
    what: 'The server has no more connections',
    hint: 'Lower poolSize, or put a pooler such as pgbouncer before the server.',
  },
  '57014': {
    code: 'db.cancelled',
    what: 'The statement was stopped',
    hint: 'It took too long, or its signal was aborted.',
  },
  '57P01': {
    code: 'db.connection-lost',
    what: 'The server ended the connection',
    hint: 'Try again: the pool opens another.',
  },
  '55P03': { code: 'db.locked', what: 'A lock was not free', hint: '' },
  '40001': {
    code: 'db.serialization-failure',
    what: 'Transactions disturbed each other',
    hint: 'Run the block again.',
  },
  '40P01': {
    code: 'db.deadlock',
    what: 'Transactions waited for each other',
    hint: 'Run the block again; lock rows in one order.',
  },
  '25006': {
    code: 'db.read-only',
    what: 'The database takes no writes here',
    hint: 'It is a replica, or its transactions are read only: write to the primary.',
  },
  '53100': { code: 'db.disk-full', what: 'The disk of the server is full', hint: 'Free some space.' },
}
const SLOW =
  'It took longer than statementTimeout, an option of the database, allows; waiting for a row is part of that.'
const LOCKED = '55P03'
const NETWORK = /^(ECONNREFUSED|ECONNRESET|ENOTFOUND|ETIMEDOUT|EPIPE|EHOSTUNREACH|ENOENT|EAI_AGAIN)$/
const LOST = /Connection terminated|connection is closed|not queryable|Client was closed/i

/** Who holds a lock: one of a row is told as such, any other is the table's. */
function holder({ message, where = '' }: ServerError, sql: string): string {
  if (locksTables(sql)) return `${TABLE_IN_USE}select * from pg_stat_activity.`
  const isRow = /\btuple\b/.test(where) || message.includes('lock on row')
  return isRow ? 'Another transaction holds the row.' : 'Another transaction, as one of a migration, holds the table.'
}

/** An error of the driver or the server as one of ours; others as they are. `sql` is kept without its values. */
export function translatePostgresError(error: unknown, sql: string): unknown {
  if (error instanceof DatabaseError || !(error instanceof Error)) return error
  const { code } = error as ServerError
  if (/timeout exceeded when trying to connect/.test(error.message)) {
    return new OperationalError('No connection of the pool was free in time.', {
      code: 'db.pool-exhausted',
      status: 503,
      hint: 'Keep slow work out of atomic blocks, or raise poolSize (or lockTimeout) in the database URL.',
      sql,
      cause: error,
    })
  }
  if (typeof code === 'string' && NETWORK.test(code)) {
    return new OperationalError(`The database server cannot be reached: ${error.message}.`, {
      code: 'db.cannot-connect',
      status: 503,
      hint: 'Is the server running, and is the host in the database URL right?',
      sql,
      cause: error,
    })
  }
  if (LOST.test(error.message)) {
    return new OperationalError(`The connection to the database was lost: ${error.message}.`, {
      code: 'db.connection-lost',
      status: 503,
      hint: 'Nothing that was not committed is stored. The pool opens another connection.',
      sql,
      cause: error,
    })
  }
  if (typeof code !== 'string' || !/^[0-9A-Z]{5}$/.test(code)) return error
  return serverError(error as ServerError, sql)
}

function serverError(error: ServerError, sql: string): DatabaseError {
  const { code } = error
  if (code.startsWith('23')) return integrityError(error, sql)
  const known = OPERATIONAL[code] ?? (code.startsWith('08') ? OPERATIONAL['57P01'] : undefined)
  if (known) {
    return new OperationalError(`${known.what}: ${error.message}.`, {
      code: known.code,
      status: 503,
      hint: error.message.includes('statement timeout') ? SLOW : code === LOCKED ? holder(error, sql) : known.hint,
      sql,
      cause: error,
    })
  }
  if (code === '25P02') {
    return new TransactionError('A statement of this transaction failed, so nothing more is accepted in it.', {
      code: 'db.broken-transaction',
      hint: 'Put what may fail in an atomic block of its own.',
      sql,
      cause: error,
    })
  }
  if (code === '2201B') {
    return new DataError(`The regular expression is none: ${error.message}.`, {
      code: 'db.invalid-pattern',
      status: 400,
      sql,
      cause: error,
    })
  }
  // A search in PostgreSQL's own signs.
  if (code.startsWith('22') || (code === '42601' && error.message.includes('in tsquery'))) {
    return new DataError(`PostgreSQL refused a value: ${error.message}.`, {
      code: 'db.invalid-value',
      status: 400,
      hint: code === '22001' ? TOO_LONG : undefined,
      sql,
      cause: error,
    })
  }
  const option = /^unrecognized EXPLAIN option "(\w+)"/.exec(error.message)?.[1]
  if (option !== undefined) {
    return new NotSupportedError(`This server's EXPLAIN has no ${option.toUpperCase()}.`, {
      code: 'db.explain-option',
      hint: 'genericPlan needs PostgreSQL 16, memory and serialize need 17.',
      sql,
      cause: error,
    })
  }
  const extension = code.startsWith('42') ? missingExtension(error.message) : null
  if (extension !== null) {
    return new ProgrammingError(`The extension "${extension}" is not installed in this database: ${error.message}.`, {
      code: 'db.missing-extension',
      hint: `Put createExtension('${extension}') among the operations of a migration before this one.`,
      sql,
      cause: error,
    })
  }
  const absent = /^extension "(\w+)" is not available/.exec(error.message)?.[1]
  if (absent !== undefined) {
    return new ProgrammingError(`The server has no extension "${absent}" that it could install.`, {
      code: 'db.missing-extension',
      hint: `Install it on the machine of the server${absent === 'vector' ? ' (its package is called pgvector)' : ''}; PGlite takes the option extensions=${absent}.`,
      sql,
      cause: error,
    })
  }
  const missing = code === '42P01' ? 'table' : code === '42703' ? 'column' : null
  return new ProgrammingError(`PostgreSQL refused the statement: ${error.message}.`, {
    code: missing ? `db.no-such-${missing}` : 'db.invalid-sql',
    hint: missing
      ? SEE_MIGRATIONS
      : /not immutable|marked IMMUTABLE/.test(error.message)
        ? SAME_ALWAYS
        : (error.hint ?? SEE_SQL),
    sql,
    cause: error,
  })
}
