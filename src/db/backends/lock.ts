/** The write lock of a database with one writer: first come, first served, and nobody's thread sleeps. */
import { LockTimeoutError, OperationalError } from '../errors.ts'

/** Who holds the lock: `file:line`, or a function that says so when asked. */
export type Holder = string | (() => string)

/** How long to wait, and what may stop the wait. */
export interface Wait {
  readonly timeout: number
  readonly signal?: AbortSignal | undefined
  /** The timeout counts from the last change of hands: a long queue that moves is no reason to give up. */
  readonly perHolder?: boolean
}

interface Waiter {
  readonly fail: (reason: Error) => void
  readonly holder: Holder
  readonly go: () => void
}

/** The name of a holder. */
export function holderName(holder: Holder): string {
  return typeof holder === 'string' ? holder : holder()
}

/** First-come lock. `acquire` resolves when it is yours; `release` hands it to the next in line. */
export class Lock {
  readonly #alias: string
  readonly #what: string
  readonly #waiting = new Set<Waiter>()
  #holder: Holder | null = null
  #since = 0

  /** @param what   named by the error of who waits too long */
  constructor(alias: string, what = 'The write lock') {
    this.#alias = alias
    this.#what = what
  }

  get held(): boolean {
    return this.#holder !== null
  }

  /** How many wait. */
  get waiting(): number {
    return this.#waiting.size
  }

  /** Takes the lock if it is free, without a promise. */
  tryAcquire(holder: Holder): boolean {
    if (this.#holder !== null) return false
    this.#take(holder)
    return true
  }

  /** @throws LockTimeoutError db.lock-timeout; OperationalError db.aborted when the signal fires first */
  acquire(holder: Holder, wait: Wait): Promise<void> {
    if (wait.signal?.aborted) return Promise.reject(aborted(wait.signal))
    if (this.#holder === null) {
      this.#take(holder)
      return Promise.resolve()
    }
    return new Promise((resolve, reject) => {
      const start = performance.now()
      const leave = (): void => {
        clearTimeout(timer)
        wait.signal?.removeEventListener('abort', onAbort)
        this.#waiting.delete(waiter)
      }
      const waiter: Waiter = {
        holder,
        fail: (reason) => {
          leave()
          reject(reason)
        },
        go: () => {
          leave()
          resolve()
        },
      }
      const onAbort = (): void => waiter.fail(aborted(wait.signal!))
      const onTime = (): void => {
        const left = wait.perHolder ? this.#since + wait.timeout - performance.now() : 0
        if (left > 0) timer = setTimeout(onTime, left)
        else waiter.fail(this.#timedOut(performance.now() - start))
      }
      let timer = setTimeout(onTime, wait.timeout)
      wait.signal?.addEventListener('abort', onAbort, { once: true })
      this.#waiting.add(waiter)
    })
  }

  release(): void {
    this.#holder = null
    const next = this.#waiting.values().next().value
    if (next === undefined) return
    this.#take(next.holder)
    next.go()
  }

  /** Sends everybody who waits away. */
  dismiss(reason: () => Error): void {
    for (const waiter of [...this.#waiting]) waiter.fail(reason())
  }

  #take(holder: Holder): void {
    this.#holder = holder
    this.#since = performance.now()
  }

  #timedOut(waited: number): LockTimeoutError {
    const holder = this.#holder === null ? null : holderName(this.#holder)
    const by = holder === null ? '' : `; it is held by ${holder}, for ${seconds(performance.now() - this.#since)} now`
    return new LockTimeoutError(
      `${this.#what} of database "${this.#alias}" was not free within ${seconds(waited)}${by}.`,
      {
        code: 'db.lock-timeout',
        hint: 'Keep slow work (calls to other services, mail, large files) out of atomic blocks, or raise lockTimeout.',
        alias: this.#alias,
        holder,
      },
    )
  }
}

/** Milliseconds for people. */
export function seconds(ms: number): string {
  return ms < 1000 ? `${Math.round(ms)} ms` : `${(ms / 1000).toFixed(1)} s`
}

/** The error of a wait, or of a statement, that its signal ended. */
export function aborted(signal: AbortSignal, sql?: string): OperationalError {
  return new OperationalError('Waiting for the database was given up: its signal was aborted.', {
    code: 'db.aborted',
    sql,
    cause: signal.reason,
  })
}
