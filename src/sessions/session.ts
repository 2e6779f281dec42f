import type { Session } from '../http/types.ts'
import { randomString } from '../std/crypto.ts'
import { SessionError } from './errors.ts'
import type { SessionData, SessionStore } from './store.ts'

/** 32 characters of 36: 165 bits, as Django's keys. */
const KEY = /^[a-z0-9]{32}$/
const newKey = (): string => randomString(32, 'abcdefghijklmnopqrstuvwxyz0123456789')

/** The session of one request. Reading and writing are immediate; `save()` at the end of the request tells the store. */
export class StoredSession implements Session {
  readonly #store: SessionStore
  #key: string | null
  #values: Map<string, unknown>
  /** Key to delete in the store when saving: of a session flushed, or kept under a new key. */
  #old: string | null = null
  #maxAge: number | null = null
  modified = false
  accessed = false

  private constructor(store: SessionStore, key: string | null, data: SessionData) {
    this.#store = store
    this.#key = key
    this.#values = new Map(Object.entries(data))
  }

  /**
   * The session a cookie names. A key the store does not know is not adopted: a new one is made when something is
   * kept, so that nobody can plant a key they know (session fixation).
   */
  static async load(store: SessionStore, key: string | undefined): Promise<StoredSession> {
    const data = key !== undefined && KEY.test(key) ? await store.load(key) : null
    return new StoredSession(store, data ? key! : null, data ?? {})
  }

  /** The key, or null until a new session is saved. */
  get key(): string | null {
    return this.#key
  }

  get isEmpty(): boolean {
    return this.#values.size === 0
  }

  /** Seconds this session lives, where it was set for it alone. */
  get maxAge(): number | null {
    return this.#maxAge
  }

  get<T = unknown>(name: string): T | undefined {
    this.accessed = true
    return this.#values.get(name) as T | undefined // what the caller kept under this name
  }

  has(name: string): boolean {
    this.accessed = true
    return this.#values.has(name)
  }

  set(name: string, value: unknown): void {
    if (value === undefined)
      throw new SessionError(`The session value "${name}" is undefined, which JSON cannot keep.`, {
        code: 'sessions.undefined-value',
        hint: 'Use null, or delete the name.',
      })
    this.accessed = this.modified = true
    this.#values.set(name, value)
  }

  delete(name: string): boolean {
    this.accessed = true
    const had = this.#values.delete(name)
    this.modified ||= had
    return had
  }

  /** Lives `seconds` from its last change; null: the setting's. */
  setMaxAge(seconds: number | null): void {
    this.#maxAge = seconds
    this.modified = true
  }

  flush(): void {
    this.#values = new Map()
    this.cycleKey()
  }

  cycleKey(): void {
    this.#old ??= this.#key
    this.#key = null
    this.accessed = this.modified = true
  }

  /** Writes what changed. Gives the key to send, or null when the browser should forget its cookie. */
  async save(maxAge: number): Promise<string | null> {
    const expires = new Date(Date.now() + (this.#maxAge ?? maxAge) * 1000)
    const data = Object.fromEntries(this.#values)
    if (this.#old !== null) {
      await this.#store.delete(this.#old)
      this.#old = null
    }
    if (this.#key === null) {
      if (this.isEmpty) return null
      let key = newKey()
      while (!(await this.#store.create(key, data, expires))) key = newKey()
      this.#key = key
    } else if (this.isEmpty) {
      await this.#store.delete(this.#key)
      this.#key = null
    } else if (!(await this.#store.update(this.#key, data, expires))) {
      // Ended by another request (a log-out) while this one ran: it must not come back to life.
      this.#key = null
    }
    this.modified = false
    return this.#key
  }
}
