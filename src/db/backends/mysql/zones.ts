/**
 * The wall clock of a time zone in SQL, without the server's time zone tables, which most servers have empty and which
 * its own conversion leaves at 2038. A zone's changes are written into the statement: INTERVAL() searches them by
 * halves, and ELT() gives the offset that holds from there on.
 */
import { offsetAt } from '../time-zones.ts'

/** TO_SECONDS('1970-01-01') */
const EPOCH = 62_167_219_200
const HOUR = 3_600_000
const DAY = 24 * HOUR
/** Years that are looked through for changes; before and after, the offset of the first and last one holds. */
const FIRST = Date.UTC(1880, 0, 1)
const LAST = Date.UTC(2101, 0, 1)
/** Between two changes of a zone that undo each other lie some weeks; two looks a week find both. */
const STEP = 3.5 * DAY

interface Change {
  /** Milliseconds since 1970, UTC. */
  readonly at: number
  /** Seconds to add to UTC. */
  readonly before: number
  readonly after: number
}

/** The instant between two at which the offset changes. */
function changeBetween(zone: string, from: number, to: number): number {
  const before = offsetAt(zone, from)
  let [low, high] = [from, to]
  while (high - low > 1000) {
    const middle = Math.floor((low + high) / 2000) * 1000
    if (offsetAt(zone, middle) === before) low = middle
    else high = middle
  }
  return high
}

function changesOf(zone: string): Change[] {
  const changes: Change[] = []
  let before = offsetAt(zone, FIRST)
  for (let at = FIRST; at < LAST; ) {
    const next = at + STEP
    const after = offsetAt(zone, next)
    if (after !== before) {
      const exact = changeBetween(zone, at, next)
      changes.push({ at: exact, before: before / 1000, after: offsetAt(zone, exact) / 1000 })
      before = offsetAt(zone, exact)
      at = exact
    } else at = next
  }
  return changes
}

/** SQL for the seconds between UTC and a zone's wall clock, around an expression. */
export interface ZoneSql {
  /** `of` is an instant in UTC. */
  readonly fromUtc: (of: () => void, write: (text: string) => void) => void
  /** `of` is a wall clock; an hour that comes twice is its first, one that is left out counts on. */
  readonly fromWall: (of: () => void, write: (text: string) => void) => void
}

const zones = new Map<string, ZoneSql>()

function searched(changes: readonly Change[], from: (change: Change) => number): ZoneSql['fromUtc'] {
  const offsets = [changes[0]?.before ?? 0, ...changes.map((change) => change.after)]
  const bounds = changes.map((change) => EPOCH + from(change))
  const tail = `, ${bounds.join(',')}) + 1, ${offsets.join(',')})`
  return (of, write) => {
    write('ELT(INTERVAL(TO_SECONDS(')
    of()
    write(`)${tail}`)
  }
}

/** The offsets of a zone. The first use of a zone looks through two centuries of it, in some 20 ms. */
export function zoneSql(zone: string): ZoneSql {
  let known = zones.get(zone)
  if (known === undefined) {
    const changes = changesOf(zone)
    const fixed: ZoneSql['fromUtc'] = (_of, write) => write(String(offsetAt(zone, 0) / 1000))
    known =
      changes.length === 0
        ? { fromUtc: fixed, fromWall: fixed }
        : {
            fromUtc: searched(changes, ({ at }) => at / 1000),
            fromWall: searched(changes, ({ at, before, after }) => at / 1000 + Math.max(before, after)),
          }
    zones.set(zone, known)
  }
  return known
}
