/** Workers that read: made when needed, thrown away when they are lost. */
import { OperationalError } from '../../../errors.ts'
import { aborted } from '../../lock.ts'
import type { Worker } from './worker.ts'

/** How a pool makes its workers, and how many. */
export interface ReaderPoolOptions {
  readonly alias: string
  /** Most workers for statements; loops have more when they need them. */
  readonly size: number
  /** Milliseconds to wait for a free one. */
  readonly wait: number
  readonly start: () => Promise<Worker>
}
interface Waiter {
  readonly go: () => void
  readonly fail: (error: Error) => void
}

export class ReaderPool {
  readonly #options: ReaderPoolOptions
  readonly #idle: Worker[] = []
  readonly #used = new Set<Worker>()
  readonly #waiting = new Set<Waiter>()
  /** Places that statements take; each has a worker, or will have. */
  #taken = 0
  #closed = false

  constructor(options: ReaderPoolOptions) {
    this.#options = options
  }

  /** A worker for one statement. @throws OperationalError db.pool-exhausted, db.aborted; what the start throws */
  async take(signal: AbortSignal | undefined): Promise<Worker> {
    if (this.#taken >= this.#options.size) await this.#turn(signal)
    else this.#taken++
    try {
      return await this.lend()
    } catch (error) {
      this.#leave()
      throw error
    }
  }
  give(worker: Worker): void {
    this.back(worker)
    this.#leave()
  }

  /** A worker for a loop, which may take as long as it likes. */
  async lend(): Promise<Worker> {
    let worker = this.#idle.pop()
    while (worker?.lost) worker = this.#idle.pop()
    worker ??= await this.#options.start()
    this.#used.add(worker)
    return worker
  }
  back(worker: Worker): void {
    this.#used.delete(worker)
    if (worker.lost) return
    if (this.#closed || this.#idle.length >= this.#options.size) void worker.close()
    else this.#idle.push(worker)
  }

  async close(): Promise<void> {
    this.#closed = true
    const { alias } = this.#options
    for (const waiter of [...this.#waiting])
      waiter.fail(new OperationalError(`The database "${alias}" is closed.`, { code: 'db.closed', alias }))
    await Promise.all([...this.#idle.splice(0), ...this.#used].map((worker) => worker.close()))
  }

  #leave(): void {
    const next = this.#waiting.values().next().value
    if (next === undefined) this.#taken--
    else next.go() // the place goes on
  }

  #turn(signal: AbortSignal | undefined): Promise<void> {
    if (signal?.aborted) return Promise.reject(aborted(signal))
    return new Promise((resolve, reject) => {
      const leave = (): void => {
        clearTimeout(timer)
        signal?.removeEventListener('abort', onAbort)
        this.#waiting.delete(waiter)
      }
      const waiter: Waiter = {
        go: () => {
          leave()
          resolve()
        },
        fail: (error) => {
          leave()
          reject(error)
        },
      }
      const onAbort = (): void => waiter.fail(aborted(signal!))
      const timer = setTimeout(() => waiter.fail(this.#exhausted()), this.#options.wait)
      signal?.addEventListener('abort', onAbort, { once: true })
      this.#waiting.add(waiter)
    })
  }

  #exhausted(): OperationalError {
    const { alias, size } = this.#options
    return new OperationalError(`None of the ${size} readers of database "${alias}" was free in time.`, {
      code: 'db.pool-exhausted',
      status: 503,
      hint: 'Make slow queries quicker or bound them with statementTimeout, or raise readers (or lockTimeout).',
      alias,
    })
  }
}
