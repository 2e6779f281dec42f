import { loginRequired } from 'nuages/auth'
import { respond, json as toJson } from 'nuages/http'
import { getObjectOr404, render } from 'nuages/shortcuts'
import { Book } from './models.ts'
import { urls } from './urls.ts'

export const plaintext = urls.plaintext.view(() =>
  respond('Hello, World!', { headers: { 'content-type': 'text/plain; charset=utf-8' } }),
)

export const json = urls.json.view(() => toJson({ message: 'Hello, World!' }))

/** Session, user, token, one query, a template. */
export const page = urls.page.view(loginRequired, (request) =>
  render(request, 'library/page.html', { books: Book.objects.filter({ status: 'new' }).orderBy('id').slice(0, 10) }),
)

export const book = urls.book.view(async (_, { id }) => toJson(await getObjectOr404(Book.objects, { id })))
