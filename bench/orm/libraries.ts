/** The libraries of the table: where each is, and what it cannot do. */
import { spawnSync } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { Child } from '../lib/child.ts'
import type { DatabaseName } from './contract.ts'

export interface Library {
  readonly name: string
  /** Of `bench/`: the file that opens it. */
  readonly file: Readonly<Record<DatabaseName, string>>
  /** What the file calls it. */
  readonly open: string
  /** What it reaches a database through, which has a speed of its own: two builds of SQLite, two clients of PostgreSQL. */
  readonly driver: Readonly<Record<DatabaseName, string>>
  /** Why it is not measured on a database. */
  readonly skipped: Readonly<Partial<Record<DatabaseName, string>>>
}

/** What libraries of Node recommend. */
const DRIVERS = { sqlite: 'better-sqlite3', postgres: 'pg' }
/** What we take. */
const OURS = { sqlite: 'node:sqlite', postgres: 'pg' }

function library(name: string, file: string | Library['file'], others: Partial<Library> = {}): Library {
  const both = typeof file === 'string' ? { sqlite: file, postgres: file } : file
  return { name, file: both, open: 'open', driver: DRIVERS, skipped: {}, ...others }
}

const byHand = { sqlite: 'orm/hand-sqlite.ts', postgres: 'orm/hand-postgres.ts' }

/** The code by hand, which every ratio is to. */
export const hand: Library = library('by hand', byHand, { driver: OURS })
export const nuages: Library = library('nuages', 'orm/nuages.ts', { driver: OURS })

/** Over the driver that the others have on SQLite. */
const NOT_SQLITE = 'it is a driver of SQLite'
export const onTheirDriver: Library = library('nuages-better-sqlite3', 'orm/nuages.ts', {
  open: 'openOverBetterSqlite3',
  skipped: { postgres: NOT_SQLITE },
})

export const others: readonly Library[] = [
  onTheirDriver,
  library('kysely', 'peers/orm/kysely.ts'),
  library('drizzle', 'peers/orm/drizzle.ts'),
  library('drizzle-prepared', 'peers/orm/drizzle.ts', { open: 'openPrepared' }),
  library('typeorm', 'peers/orm/typeorm.ts'),
  library('mikro', 'peers/orm/mikro.ts'),
  library('sequelize', 'peers/orm/sequelize.ts'),
  library('prisma', 'peers/orm/prisma.ts'),
  library('django', 'peers/orm/django_orm.py', { driver: { sqlite: "Python's sqlite3", postgres: 'psycopg2' } }),
  // No library, but what the driver could do.
  library('pipelined', byHand, {
    open: 'openPipelined',
    skipped: { sqlite: 'there is no round trip to share' },
  }),
]

/** Debian's, which has Debian's Django. */
const PYTHON = '/usr/bin/python3'
const modules: Readonly<Record<DatabaseName, string>> = { sqlite: 'django', postgres: 'django, psycopg2' }

/** Why a library is not measured on a database; null where it is. */
export function skip({ skipped, file }: Library, database: DatabaseName): string | null {
  const reason = skipped[database]
  if (reason !== undefined) return reason
  if (!file[database].endsWith('.py')) return null
  const found = spawnSync(PYTHON, ['-c', `import ${modules[database]}`])
  return found.status === 0 ? null : `${PYTHON} has no ${modules[database]}`
}

/** A library in a process of its own. */
export async function start(
  { file, open }: Library,
  database: DatabaseName,
  url: string,
  flags: readonly string[],
): Promise<Child> {
  const own = file[database]
  if (own.endsWith('.py')) {
    const [child] = await Child.start<string>(own, {}, [], { program: PYTHON, args: [database, url] })
    return child
  }
  const path = fileURLToPath(new URL(`../${own}`, import.meta.url))
  const [child] = await Child.start<string>('orm/process.ts', { NODE_NO_WARNINGS: '1' }, ['--expose-gc', ...flags], {
    args: [path, open, database, url],
  })
  return child
}
