/** `nuages/shortcuts`: what most views do last, in one call. */

import type { QuerySet } from './db/index.ts'
import type { Q } from './db/query/types/expressions.ts'
import type { AnnOf, RowOf } from './db/query/types/rows.ts'
import type { Where } from './db/query/types/where.ts'
import { type HttpRequest, type HttpResponse, NotFound, type ResponseOptions, respond } from './http/index.ts'
import { t } from './i18n/index.ts'
import { renderTemplate } from './templates/index.ts'

export { redirect } from './http/index.ts'

/**
 * A page made from a template. Query sets in the context are awaited where the template uses them.
 *
 *     return render(request, 'library/book_list.html', { books: Book.objects.all() })
 *
 * @param template   a name, or several: the first that exists
 * @param options   `status` (default 200) and `headers`
 * @throws TemplateDoesNotExist, TemplateSyntaxError, TemplateRenderError
 */
export async function render(
  request: HttpRequest,
  template: string | readonly string[],
  context: Readonly<Record<string, unknown>> = {},
  options: ResponseOptions = {},
): Promise<HttpResponse> {
  return respond(await renderTemplate(template, context, request), options)
}

/** What rows are looked for in: a model, or a query set of it. `any`, because the row's type is read from it. */
type Source = QuerySet<any> | { readonly objects: QuerySet<any> }
/** The query set of a source. */
type SetOf<S> = S extends { readonly objects: infer Q } ? Q : S
/** The model that a source asks. */
type ModelOf<S> = SetOf<S> extends QuerySet<infer T> ? T : never

/**
 * The one row for which it holds, or a 404 page.
 *
 *     const book = await getObjectOr404(Book, { slug })
 *     const withAuthor = await getObjectOr404(Book.objects.selectRelated('author'), { slug })
 *
 * @param from   a model, or a query set of it
 * @throws NotFound http.not-found when there is none
 * @throws MultipleObjectsReturned when there are several
 */
export async function getObjectOr404<const S extends Source, const K extends string>(
  from: S,
  where?: Where<ModelOf<S>, AnnOf<SetOf<S>>, K> | Q<ModelOf<S>>,
): Promise<RowOf<SetOf<S>>> {
  const rows = ('objects' in from ? from.objects : from) as QuerySet<any> // what Source says
  const found: unknown = await rows.getOrNull(where as never) // checked by this function's own signature
  if (found === null) throw new NotFound(t('No {model} fits.', { model: rows.model.meta.verboseName }))
  return found as RowOf<SetOf<S>> // a row of that query set
}
