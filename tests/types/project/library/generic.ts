/** Views made by factories with callbacks: what a list of routes with views in it cannot type. */
import type { HttpRequest } from 'nuages/http'
import { reverse } from 'nuages/urls'
import { Book } from './models.ts'
import { urls } from './urls.ts'

declare function createView<M extends { readonly prototype: unknown }>(
  model: M,
  options: { success: (row: M['prototype']) => string },
): (request: HttpRequest, params: {}) => Promise<Response>

export const bookNew = urls.bookNew.view(
  createView(Book, { success: (book) => reverse('library:bookDetail', { year: book.pages, slug: book.slug }) }),
)
export const bookEdit = urls.bookEdit.view(
  createView(Book, { success: (book) => urls.bookEdit({ year: 1, slug: book.slug }) }),
)
