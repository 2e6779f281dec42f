import { atomic, IntegrityError } from '../../db/index.ts'
import { getNow } from '../../db/internal.ts'
import { after } from '../../http/index.ts'
import { BadSignature, dumps, loads } from '../../signing/index.ts'
import { Session } from '../models.ts'
import type { SessionData, SessionStore } from '../store.ts'

/** Bound to this use: a value signed elsewhere is not a session. */
const salt = 'nuages.sessions'

function decode(text: string): SessionData | null {
  try {
    const data: unknown = loads(text, { salt })
    return typeof data === 'object' && data !== null && !Array.isArray(data) ? (data as SessionData) : null // what create() wrote
  } catch (error) {
    // Written with another key, or altered: the same as no session.
    if (error instanceof BadSignature) return null
    throw error
  }
}

/** Sessions in the table `django_session`; values are signed, so that whoever can write the table cannot forge them. */
export const databaseStore: SessionStore = {
  load(key) {
    const read = (row: Session | null) => row && decode(row.sessionData)
    return after(getNow(Session.objects, { sessionKey: key, expireDate__gt: new Date() }), read)
  },
  async create(key, data, expires) {
    try {
      await atomic(() =>
        Session.objects.create({ sessionKey: key, sessionData: dumps(data, { salt }), expireDate: expires }),
      )
      return true
    } catch (error) {
      if (error instanceof IntegrityError) return false
      throw error
    }
  },
  async update(key, data, expires) {
    const changed = await Session.objects
      .filter({ sessionKey: key })
      .update({ sessionData: dumps(data, { salt }), expireDate: expires })
    return changed > 0
  },
  async delete(key) {
    return (await Session.objects.filter({ sessionKey: key }).delete()).total > 0
  },
  async clearExpired(now) {
    return (await Session.objects.filter({ expireDate__lte: now }).delete()).total
  },
}
