// Methods of rows that name fields: where the model is known, where it is not, and where it is being declared.
import {
  AbstractModel,
  F,
  foreignKey,
  type Instance,
  type InstanceMethods,
  integer,
  type Loaded,
  Model,
  manyToMany,
  ProxyModel,
  type QuerySet,
  type RefreshOptions,
  type SaveOptions,
  text,
} from 'nuages/db'
import { Author } from './author.ts'
import { Timestamped } from './bases.ts'
import { Book, type Chapter, Loan, Tag } from './book.ts'

declare const book: Book
declare const loaded: Loaded<Book, 'author'>
declare const either: Book | Chapter
declare const names: string[]
declare const options: SaveOptions | undefined

await book.save({ fields: ['title', 'author', 'authorId', 'updatedAt', 'id', 'pk'] })
await book.save({ fields: ['title'], set: { pages: Book.F('pages').plus(1) } })
await book.refresh({ fields: ['status'] })
await book.fullClean({ exclude: ['author', 'meta'] })
await loaded.save({ fields: ['title'] })
const fixed = { fields: ['title', 'pages'] } as const
await book.save(fixed)
await book.save({ fields: names.length > 1 ? ['title'] : [] })

// Text known only at run time is looked at then
await book.save({ fields: names })
await book.refresh({ fields: [...names, 'title'] })
await book.save(options)

// Rows of several models have the names that both have
await either.save({ fields: ['title'] })
await either.save({ using: 'other', set: { title: 'x' } })
await either.refresh({ fields: ['title'] })
await Promise.all([book, loaded.author].map((row) => row.save()))

// Code for any model
export async function touched<T extends InstanceMethods>(row: T): Promise<T> {
  await row.refresh({ fields: ['updatedAt'] })
  return row.save({ fields: ['updatedAt'] })
}
export const renamed = <T extends Book>(row: T): Promise<T> => row.save({ fields: ['title'] })
export const stamped = <T extends Timestamped>(row: T) => row.save({ fields: ['updatedAt'] })
export const whatever = <T extends Instance<any, any>>(row: T) => row.save({ fields: ['x'] })
await touched(book)
await stamped(book)
export const saved: { save(options?: { readonly fields?: readonly string[] }): Promise<unknown> } = book

// In the bodies of models and abstract bases
export abstract class Counted extends AbstractModel({ count: integer({ default: 0 }) }, { extends: Timestamped }) {
  more() {
    return this.save({ set: { count: F('count'), updatedAt: new Date() }, fields: ['createdAt'] })
  }
  again() {
    return this.refresh({ fields: ['count', 'updatedAt', 'id', 'pk'] })
  }
  /** Of a model that extends it. */
  retitle() {
    return this.save({ fields: ['title' as string] })
  }
}
export class Poster extends Model<Poster>()(
  { title: text(), artist: () => foreignKey(Author, { onDelete: 'cascade' }), tags: () => manyToMany(Tag) },
  { extends: Counted },
) {
  override async save(options: SaveOptions = {}): Promise<this> {
    if (options.fields?.includes('title')) this.title = this.title.trim()
    return super.save({ ...options, fields: [...(options.fields ?? []), 'updatedAt'] })
  }
  override refresh(options?: RefreshOptions) {
    return super.refresh(options)
  }
  retake() {
    return super.save({ fields: ['title', 'artistId', 'count'] })
  }
  async reread(): Promise<string> {
    const { title } = await this.refresh({ fields: ['artist', 'title'] })
    return title
  }
}
export class Sheet extends Model<Sheet>()({ title: text() }, { extends: Counted }) {
  rename() {
    this.title = 'x'
    return this.save({ fields: ['title', 'updatedAt'] })
  }
  check() {
    return this.fullClean({ exclude: ['count', 'title'] })
  }
}
export class OldBook extends ProxyModel<OldBook>()(Book) {
  retire() {
    return this.save({ fields: ['title'], set: { pages: 1 } })
  }
}

// Dates and instants, through relations too
export const months = [
  Loan.objects.dates('day', 'month'),
  Book.objects.dates('publishedAt', 'year', 'desc'),
  Loan.objects.dates('book__publishedAt', 'week'),
  Loan.objects.dates('book__author__bornOn', 'quarter'),
]
export const hours = [Book.objects.datetimes('createdAt', 'hour'), Loan.objects.datetimes('book__publishedAt', 'day')]
export const byColumn = [Book.objects.inBulk([1], { by: 'id' }), Book.objects.inBulk(undefined, { by: 'authorId' })]
await Book.objects.bulkUpdate([book], ['title', 'author', 'authorId', 'meta'])
export const noModel = (rows: QuerySet<any>) => rows.dates('anything', 'day')
