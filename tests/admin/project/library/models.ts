import { userModel } from 'nuages/auth'
import {
  boolean,
  char,
  check,
  choice,
  dateTime,
  decimal,
  foreignKey,
  integer,
  json,
  Model,
  manyToMany,
  reverse,
  slug,
  text,
  unique,
  url,
} from 'nuages/db'
import { ValidationError } from 'nuages/validators'

/** Each belongs to somebody: the admin's scope shows the others to superusers only. */
export class Author extends Model<Author>()(
  {
    name: char({ maxLength: 80 }),
    website: url({ blank: true, default: '' }),
    apiKey: char({ maxLength: 80, secret: true, blank: true, default: '' }),
    owner: () => foreignKey(userModel(), { null: true, blank: true, onDelete: 'setNull' }),
    books: () => reverse(Book, 'author'),
  },
  { ordering: ['name'] },
) {
  override toString() {
    return this.name
  }
  absoluteUrl() {
    return this.website || `/authors/${this.id}/`
  }
}

/** A key that people write. */
export class Tag extends Model<Tag>()(
  {
    slug: char({ maxLength: 40, primaryKey: true }),
    label: char({ maxLength: 80 }),
  },
  { ordering: ['slug'] },
) {
  override toString() {
    return this.label
  }
}

export class Book extends Model<Book>()(
  {
    title: char({ maxLength: 200 }),
    slug: slug({ unique: true }),
    author: () => foreignKey(Author, { onDelete: 'cascade' }),
    status: choice({ draft: 'Draft', out: '<b>Out</b> now' }, { default: 'draft' }),
    pages: integer({ null: true, blank: true, min: 0 }),
    price: decimal({ maxDigits: 8, decimalPlaces: 2, null: true, blank: true }),
    available: boolean({ default: true }),
    publishedAt: dateTime({ null: true, blank: true }),
    notes: text({ blank: true, default: '' }),
    extra: json({ null: true, blank: true }),
    tags: () => manyToMany(Tag, { blank: true }),
    loans: () => reverse(Loan, 'book'),
    createdAt: dateTime({ default: () => new Date(), editable: false }),
  },
  {
    ordering: ['title'],
    constraints: [unique(['author', 'title']), check({ pages__lte: 5000 }, { name: 'book_pages_sane' })],
  },
) {
  override toString() {
    return this.title
  }
  override clean() {
    if (this.title === this.slug) throw new ValidationError({ slug: ['Write another slug than the title.'] })
  }
}

export class Loan extends Model<Loan>()({
  book: () => foreignKey(Book, { onDelete: 'protect' }),
  reader: char({ maxLength: 80 }),
}) {
  override toString() {
    return `Loan of ${this.reader}`
  }
}

/** A key of two parts. */
export class Seat extends Model<Seat>()(
  {
    row: char({ maxLength: 10 }),
    number: integer(),
    note: char({ maxLength: 80, blank: true, default: '' }),
  },
  { primaryKey: ['row', 'number'] },
) {
  override toString() {
    return `${this.row}${this.number}`
  }
}

/** Fields named like the parameters of a list. */
export class Odd extends Model<Odd>()({
  q: char({ maxLength: 20 }),
  o: integer(),
  page: integer(),
}) {}

/** Taken out of the admin. */
export class Hidden extends Model<Hidden>()({ name: char({ maxLength: 20 }) }) {}
