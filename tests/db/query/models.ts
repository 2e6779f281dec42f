/** Models of the query tests: a small library with every kind of relation. */
import { defineApp } from 'nuages'
import {
  boolean,
  char,
  choice,
  dateTime,
  decimal,
  foreignKey,
  integer,
  json,
  Model,
  manyToMany,
  oneToOne,
  QuerySet,
  reverse,
  reverseOne,
} from 'nuages/db'

export class Company extends Model<Company>()({
  name: char({ maxLength: 100 }),
  authors: () => reverse(Author, 'company'),
}) {}

export class Author extends Model<Author>()(
  {
    name: char({ maxLength: 100 }),
    birthYear: integer({ null: true }),
    company: () => foreignKey(Company, { null: true, onDelete: 'setNull' }),
    books: () => reverse(Book, 'author'),
    profile: () => reverseOne(Profile, 'author'),
    friends: () => manyToMany(Author),
  },
  { ordering: ['name'] },
) {
  get initials() {
    return this.name
      .split(' ')
      .map((word) => word[0])
      .join('')
  }
}

export class Profile extends Model<Profile>()({
  author: () => oneToOne(Author, { onDelete: 'cascade' }),
  bio: char({ maxLength: 200, default: '' }),
  /** Of the library; nobody reads it. */
  card: char({ maxLength: 20, default: '', secret: true }),
}) {}

export class BookQuerySet extends QuerySet<Book> {
  published() {
    return this.filter({ status: 'published' })
  }
  long(pages: number) {
    return this.filter({ pages__gte: pages })
  }
}

export class Book extends Model<Book>()({
  title: char({ maxLength: 200 }),
  pages: integer({ default: 100 }),
  status: choice({ draft: 'Draft', published: 'Published' }, { default: 'draft' }),
  price: decimal({ maxDigits: 6, decimalPlaces: 2, null: true }),
  publishedAt: dateTime({ null: true }),
  visible: boolean({ default: true }),
  settings: json<{ langs?: string[]; theme?: { name?: string | null } }>({ default: () => ({}) }),
  author: () => foreignKey(Author, { onDelete: 'cascade' }),
  editor: () => foreignKey(Author, { null: true, onDelete: 'protect' }),
  chapters: () => reverse(Chapter, 'book'),
  tags: () => manyToMany(Tag),
}) {
  static override objects = new BookQuerySet(Book)
}

export class Chapter extends Model<Chapter>()({
  title: char({ maxLength: 100 }),
  number: integer(),
  book: () => foreignKey(Book, { onDelete: 'cascade' }),
  next: () => foreignKey(Chapter, { null: true, onDelete: 'setNull' }),
}) {}

export class Tag extends Model<Tag>()({
  slug: char({ maxLength: 50, primaryKey: true }),
  books: () => reverse(Book, 'tags'),
}) {}

export class Loan extends Model<Loan>()({
  book: () => foreignKey(Book, { onDelete: 'restrict' }),
  author: () => foreignKey(Author, { onDelete: 'cascade' }),
}) {}

export class Stamp extends Model<Stamp>()({
  name: char({ maxLength: 20, unique: true }),
  createdAt: dateTime({ autoNowAdd: true }),
  updatedAt: dateTime({ autoNow: true }),
  count: integer({ default: 0 }),
}) {}

export const library = defineApp({
  name: 'library',
  root: import.meta.url,
  models: { Author, Book, Chapter, Company, Loan, Profile, Stamp, Tag },
})
