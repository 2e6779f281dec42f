/** The package better-sqlite3 as if it were `node:sqlite`: the same rows, the same errors. */
import { ConfigurationError } from '../../../std/errors.ts'
import type { OpenSqlite, SqliteDatabase, SqliteStatement } from './sqlite.ts'

interface PackageStatement {
  readonly reader: boolean
  readonly readonly: boolean
  all(...params: unknown[]): unknown[][]
  run(...params: unknown[]): { changes: number; lastInsertRowid: number | bigint }
  iterate(...params: unknown[]): IterableIterator<unknown[]>
  columns(): { name: string }[]
  raw(on: boolean): this
  safeIntegers(on: boolean): this
}
interface PackageDatabase {
  readonly open: boolean
  readonly inTransaction: boolean
  prepare(sql: string): PackageStatement
  exec(sql: string): unknown
  close(): unknown
  function(name: string, options: object, fn: (...args: unknown[]) => unknown): unknown
  aggregate(name: string, options: object): unknown
  unsafeMode(on: boolean): unknown
}
type PackageConstructor = new (path: string, options: { readonly?: boolean; timeout?: number }) => PackageDatabase

/** @throws ConfigurationError db.driver-missing */
export async function loadBetterSqlite(): Promise<OpenSqlite> {
  const name = 'better-sqlite3' // by name: an optional peer
  try {
    const { default: Package } = (await import(name)) as { default: PackageConstructor }
    return (path, options = {}) => {
      // timeout 0: as of node:sqlite, whose waits would be every request's.
      const database = calling(() => new Package(path, { timeout: 0, readonly: options.readOnly ?? false }))
      // Without it nothing could be written while a loop reads.
      database.unsafeMode(true)
      return new BetterSqlite(database)
    }
  } catch (cause) {
    if ((cause as NodeJS.ErrnoException).code !== 'ERR_MODULE_NOT_FOUND') throw cause
    throw new ConfigurationError('The driver better-sqlite3 is not installed.', {
      code: 'db.driver-missing',
      hint: 'Run: npm install better-sqlite3',
      cause,
    })
  }
}

/** SQLite's numbers by the names that the package gives: https://sqlite.org/rescode.html */
const NUMBERS: Readonly<Record<string, number>> = {
  ERROR: 1,
  PERM: 3,
  ABORT: 4,
  BUSY: 5,
  LOCKED: 6,
  NOMEM: 7,
  READONLY: 8,
  INTERRUPT: 9,
  IOERR: 10,
  CORRUPT: 11,
  FULL: 13,
  CANTOPEN: 14,
  SCHEMA: 17,
  TOOBIG: 18,
  CONSTRAINT: 19,
  MISMATCH: 20,
  MISUSE: 21,
  AUTH: 23,
  RANGE: 25,
  NOTADB: 26,
  CONSTRAINT_CHECK: 275,
  CONSTRAINT_FOREIGNKEY: 787,
  CONSTRAINT_NOTNULL: 1299,
  CONSTRAINT_PRIMARYKEY: 1555,
  CONSTRAINT_TRIGGER: 1811,
  CONSTRAINT_UNIQUE: 2067,
  CONSTRAINT_ROWID: 2579,
  CONSTRAINT_DATATYPE: 3091,
}

/** The package's errors get what those of node:sqlite have: a number, or the code of a value that cannot be bound. */
function calling<T>(work: () => T): T {
  try {
    return work()
  } catch (error) {
    throw asNode(error)
  }
}
function asNode(error: unknown): unknown {
  if (!(error instanceof Error)) return error
  const { code } = error as { code?: unknown }
  if (typeof code === 'string' && code.startsWith('SQLITE_')) {
    const name = code.slice('SQLITE_'.length)
    const errcode = NUMBERS[name] ?? NUMBERS[name.replace(/_.*$/, '')] ?? 1
    return Object.assign(error, { errcode })
  }
  if (code !== undefined || !(error instanceof TypeError || error instanceof RangeError)) return error
  const { message } = error
  if (/database connection is not open/.test(message)) return Object.assign(error, { code: 'ERR_INVALID_STATE' })
  if (/SQL string contains/.test(message)) return Object.assign(error, { code: 'SQLITE_ERROR', errcode: 1 })
  if (/can only bind|too big|parameter|object/.test(message))
    return Object.assign(error, { code: 'ERR_INVALID_ARG_TYPE' })
  return error
}

