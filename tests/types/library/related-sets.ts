/** A related set is a query set of its model: functions that take one take the other. */
import type { QuerySet } from 'nuages/db'
import type { Author } from './author.ts'
import type { Book } from './book.ts'

declare function firstOf<T extends { readonly id: number }>(rows: QuerySet<T>): T
declare function books(rows: QuerySet<Book>): void
declare const author: Author

export const title: string = firstOf(author.books).title
books(author.books)
books(author.books.filter({ pages__gt: 1 }))
