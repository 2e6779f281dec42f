import { spawn } from 'node:child_process'
import { CommandError, defineCommand } from '../../cli/index.ts'
import { t } from '../../i18n/index.ts'
import type { DatabaseConfig } from '../backends/backend.ts'
import { sqlitePath } from '../backends/sqlite/open.ts'
import { database } from '../connections.ts'

export default defineCommand({
  help: "Open the database's own client: sqlite3, psql or mariadb, which must be installed. Words after -- go to it.",
  arguments: [{ name: 'words', help: 'arguments of the client', variadic: true, required: false }],
  options: { database: { type: 'string', default: 'default', help: 'alias of the database' } },
  examples: ['dbshell', 'dbshell --database replica', "dbshell -- -c 'select 1'"],
  async run({ args, options }) {
    const { config, backend } = database(options.database)
    const client = clientOf(backend.name, config)
    if (client === null) {
      throw new CommandError(t('{engine} has no client of its own.', { engine: backend.name }), {
        code: 'db.no-client',
        hint: 'Use nuages shell.',
      })
    }
    for (const program of client.programs) {
      const code = await start(program, [...client.words, ...args.words], client.environment)
      if (code !== null) return code
    }
    throw new CommandError(t('{program} is not installed.', { program: client.programs[0]! }), {
      code: 'db.no-client',
      hint: `Install the client of the database: ${client.programs.join(' or ')}.`,
    })
  },
})

interface Client {
  /** Names to try, the usual one first. */
  readonly programs: readonly string[]
  readonly words: readonly string[]
  readonly environment: Readonly<Record<string, string>>
}

/** Its exit code; null where there is no such program. */
function start(program: string, words: readonly string[], environment: Client['environment']): Promise<number | null> {
  // The client answers Ctrl-C itself: a statement ends, not the shell.
  const ignore = () => undefined
  process.on('SIGINT', ignore)
  return new Promise<number | null>((resolve, reject) => {
    const child = spawn(program, words, { stdio: 'inherit', env: { ...process.env, ...environment } })
    child.on('error', (error: NodeJS.ErrnoException) => (error.code === 'ENOENT' ? resolve(null) : reject(error)))
    child.on('exit', (code, signal) => resolve(code ?? (signal === null ? 0 : 1)))
  }).finally(() => process.off('SIGINT', ignore))
}

/** What psql knows of a URL's query; ours besides would be an error there. */
const LIBPQ = new Set([
  'sslmode',
  'sslrootcert',
  'sslcert',
  'sslkey',
  'connect_timeout',
  'target_session_attrs',
  'options',
])

/**
 * How a client is called. Passwords go through the environment: arguments are seen by everybody on the machine (ps).
 */
export function clientOf(engine: string, config: DatabaseConfig): Client | null {
  const { options = {} } = config
  if (engine === 'sqlite') return { programs: ['sqlite3'], words: [sqlitePath(config)], environment: {} }
  if (engine === 'postgres') {
    // Past a pooler: what a client sets is its session's.
    const url = new URL(String(options.directUrl ?? config.url).replace(/^postgresql:/, 'postgres:'))
    const environment: Record<string, string> = {}
    if (url.password !== '') environment.PGPASSWORD = decodeURIComponent(url.password)
    url.password = ''
    const { searchPath, ssl, host } = options
    if (searchPath !== undefined)
      environment.PGOPTIONS = `-c search_path=${String(searchPath).replaceAll(/[\\\s]/g, '\\$&')}`
    if (ssl !== undefined && ssl !== 'false' && ssl !== false) environment.PGSSLMODE = 'require'
    if (host !== undefined) environment.PGHOST = String(host)
    for (const name of [...url.searchParams.keys()]) if (!LIBPQ.has(name)) url.searchParams.delete(name)
    return { programs: ['psql'], words: [url.href], environment }
  }
  if (engine !== 'mysql') return null
  const { hostname, port, username, password, pathname } = new URL(config.url)
  const { ssl, socketPath } = options
  const words = [
    ...(socketPath === undefined
      ? [`--host=${hostname.replace(/^\[(.*)\]$/, '$1')}`]
      : [`--socket=${String(socketPath)}`]),
    ...(port === '' ? [] : [`--port=${port}`]),
    ...(username === '' ? [] : [`--user=${decodeURIComponent(username)}`]),
    ...(ssl === undefined || ssl === 'false' ? [] : ['--ssl']),
    '--default-character-set=utf8mb4',
    // Named, so that a database called `--init-command=…` is no option.
    `--database=${decodeURIComponent(pathname.slice(1))}`,
  ]
  return {
    programs: ['mariadb', 'mysql'],
    words,
    environment: password === '' ? {} : { MYSQL_PWD: decodeURIComponent(password) },
  }
}
