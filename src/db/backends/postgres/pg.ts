/** The one place that knows the driver `pg`: what we use of it, and how it is loaded. */
import { Socket, type SocketConstructorOpts } from 'node:net'
import { ConfigurationError } from '../../../std/errors.ts'
import type { SqlRow } from '../backend.ts'
import type { CopyIn } from './copy.ts'
import type { CopyFrom, CopyTo } from './copy-stream.ts'
import { MessageReader, type Messages } from './message-reader.ts'
import { writeOthersWith } from './message-writer.ts'
import { joinDriver, type PreparedQuery } from './prepared-query.ts'

/** What the driver `pg` answers to a statement. */
export interface PgResult {
  /** `BEGIN`, `COMMIT`; of the driver's own queries any command. */
  readonly command?: string | undefined
  readonly rowCount: number | null
  readonly rows: SqlRow[]
  readonly fields?: readonly { readonly name: string }[]
}
/** A statement as the driver `pg` takes it. */
export interface PgQuery {
  readonly text: string
  readonly values?: readonly unknown[]
  /** Prepared once per connection under this name. */
  readonly name?: string
  /** Rows as lists of their columns; by default they have names. */
  readonly rowMode?: 'array'
}
/** A connection of the driver `pg`, as far as it is used. */
export interface PgClient {
  /** The wire below the queries. */
  readonly connection: {
    /** Writes the message that gives up a prepared statement. */
    close(what: { readonly type: 'S'; readonly name: string }): void
    /** Texts by name. */
    readonly parsedStatements: Record<string, string>
    readonly stream: { destroy(): void; cork(): void; uncork(): void }
  }
  /** What reads its answers. */
  readonly reader: MessageReader
  /** What the server asks for before it stops a statement of this connection. */
  readonly processID?: number | null
  readonly secretKey?: number | null
  /** Where the server is; a host that starts with a slash is a folder with its socket. */
  readonly host?: string
  readonly port?: number
  query(query: PgQuery): Promise<PgResult>
  /** A query of our own making. */
  query<Q extends CopyIn | CopyFrom | CopyTo | PreparedQuery>(query: Q): Q
  /** Whether queries are sent before those ahead of them have come back; a query of our own making has to go alone. */
  pipeline: boolean
  on(event: 'error', listener: (error: Error) => void): void
  off(event: 'error', listener: (error: Error) => void): void
  /** Back to the pool; with an error, or true, it is closed instead. */
  release(broken?: Error | boolean): void
}
/** The connections of one database, which the driver `pg` lends. */
export interface PgPool {
  connect(): Promise<PgClient>
  /** Who waits for a connection. */
  readonly waitingCount: number
  on(event: 'error', listener: (error: Error) => void): void
  end(): Promise<void>
}
/** A connection of its own, that stays with who made it. */
export interface PgOwnClient {
  connect(): Promise<unknown>
  query(query: PgQuery): Promise<PgResult>
  on(event: 'notification', listener: (message: { readonly channel: string; readonly payload?: string }) => void): void
  on(event: 'error' | 'end', listener: () => void): void
  end(): Promise<void>
}
/** What the driver's own client shows of itself. `_getActiveQuery`: since 8.17; without it `pg` reads all messages. */
interface DriverClient {
  readonly connection: Messages & { stream: unknown }
  readonly ssl: unknown
  _getActiveQuery?(): unknown
}
interface Driver {
  readonly Client: new (config: Readonly<Record<string, unknown>>) => PgOwnClient & DriverClient
  readonly Pool: new (config: Readonly<Record<string, unknown>>) => PgPool
  readonly Query: { readonly prototype: object }
}
interface PgModule {
  readonly Client: new (config: Readonly<Record<string, unknown>>) => PgOwnClient
  /** Makes clients whose answers a {@link MessageReader} reads. */
  readonly Pool: new (
    config: Readonly<Record<string, unknown>>,
  ) => PgPool
}

/** Bytes that are read at once. */
const PIECE = 65_536

/**
 * A socket that reads into the same bytes again and again. One of the usual kind takes 64 KB for every answer, however short,
 * and passes it through a stream.
 */
function readingSocket(reader: MessageReader): Socket {
  const buffer = Buffer.allocUnsafeSlow(PIECE)
  const callback = (size: number): boolean => {
    reader.take(buffer.subarray(0, size))
    return true
  }
  // `onread` is as of net.connect(); the constructor's type does not say so.
  return new Socket({ onread: { buffer, callback } } as SocketConstructorOpts)
}

/** The driver, with clients and queries that read rows their own way. */
function ours({ Client, Pool, Query }: Driver): PgModule {
  joinDriver(Query)
  class ReadingClient extends Client {
    readonly reader: MessageReader

    constructor(config: Readonly<Record<string, unknown>>) {
      super(config)
      const { connection } = this
      this.reader = new MessageReader(connection, () => this._getActiveQuery?.())
      // TLS begins on a stream like any other.
      if (this.ssl === false && connection.stream instanceof Socket) connection.stream = readingSocket(this.reader)
    }
  }
  class ReadingPool extends (Pool as new (config: object) => PgPool) {
    constructor(config: object) {
      super({ ...config, Client: ReadingClient })
    }
  }
  return { Client, Pool: ReadingPool }
}

let loaded: PgModule | null = null

/** @throws ConfigurationError db.driver-missing */
export async function loadPg(): Promise<PgModule> {
  if (loaded !== null) return loaded
  const name = 'pg' // by name: an optional peer, which nobody without PostgreSQL installs
  try {
    const { default: pg } = (await import(name)) as { default: Driver }
    const utils = (await import(`${name}/lib/utils.js`)) as { default: { prepareValue(value: unknown): unknown } }
    writeOthersWith(utils.default.prepareValue)
    loaded ??= ours(pg)
    return loaded
  } catch (cause) {
    if ((cause as NodeJS.ErrnoException).code !== 'ERR_MODULE_NOT_FOUND') throw cause
    throw new ConfigurationError('The driver for PostgreSQL is not installed.', {
      code: 'db.driver-missing',
      hint: 'Run: npm install pg',
      cause,
    })
  }
}
