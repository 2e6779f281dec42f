/** The one place that knows the driver `mysql2`: what we use of it, and how it is loaded. */
import { ConfigurationError } from '../../../std/errors.ts'
import type { SqlRow } from '../backend.ts'

/** What the server says of a statement without rows. */
export interface MysqlEffect {
  readonly affectedRows: number
  /** The first identity given; beyond 2^53 a string. */
  readonly insertId: number | string
  /** `Records: 2  Duplicates: 1  Warnings: 0` of an insert of several rows, else empty. */
  readonly info: string
  readonly serverStatus: number
}
/** Rows, or an effect; of several statements a list of them. */
export type MysqlOutcome = SqlRow[] | MysqlEffect
/** A column of a result. */
export interface MysqlField {
  readonly name: string
  /** The protocol's number for its type. */
  readonly columnType: number
}
type Callback = (error: Error | null, outcome: MysqlOutcome, fields?: readonly MysqlField[]) => void

/** A statement that runs, and tells each row as it comes where it was given no callback. */
export interface MysqlCommand {
  on(event: 'result', listener: (row: SqlRow) => void): void
  on(event: 'error', listener: (error: Error) => void): void
  on(event: 'end', listener: () => void): void
}
/** One connection of the driver. */
export interface MysqlConnection {
  readonly threadId: number
  readonly stream: { ref(): void; unref(): void }
  execute(sql: string, values: readonly unknown[], callback?: Callback): MysqlCommand
  query(sql: string, callback: Callback): MysqlCommand
  once(event: 'connect', listener: () => void): void
  once(event: 'error', listener: (error: Error) => void): void
  on(event: 'error' | 'end', listener: (error?: Error) => void): void
  off(event: 'error', listener: (error: Error) => void): void
  pause(): void
  resume(): void
  end(callback: () => void): void
  destroy(): void
}
/** The driver's module. */
export interface MysqlModule {
  createConnection(options: Readonly<Record<string, unknown>>): MysqlConnection
  /** Values with the type they travel as. */
  readonly TypedParameter: {
    LONGLONG(value: number | bigint): unknown
    NEWDECIMAL(value: string): unknown
  }
}

/** @throws ConfigurationError db.driver-missing */
export async function loadMysql2(): Promise<MysqlModule> {
  const name = 'mysql2' // by name: an optional peer, which nobody without MySQL or MariaDB installs
  let module: MysqlModule
  try {
    module = ((await import(name)) as { default: MysqlModule }).default
  } catch (cause) {
    if ((cause as NodeJS.ErrnoException).code !== 'ERR_MODULE_NOT_FOUND') throw cause
    throw new ConfigurationError('The driver for MySQL and MariaDB is not installed.', {
      code: 'db.driver-missing',
      hint: 'Run: npm install mysql2',
      cause,
    })
  }
  if (module.TypedParameter !== undefined) return module
  throw new ConfigurationError('The driver mysql2 is too old: it cannot send integers as integers.', {
    code: 'db.driver-missing',
    hint: 'Run: npm install mysql2@latest (3.24 or newer)',
  })
}
