/** Django's vectors for hosts, redirects, conditional requests, headers, cookies and bodies. */
import {
  checkPreconditions,
  createHandler,
  type HttpError,
  type HttpRequest,
  HttpResponse,
  isSafeRedirect,
  parseEtags,
  quoteEtag,
  redirect,
  respond,
  safeJoin,
} from 'nuages/http'
import { describe, expect, test } from 'vitest'
import { quality } from '../../src/http/accept.ts'
import { readCookies, writeCookie } from '../../src/http/cookies.ts'
import { cleanFileName } from '../../src/http/uploads/uploaded-file.ts'
import { isSameDomain } from '../../src/std/hosts.ts'
import { mismatches, type Row, rows } from '../conformance/rows.ts'
import { always, requestOf } from './support.ts'

/** All rows of a kind, less those named with the reason why we differ. */
function check(
  file: string,
  kind: string,
  outcome: (row: Row) => unknown,
  different: Record<string, string> = {},
): void {
  test(kind, async () => {
    const list = rows(file, kind)
    const left = list.filter(({ id }) => !(id in different))
    const outcomes = new Map<Row, unknown>()
    for (const row of left) outcomes.set(row, await outcome(row))
    expect(mismatches(left, (row) => outcomes.get(row))).toEqual([])
    expect(left.length).toBe(list.length - Object.keys(different).length)
  })
}

/** Django takes a port that cannot be; here `new URL(request.url)` would throw in a view that did nothing wrong. */
const noSuchPort = Object.fromEntries(
  ['1657195aa2', '46744f696a', '142866eae2', '9599a96a1c', '8aa504aa96'].map((id) => [`hosts-${id}`, 'no such port']),
)

describe('hosts', () => {
  check(
    'hosts',
    'get_host',
    async ({ input }) => {
      let got: unknown
      const view = (request: HttpRequest) => {
        got = { host: request.host }
        return respond('')
      }
      const handler = createHandler({
        resolver: always(view),
        allowedHosts: input.allowed_hosts,
        debug: input.debug,
        trustedProxies: input.use_x_forwarded_host ? ['*'] : [],
        errorPages: () => respond(''),
      })
      const headers: Record<string, string> = { host: input.host }
      if (input.forwarded_host !== undefined) headers['x-forwarded-host'] = input.forwarded_host
      const response = await handler(withHeaders(headers))
      return response.status === 400 ? { error: 'DisallowedHost' } : got
    },
    noSuchPort,
  )
  check('hosts', 'is_same_domain', ({ input }) => isSameDomain(input.host, input.pattern))
  check('hosts', 'safe-redirect', ({ input }) =>
    isSafeRedirect(input.url, { allowedHosts: input.allowed_hosts ?? [], requireHttps: input.require_https }),
  )
})

/** A request with headers that the web's Request would not let through. */
function withHeaders(headers: Record<string, string>): HttpRequest {
  const request = requestOf('/')
  const get = (name: string) => headers[name.toLowerCase()]
  return new (request.constructor as new (source: object) => HttpRequest)({
    method: 'GET',
    target: '/',
    remoteAddress: '127.0.0.1',
    encrypted: false,
    hasBody: false,
    header: get,
    headers: () => request.headers,
    body: () => null,
    signal: () => new AbortController().signal,
  })
}

