/** Database URLs. */
import { resolve } from 'node:path'
import type { DatabaseConfig } from '../db/backends/backend.ts'
import { nearest } from '../std/text.ts'

/** Scheme → engine. */
const ENGINES: Readonly<Record<string, string>> = {
  sqlite: 'sqlite',
  sqlite3: 'sqlite',
  postgres: 'postgres',
  postgresql: 'postgres',
  mysql: 'mysql',
  mariadb: 'mysql',
  pglite: 'pglite',
}
/** Engines that keep a file or directory: their URL holds a path. */
const FILE_ENGINES = new Set(['sqlite', 'pglite'])

/**
 * A database URL as the configuration a backend takes: `sqlite:./db.sqlite3` → `{ engine: 'sqlite', url:
 * 'sqlite:/srv/site/db.sqlite3', options: {} }`. Relative paths start at `root`; `sqlite::memory:` stays.
 * Parameters (`?lockTimeout=2000&ssl=true`) become options, `lockTimeout` (milliseconds) its own field.
 *
 * @throws RangeError with a message that completes "must be", for `env.database`
 */
export function parseDatabaseUrl(text: string, root: string): DatabaseConfig {
  const colon = text.indexOf(':')
  const scheme = text.slice(0, Math.max(colon, 0)).toLowerCase()
  const engine = Object.hasOwn(ENGINES, scheme) ? ENGINES[scheme]! : null
  if (engine === null) {
    const near = nearest(scheme, Object.keys(ENGINES))
    const known = near === null ? 'sqlite, postgres, mysql, pglite' : `did you mean "${near}"?`
    throw new RangeError(
      `a database URL such as sqlite:./db.sqlite3 or postgres://user:password@host/name${scheme === '' ? '' : `; "${scheme}" is no engine (${known})`}`,
    )
  }
  const mark = text.indexOf('?')
  const place = mark === -1 ? text : text.slice(0, mark)
  const { lockTimeout, ...options } = Object.fromEntries(new URLSearchParams(mark === -1 ? '' : text.slice(mark + 1)))
  const url = FILE_ENGINES.has(engine) ? fileUrl(engine, place.slice(colon + 1), root) : serverUrl(place)
  if (lockTimeout !== undefined && !/^\d{1,9}$/.test(lockTimeout)) {
    throw new RangeError('a database URL whose lockTimeout is a number of milliseconds')
  }
  return Object.freeze({
    engine,
    url,
    ...(lockTimeout === undefined ? {} : { lockTimeout: Number(lockTimeout) }),
    options: Object.freeze(options),
  })
}

/** `./db`, `/srv/db`, `///srv/db` and `:memory:`. */
function fileUrl(engine: string, rest: string, root: string): string {
  if (rest === ':memory:' || rest === 'memory:' || rest === '//:memory:' || rest === '//' || rest === '') {
    if (rest === '' || rest === '//') throw new RangeError(`a database URL with a path, such as ${engine}:./db.sqlite3`)
    return `${engine}::memory:`
  }
  // Three slashes are an empty host and an absolute path; two and a name would be a host, which files have not.
  if (rest.startsWith('//') && !rest.startsWith('///')) {
    throw new RangeError(`a path after ${engine}: such as ${engine}:./${rest.slice(2)} or ${engine}:/${rest.slice(2)}`)
  }
  // What is written is a URL, the folder is none: `%` and `?` in its name are letters.
  const folder = root.replace(/[%?]/g, (sign) => (sign === '%' ? '%25' : '%3F'))
  return `${engine}:${resolve(folder, rest.replace(/^\/{2,}/, '/'))}`
}

function serverUrl(text: string): string {
  const url = URL.parse(text)
  if (url === null || !text.includes('://') || url.pathname.length < 2) {
    throw new RangeError('a database URL with host and name, such as postgres://user:password@host/name')
  }
  return text
}
