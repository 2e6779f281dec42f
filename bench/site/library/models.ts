import { AbstractUser } from 'nuages/auth'
import { char, float, foreignKey, integer, Model, reverse, text } from 'nuages/db'

export class User extends Model<User>()({}, { extends: AbstractUser }) {}

export class Author extends Model<Author>()({
  name: char({ maxLength: 50 }),
  books: () => reverse(Book, 'author'),
}) {}

/** Ten columns, none of which SQLite keeps in another form. */
export class Book extends Model<Book>()({
  title: char({ maxLength: 100 }),
  subtitle: char({ maxLength: 100 }),
  isbn: char({ maxLength: 13 }),
  status: char({ maxLength: 10, index: true }),
  pages: integer(),
  stock: integer(),
  price: float(),
  summary: text(),
  author: () => foreignKey(Author, { onDelete: 'cascade' }),
}) {}
