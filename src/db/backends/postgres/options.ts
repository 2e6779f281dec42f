/** Options of a PostgreSQL database, from its URL or its configuration. */
import { ConfigurationError } from '../../../std/errors.ts'
import type { DatabaseConfig, Isolation } from '../backend.ts'
import { ISOLATIONS } from '../isolation.ts'
import { STATEMENTS } from './statement-names.ts'

/** Connections of one process. */
const POOL_SIZE = 10
/** Milliseconds to wait for a free one. */
const WAIT = 5000
/** Milliseconds an unused connection is kept. */
const IDLE = 10_000

/** What the driver goes by. */
export interface PostgresOptions {
  readonly url: string
  readonly poolSize: number
  readonly wait: number
  /** Milliseconds to wait for a row that another transaction holds; null: as the server says, which is without end. */
  readonly lockTimeout: number | null
  readonly statementTimeout: number | null
  readonly ssl: boolean | { readonly rejectUnauthorized: false } | null
  readonly host: string | null
  readonly applicationName: string
  /** As SQL: `"a", "b"`. */
  readonly searchPath: string | null
  /** A connection may be another one after each transaction: nothing of a session lasts. */
  readonly isPooled: boolean
  /** Where changes of tables and LISTEN go: past the pooler. */
  readonly directUrl: string | null
  /** Statements that a connection keeps prepared; 0: none. */
  readonly statements: number
  readonly isolation: Isolation | null
  /** Seconds a connection lives; 0: as long as it works. */
  readonly maxAge: number
  readonly idleTimeout: number
  /** A connection unused for so many milliseconds is tried before it is used; null: never. */
  readonly healthCheck: number | null
}

function invalid(name: string, value: unknown, hint: string): ConfigurationError {
  return new ConfigurationError(`${JSON.stringify(value)} is no value of the option ${name} of a database.`, {
    code: 'db.invalid-option',
    hint,
  })
}
function whole<T>(options: Readonly<Record<string, unknown>>, name: string, otherwise: T): number | T {
  const value = options[name]
  if (value === undefined) return otherwise
  const number = Number(value)
  if (Number.isSafeInteger(number) && number >= 0 && value !== '') return number
  throw invalid(name, value, 'Give a whole number.')
}
function oneOf<T extends string>(
  options: Readonly<Record<string, unknown>>,
  name: string,
  words: readonly T[],
): T | null {
  const value = options[name]
  if (value === undefined) return null
  const found = words.find((word) => word === value)
  if (found !== undefined) return found
  throw invalid(name, value, `One of: ${words.join(', ')}.`)
}
function string(options: Readonly<Record<string, unknown>>, name: string): string | null {
  return options[name] === undefined ? null : String(options[name])
}

/** `a, "b"` → `"a", "b"` */
export function quotedPath(searchPath: string): string {
  const names = searchPath.split(',').map((name) => name.trim().replace(/^"(.*)"$/, '$1'))
  return names.map((name) => `"${name.replaceAll('"', '""')}"`).join(', ')
}

/** Ours, or libpq's word for it, which the URLs of hosts carry. */
function readSsl(options: Readonly<Record<string, unknown>>): PostgresOptions['ssl'] {
  const { ssl } = options
  if (ssl !== undefined) return ssl === 'no-verify' ? UNVERIFIED : ssl !== 'false' && ssl !== false
  switch (oneOf(options, 'sslmode', ['disable', 'require', 'verify-ca', 'verify-full'])) {
    case null:
      return null
    case 'disable':
      return false
    case 'require':
      return UNVERIFIED // as libpq: encrypted, whoever answers
    default:
      return true
  }
}
const UNVERIFIED = { rejectUnauthorized: false } as const

/** @throws ConfigurationError db.invalid-option */
export function readOptions(config: DatabaseConfig): PostgresOptions {
  const options = config.options ?? {}
  const pooler = oneOf(options, 'pooler', ['transaction', 'session'])
  const searchPath = string(options, 'searchPath')
  return {
    url: config.url,
    poolSize: whole(options, 'poolSize', POOL_SIZE),
    wait: config.lockTimeout ?? WAIT,
    lockTimeout: config.lockTimeout === undefined ? null : Math.max(1, config.lockTimeout), // 0 would be without end
    statementTimeout: whole(options, 'statementTimeout', null),
    ssl: readSsl(options),
    host: string(options, 'host'),
    applicationName: string(options, 'applicationName') ?? 'nuages',
    searchPath: searchPath === null ? null : quotedPath(searchPath),
    isPooled: pooler === 'transaction',
    directUrl: string(options, 'directUrl'),
    statements: pooler === 'transaction' ? 0 : whole(options, 'statements', STATEMENTS),
    isolation: oneOf(options, 'isolation', ISOLATIONS),
    maxAge: whole(options, 'maxAge', 0),
    idleTimeout: whole(options, 'idleTimeout', IDLE),
    healthCheck: whole(options, 'healthCheck', null),
  }
}
