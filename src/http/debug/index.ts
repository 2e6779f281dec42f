/** What developers are told of an error, as a page, as text or as JSON. Loaded when one is written with `debug`. */
import { quality } from '../accept.ts'
import type { HttpRequest } from '../request.ts'
import { startedForm } from '../request.ts'
import { HttpResponse } from '../response.ts'
import type { FormBody } from '../uploads/form-body.ts'
import { debugPage } from './page.ts'
import { type DebugInfo, type DebugReport, debugReport } from './report.ts'
import { debugJson, debugText } from './text.ts'

/** Milliseconds the page waits for a form that is still arriving. */
const FORM_WAIT = 100

/** The answer to an error while debugging, as the client reads best. */
export function debugAnswer(
  request: HttpRequest,
  error: unknown,
  status: number,
  more: { readonly info: DebugInfo; readonly tried: readonly string[] },
): HttpResponse | Promise<HttpResponse> {
  const write = (form: FormBody | null) => answerFor(request, debugReport(request, error, status, { ...more, form }))
  const started = startedForm(request)
  return started === undefined ? write(null) : formOrNothing(started).then(write)
}

function answerFor(request: HttpRequest, report: DebugReport): HttpResponse {
  if (request.prefersJson) return plain(report, `${JSON.stringify({ error: debugJson(report) }, null, 2)}\n`, 'json')
  const accept = request.headers.get('accept')
  // curl and its like accept anything and read text.
  const wantsText = accept !== null && !accept.includes('html') && quality(accept, 'text/plain') > 0
  return wantsText ? plain(report, debugText(report), 'plain') : debugPage(report)
}

function plain({ status }: DebugReport, text: string, kind: 'json' | 'plain'): HttpResponse {
  const response = new HttpResponse(text, { status })
  response.headers.put('content-type', kind === 'json' ? 'application/json' : 'text/plain; charset=utf-8')
  response.headers.put('x-content-type-options', 'nosniff')
  response.headers.put('cache-control', 'no-store')
  return response
}

function formOrNothing(form: Promise<FormBody>): Promise<FormBody | null> {
  return Promise.race([
    form.catch(() => null),
    new Promise<null>((resolve) => {
      setTimeout(() => resolve(null), FORM_WAIT).unref()
    }),
  ])
}
