/** A clock tests can hold: `new Date()` and `Date.now()` follow it. Timers go on in real time. */
const RealDate = globalThis.Date
type Instant = Date | number | string

let offset = 0
let stopped: number | null = null

const now = (): number => stopped ?? RealDate.now() + offset

// The same class but for the present: dates made before, meanwhile and after are dates to one another.
const Held = new Proxy(RealDate, {
  construct: (target, args, made) => Reflect.construct(target, args.length === 0 ? [now()] : args, made),
  apply: () => new RealDate(now()).toString(),
  get: (target, name) => (name === 'now' ? now : Reflect.get(target, name)),
})

/** The clock of tests. What {@link clock.stop} and the others changed is undone by `restore()`, and after each test. */
export const clock = {
  /** Stops at an instant: an ISO text, a Date, or milliseconds. */
  stop(at: Instant = RealDate.now()): void {
    stopped = new RealDate(at).getTime()
    globalThis.Date = Held
  },
  /** Goes on from where it stands, `milliseconds` later. */
  advance(milliseconds: number): void {
    if (stopped === null) offset += milliseconds
    else stopped += milliseconds
    globalThis.Date = Held
  },
  /** The real time again. */
  restore(): void {
    offset = 0
    stopped = null
    globalThis.Date = RealDate
  },
}
