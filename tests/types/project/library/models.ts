import { userModel } from 'nuages/auth'
import { char, choice, dateTime, foreignKey, integer, Model, QuerySet, reverse, slug, text } from 'nuages/db'
import { reverse as link } from 'nuages/urls'
import { urls } from './urls.ts'

export class Author extends Model<Author>()({ name: char({ maxLength: 100 }), books: () => reverse(Book, 'author') }) {}

export class BookQuerySet extends QuerySet<Book> {
  published() {
    return this.filter({ status: 'published', publishedAt__isnull: false })
  }
}

export class Book extends Model<Book>()({
  title: char({ maxLength: 200 }),
  slug: slug({ unique: true }),
  pages: integer({ min: 1 }),
  status: choice({ draft: 'Draft', published: 'Published' }, { default: 'draft' }),
  publishedAt: dateTime({ null: true }),
  author: () => foreignKey(Author, { onDelete: 'cascade' }),
  owner: () => foreignKey(userModel(), { null: true, onDelete: 'setNull' }),
  chapters: () => reverse(Chapter, 'book'),
}) {
  static override objects = new BookQuerySet(Book)
  // Inferred, and read by the views that the project's table leads to.
  absoluteUrl() {
    return urls.bookDetail({ year: this.pages, slug: this.slug })
  }
  named() {
    return link('library:bookDetail', { year: this.pages, slug: this.slug })
  }
}

export class Chapter extends Model<Chapter>()({
  title: text(),
  book: () => foreignKey(Book, { onDelete: 'cascade' }),
}) {}
