/** What the code by hand makes of rows: objects of classes, all of one shape. */
import type { AuthorRow, BookRow } from './contract.ts'

/** A row as drivers give it: `any`, because only the statement knows its columns. */
export type Row = any[]

/** The columns of a book, in the order that {@link PlainBook} reads. */
export const columns = 'b.id, b.title, b.subtitle, b.isbn, b.status, b.pages, b.stock, b.price, b.summary, b.author_id'

export class PlainAuthor implements AuthorRow {
  readonly id: number
  readonly name: string
  readonly books: PlainBook[] = []
  constructor(id: number, name: string) {
    this.id = id
    this.name = name
  }
}

export class PlainBook implements BookRow {
  readonly id: number
  readonly title: string
  readonly subtitle: string
  readonly isbn: string
  readonly status: string
  readonly pages: number
  readonly stock: number
  readonly price: number
  readonly summary: string
  readonly authorId: number
  author: PlainAuthor | null = null
  constructor(r: Row) {
    this.id = r[0]
    this.title = r[1]
    this.subtitle = r[2]
    this.isbn = r[3]
    this.status = r[4]
    this.pages = r[5]
    this.stock = r[6]
    this.price = r[7]
    this.summary = r[8]
    this.authorId = r[9]
  }
}

/** A book whose author's key and name follow its own columns. */
export function withAuthor(row: Row): PlainBook & { author: PlainAuthor } {
  const book = new PlainBook(row)
  book.author = new PlainAuthor(row[10], row[11])
  return book as PlainBook & { author: PlainAuthor } // set in the line above
}

/** Rows of books put to their authors. */
export function grouped(authors: PlainAuthor[], rows: readonly Row[]): PlainAuthor[] {
  const byKey = new Map(authors.map((author) => [author.id, author]))
  for (const row of rows) {
    const book = new PlainBook(row)
    byKey.get(book.authorId)!.books.push(book)
  }
  return authors
}
