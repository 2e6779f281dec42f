/** Stopping what a connection does: the server takes such a request on another connection. */
import { aborted } from '../lock.ts'
import type { Session } from './session.ts'

/** The server's number for a statement that was stopped; its own timeouts have others, and our request is still on its way. */
const STOPPED = 1317

/** Asks the server to stop what the connection with a number runs. Rejects where that cannot be. */
export type Kill = (id: number) => Promise<unknown>

/**
 * Runs `work`, and has its statement stopped when the signal fires. Settles when the connection is free again.
 * @throws OperationalError db.aborted
 */
export async function stoppable<T>(
  session: Session,
  kill: Kill,
  signal: AbortSignal | undefined,
  work: () => Promise<T>,
): Promise<T> {
  if (signal === undefined) return work()
  if (signal.aborted) throw aborted(signal)
  let stopping: Promise<unknown> | undefined
  const onAbort = (): void => {
    stopping = kill(session.id).catch(() => session.destroy())
  }
  signal.addEventListener('abort', onAbort, { once: true })
  let stopped = false
  try {
    const result = await work()
    if (!signal.aborted) return result
  } catch (error) {
    if (!signal.aborted) throw error
    stopped = (error as { readonly errno?: unknown }).errno === STOPPED
  } finally {
    signal.removeEventListener('abort', onAbort)
  }
  await stopping
  // The request may still arrive, at a statement that it was not meant for: the connection cannot be used again.
  if (!stopped) session.lost = true
  throw aborted(signal)
}
