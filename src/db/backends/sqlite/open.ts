/** From a database URL to an open connection, with errors that say which path and what to do. */
import { accessSync, closeSync, constants, openSync, readSync, statSync } from 'node:fs'
import { dirname, isAbsolute, resolve } from 'node:path'
import { fileURLToPath } from 'node:url'
import { ConfigurationError } from '../../../std/errors.ts'
import { OperationalError } from '../../errors.ts'
import type { DatabaseConfig } from '../backend.ts'

/**
 * The file of a URL: `sqlite:./db.sqlite3` (relative to `root`), `sqlite:///var/db.sqlite3`, `file:…`, or
 * `sqlite::memory:`. Gives `:memory:` for the last.
 * @throws ConfigurationError db.invalid-url
 */
export function sqlitePath(config: DatabaseConfig): string {
  const rest = config.url.replace(/^sqlite3?:/, '')
  if (rest === ':memory:' || rest === '//:memory:') return ':memory:'
  if (rest.startsWith('file:')) return fileURLToPath(rest)
  let path = rest.startsWith('//') ? rest.slice(2) : rest
  try {
    path = decodeURIComponent(path.replace(/\?.*$/, ''))
  } catch {
    path = ''
  }
  if (path === '' || path.includes('\0')) {
    throw new ConfigurationError(`${JSON.stringify(config.url)} names no SQLite file.`, {
      code: 'db.invalid-url',
      hint: 'Write sqlite:./db.sqlite3, sqlite:/var/lib/app/db.sqlite3 or sqlite::memory:.',
    })
  }
  return isAbsolute(path) ? path : resolve(config.root ?? process.cwd(), path)
}

const HEADER = 'SQLite format 3\0'

function problem(code: string, message: string, hint: string, cause?: unknown): OperationalError {
  return new OperationalError(message, { code, hint, cause })
}

/**
 * Looks before opening: SQLite itself only says "unable to open database file".
 * @throws OperationalError db.cannot-open, db.read-only, db.not-a-database
 */
export function assertUsable(path: string): void {
  const folder = dirname(path)
  const stat = statSync(path, { throwIfNoEntry: false })
  if (stat === undefined) {
    const parent = statSync(folder, { throwIfNoEntry: false })
    if (parent !== undefined && !parent.isDirectory()) {
      throw problem(
        'db.cannot-open',
        `The database file ${path} cannot be made: ${folder} is a file, not a folder.`,
        'Change the path in `databases`.',
      )
    }
    if (parent === undefined) {
      throw problem(
        'db.cannot-open',
        `The database file ${path} cannot be made: there is no folder ${folder}.`,
        `Make the folder (mkdir -p ${folder}) or change the path in \`databases\`.`,
      )
    }
    assertWritable(folder, `The database file ${path} cannot be made: the folder ${folder} cannot be written.`)
    return
  }
  if (!stat.isFile()) {
    throw problem('db.cannot-open', `${path} is not a file.`, 'A database needs the path of a file in `databases`.')
  }
  assertWritable(path, `The database file ${path} cannot be written.`)
  assertWritable(
    folder,
    `The database file ${path} cannot be written: SQLite needs to write in its folder ${folder}, too.`,
  )
  if (stat.size > 0 && readHeader(path) !== HEADER) {
    throw problem(
      'db.not-a-database',
      `${path} is not an SQLite database.`,
      'Check the path in `databases`; the file was not touched.',
    )
  }
}

function assertWritable(path: string, message: string): void {
  try {
    accessSync(path, constants.R_OK | constants.W_OK)
  } catch (error) {
    throw problem('db.read-only', message, 'Give the user that runs this process the right to write there.', error)
  }
}

function readHeader(path: string): string {
  const file = openSync(path, 'r')
  try {
    const bytes = Buffer.alloc(16)
    const length = readSync(file, bytes, 0, 16, 0)
    return bytes.toString('latin1', 0, length)
  } finally {
    closeSync(file)
  }
}

/** Milliseconds a statement or block waits for the writer. */
const LOCK_TIMEOUT = 5000
/** Prepared statements kept by each connection. */
const STATEMENTS = 500
/** Workers that read, at most. */
const READERS = 2
const SYNCHRONOUS = new Set(['OFF', 'NORMAL', 'FULL', 'EXTRA'])

/** What the options of a database say, in the form they are used. */
export interface SqliteOptions {
  readonly lockTimeout: number
  /** Prepared statements kept by each connection. */
  readonly statements: number
  readonly synchronous: string
  readonly driver: unknown
  /** Statements run in processes of their own. */
  readonly worker: boolean
  /** Workers that read, at most. */
  readonly readers: number
  /** Milliseconds a statement may take; 0 for any. */
  readonly statementTimeout: number
}

/** @throws ConfigurationError db.invalid-option */
export function sqliteOptions({ lockTimeout, options = {} }: DatabaseConfig): SqliteOptions {
  const synchronous = String(options.synchronous ?? 'NORMAL').toUpperCase()
  if (!SYNCHRONOUS.has(synchronous))
    refuse('synchronous', options.synchronous, 'Use NORMAL (default), FULL, EXTRA or OFF.')
  const { worker = false } = options
  if (!/^(?:true|false)$/.test(String(worker))) refuse('worker', worker, 'Use true or false (default).')
  const found: SqliteOptions = {
    lockTimeout: lockTimeout ?? LOCK_TIMEOUT,
    statements: Number(options.statements ?? STATEMENTS),
    synchronous,
    driver: options.driver,
    worker: String(worker) === 'true',
    readers: Number(options.readers ?? READERS),
    statementTimeout: Number(options.statementTimeout ?? 0),
  }
  const { readers, statementTimeout } = found
  if (!Number.isInteger(readers) || readers < 1) refuse('readers', options.readers, 'Use a whole number from 1 on.')
  if (!(statementTimeout >= 0 && statementTimeout < 2 ** 31))
    refuse('statementTimeout', options.statementTimeout, 'Use milliseconds, or 0 for no limit.')
  if (statementTimeout > 0 && !found.worker)
    refuse('statementTimeout', options.statementTimeout, 'Only a worker can be stopped: set worker, too.')
  return found
}

function refuse(name: string, value: unknown, hint: string): never {
  throw new ConfigurationError(`${JSON.stringify(value)} is no value of the option ${name}.`, {
    code: 'db.invalid-option',
    hint,
  })
}
