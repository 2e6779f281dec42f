import type { SafeString } from '../std/html.ts'
import { jsonText } from '../std/json.ts'
import { MethodNotAllowed, NotFound, ResponseError } from './errors.ts'
import { HttpResponse, type ResponseOptions, type StreamBody } from './response.ts'

const HTML = 'text/html; charset=utf-8'

/**
 * A page: `respond('<p>Hello</p>')`, or markup made by `html`. Text is taken as HTML as it stands: escape what came from
 * outside, as `html` and templates do.
 * @param options `headers: { 'content-type': 'text/plain; charset=utf-8' }` for anything but a page
 */
export function respond(content: string | SafeString | Uint8Array, options?: ResponseOptions): HttpResponse {
  const response = new HttpResponse(content instanceof Uint8Array ? content : String(content), options)
  response.headers.putDefault('content-type', HTML)
  return response
}

/**
 * JSON, as `jsonText()` writes it: instants, dates and durations in ISO 8601, decimals and bigints as texts, so that none is
 * rounded, bytes in base64.
 * @throws ResponseError http.not-json; JsonError std.not-awaited for a query set that was not awaited
 */
export function json(data: unknown, options?: ResponseOptions): HttpResponse {
  const text = jsonText(data)
  if (text === undefined) {
    throw new ResponseError(`json() was given ${typeof data}, which JSON cannot say.`, {
      code: 'http.not-json',
      hint: 'Give an object, a list, text, a number, a boolean or null.',
    })
  }
  const response = new HttpResponse(text, options)
  response.headers.putDefault('content-type', 'application/json')
  return response
}

/** Where a redirect may lead: never to `javascript:` or `data:`. */
const SCHEMES = new Set(['http', 'https'])

/**
 * Sends the browser elsewhere. To lead where a visitor says (`?next=`), check it with `isSafeRedirect` first.
 * @param to a path or an address; what may not stand in one is escaped
 * @param options status 302 unless said otherwise; 303 after a form, 307 or 308 to keep the method, 301 for ever
 * @throws ResponseError http.bad-redirect for a scheme other than http and https
 */
export function redirect(
  to: string | URL,
  options: ResponseOptions & { status?: 301 | 302 | 303 | 307 | 308 } = {},
): HttpResponse {
  const scheme = /^[\s\0]*([a-z][a-z0-9+.-]*):/i.exec(String(to))?.[1]
  if (scheme !== undefined && !SCHEMES.has(scheme.toLowerCase())) {
    throw new ResponseError(`A redirect to ${JSON.stringify(scheme)}: is not allowed.`, {
      code: 'http.bad-redirect',
      hint: 'Redirects lead to paths, http: and https: addresses.',
    })
  }
  const response = new HttpResponse(null, { ...options, status: options.status ?? 302 })
  response.headers.set('location', encodeLocation(String(to)))
  return response
}

/** Escapes what may not stand in an address, and leaves escapes that are there. */
export function encodeLocation(address: string): string {
  return encodeURI(address.toWellFormed()).replace(/%25|%5B|%5D/g, (sign) =>
    sign === '%25' ? '%' : sign === '%5B' ? '[' : ']',
  )
}

/** Ends the view with a 404: `const book = shelf.get(id) ?? notFound()`. */
export function notFound(message?: string): never {
  throw new NotFound(message)
}

/** Ends the view with a 405: `if (request.method !== 'POST') methodNotAllowed(['POST'])`. */
export function methodNotAllowed(allowed: readonly string[]): never {
  throw new MethodNotAllowed(allowed)
}

/**
 * A response sent bit by bit, at the pace of whoever reads it; what is not read yet is not produced. When the client
 * goes away the iterator is told to return.
 */
export function stream(content: StreamBody, options?: ResponseOptions): HttpResponse {
  const response = new HttpResponse(content, options)
  response.headers.putDefault('content-type', 'application/octet-stream')
  return response
}
