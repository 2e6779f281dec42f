/** Which versions of PostgreSQL we speak to. */
import { assertNewEnough } from '../oldest.ts'

/** Older ones lack `NULLS NOT DISTINCT`. No test has run on any of them. */
const OLDEST = [15]

/** @param number what `SHOW server_version_num` says: `150004` is 15.4. @throws NotSupportedError db.not-supported */
export function assertServer(number: string): void {
  const version = Number(number)
  if (Number.isInteger(version)) assertNewEnough('PostgreSQL', [Math.floor(version / 10_000), version % 10_000], OLDEST)
}
