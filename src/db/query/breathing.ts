/** The event loop is let in between queries that answer at once. */

/**
 * Rows read, and queries sent, until the event loop is let in; a query counts as this many rows. Until then what a
 * weak reference was made to is kept, so this is also how much survives a collection of young objects. Of 2,000 rows
 * and more V8 takes most survivors for long-lived and makes lists in the old generation from then on, where each keeps
 * its dead rows until a full collection: twice the time, in some processes and not in others.
 */
const BREATH = 1000
const PER_QUERY = 10
let since = 0
// Taken now, for tests that replace timers.
const later = setImmediate

/**
 * A value, or once in a while a promise of it that lets the event loop turn. SQLite answers at once, so a loop of
 * awaits is one long run of microtasks: timers and other requests would wait, and what weak references point to is
 * kept until such a run ends.
 */
export function breathing<T>(value: T, rows: number): T | Promise<T> {
  since += rows + PER_QUERY
  if (since < BREATH) return value
  since = 0
  return new Promise((resolve) => later(resolve, value))
}
