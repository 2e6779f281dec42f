/** A clock tests can hold: `new Date()` and `Date.now()` follow it. Timers go on in real time. */
const RealDate = globalThis.Date
type Instant = Date | number | string

let offset = 0
let stopped: number | null = null

class HeldDate extends RealDate {
  constructor(...args: [] | [Instant]) {
    super(args.length === 0 ? HeldDate.now() : (args[0] as number)) // Date takes what Date takes
  }

  static override now(): number {
    return stopped ?? RealDate.now() + offset
  }
}
// `new Date(2026, 0, 1)` and the like: more than one argument goes to the real constructor.
const Held = new Proxy(HeldDate, {
  construct: (target, args, self) =>
    args.length > 1 ? Reflect.construct(RealDate, args, self) : Reflect.construct(target, args, self),
  apply: () => new HeldDate().toString(),
})

/** The clock of tests. What {@link clock.stop} and the others changed is undone by `restore()`, and after each test. */
export const clock = {
  /** Stops at an instant: an ISO text, a Date, or milliseconds. */
  stop(at: Instant = RealDate.now()): void {
    stopped = new RealDate(at).getTime()
    globalThis.Date = Held as unknown as DateConstructor // the same members, but for now() and new Date()
  },
  /** Goes on from where it stands, `milliseconds` later. */
  advance(milliseconds: number): void {
    if (stopped === null) offset += milliseconds
    else stopped += milliseconds
    globalThis.Date = Held as unknown as DateConstructor
  },
  /** The real time again. */
  restore(): void {
    offset = 0
    stopped = null
    globalThis.Date = RealDate
  },
}
