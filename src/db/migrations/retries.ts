/** What a lock that others hold refuses, tried again. */
import { setTimeout as sleep } from 'node:timers/promises'
import { NuagesError } from '../../std/errors.ts'

/** How often, and who is told. */
export interface Retries {
  readonly lockRetries?: number
  readonly onWaiting?: (reason: 'migration' | 'lock') => void
}

const RETRIES = 10
const LOCKED = new Set(['db.locked', 'db.lock-timeout', 'db.deadlock'])

/** Runs `work`, which leaves nothing behind where it fails, until no lock stands in its way: after 1 s, 2 s … 30 s. */
export async function whenFree<T>(
  work: () => Promise<T>,
  { lockRetries = RETRIES, onWaiting }: Retries = {},
): Promise<T> {
  for (let tried = 0; ; tried++) {
    try {
      return await work()
    } catch (error) {
      if (tried >= lockRetries || !isLocked(error)) throw error
      onWaiting?.('lock')
      // A random part, so that two that met do not meet again.
      await sleep(Math.min(30_000, 1000 * 2 ** tried) * (0.5 + Math.random() / 2))
    }
  }
}

/** Whether a lock that others held is what stood in the way. */
function isLocked(error: unknown): boolean {
  if (!(error instanceof NuagesError)) return false
  return LOCKED.has(error.code) || isLocked(error.cause)
}
