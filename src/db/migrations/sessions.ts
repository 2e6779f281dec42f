/** Connections that migrations have to themselves: one that holds the lock of migrating, one outside of transactions. */
import { createHash } from 'node:crypto'
import { setTimeout as sleep } from 'node:timers/promises'
import type { Compiled, StatementTimeouts, TransactionConnection } from '../backends/backend.ts'
import { sqlitePath } from '../backends/sqlite/open.ts'
import { createDatabase, type Database } from '../connections.ts'
import { NotSupportedError } from '../errors.ts'
import { besideFile, withinProcess } from './local-locks.ts'

/** How a server keeps a lock by name for as long as a connection lives. */
interface NamedLock {
  /** What the lock belongs to: the database, or the schema in it. */
  readonly scope: string
  readonly take: (name: string) => string
  readonly give: (name: string) => string
}

const LOCKS: Readonly<Record<string, NamedLock>> = {
  postgres: {
    scope: 'SELECT CURRENT_SCHEMA()::text',
    // Two halves of a number of 64 bits; the first says whose lock it is.
    take: (name) => `SELECT CASE WHEN PG_TRY_ADVISORY_LOCK(${keys(name)}) THEN 1 ELSE 0 END`,
    give: (name) => `SELECT PG_ADVISORY_UNLOCK(${keys(name)})`,
  },
  mysql: {
    scope: 'SELECT DATABASE()',
    // Names are the server's, of 64 letters at most.
    take: (name) => `SELECT GET_LOCK(${key(name)}, 0)`,
    give: (name) => `SELECT RELEASE_LOCK(${key(name)})`,
  },
}

const digest = (name: string): Buffer => createHash('sha256').update(`nuages migrations of ${name}`).digest()
const key = (name: string): string => `'nuages_migrate_${digest(name).toString('hex').slice(0, 32)}'`
const keys = (name: string): string => `${digest(name).readInt32BE(0)}, ${digest(name).readInt32BE(4)}`

/** Milliseconds between two tries. Not a wait inside the server: CREATE INDEX CONCURRENTLY would wait for it in turn. */
const EVERY = 200

/** Runs `fn` under the lock; see {@link MigrationDatabase.exclusively}. */
export async function exclusively<T>(open: Database, fn: () => Promise<T>, onWaiting: () => void): Promise<T> {
  const lock = LOCKS[open.backend.name]
  if (lock === undefined) return exclusivelyHere(open, fn, onWaiting)
  const { connection, close } = await ownConnection(open)
  try {
    const [[scope]] = (await connection.rows(plain(lock.scope), [])) as [[unknown]]
    // No transaction stays open meanwhile, unless it is what keeps the session ours.
    if (hasSessions(open)) await connection.exec('COMMIT')
    const take = plain(lock.take(String(scope)))
    const taken = async (): Promise<boolean> => Number((await connection.rows(take, []))[0]![0]) === 1
    if (!(await taken())) {
      onWaiting()
      do await sleep(EVERY)
      while (!(await taken()))
    }
    try {
      return await fn()
    } finally {
      // Lost with its connection, it is free already.
      await Promise.resolve(connection.rows(plain(lock.give(String(scope))), [])).catch(() => undefined)
    }
  } finally {
    await close()
  }
}

function exclusivelyHere<T>({ backend, config }: Database, fn: () => Promise<T>, onWaiting: () => void): Promise<T> {
  if (backend.name !== 'sqlite') {
    return withinProcess(`${config.url} ${String(config.options?.searchPath)}`, fn, onWaiting)
  }
  const path = sqlitePath(config)
  return path === ':memory:' ? fn() : besideFile(path, fn, onWaiting)
}

/**
 * Whether a connection stays the same one between transactions: behind a pooler of transactions it does not, and what is
 * set or locked there is kept for others.
 */
export function hasSessions({ config: { options = {} } }: Database): boolean {
  return options.pooler !== 'transaction' || options.directUrl !== undefined
}

/**
 * Statements in no transaction, on a connection that waits and runs as long as `timeouts` say.
 * A server without such statements (all but PostgreSQL) gets them as any others.
 * @throws NotSupportedError db.not-supported behind a pooler of transactions
 */
export async function outsideTransactions(
  open: Database,
  statements: readonly string[],
  timeouts: StatementTimeouts | null,
): Promise<void> {
  if (open.backend.name !== 'postgres') {
    for (const sql of statements) await open.exec(sql)
    return
  }
  if (!hasSessions(open)) {
    throw new NotSupportedError('Behind a pooler of transactions no statement runs outside of one.', {
      code: 'db.not-supported',
      hint: "Give the database's options directUrl, the server's own address.",
      alias: open.alias,
    })
  }
  const { connection, close } = await ownConnection(open)
  try {
    // What a transaction is set to by the options of the database holds for all of the connection now.
    const [[path]] = (await connection.rows(plain("SELECT CURRENT_SETTING('search_path')"), [])) as [[string]]
    await connection.exec('COMMIT')
    await connection.exec(`SET search_path = ${path}`)
    await connection.exec(`SET statement_timeout = ${timeouts?.statement ?? 0}`)
    if (timeouts !== null) await connection.exec(`SET lock_timeout = ${timeouts.lock}`)
    for (const sql of statements) {
      try {
        await connection.exec(sql)
      } catch (error) {
        throw open.translate(error, sql)
      }
    }
  } finally {
    await close()
  }
}

/** A connection beside the pool, which may have one only; it begins in a transaction. */
async function ownConnection(open: Database): Promise<{ connection: TransactionConnection; close(): Promise<void> }> {
  const { replicas: _, ...config } = open.config
  const own = createDatabase(open.alias, { ...config, options: { ...config.options, poolSize: 1 } })
  const connection = await own.begin({ holder: 'migrate', timeout: open.lockTimeout, schemaChange: true })
  return {
    connection,
    async close() {
      await connection.rollback()
      await own.close()
    },
  }
}

/** A statement without values that gives rows. */
export function plain(sql: string): Compiled {
  return { sql, slots: [], encoders: [], rows: true, writes: false, bulk: null }
}
