import { defineApp } from 'nuages'
import { Author, Book, User } from './models.ts'
import { urls } from './urls.ts'

export const library = defineApp({
  name: 'library',
  root: import.meta.url,
  models: { User, Author, Book },
  urls,
  views: () => import('./views.ts'),
})
