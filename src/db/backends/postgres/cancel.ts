/** Stopping what a connection does: PostgreSQL takes such a request on a connection of its own. */
import { createConnection } from 'node:net'
import { aborted } from '../lock.ts'
import type { PgClient, PgPool, PgQuery, PgResult } from './pg.ts'
import type { Sender } from './send.ts'
import type { Prepared } from './statement-names.ts'

/** CancelRequest, https://www.postgresql.org/docs/current/protocol-message-formats.html */
const CANCEL_REQUEST = 80_877_102
/** Milliseconds the server has to take the request. */
const PATIENCE = 5000
/** The server's code for a statement that was stopped. */
const CANCELLED = '57014'

/**
 * Asks the server to stop what a client runs. Resolves once the server has taken the request (true) or cannot be
 * reached (false). No password goes over this connection: the key is a number that only lives as long as the client.
 * Poolers pass the request on.
 */
function requestCancel({ host, port, processID, secretKey }: PgClient): Promise<boolean> {
  if (!processID || typeof secretKey !== 'number') return Promise.resolve(false)
  const message = Buffer.alloc(16)
  message.writeInt32BE(16, 0)
  message.writeInt32BE(CANCEL_REQUEST, 4)
  message.writeInt32BE(processID, 8)
  message.writeInt32BE(secretKey, 12)
  const place = host?.startsWith('/')
    ? { path: `${host}/.s.PGSQL.${port ?? 5432}` }
    : { host: host ?? 'localhost', port: port ?? 5432 }
  return new Promise((resolve) => {
    const socket = createConnection(place)
    const done = (taken: boolean) => {
      socket.destroy()
      resolve(taken)
    }
    socket.setTimeout(PATIENCE, () => done(false))
    socket.on('error', () => done(false))
    // The server closes the connection when it has passed the request on, and we do not before: a pooler whose client is
    // gone meanwhile says "taken" too early, and the request meets somebody else's statement (pgbouncer 1.18 even ends).
    socket.on('connect', () => socket.write(message))
    socket.on('close', () => done(true))
    socket.resume()
  })
}

/** Stops what a client runs; where the server cannot be asked the connection is closed. */
export async function cancel(client: PgClient): Promise<void> {
  if (!(await requestCancel(client))) client.connection.stream.destroy()
}

/** What a connection has of one that may be stopped. */
interface Stoppable extends Sender {
  readonly client: PgClient
  copyIn(sql: string, pieces: Iterable<Buffer>): Promise<PgResult>
  /** A request to stop may still arrive, at a statement that it was not meant for: the connection cannot be used again. */
  spoiled: boolean
}

/** A connection whose statements end when a signal fires. */
export class StoppedSender implements Sender {
  readonly #session: Stoppable
  readonly #signal: AbortSignal

  constructor(session: Stoppable, signal: AbortSignal) {
    this.#session = session
    this.#signal = signal
  }

  /** @throws OperationalError db.aborted */
  query(query: PgQuery): Promise<PgResult> {
    return this.#stopping(query.text, () => this.#session.query(query))
  }
  /** @throws OperationalError db.aborted */
  prepared(sql: string, values: readonly unknown[]): Promise<PgResult> {
    return this.#stopping(sql, () => this.#session.prepared(sql, values))
  }
  /** @throws OperationalError db.aborted */
  unprepared(statement: Prepared): Promise<PgResult> {
    return this.#stopping(statement.sql, () => this.#session.unprepared(statement))
  }

  /** @throws OperationalError db.aborted */
  copyIn(sql: string, pieces: Iterable<Buffer>): Promise<PgResult> {
    return this.#stopping(sql, () => this.#session.copyIn(sql, pieces))
  }

  async #stopping(sql: string, send: () => Promise<PgResult>): Promise<PgResult> {
    const signal = this.#signal
    const { client } = this.#session
    if (signal.aborted) throw aborted(signal, sql)
    let stopping: Promise<void> | undefined
    const onAbort = (): void => {
      stopping = cancel(client)
    }
    signal.addEventListener('abort', onAbort, { once: true })
    let stopped = false
    try {
      const result = await send()
      if (!signal.aborted) return result
    } catch (error) {
      if (!signal.aborted) throw error
      stopped = (error as { readonly code?: unknown }).code === CANCELLED
    } finally {
      signal.removeEventListener('abort', onAbort)
    }
    await stopping
    if (!stopped) this.#session.spoiled = true
    throw aborted(signal, sql)
  }
}

/** A client of the pool. A signal ends the wait at once; what comes later goes back unused. */
export async function connect(pool: PgPool, signal?: AbortSignal): Promise<PgClient> {
  if (signal === undefined) return pool.connect()
  if (signal.aborted) throw aborted(signal)
  const connecting = pool.connect()
  return new Promise((resolve, reject) => {
    const onAbort = (): void => reject(aborted(signal))
    signal.addEventListener('abort', onAbort, { once: true })
    connecting.then(
      (client) => {
        signal.removeEventListener('abort', onAbort)
        if (signal.aborted) client.release()
        else resolve(client)
      },
      (error: unknown) => {
        signal.removeEventListener('abort', onAbort)
        reject(error)
      },
    )
  })
}
