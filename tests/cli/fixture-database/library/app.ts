import { defineApp } from 'nuages'
import { Book } from './models.ts'
import { urls } from './urls.ts'

export const library = defineApp({
  name: 'library',
  root: import.meta.url,
  models: { Book },
  urls,
  views: () => import('./views.ts'),
})
