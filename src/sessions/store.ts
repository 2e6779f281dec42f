/** The values of a session, by name; JSON. */
export type SessionData = Readonly<Record<string, unknown>>

/** What keeps sessions: the contract of a session backend. */
export interface SessionStore {
  /** The values kept under `key`, or null when there is no such session or it has expired. At once where it can. */
  load(key: string): SessionData | null | Promise<SessionData | null>
  /** Keeps a new session. False, and nothing written, when the key is taken. */
  create(key: string, data: SessionData, expires: Date): Promise<boolean>
  /** Replaces the values of a session that exists. False when it is gone: a session ended meanwhile stays ended. */
  update(key: string, data: SessionData, expires: Date): Promise<boolean>
  /** Ends a session. False when there was none. */
  delete(key: string): Promise<boolean>
  /** Removes what has expired; gives how many. */
  clearExpired(now: Date): Promise<number>
}
