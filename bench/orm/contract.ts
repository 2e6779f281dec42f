/** What every library does in its process: ten rows of work on a table of 1,000 books by 100 authors. */

/** The databases of a run. */
export const databases = ['sqlite', 'postgres'] as const
export type DatabaseName = (typeof databases)[number]

/** The lines of the table, in order. */
export const rows = [
  'get by pk',
  '100 rows of 10 columns',
  '100 rows, joined relation',
  '50 parents, 10 children each',
  'insert one',
  'bulk insert 1,000',
  'update by pk',
  'filtered count',
  '20 gets at once',
  '20 updates in a transaction',
] as const
export type RowName = (typeof rows)[number]

/** The lines of a database. In one process there is no round trip that updates could share. */
export function rowsOf(database: DatabaseName): readonly RowName[] {
  return database === 'postgres' ? rows : rows.filter((row) => row !== '20 updates in a transaction')
}

/** Rows that leave books behind, to be deleted after each sample. */
export const inserting: ReadonlySet<RowName> = new Set<RowName>(['insert one', 'bulk insert 1,000'])

/** The columns of a book but its key, as they are written. */
export interface BookValues {
  readonly title: string
  readonly subtitle: string
  readonly isbn: string
  readonly status: string
  readonly pages: number
  readonly stock: number
  readonly price: number
  readonly summary: string
  readonly authorId: number
}
/** A book's columns as Nuages takes them. */
export const written = ({ authorId, ...others }: BookValues) => ({ ...others, author: authorId })

/** A book as every library gives it: an object of its own, with these properties. */
export interface BookRow extends BookValues {
  readonly id: number
}
export interface AuthorRow {
  readonly id: number
  readonly name: string
}

type Maybe<T> = T | Promise<T>

/** The work, written as the library's documentation recommends for speed. */
export interface Works<Written = BookValues> {
  /** A book's columns as the library takes them; done before anything is measured. Without it they stay as they are. */
  written?(values: BookValues): Written
  /** The book of a key. */
  get(id: number): Maybe<BookRow>
  /** The first hundred books by key. */
  hundred(): Maybe<readonly BookRow[]>
  /** The same, each with its author. */
  joined(): Maybe<readonly (BookRow & { readonly author: AuthorRow })[]>
  /** The first fifty authors by key, each with its books. */
  prefetched(): Maybe<readonly (AuthorRow & { readonly books: Iterable<BookRow> })[]>
  /** Writes a book; gives its key. */
  insert(values: Written): Maybe<number>
  /** Writes a thousand books: all or none. */
  bulk(values: readonly Written[]): unknown
  /** Sets the stock of the book of a key by one UPDATE; gives how many were changed, or the book. */
  update(id: number, stock: number): unknown
  /** How many books have this status and so many pages or more. */
  count(status: string, pages: number): Maybe<number>
  /** Where it is not `Promise.all` of {@link Works.get}: the fastest way to get the books of twenty keys one by one. */
  twenty?(ids: readonly number[]): Maybe<readonly BookRow[]>
  /** Sets the stock of some books, one UPDATE each and all started at once, in one transaction. Measured on PostgreSQL alone. */
  updates?(changes: readonly (readonly [id: number, stock: number])[]): unknown
  close(): unknown
}

/** How a library's file is reached: its one export. `url` is a file's path on SQLite, a URL on PostgreSQL. */
export type Open = (database: DatabaseName, url: string) => Promise<Works<any>> // a library's rows are its own

/** Book `i`, from 0; the same on every run. The stock is what {@link Works.update} writes as well. */
export function bookValues(i: number): BookValues {
  return {
    title: `Title ${i} & <more>`,
    subtitle: `A subtitle of some words, number ${i}`,
    isbn: String(9780000000000 + i),
    status: i % 3 === 0 ? 'new' : 'old',
    pages: 100 + (i % 400),
    stock: i % 20,
    price: 9.5 + i / 100,
    summary: 'A summary that says in a sentence or two what this book is about, without giving its end away.',
    authorId: 1 + (i % 100),
  }
}
