import { type ErrorPageContext, type HttpRequest, type HttpResponse, respond } from '../http/index.ts'
import { markSafe } from '../std/html.ts'
import { renderTemplate, TemplateDoesNotExist } from '../templates/index.ts'

/**
 * The project's own page for an error: the template `404.html`, `500.html`, … where there is one. It gets `status`,
 * `code` and `message`. Null: the framework's page.
 */
export function renderErrorPage(
  request: HttpRequest,
  context: ErrorPageContext,
): HttpResponse | Promise<HttpResponse> | null {
  try {
    const page = renderTemplate(`${context.status}.html`, { ...context }, request)
    const answer = (text: string) => respond(markSafe(text), { status: context.status })
    return typeof page === 'string' ? answer(page) : page.then(answer)
  } catch (error) {
    if (error instanceof TemplateDoesNotExist && error.templateName === `${context.status}.html`) return null
    throw error
  }
}
