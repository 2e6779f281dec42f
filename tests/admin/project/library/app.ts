import { defineApp } from 'nuages'
import { Author, Book, Hidden, Loan, Odd, Seat, Tag } from './models.ts'

export const library = defineApp({
  name: 'library',
  root: import.meta.url,
  models: { Author, Tag, Book, Loan, Seat, Odd, Hidden },
  admin: () => import('./admin.ts'),
})
