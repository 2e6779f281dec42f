/** For sibling rooms. */
import type { Session } from '../http/index.ts'
import { StoredSession } from './session.ts'

export { databaseStore } from './backends/database.ts'
export { sessionOptions } from './options.ts'

/** A value, without the response coming to depend on the session. */
export function peekSession(session: Session, name: string): unknown {
  return session instanceof StoredSession ? session.peek(name) : session.get(name)
}

/** Says that the response depends on the session. */
export function touchSession(session: Session): void {
  if (session instanceof StoredSession) session.accessed = true
}

/** `cycleKey()` for a login: see {@link StoredSession.renew}. */
export function renewSession(session: Session): void {
  if (session instanceof StoredSession) session.renew()
  else session.cycleKey()
}
