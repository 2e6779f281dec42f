/**
 * One connection of the server: what every session speaks, statements as promises, rows as they come. Values travel in
 * prepared statements only, which take one statement at a time; text alone may hold several.
 */
import type { Encoder, SqlRow } from '../backend.ts'
import type { MysqlConnection, MysqlEffect, MysqlField, MysqlModule, MysqlOutcome } from './mysql2.ts'
import { RowStream } from './row-stream.ts'
import type { Server } from './server.ts'
import { mysqlEncoder, widen } from './values.ts'

/**
 * Modes of a session, whatever the server's: names between double quotes, `||` joins text, a backslash is a letter (so
 * that a quote in a text ends it nowhere but where it is doubled), and what does not fit is refused.
 */
const MODES = [
  'ANSI_QUOTES',
  'PIPES_AS_CONCAT',
  'NO_BACKSLASH_ESCAPES',
  'STRICT_ALL_TABLES',
  'ERROR_FOR_DIVISION_BY_ZERO',
  'NO_ZERO_DATE',
  'NO_ZERO_IN_DATE',
  'NO_ENGINE_SUBSTITUTION',
].join(',')
/** Digits that a division adds: 4, the server's own, would cut averages. */
const DIVISION_DIGITS = 16

/** What a session is set to. */
export interface SessionOptions {
  /** `READ COMMITTED` … */
  readonly isolation: string
  /** Seconds that a statement waits for a row that another holds. */
  readonly lockWait: number
  /** Milliseconds a statement may take; 0 = any. */
  readonly statementTimeout: number
}

/** The statements that begin every session; the last tells of the server. Comments with `M!` are read by MariaDB only, those with `!` by MySQL only. */
export function sessionSql({ isolation, lockWait, statementTimeout }: SessionOptions): string {
  const settings = [
    // Columns of an UPDATE are assigned at once, as everywhere else; MySQL goes from left to right.
    `sql_mode = CONCAT('${MODES}' /*M! , ',SIMULTANEOUS_ASSIGNMENT' */)`,
    "time_zone = '+00:00'",
    `innodb_lock_wait_timeout = ${lockWait}`,
    'group_concat_max_len = 4294967295',
    `div_precision_increment = ${DIVISION_DIGITS}`,
    'foreign_key_checks = 1',
    'autocommit = 1',
    // Text of ours compares as the database's own does.
    "collation_connection = IF(@@collation_database LIKE 'utf8mb4%', @@collation_database, 'utf8mb4_bin')",
  ]
  if (statementTimeout > 0)
    settings.push(
      `/*M! max_statement_time = ${statementTimeout / 1000} *//*!80000 max_execution_time = ${statementTimeout} */`,
    )
  return `SET NAMES utf8mb4; SET SESSION TRANSACTION ISOLATION LEVEL ${isolation}; SET ${settings.join(', ')}; SELECT VERSION(), @@auto_increment_increment`
}

const IN_TRANSACTION = 1

/** An open connection. */
export class Session {
  readonly #connection: MysqlConnection
  readonly #typed: MysqlModule['TypedParameter']
  /** Told when the connection is made. */
  server: Server = { isMariaDb: true, version: '', step: 1 }
  /** Set once the connection is of no more use. */
  lost = false
  readonly #streams = new Set<RowStream>()

  constructor(connection: MysqlConnection, module: MysqlModule) {
    this.#connection = connection
    this.#typed = module.TypedParameter
    // A lost connection fails the statement that runs; without a listener it would end the process.
    const lose = (): void => {
      this.lost = true
    }
    connection.on('error', lose)
    connection.on('end', lose)
  }

  /** The server's number of this connection. */
  get id(): number {
    return this.#connection.threadId
  }

  /** Text without values; of several statements the last one's outcome. */
  async query(sql: string): Promise<MysqlOutcome> {
    this.#free()
    return new Promise((resolve, reject) => {
      this.#connection.query(sql, (error, outcome) => (error === null ? resolve(outcome) : reject(this.#seen(error))))
    })
  }

