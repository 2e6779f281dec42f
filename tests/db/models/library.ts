/** A small library, in two files that need each other (`people.ts`). */
import {
  char,
  check,
  choice,
  dateTime,
  foreignKey,
  index,
  integer,
  json,
  Model,
  manyToMany,
  reverse,
  slug,
  text,
  unique,
} from 'nuages/db'
import { Timestamped } from './bases.ts'
import { Author } from './people.ts'

export class Tag extends Model<Tag>()({
  slug: slug({ primaryKey: true }),
  label: text(),
  books: () => reverse(Book, 'tags'),
}) {}

export class Book extends Model<Book>()(
  {
    title: char({ maxLength: 200 }),
    pages: integer({ min: 1 }),
    status: choice({ draft: 'Draft', published: 'Published' }, { default: 'draft' }),
    publishedAt: dateTime({ null: true }),
    author: () => foreignKey(Author, { onDelete: 'cascade' }),
    chapters: () => reverse(Chapter, 'book'),
    tags: () => manyToMany(Tag),
    related: () => manyToMany(Book),
    contributors: () => manyToMany(Author, { through: Contribution }),
    settings: json<{ langs: string[] }>({ default: () => ({ langs: [] }) }),
  },
  {
    extends: Timestamped,
    ordering: ['-publishedAt'],
    constraints: [unique(['author', 'title']), check({ pages__gte: 1 })],
    indexes: [index(['status', '-publishedAt'])],
  },
) {
  get isLong() {
    return this.pages > 500
  }
}

export class Chapter extends Model<Chapter>()({
  title: text(),
  number: integer(),
  book: () => foreignKey(Book, { onDelete: 'cascade' }),
}) {}

export class Contribution extends Model<Contribution>()(
  {
    book: () => foreignKey(Book, { onDelete: 'cascade' }),
    author: () => foreignKey(Author, { onDelete: 'protect' }),
    role: choice(['editor', 'translator']),
  },
  { primaryKey: ['book', 'author', 'role'] },
) {}