class BetterStatement implements SqliteStatement {
  readonly #statement: PackageStatement
  /** Integers come as bigint: asked for, or to see those too large for a number, which the package would round. */
  #bigints = false
  readonly #narrow: boolean

  constructor(statement: PackageStatement) {
    this.#statement = statement
    this.#narrow = !statement.readonly
    if (!statement.reader) return
    statement.raw(true)
    // What writes cannot be asked a second time.
    if (this.#narrow) statement.safeIntegers(true)
  }

  all(...params: unknown[]): never[] {
    const statement = this.#statement
    try {
      if (!statement.reader) {
        statement.run(...params)
        return []
      }
      const rows = statement.all(...params)
      for (let i = 0; i < rows.length; i++) this.#check(rows[i]!)
      return rows as never[] // arrays, as connection.ts asks for
    } catch (error) {
      throw asNode(error)
    }
  }

  run(...params: unknown[]): { changes: number; lastInsertRowid: number | bigint } {
    try {
      return this.#statement.run(...params)
    } catch (error) {
      throw asNode(error)
    }
  }

  *iterate(...params: unknown[]): NodeJS.Iterator<never, undefined> {
    if (!this.#bigints) this.#statement.safeIntegers(true)
    try {
      for (const row of this.#statement.iterate(...params)) {
        if (!this.#bigints) narrowed(row)
        yield plain(row) as never // as above
      }
    } catch (error) {
      throw asNode(error)
    }
  }

  columns(): never[] {
    return (this.#statement.reader ? this.#statement.columns() : []) as never[] // names are all that is used
  }

  setReturnArrays(): void {}

  setReadBigInts(on: boolean): void {
    this.#bigints = on
    this.#statement.safeIntegers(on)
  }

  #check(row: unknown[]): void {
    for (let i = 0; i < row.length; i++) {
      const value = row[i]
      // A large float counts, too: the statement is read again, with bigints, and gives the same.
      if (typeof value === 'number') {
        if ((value > Number.MAX_SAFE_INTEGER || value < Number.MIN_SAFE_INTEGER) && !this.#bigints && !this.#narrow) {
          if (Number.isInteger(value)) throw tooLarge()
        }
      } else if (typeof value === 'bigint') {
        if (this.#narrow && !this.#bigints) row[i] = number(value)
      } else if (value instanceof Uint8Array) row[i] = bytes(value)
    }
  }
}

function plain(row: unknown[]): unknown[] {
  for (let i = 0; i < row.length; i++) if (row[i] instanceof Uint8Array) row[i] = bytes(row[i] as Uint8Array) // just asked
  return row
}
/** A Buffer as what it is. */
const bytes = ({ buffer, byteOffset, byteLength }: Uint8Array): Uint8Array =>
  new Uint8Array(buffer, byteOffset, byteLength)
function narrowed(row: unknown[]): void {
  for (let i = 0; i < row.length; i++) {
    const value = row[i]
    if (typeof value === 'bigint') row[i] = number(value)
  }
}
function number(value: bigint): number {
  if (value > Number.MAX_SAFE_INTEGER || value < Number.MIN_SAFE_INTEGER) throw tooLarge()
  return Number(value)
}
const tooLarge = (): Error =>
  Object.assign(new RangeError('Value is too large to be represented as a JavaScript number.'), {
    code: 'ERR_OUT_OF_RANGE',
  })

class BetterSqlite implements SqliteDatabase {
  readonly #database: PackageDatabase

  constructor(database: PackageDatabase) {
    this.#database = database
  }

  get isOpen(): boolean {
    return this.#database.open
  }
  get isTransaction(): boolean {
    return this.#database.inTransaction
  }

  prepare(sql: string): SqliteStatement {
    return calling(() => new BetterStatement(this.#database.prepare(sql)))
  }

  exec(sql: string): void {
    calling(() => this.#database.exec(sql))
  }

  close(): void {
    this.#database.close()
  }

  function(name: string, options: unknown, fn?: unknown): void {
    const { useBigIntArguments = false, ...rest } = options as { useBigIntArguments?: boolean }
    // Functions of values of SQLite, as node:sqlite takes them.
    this.#database.function(name, { ...rest, safeIntegers: useBigIntArguments }, fn as (...args: unknown[]) => unknown)
  }

  aggregate(name: string, options: object): void {
    const { useBigIntArguments = false, ...rest } = options as { useBigIntArguments?: boolean }
    this.#database.aggregate(name, { ...rest, safeIntegers: useBigIntArguments })
  }
}
