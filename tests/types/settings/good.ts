import { defineApp, defineSettings, env } from 'nuages'
import { guestbook } from './guestbook.ts'

const secretKey = env.secret('SECRET_KEY')
const plain = defineApp({ name: 'plain', root: import.meta.url, settings: { anything: 1 } })

const base = defineSettings({ secretKey, apps: [guestbook, plain] })
export const overrides = defineSettings({
  ...base,
  sessions: { maxAge: 3600 },
  guestbook: { perPage: env.integer('GUESTBOOK_PER_PAGE', 50), moderated: true, words: ['spam'] },
})
