/** `nuages/sessions`: values kept for a visitor between requests. */
export { sessions } from './app.ts'
export { databaseStore } from './backends/database.ts'
export { SessionError } from './errors.ts'
export { sessionsMiddleware } from './middleware.ts'
export { configureSessions, type SessionOptions } from './options.ts'
export { StoredSession } from './session.ts'
export type { SessionData, SessionStore } from './store.ts'
