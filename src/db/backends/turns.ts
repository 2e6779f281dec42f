/**
 * Turns of the event loop for databases that answer at once. Awaiting such an answer never leaves the queue of microtasks,
 * so that a busy loop of quick queries keeps timers and sockets out, and no signal could ever stop it.
 */
import type { MaybePromise } from './backend.ts'
import { aborted } from './lock.ts'

/** Milliseconds that statements may follow one another before others get the thread. */
const BUSY = 10

let turned = 0
let turning: Promise<void> | null = null

/** A turn of the event loop if the last one awaited here is long ago; one that is awaited already is everybody's. */
export function turnDue(): Promise<void> | null {
  if (turning === null && performance.now() - turned < BUSY) return null
  turning ??= new Promise((resolve) =>
    setImmediate(() => {
      turned = performance.now()
      turning = null
      resolve()
    }),
  )
  return turning
}

/**
 * Runs `work`: at once where no signal could stop it, else behind a turn where one is due. What is asked while a turn is
 * awaited waits too, so that the order stays.
 * @throws OperationalError db.aborted once the signal has fired
 */
export function inTurn<T>(signal: AbortSignal | undefined, work: () => MaybePromise<T>): MaybePromise<T> {
  const turn = signal === undefined ? null : turnDue()
  if (turn === null) return work()
  return turn.then(() => {
    if (signal!.aborted) throw aborted(signal!)
    return work()
  })
}
