/** `nuages/messages`: messages for the next page, kept in the session and shown once. */
import type { HttpRequest } from '../http/index.ts'

/** What a message is about; templates make it a class. */
export type MessageLevel = 'info' | 'success' | 'warning' | 'error'

/** Something to tell a visitor on the next page. */
export interface Message {
  readonly level: MessageLevel
  readonly text: string
}

const KEY = '_messages'
/** More than a page can show is a loop somewhere; the oldest go. */
const MOST = 50
/** Characters of one message. */
const LONGEST = 2000

/** Leaves a message for the next page this visitor sees. Text, never HTML: templates escape it. */
export function addMessage(request: HttpRequest, level: MessageLevel, text: string | { toString(): string }): void {
  const kept = request.session.get<Message[]>(KEY) ?? []
  request.session.set(KEY, [...kept, { level, text: String(text).slice(0, LONGEST) }].slice(-MOST))
}

/** The messages waiting, the oldest first; they are forgotten. Without any it leaves the session as it is. */
export function takeMessages(request: HttpRequest): readonly Message[] {
  const kept = request.session.get<Message[]>(KEY)
  if (kept === undefined) return []
  request.session.delete(KEY)
  return kept
}
