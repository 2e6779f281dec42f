/** A new connection, from a database URL: who asks, where, and what the session is set to. */
import { canGenerate } from '../../../std/codegen.ts'
import { ConfigurationError } from '../../../std/errors.ts'
import type { DatabaseConfig, Isolation } from '../backend.ts'
import { ISOLATIONS } from '../isolation.ts'
import type { MysqlConnection, MysqlModule, MysqlOutcome } from './mysql2.ts'
import { serverOf } from './server.ts'
import { rowsOf, Session, type SessionOptions, sessionSql } from './session.ts'

/** Milliseconds until a server that does not answer is given up. */
const CONNECT_TIMEOUT = 10_000
/** Statements that one connection keeps prepared; the server counts those of all. */
const PREPARED = 500

function isolation(value: unknown): string {
  if (value === undefined) return 'READ COMMITTED'
  const level = String(value).toLowerCase().replaceAll('-', ' ')
  if (ISOLATIONS.includes(level as Isolation)) return level.toUpperCase()
  throw new ConfigurationError(`${JSON.stringify(value)} is no value of the option isolation of a database URL.`, {
    code: 'db.invalid-option',
    hint: `One of: ${ISOLATIONS.join(', ')}.`,
  })
}

/** What mysql2 is asked for. */
function driverOptions({ url, options = {} }: DatabaseConfig): Readonly<Record<string, unknown>> {
  const { hostname, port, username, password, pathname } = new URL(url)
  const { ssl, socketPath } = options
  return {
    host: hostname.replace(/^\[(.*)\]$/, '$1'),
    ...(port === '' ? {} : { port: Number(port) }),
    user: decodeURIComponent(username),
    password: decodeURIComponent(password),
    database: decodeURIComponent(pathname.slice(1)),
    ...(socketPath === undefined ? {} : { socketPath }),
    ...(ssl === undefined || ssl === 'false' ? {} : { ssl: ssl === 'no-verify' ? { rejectUnauthorized: false } : {} }),
    charset: 'UTF8MB4_BIN',
    connectTimeout: CONNECT_TIMEOUT,
    rowsAsArray: true,
    dateStrings: true,
    supportBigNumbers: true,
    jsonStrings: true,
    maxPreparedStatements: PREPARED,
    // Several statements in one text: migrations have them. Values never stand in such a text: they travel in prepared
    // statements, which the server takes one by one, so that no value can begin a statement of its own.
    multipleStatements: true,
    // A server that was taken over could otherwise ask for files of this machine (LOAD DATA LOCAL).
    flags: ['-LOCAL_FILES'],
    disableEval: !canGenerate(),
  }
}

const connected = (connection: MysqlConnection): Promise<void> =>
  new Promise((resolve, reject) => {
    connection.once('connect', resolve)
    connection.once('error', reject)
  })

/** What makes connections of a database. @throws ConfigurationError db.invalid-option */
export function connector(
  module: MysqlModule,
  config: DatabaseConfig,
  session: Omit<SessionOptions, 'isolation'>,
): () => Promise<Session> {
  const options = driverOptions(config)
  const begin = sessionSql({ ...session, isolation: isolation(config.options?.isolation) })
  return async () => {
    const connection = module.createConnection(options)
    await connected(connection)
    const made = new Session(connection, module)
    try {
      const outcome = (await made.query(begin)) as unknown as readonly MysqlOutcome[] // one for each statement
      const [version, step] = rowsOf(outcome.at(-1)!)[0] ?? []
      made.server = serverOf(String(version), Number(step ?? 1))
    } catch (error) {
      made.destroy()
      throw error
    }
    return made
  }
}
