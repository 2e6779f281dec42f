/** Connections of one process: made when needed, given out one by one, thrown away when they are lost. */
import { OperationalError } from '../../errors.ts'
import { aborted } from '../lock.ts'
import type { Session } from './session.ts'

/** How a pool makes its connections, and how many. */
export interface PoolOptions {
  readonly alias: string
  /** Most connections. */
  readonly size: number
  /** Milliseconds to wait for a free one. */
  readonly wait: number
  readonly connect: () => Promise<Session>
}

interface Waiter {
  readonly give: (session: Session) => void
  readonly fail: (error: unknown) => void
}

export class SessionPool {
  readonly #options: PoolOptions
  readonly #idle: Session[] = []
  readonly #used = new Set<Session>()
  readonly #waiting = new Set<Waiter>()
  #opening = 0
  #closed = false
  #drained: (() => void) | null = null

  constructor(options: PoolOptions) {
    this.#options = options
  }

  /** @throws OperationalError db.pool-exhausted, db.closed, db.aborted; what `connect` throws */
  acquire(signal?: AbortSignal): Promise<Session> {
    if (this.#closed) return Promise.reject(this.#closedError())
    if (signal?.aborted) return Promise.reject(aborted(signal))
    for (let session = this.#idle.pop(); session !== undefined; session = this.#idle.pop()) {
      if (session.lost) continue
      session.hold(true)
      this.#used.add(session)
      return Promise.resolve(session)
    }
    const { promise, resolve, reject } = Promise.withResolvers<Session>()
    const timer = setTimeout(() => {
      this.#waiting.delete(waiter)
      waiter.fail(this.#exhausted())
    }, this.#options.wait)
    const onAbort = (): void => {
      this.#waiting.delete(waiter)
      waiter.fail(aborted(signal!))
    }
    const done = (): void => {
      clearTimeout(timer)
      signal?.removeEventListener('abort', onAbort)
    }
    const waiter: Waiter = {
      give: (session) => {
        done()
        resolve(session)
      },
      fail: (error) => {
        done()
        reject(error)
      },
    }
    signal?.addEventListener('abort', onAbort, { once: true })
    this.#waiting.add(waiter)
    this.#grow()
    return promise
  }

  /** Back to the pool; a lost connection is replaced when somebody needs one. */
  release(session: Session): void {
    if (!this.#used.delete(session)) return
    if (session.lost || this.#closed) {
      if (!session.lost) session.end().catch(ignore)
      else session.destroy()
      this.#grow()
    } else this.#give(session)
    if (this.#used.size === 0) this.#drained?.()
  }

  #give(session: Session): void {
    const [waiter] = this.#waiting
    if (waiter === undefined) {
      session.hold(false)
      this.#idle.push(session)
      return
    }
    this.#waiting.delete(waiter)
    this.#used.add(session)
    waiter.give(session)
  }

  /** One more connection, for those who wait. */
  #grow(): void {
    if (this.#closed || this.#opening >= this.#waiting.size) return
    if (this.#used.size + this.#idle.length + this.#opening >= this.#options.size) return
    this.#opening++
    this.#options
      .connect()
      .then(
        (session) => {
          this.#opening--
          if (this.#closed) session.end().catch(ignore)
          else this.#give(session)
        },
        (error) => {
          this.#opening--
          const [waiter] = this.#waiting
          if (waiter === undefined) return
          this.#waiting.delete(waiter)
          waiter.fail(error)
        },
      )
      .finally(() => this.#grow())
  }

  #exhausted(): OperationalError {
    return new OperationalError('No connection of the pool was free in time.', {
      code: 'db.pool-exhausted',
      status: 503,
      hint: 'Keep slow work out of atomic blocks, or raise poolSize (or lockTimeout) in the database URL.',
    })
  }

  #closedError(): OperationalError {
    const { alias } = this.#options
    return new OperationalError(`The database "${alias}" is closed.`, { code: 'db.closed', alias })
  }

  /** Waits for connections that are in use, but not for ever. @param wait   milliseconds */
  async close(wait: number): Promise<void> {
    if (this.#closed) return
    this.#closed = true
    for (const waiter of this.#waiting) waiter.fail(this.#closedError())
    this.#waiting.clear()
    if (this.#used.size > 0) {
      const { promise, resolve } = Promise.withResolvers<void>()
      this.#drained = resolve
      const timer = setTimeout(resolve, wait)
      await promise
      clearTimeout(timer)
      for (const session of this.#used) session.destroy()
    }
    await Promise.all(this.#idle.splice(0).map((session) => (session.lost ? undefined : session.end())))
  }
}
const ignore = (): void => undefined
