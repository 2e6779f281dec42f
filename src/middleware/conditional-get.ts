import { after, checkPreconditions, type HttpRequest, HttpResponse, type Middleware } from '../http/index.ts'
import { sha256, toBase64Url } from '../std/crypto.ts'

/**
 * Answers 304 without content where the client has the page already. A response that names no `ETag` gets one of its
 * content; it is still made for each request, so this saves traffic, not work. Put it inside {@link gzip}.
 */
export function conditionalGet(): Middleware {
  return function conditionalGet(request, next) {
    if (request.method !== 'GET' && request.method !== 'HEAD') return next(request)
    return after(next(request), (response) => shorten(request, response))
  }
}

function shorten(request: HttpRequest, response: HttpResponse): HttpResponse {
  const { headers, content } = response
  if (response.status !== 200 || /no-store/.test(headers.get('cache-control') ?? '')) return response
  if (!headers.has('etag') && content !== null) headers.set('etag', `W/"${toBase64Url(sha256(content)).slice(0, 22)}"`)
  const modified = headers.get('last-modified')
  const etag = headers.get('etag')
  if (etag === null && modified === null) return response
  const lastModified = modified === null ? null : new Date(modified)
  if (checkPreconditions(request, { etag, lastModified }) !== 304) return response
  const short = new HttpResponse(null, { status: 304 })
  // RFC 9110, 15.4.5; and the cookies, which belong to this answer.
  for (const [name, value] of headers) {
    if (/^(cache-control|content-location|date|etag|expires|vary|set-cookie|content-security-policy)$/.test(name))
      short.headers.append(name, value)
  }
  return short
}
