/**
 * The wall clock of a time zone in SQL, without the server's time zone tables, which most servers have empty and which
 * its own conversion leaves at 2038. A zone's changes are written into the statement: INTERVAL() searches them by
 * halves, and ELT() gives the offset that holds from there on.
 */

/** TO_SECONDS('1970-01-01') */
const EPOCH = 62_167_219_200
const DAY = 86_400_000
/** Years that are looked through for changes; before and after, the offset of the first and last one holds. */
const FIRST = Date.UTC(1890, 0, 1)
const LAST = Date.UTC(2101, 0, 1)
/** No zone has changed twice within so short a time, and come back to where it was. */
const STEP = 10 * DAY

interface Change {
  /** Milliseconds since 1970, UTC. */
  readonly at: number
  /** Seconds to add to UTC. */
  readonly before: number
  readonly after: number
}

/** Seconds between UTC and a zone's wall clock at an instant. */
function clockOf(zone: string): (ms: number) => number {
  const format = new Intl.DateTimeFormat('en-US', { timeZone: zone, timeZoneName: 'longOffset', hour: 'numeric' })
  return (ms) => {
    const [, sign, hours, minutes, seconds] = /GMT(?:([+-])(\d\d):(\d\d)(?::(\d\d))?)?$/.exec(format.format(ms)) ?? []
    const size = Number(hours ?? 0) * 3600 + Number(minutes ?? 0) * 60 + Number(seconds ?? 0)
    return sign === '-' ? -size : size
  }
}

function changesOf(offsetAt: (ms: number) => number): Change[] {
  const changes: Change[] = []
  let before = offsetAt(FIRST)
  for (let at = FIRST; at < LAST; at += STEP) {
    let high = at + STEP
    if (offsetAt(high) === before) continue
    // By halves, to the second.
    for (let low = at; high - low > 1000; ) {
      const middle = Math.floor((low + high) / 2000) * 1000
      if (offsetAt(middle) === before) low = middle
      else high = middle
    }
    const after = offsetAt(high)
    changes.push({ at: high, before, after })
    before = after
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
    const offsetAt = clockOf(zone)
    const changes = changesOf(offsetAt)
    const fixed: ZoneSql['fromUtc'] = (_of, write) => write(String(offsetAt(0)))
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
