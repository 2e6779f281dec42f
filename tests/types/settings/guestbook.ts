/** An app with settings of its own, as a package brings it. */
import { defineApp, type Project } from 'nuages'

export interface GuestbookSettings {
  readonly perPage: number
  readonly moderated: boolean
  readonly greeting: string
  readonly words: readonly string[]
}

declare module 'nuages' {
  interface AppSettings {
    guestbook: GuestbookSettings
  }
}

export let settings: GuestbookSettings = { perPage: 20, moderated: false, greeting: 'Welcome', words: [] }

export const guestbook = defineApp({
  name: 'guestbook',
  root: import.meta.url,
  settings,
  ready(project: Project) {
    settings = project.settings.guestbook
  },
})
