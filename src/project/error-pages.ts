import { type ErrorPageContext, type HttpRequest, type HttpResponse, respond } from '../http/index.ts'
import { markSafe } from '../std/html.ts'
import { templates } from '../templates/index.ts'

/**
 * Makes the function that gives the project's own pages for errors: the templates `404.html`, `500.html`, … where
 * there are some. They get `status`, `code` and `message`. Null: the framework's page. For production: with debug there
 * is the debug page.
 */
export function projectErrorPages(): (
  request: HttpRequest,
  context: ErrorPageContext,
) => HttpResponse | Promise<HttpResponse> | null {
  const known = new Map<number, boolean>()
  return (request, context) => {
    const { status } = context
    const name = `${status}.html`
    const engine = templates()
    // Asked once: an address that does not exist must not cost a look at the disk each time.
    if (!known.has(status)) known.set(status, engine.has(name))
    if (!known.get(status)) return null
    const page = engine.render(name, { ...context }, request)
    const answer = (text: string) => respond(markSafe(text), { status })
    return typeof page === 'string' ? answer(page) : page.then(answer)
  }
}