describe('http', () => {
  check('http', 'parse_etags', ({ input }) => parseEtags(input.value), {
    'http-e5bd347f2d': 'RFC 9110 allows a comma inside an entity tag',
    'http-93e30fc40f': 'two tags without a comma are read as two',
  })
  check('http', 'quote_etag', ({ input }) => quoteEtag(input.value))
  check('http', 'conditional', ({ input }) => {
    const headers = Object.fromEntries(
      Object.entries<string>(input.headers).map(([name, value]) => [name.toLowerCase(), value]),
    )
    const lastModified = input.last_modified === null ? null : new Date(input.last_modified)
    return (
      checkPreconditions(
        { method: input.method, header: (name) => headers[name] },
        { etag: input.etag, lastModified },
      ) ?? 200
    )
  })
  check(
    'http',
    'response-header',
    ({ input }) => {
      try {
        new HttpResponse().headers.set(input.name, input.value)
        return { accepted: true }
      } catch {
        return { error: 'BadHeaderError' }
      }
    },
    { 'http-9b98b6b804': 'Django lets NUL through; Node refuses to send it, so we do when it is set' },
  )
  check('http', 'redirect-location', ({ input }) => {
    try {
      return { location: redirect(input.url).headers.get('location') }
    } catch {
      return { error: 'DisallowedRedirect' }
    }
  })
  check('http', 'safe_join', ({ input }) => {
    try {
      return { path: safeJoin(input.base, ...input.parts) }
    } catch {
      return { error: 'SuspiciousFileOperation' }
    }
  })
  check(
    'http',
    'set_cookie',
    ({ input }) => {
      const { key, value, max_age: maxAge, path, domain, secure, httponly = false, samesite, expires } = input
      const given = { maxAge, path, domain, secure, httpOnly: httponly, expires: expires && new Date(expires) }
      try {
        const text = writeCookie(key, value, { ...given, sameSite: samesite?.toLowerCase() ?? 'lax' })
        const [pair, ...attributes] = text.split('; ')
        const kept = attributes.filter((attribute) => samesite || attribute !== 'SameSite=Lax')
        return { pair, attributes: kept.map((one) => one.replace('Expires=', 'expires=')).sort() }
      } catch {
        return { error: true }
      }
    },
    {
      'http-527407652b': 'values are percent-encoded, not quoted',
      'http-117bac9691': 'an empty value is not quoted',
      'http-3452bbc0cc': 'values are percent-encoded, not quoted',
      'http-f89a06b912': 'values are percent-encoded, not quoted',
      'http-b5db86cdf5': 'values are percent-encoded, not quoted',
      'http-96d23ce9d9': 'a path with a semicolon would begin another attribute: refused',
    },
  )
  test('storage-name: of a name that leads elsewhere only its last part is kept, or nothing', () => {
    for (const { input, expect: expected } of rows('http', 'storage-name')) {
      const clean = cleanFileName(input.name)
      if (expected.ok) expect([input.name, clean]).toEqual([input.name, input.name.split('/').at(-1).replace('\0', '')])
      else expect([input.name, clean?.includes('/') ?? false, clean === '..']).toEqual([input.name, false, false])
    }
  })
  // security-headers and clickjacking are the business of nuages/middleware, and run there.
})

describe('parsing', () => {
  check('parsing', 'querystring', ({ input }) => {
    const source = withTarget(`/?${input.value}`)
    return [...new Set(source.query.keys())].map((name) => [name, source.query.getAll(name)])
  })
  check('parsing', 'querystring-many', ({ input }) => {
    const text = Array.from({ length: input.fields }, (_, i) => `f${i}=1`).join('&')
    try {
      return { fields: [...withTarget(`/?${text}`).query.keys()].length }
    } catch (error) {
      return { error: (error as HttpError).code === 'http.too-many-fields' && 'TooManyFieldsSent' }
    }
  })
  check('parsing', 'cookie', ({ input }) => [...readCookies(input.value)], {
    'parsing-8a8a664cfe': 'percent-encoded values are decoded, since that is how ours are written',
    'parsing-7c5814382a': 'a piece without = is no cookie: Django gives it an empty name',
  })
  check('parsing', 'accepts', ({ input }) => quality(input.header, input.type) > 0)
})

function withTarget(target: string): HttpRequest {
  const request = requestOf('/')
  return new (request.constructor as new (source: object) => HttpRequest)({
    method: 'GET',
    target,
    header: () => undefined,
  })
}
