/** Which versions of SQLite we speak to: Node and better-sqlite3 bring newer ones, a Node that takes the system's may not. */
import { assertNewEnough } from '../oldest.ts'

/** Older ones lack the operator `->` of JSON. */
const OLDEST = [3, 38]

/** @param version what `sqlite_version()` says: `3.50.4`. @throws NotSupportedError db.not-supported */
export function assertLibrary(version: string): void {
  assertNewEnough('SQLite', version.split('.').map(Number), OLDEST)
}
