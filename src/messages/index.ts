/** Messages for the next page: kept in the session, shown once. */
import type { HttpRequest } from '../http/index.ts'

export type MessageLevel = 'info' | 'success' | 'warning' | 'error'
export interface Message {
  readonly level: MessageLevel
  readonly text: string
}

const KEY = '_messages'
/** More than a page can show is a loop somewhere; the oldest go. */
const MOST = 50

/** Leaves a message for the next page this visitor sees. */
export function addMessage(request: HttpRequest, level: MessageLevel, text: string | { toString(): string }): void {
  const kept = request.session.get<Message[]>(KEY) ?? []
  request.session.set(KEY, [...kept, { level, text: String(text) }].slice(-MOST))
}

/** The messages waiting, which are then forgotten. */
export function takeMessages(request: HttpRequest): readonly Message[] {
  const kept = request.session.get<Message[]>(KEY)
  if (kept === undefined) return []
  request.session.delete(KEY)
  return kept
}
