/** Hashing runs on the thread pool, which files and name look-ups share: logins may not take all of it. */
import { ServiceUnavailable } from '../../http/index.ts'
import { t } from '../../i18n/index.ts'

/** Of the pool's four threads (`UV_THREADPOOL_SIZE`). */
const AT_ONCE = 3
/** About a second of work; whoever comes later is sent away, before memory and patience run out. */
const MOST_WAITING = 100
/** Seconds. */
const RETRY_AFTER = 2

let running = 0
const waiting: (() => void)[] = []

/**
 * Runs `hash` when a thread is free, first come first served.
 * @throws ServiceUnavailable auth.too-many-logins when too many wait
 */
export async function queued<T>(hash: () => Promise<T>): Promise<T> {
  if (running < AT_ONCE) running++
  else if (waiting.length < MOST_WAITING) await new Promise<void>((resolve) => waiting.push(resolve))
  else
    throw new ServiceUnavailable(t('Too many people are signing in. Try again in a moment.'), {
      code: 'auth.too-many-logins',
      headers: { 'retry-after': String(RETRY_AFTER) },
    })
  try {
    return await hash()
  } finally {
    const next = waiting.shift()
    if (next === undefined) running--
    else next() // its place is taken over
  }
}
