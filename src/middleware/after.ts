import type { HttpResponse } from '../http/index.ts'

/** Does something with the response of `next(request)`, without a promise where there is none. */
export function after(
  reply: HttpResponse | Promise<HttpResponse>,
  change: (response: HttpResponse) => HttpResponse,
): HttpResponse | Promise<HttpResponse> {
  return reply instanceof Promise ? reply.then(change) : change(reply)
}
