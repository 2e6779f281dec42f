import { defineApp } from 'nuages'
import { Author, Book, Chapter } from './models.ts'
import { urls } from './urls.ts'

export const library = defineApp({
  name: 'library',
  root: import.meta.url,
  models: { Author, Book, Chapter },
  urls,
  views: () => import('./views.ts'),
})