  /** A prepared statement, kept by the connection for the next time. `encoders` tell how values travel. */
  execute(sql: string, params: readonly unknown[], encoders: readonly Encoder[]): Promise<MysqlOutcome> {
    return this.named(sql, params, encoders).then(([outcome]) => outcome)
  }

  /** As {@link execute}, with the names of the columns. */
  async named(
    sql: string,
    params: readonly unknown[],
    encoders: readonly Encoder[],
  ): Promise<[MysqlOutcome, readonly MysqlField[]]> {
    this.#free()
    const values = this.#wire(params, encoders)
    return new Promise((resolve, reject) => {
      this.#connection.execute(sql, values, (error, outcome, fields = []) => {
        if (error !== null) {
          reject(this.#seen(error))
          return
        }
        // Of a procedure there is a list of columns for each result.
        const lists: readonly unknown[] = Array.isArray(fields[0]) ? fields : [fields]
        const results: readonly unknown[] = Array.isArray(fields[0]) ? (outcome as readonly unknown[]) : [outcome]
        for (const [i, columns] of lists.entries()) {
          // The casts: the driver gives rows of what has columns.
          if (columns !== undefined && Array.isArray(results[i])) widen(results[i] as SqlRow[], columns as MysqlField[])
        }
        resolve([outcome, fields])
      })
    })
  }

  /** Rows as they come; the server waits while nobody reads. */
  stream(sql: string, params: readonly unknown[], encoders: readonly Encoder[], chunk: number): RowStream {
    this.#free()
    const command = this.#connection.execute(sql, this.#wire(params, encoders))
    const stream = new RowStream(this.#connection, command, chunk)
    this.#streams.add(stream)
    stream.ended.then(() => this.#streams.delete(stream))
    return stream
  }

  /** Keeps the process alive or not. */
  hold(held: boolean): void {
    if (held) this.#connection.stream.ref()
    else this.#connection.stream.unref()
  }

  destroy(): void {
    this.lost = true
    this.#connection.destroy()
  }

  /** Says good-bye to the server. */
  end(): Promise<void> {
    this.lost = true
    return new Promise((resolve) => this.#connection.end(() => resolve()))
  }

  /** A statement cannot begin before the rows of those before it have come: they come now, into memory. */
  #free(): void {
    for (const stream of this.#streams) stream.free()
  }

  #seen(error: Error): Error {
    if ((error as { fatal?: boolean }).fatal) this.lost = true
    return error
  }

  /** Integers and decimals as such: as text or floats the server would compare them as floats. */
  #wire(params: readonly unknown[], encoders: readonly Encoder[]): unknown[] {
    const width = encoders.length
    return params.map((value, i) => {
      if (typeof value === 'bigint' || (typeof value === 'number' && Number.isSafeInteger(value)))
        return this.#typed.LONGLONG(value)
      if (typeof value === 'string' && encoders[i % width] === DECIMAL) return this.#typed.NEWDECIMAL(value)
      return value instanceof Uint8Array && !Buffer.isBuffer(value)
        ? Buffer.from(value.buffer, value.byteOffset, value.byteLength)
        : value
    })
  }
}

const DECIMAL = mysqlEncoder('decimal')

/** What the server says of the connection after a statement; of rows the driver does not tell. */
function statusOf(outcome: MysqlOutcome): number | undefined {
  const last = Array.isArray(outcome) ? (outcome.at(-1) as unknown) : outcome
  return (last as MysqlEffect | undefined)?.serverStatus
}

/** Whether the server says that a transaction is open after a statement, or does not say. */
export function isInTransaction(outcome: MysqlOutcome): boolean {
  const status = statusOf(outcome)
  return status === undefined || (status & IN_TRANSACTION) !== 0
}

/** Whether the server says that a statement left a transaction open. */
export function leavesOpen(outcome: MysqlOutcome): boolean {
  return ((statusOf(outcome) ?? 0) & IN_TRANSACTION) !== 0
}

/** The rows of an outcome; none where the statement gives none. */
export function rowsOf(outcome: MysqlOutcome): SqlRow[] {
  return Array.isArray(outcome) ? outcome : []
}
