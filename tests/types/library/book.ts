import {
  bigInteger,
  char,
  check,
  choice,
  date,
  dateTime,
  foreignKey,
  index,
  integer,
  json,
  Model,
  manyToMany,
  QuerySet,
  reverse,
  text,
  unique,
  uuid,
} from 'nuages/db'
import { Author } from './author.ts'
import { Timestamped } from './bases.ts'

export class Tag extends Model<Tag>()({
  slug: text({ primaryKey: true }),
  label: text(),
  books: () => reverse(Book, 'tags'),
}) {}

export class BookQuerySet extends QuerySet<Book> {
  published() {
    return this.filter({ status: 'published', publishedAt__isnull: false })
  }
  by(author: Author) {
    return this.filter({ author })
  }
}

export class Book extends Model<Book>()(
  {
    title: char({ maxLength: 200 }),
    pages: integer({ min: 1 }),
    status: choice({ draft: 'Draft', published: 'Published' }, { default: 'draft' }),
    publishedAt: dateTime({ null: true }),
    author: () => foreignKey(Author, { onDelete: 'cascade' }),
    chapters: () => reverse(Chapter, 'book'),
    tags: () => manyToMany(Tag),
    contributors: () => manyToMany(Author, { through: Contribution }),
    meta: json<{ isbn?: string; langs: string[] }>({ null: true }),
  },
  {
    extends: Timestamped,
    ordering: ['-publishedAt'],
    constraints: [unique(['author', 'title']), check({ pages__gte: 1 })],
    indexes: [index(['status', '-publishedAt'])],
  },
) {
  static override objects = new BookQuerySet(Book)
  get isLong() {
    return this.pages > 500
  }
  publish() {
    this.status = 'published'
    this.publishedAt = new Date()
    return this.save()
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
    author: () => foreignKey(Author, { onDelete: 'cascade' }),
    role: choice(['editor', 'translator', 'illustrator']),
  },
  { primaryKey: ['book', 'author', 'role'] },
) {}

export class Loan extends Model<Loan>()({
  code: uuid({ primaryKey: true, auto: true }),
  day: date(),
  stamp: bigInteger({ null: true }),
  book: () => foreignKey(Book, { onDelete: 'protect' }),
}) {}
