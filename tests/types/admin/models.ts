import { char, choice, date, foreignKey, integer, json, Model, manyToMany, reverse, text } from 'nuages/db'

export class Publisher extends Model<Publisher>()({
  name: char({ maxLength: 100 }),
  authors: () => reverse(Author, 'publisher'),
}) {}

export class Author extends Model<Author>()({
  name: char({ maxLength: 100 }),
  publisher: () => foreignKey(Publisher, { onDelete: 'cascade', null: true }),
  books: () => reverse(Book, 'author'),
}) {}

export class Book extends Model<Book>()({
  title: char({ maxLength: 200 }),
  status: choice({ draft: 'Draft', published: 'Published' }, { default: 'draft' }),
  pages: integer(),
  author: () => foreignKey(Author, { onDelete: 'cascade' }),
  related: () => manyToMany(Book),
  meta: json<{ isbn: string }>(),
  notes: text(),
  bought: date({ null: true }),
}) {}

/** Two foreign keys to one model. */
export class Letter extends Model<Letter>()({
  subject: char({ maxLength: 100 }),
  sender: () => foreignKey(Author, { onDelete: 'cascade' }),
  reader: () => foreignKey(Author, { onDelete: 'cascade' }),
  book: () => foreignKey(Book, { onDelete: 'cascade' }),
  pages: () => reverse(Page, 'letter'),
}) {}
export class Page extends Model<Page>()({
  text: text(),
  letter: () => foreignKey(Letter, { onDelete: 'cascade' }),
}) {}
