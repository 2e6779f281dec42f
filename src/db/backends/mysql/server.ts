/** Which server a connection speaks to: told apart once, when it is made. */
import { assertNewEnough } from '../oldest.ts'

/** A server, by what `SELECT VERSION()` says. */
export interface Server {
  readonly isMariaDb: boolean
  readonly version: string
  /** By how much identities of new rows grow: the servers of a group that all write take turns. */
  readonly step: number
}

/**
 * Older ones lack what tables of ours are made of: the type uuid of MariaDB; of MySQL checks that are kept (8.0.16) and
 * columns that nobody sees (8.0.23), which indexes of expressions stand on.
 */
const OLDEST = { mariaDb: [10, 11], mysql: [8, 0, 23] } as const

/** `11.4.2-MariaDB-ubu2404`, `8.4.3`. @throws NotSupportedError db.not-supported for a server that is too old */
export function serverOf(version: string, step = 1): Server {
  const isMariaDb = /mariadb/i.test(version)
  // MariaDB once began its numbers with another, for clients that expected MySQL.
  const numbers = /^(\d+)\.(\d+)\.(\d+)/
    .exec(version.replace(/^5\.5\.5-/, ''))
    ?.slice(1)
    .map(Number)
  if (numbers !== undefined) {
    const [name, oldest] = isMariaDb ? (['MariaDB', OLDEST.mariaDb] as const) : (['MySQL', OLDEST.mysql] as const)
    assertNewEnough(name, numbers, oldest, 'MariaDB 10.11 or newer, MySQL 8.4 or newer (8.0.23 is let in).')
  }
  return Object.freeze({ isMariaDb, version, step })
}
