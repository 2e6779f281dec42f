import { defineApp } from 'nuages'
import { Model, reverse, text } from 'nuages/db'
import { Author, Company, Employee, Profile } from './author.ts'
import { Book, Chapter, Contribution, Loan, Tag } from './book.ts'

export const library = defineApp({
  name: 'library',
  root: import.meta.url,
  models: { Book, Chapter, Contribution, Tag, Loan, Author, Company, Employee, Profile },
})

class Copied extends Model<Author>()({ name: text() }) {}
class Odd extends Model<Odd>()({
  name: text(),
  books: () => reverse(Book, 'autor'),
  chapters: () => reverse(Chapter, 'book'),
}) {}
// @ts-expect-error wrong Self
export const copied = defineApp({ name: 'x', root: '/', models: { Copied } })
// @ts-expect-error Book has no 'autor', and Chapter.book does not point to Odd
export const odd = defineApp({ name: 'x', root: '/', models: { Odd } })
