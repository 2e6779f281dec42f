/** Work that another process' lock refuses, tried again. */
import { setTimeout as sleep } from 'node:timers/promises'
import { OperationalError } from '../../errors.ts'
import type { MaybePromise } from '../backend.ts'
import { aborted, seconds, type Wait } from '../lock.ts'
import { isBusy } from './errors.ts'

/**
 * Runs `work` until it is not refused because of another process' lock, with pauses of 1 to 25 ms in between.
 * @param first   the refusal that made it necessary
 * @throws OperationalError db.locked after the time given, db.aborted
 */
export async function retryLater<T>(
  work: () => MaybePromise<T>,
  { timeout, signal }: Wait,
  first: unknown,
  { path, alias }: { readonly path: string; readonly alias: string },
): Promise<T> {
  const start = performance.now()
  const end = start + timeout
  let pause = 1
  let last = first
  while (performance.now() < end) {
    // Different pauses for different processes, so that they do not meet again and again.
    await sleep(pause * (0.5 + Math.random()))
    if (signal?.aborted) throw aborted(signal)
    pause = Math.min(pause * 2, 25)
    try {
      return await work()
    } catch (error) {
      if (!isBusy(error)) throw error
      last = error
    }
  }
  throw new OperationalError(
    `Another process kept the database ${path} locked for ${seconds(performance.now() - start)}.`,
    {
      code: 'db.locked',
      hint: 'Find the process that writes to the file, or raise lockTimeout.',
      status: 503,
      alias,
      cause: last,
    },
  )
}
