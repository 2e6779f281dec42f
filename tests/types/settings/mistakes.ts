import { defineApp, defineSettings, env } from 'nuages'
import { guestbook } from './guestbook.ts'

const start = { secretKey: env.secret('SECRET_KEY'), apps: [guestbook] } as const

defineSettings({ ...start, guestbok: { perPage: 50 } })
defineSettings({ ...start, guestbook: { perPge: 50 } })
defineSettings({ ...start, guestbook: { perPage: '50' } })
defineSettings({ ...start, guestbook: { perPage: env.string('PER_PAGE') } })
defineSettings({ ...start, sessions: { maxage: 50 } })
defineApp({ name: 'guestbook', root: import.meta.url, settings: { perPage: 20 } })
