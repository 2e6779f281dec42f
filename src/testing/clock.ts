/** A clock tests can hold. */
import { TestingError } from './errors.ts'

/** A moment: an ISO text, a Date, or milliseconds since 1970. */
export type Instant = Date | number | string
/** A length of time: milliseconds, or the sum of what is named. */
export type Span =
  | number
  | {
      readonly days?: number
      readonly hours?: number
      readonly minutes?: number
      readonly seconds?: number
      readonly milliseconds?: number
    }

interface Hold {
  /** The moment it stands at; null while it runs. */
  readonly stopped: number | null
  /** Milliseconds it is ahead of the real one while it runs. */
  readonly ahead: number
}

const RealDate = globalThis.Date
let hold: Hold | null = null
/** What stood there before: a runner's own fake, say. */
let replaced: DateConstructor | null = null

function now(): number {
  if (hold === null) return RealDate.now()
  return hold.stopped ?? RealDate.now() + hold.ahead
}

// One prototype for dates made before, while and after: instanceof and deep equality go on as ever.
const HeldDate: DateConstructor = new Proxy(RealDate, {
  construct: (target, args, self) =>
    Reflect.construct(target, args.length === 0 ? [now()] : args, self === HeldDate ? target : self) as Date,
  apply: () => new RealDate(now()).toString(),
  get: (target, key) => (key === 'now' ? now : Reflect.get(target, key)),
})

function apply(next: Hold | null): void {
  hold = next
  if (next !== null && replaced === null) {
    replaced = globalThis.Date
    globalThis.Date = HeldDate
  } else if (next === null && replaced !== null) {
    if (globalThis.Date === HeldDate) globalThis.Date = replaced
    replaced = null
  }
}

/** Remembers how the clock stands; gives the function that brings that back. */
export function rememberClock(): () => void {
  const before = hold
  return () => apply(before)
}

/**
 * The clock of a test: `new Date()` and `Date.now()` follow it, and with them sessions, signatures and cookies. Timers
 * and `performance` go on in real time, and so does the database's own clock. {@link testSite} brings the real time
 * back after each test.
 */
export const clock = {
  /**
   * Stops at a moment; without one, now.
   * @throws TestingError testing.bad-time
   */
  stop(at: Instant = now()): void {
    const stopped = new RealDate(at).getTime()
    if (Number.isNaN(stopped)) throw badTime(at, "Write an ISO text such as '2026-01-23T12:00:00Z'.")
    apply({ stopped, ahead: 0 })
  },
  /**
   * Moves on from where it stands; it goes on standing, or running, as before.
   * @param span   milliseconds, or `{ days: 15 }`; negative goes back
   * @throws TestingError testing.bad-time
   */
  advance(span: Span): void {
    const by = millisecondsOf(span)
    if (!Number.isFinite(by)) throw badTime(span, 'Write milliseconds, or { days: 15 }.')
    const { stopped, ahead } = hold ?? { stopped: null, ahead: 0 }
    apply(stopped === null ? { stopped, ahead: ahead + by } : { stopped: stopped + by, ahead })
  },
  /** The real time again. */
  restore(): void {
    apply(null)
  },
}

function millisecondsOf(span: Span): number {
  if (typeof span === 'number') return span
  const { days = 0, hours = 0, minutes = 0, seconds = 0, milliseconds = 0 } = span
  return (((days * 24 + hours) * 60 + minutes) * 60 + seconds) * 1000 + milliseconds
}

function badTime(given: unknown, hint: string): TestingError {
  const shown = typeof given === 'object' && !(given instanceof RealDate) ? JSON.stringify(given) : String(given)
  return new TestingError(`The clock cannot be set by ${shown}.`, { code: 'testing.bad-time', hint })
}
