import { after } from '../http/index.ts'
import type { Session } from '../http/types.ts'
import { randomString } from '../std/crypto.ts'
import { SessionError } from './errors.ts'
import type { SessionData, SessionStore } from './store.ts'

/** 32 characters of 36: 165 bits, as Django's keys. */
const KEY = /^[a-z0-9]{32}$/
const newKey = (): string => randomString(32, 'abcdefghijklmnopqrstuvwxyz0123456789')
/** Name in the stored values for what {@link StoredSession.setExpiry} was given; Django's. */
const EXPIRY = '_session_expiry'

/** The session of one request. Reading and writing are immediate; `save()` at the end of the request tells the store. */
export class StoredSession implements Session {
  readonly #store: SessionStore
  #key: string | null
  #values: Map<string, unknown>
  #expiry: number | Date | null = null
  /** Key to delete in the store when saving: of a session flushed, or kept under a new key. */
  #old: string | null = null
  /** Whether the new key is good only if the old one still is. */
  #needsOld = false
  #interrupted = false
  /** Something changed: it will be saved. Set it after changing the inside of a value. */
  modified = false
  /** Somebody looked: the response depends on the cookie. */
  accessed = false

  private constructor(store: SessionStore, key: string | null, data: SessionData) {
    const { [EXPIRY]: expiry, ...values } = data
    this.#store = store
    this.#key = key
    this.#values = new Map(Object.entries(values))
    this.#expiry = readExpiry(expiry)
  }

  /** A session in which nothing is kept yet: no query, no key. */
  static empty(store: SessionStore): StoredSession {
    return new StoredSession(store, null, {})
  }

  /**
   * The session a cookie names. A key the store does not know is not adopted: a new one is made when something is
   * kept, so that nobody can plant a key they know (session fixation).
   */
  static load(store: SessionStore, key: string): StoredSession | Promise<StoredSession> {
    const made = (data: SessionData | null) => new StoredSession(store, data ? key : null, data ?? {})
    return KEY.test(key) ? after(store.load(key), made) : made(null)
  }

  /** The key, or null until a new session is saved. */
  get key(): string | null {
    return this.#key
  }

  get isEmpty(): boolean {
    return this.#values.size === 0
  }

  /** After {@link save}: another request ended this session meanwhile, so nothing was kept. */
  get interrupted(): boolean {
    return this.#interrupted
  }

  get<T = unknown>(name: string): T | undefined {
    this.accessed = true
    return this.#values.get(name) as T | undefined // what the caller kept under this name
  }

  /** {@link get} for middleware whose response does not depend on the value. */
  peek(name: string): unknown {
    return this.#values.get(name)
  }

  has(name: string): boolean {
    this.accessed = true
    return this.#values.has(name)
  }

  /** @throws SessionError sessions.undefined-value */
  set(name: string, value: unknown): void {
    if (value === undefined)
      throw new SessionError(`The session value ${JSON.stringify(name)} is undefined, which JSON cannot keep.`, {
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

  setExpiry(expiry: number | Date | null): void {
    if (expiry !== null && readExpiry(expiry) === null)
      throw new SessionError(`${String(expiry)} is not when a session ends.`, {
        code: 'sessions.bad-expiry',
        hint: 'Give seconds from now, 0 for when the browser closes, a Date, or null for the setting.',
      })
    this.#expiry = expiry
    this.accessed = this.modified = true
  }

  flush(): void {
    this.#values = new Map()
    this.#expiry = null
    this.renew()
  }

  cycleKey(): void {
    this.#needsOld ||= this.#old === null && this.#key !== null
    this.#leaveKey()
  }

  /** {@link cycleKey} for a login, which is good even where the session before it was ended meanwhile. */
  renew(): void {
    this.#needsOld = false
    this.#leaveKey()
  }

  #leaveKey(): void {
    this.#old ??= this.#key
    this.#key = null
    this.accessed = this.modified = true
  }

  /** Seconds until it ends, `maxAge` unless it was said for this session. */
  lifetime(maxAge: number): number {
    if (this.#expiry instanceof Date) return Math.max(0, Math.floor((this.#expiry.getTime() - Date.now()) / 1000))
    return this.#expiry || maxAge
  }

  /** Whether the cookie ends with the browser. */
  endsWithBrowser(byDefault: boolean): boolean {
    return this.#expiry === null ? byDefault : this.#expiry === 0
  }

  /**
   * Writes what changed. Gives the key to send, or null when there is nothing to come back to: the session is empty, or
   * was {@link interrupted}.
   * @param maxAge   seconds
   */
  async save(maxAge: number): Promise<string | null> {
    const expires = new Date(Date.now() + this.lifetime(maxAge) * 1000)
    this.modified = false
    if (this.#old !== null) {
      const existed = await this.#store.delete(this.#old)
      this.#old = null
      // Ended by another request (a log-out) while this one ran: what it held must not come back to life.
      if (this.#needsOld && !existed) return this.#end(true)
    }
    if (this.isEmpty) {
      if (this.#key !== null) await this.#store.delete(this.#key)
      return this.#end(false)
    }
    const data = this.#data()
    if (this.#key === null) {
      let key = newKey()
      while (!(await this.#store.create(key, data, expires))) key = newKey()
      this.#key = key
    } else if (!(await this.#store.update(this.#key, data, expires))) {
      return this.#end(true)
    }
    return this.#key
  }

  #end(interrupted: boolean): null {
    this.#key = null
    this.#interrupted = interrupted
    return null
  }

  #data(): SessionData {
    const data = Object.fromEntries(this.#values)
    return this.#expiry === null ? data : { ...data, [EXPIRY]: this.#expiry }
  }
}

/** Seconds, or a date as it was given or as JSON keeps it; null for what is neither. */
function readExpiry(value: unknown): number | Date | null {
  if (typeof value === 'number') return Number.isFinite(value) && value >= 0 ? value : null
  const date = typeof value === 'string' || value instanceof Date ? new Date(value) : null
  return date === null || Number.isNaN(date.getTime()) ? null : date
}
