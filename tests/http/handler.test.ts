import {
  type AccessEntry,
  after,
  BadRequest,
  createHandler,
  type Handler,
  type HandlerOptions,
  HttpError,
  type HttpResponse,
  MethodNotAllowed,
  type Middleware,
  NotFound,
  PermissionDenied,
  redirect,
  respond,
  type View,
} from 'nuages/http'
import { createResolver, routes } from 'nuages/urls'
import { describe, expect, test } from 'vitest'
import { errorStyle } from '../../src/http/internal.ts'
import { sha256 } from '../../src/std/crypto.ts'
import { NuagesError } from '../../src/std/errors.ts'
import { always, requestOf } from './support.ts'

const json = { accept: 'application/json' }

function handlerOf(view: View, options: HandlerOptions = {}): Handler & { errors: unknown[] } {
  const errors: unknown[] = []
  const handler = createHandler({
    resolver: always(view),
    allowedHosts: ['localhost'],
    onError: (error) => errors.push(error),
    ...options,
  })
  return Object.assign(handler, { errors })
}

describe('a chain of middleware', () => {
  const add =
    (name: string, log: string[]): Middleware =>
    (request, next) => {
      log.push(`${name}>`)
      return after(next(request), (response) => {
        log.push(`<${name}`)
        response.headers.append('x-by', name)
        return response
      })
    }

  test('goes in and out in order, without a promise while nothing waits', async () => {
    const log: string[] = []
    const middleware = [add('a', log), add('b', log)]
    const reply = handlerOf(() => respond('x'), { middleware })(requestOf('/'))
    expect(reply).not.toBeInstanceOf(Promise)
    expect(log).toEqual(['a>', 'b>', '<b', '<a'])
    expect((reply as HttpResponse).headers.get('x-by')).toBe('b, a')
    const later = handlerOf(async () => respond('x'), { middleware })(requestOf('/'))
    expect(later).toBeInstanceOf(Promise)
    expect((await later).headers.get('x-by')).toBe('b, a')
  })

  test('sees errors from within as responses, so that its headers are on error pages too', async () => {
    const log: string[] = []
    const failing: Middleware = () => {
      throw new Error('middle')
    }
    const response = await handlerOf(() => respond('x'), { middleware: [add('a', log), failing] })(requestOf('/'))
    expect([response.status, response.headers.get('x-by')]).toEqual([500, 'a'])
    const view = await handlerOf(async () => Promise.reject(new NotFound()), { middleware: [add('a', log)] })(
      requestOf('/'),
    )
    expect([view.status, view.headers.get('x-by')]).toEqual([404, 'a'])
  })

  test('may give any web Response, and always gets one whose headers can be changed', async () => {
    const middleware: Middleware[] = [add('a', []), async () => Response.redirect('https://example.com/')]
    const response = await handlerOf(() => respond('x'), { middleware })(requestOf('/'))
    expect([response.status, response.headers.get('x-by'), response.headers.get('location')]).toEqual([
      302,
      'a',
      'https://example.com/',
    ])
  })

  test('that gives nothing is named', async () => {
    const handler = handlerOf(() => respond('x'), { middleware: [function forgetful() {} as never] })
    expect((await handler(requestOf('/'))).status).toBe(500)
    expect((handler.errors[0] as NuagesError).message).toBe('forgetful gave undefined instead of a response.')
    const view = handlerOf((async () => ({ a: 1 })) as never)
    await view(requestOf('/'))
    expect((view.errors[0] as NuagesError).message).toBe('the view gave an object (Object) instead of a response.')
  })
})

describe('an error in production', () => {
  const secret = new Error('password is hunter2')
  const cases: [name: string, error: unknown, status: number, code: string, message: string][] = [
    ['unknown', secret, 500, 'server-error', 'Something went wrong on our side. It has been noted.'],
    ['thrown text', 'hunter2', 500, 'server-error', 'Something went wrong on our side. It has been noted.'],
    ['thrown undefined', undefined, 500, 'server-error', 'Something went wrong on our side. It has been noted.'],
    [
      'NotFound',
      new NotFound(),
      404,
      'http.not-found',
      'There is nothing at this address. It may have moved, or the link may be mistyped.',
    ],
    [
      'with a message',
      new PermissionDenied('Only <b>editors</b>.', { hint: 'hunter2' }),
      403,
      'http.forbidden',
      'Only <b>editors</b>.',
    ],
    [
      '409',
      new HttpError(409, 'Somebody else was faster.', { code: 'shop.stale' }),
      409,
      'shop.stale',
      'Somebody else was faster.',
    ],
    [
      'of another room',
      new NuagesError('hunter2 is no field', { code: 'db.unknown-field', status: 400 }),
      400,
      'db.unknown-field',
      'The server could not understand this request.',
    ],
  ]
  for (const [name, error, status, code, message] of cases) {
    test(`(${name}) is a plain page, or JSON for those who ask, and tells nothing from inside`, async () => {
      const handler = handlerOf(() => {
        throw error
      })
      const page = await handler(requestOf('/'))
      const text = await page.text()
      expect(page.status).toBe(status)
      expect(text).toContain(message.replace(/<b>/, '&lt;b&gt;').replace('</b>', '&lt;/b&gt;'))
      expect(text).not.toContain('hunter2')
      expect(text).not.toMatch(/<script|at .*\.ts:\d/)
      const data = await handler(requestOf('/', { headers: json }))
      expect([data.status, await data.json()]).toEqual([status, { error: { code, message } }])
      expect(handler.errors).toEqual(status === 500 ? [error, error] : [])
    })
  }

  test('has a policy that allows its own style, by hash, and nothing else', async () => {
    const page = await handlerOf(() => Promise.reject(new NotFound()))(requestOf('/'))
    const hash = Buffer.from(sha256(errorStyle)).toString('base64')
    expect(page.headers.get('content-security-policy')).toContain(`default-src 'none'; style-src 'sha256-${hash}'`)
    const text = await page.text()
    expect(text).toContain(`<style>${errorStyle}</style>`)
    expect(text).not.toMatch(/style="/)
  })

  test('may have a page of its own, which keeps the status', async () => {
    const errorPages: HandlerOptions['errorPages'] = (_, { status, code }) =>
      status === 404 ? respond(`ours ${code}`) : null
    const handler = handlerOf(({ path }) => Promise.reject(path === '/404' ? new NotFound() : new BadRequest()), {
      errorPages,
    })
    const page = await handler(requestOf('/404'))
    expect([page.status, await page.text()]).toEqual([404, 'ours http.not-found'])
    expect(await (await handler(requestOf('/400'))).text()).toContain('Bad request')
  })

  test('in an error page, or in the logger of errors, still answers', async () => {
    const errorPages = () => {
      throw new Error('the page is broken too')
    }
    const handler = handlerOf(() => Promise.reject(new NotFound()), { errorPages })
    const page = await handler(requestOf('/'))
    expect([page.status, await page.text(), handler.errors.length]).toEqual([500, 'Server error\n', 1])
    const rejecting = handlerOf(() => Promise.reject(new NotFound()), {
      errorPages: async () => Promise.reject(new Error('later')),
    })
    expect((await rejecting(requestOf('/'))).status).toBe(500)
  })

  test('carries its headers', async () => {
    const page = await handlerOf(() => Promise.reject(new MethodNotAllowed(['GET', 'HEAD'])))(requestOf('/'))
    expect([page.status, page.headers.get('allow')]).toEqual([405, 'GET, HEAD'])
  })

  test('that is a response is that response', async () => {
    const page = await handlerOf(() => {
      throw redirect('/login/')
    })(requestOf('/'))
    expect([page.status, page.headers.get('location')]).toEqual([302, '/login/'])
  })
})

/** In parts, as the page shows the source it is written in. */
const hidden = ['hun', 'ter2'].join('')

describe('an error while debugging', () => {
  const debug = {
    debug: true,
    debugInfo: () => ({ settings: { secretKey: '••••' }, queries: [{ sql: 'SELECT "x" < 1', duration: 1.25 }] }),
  }
  test('shows message, source, stack, request, settings and queries; secrets of the visitor never', async () => {
    const handler = handlerOf(() => {
      throw new Error('the <b>cause</b> of it', { cause: new TypeError('below') })
    }, debug)
    const headers = {
      cookie: `sessionid=${hidden}`,
      authorization: `Bearer ${hidden}`,
      'x-csrftoken': hidden,
      'x-plain': 'shown',
    }
    const page = await handler(requestOf(`/x/?q=1&password=${hidden}`, { headers, method: 'POST' }))
    const text = await page.text()
    expect(page.status).toBe(500)
    expect(page.headers.get('cache-control')).toBe('no-store')
    for (const part of [
      'the &lt;b&gt;cause&lt;/b&gt; of it',
      'handler.test.ts',
      'class="here"',
      'throw new Error(&#x27;the &lt;b&gt;cause',
      'Caused by TypeError: below',
      'Cookie sessionid',
      'x-plain</th><td class="mono">shown',
      'secretKey',
      'SELECT &quot;x&quot; &lt; 1',
      '1 · 1.3 ms',
    ]) {
      expect(text).toContain(part)
    }
    expect(text).not.toContain(hidden)
    expect(text).not.toContain('<script')
  })

  test('shows code and hint, and the routes that were tried for a 404', async () => {
    const urls = routes({ home: '', book: 'books/<int:id>/' })
    const resolver = createResolver(urls, [
      [urls, { home: urls.home.view(() => respond('')), book: urls.book.view(() => respond('')) }],
    ])
    const page = await createHandler({ resolver, debug: true })(requestOf('/boks/<script>'))
    const text = await page.text()
    expect(page.status).toBe(404)
    expect(text).toContain('NotFound <code>http.not-found</code>')
    expect(text).toContain('No route matches /boks/&lt;script&gt;.')
    expect(text).toContain('<code>/books/&lt;int:id&gt;/</code>')
  })

  test('lists no routes where one matched and its view found nothing', async () => {
    const urls = routes({ book: 'books/<int:id>/' })
    const view = urls.book.view(() => {
      throw new NotFound('There is no such book.')
    })
    const resolver = createResolver(urls, [[urls, { book: view }]])
    const text = await (await createHandler({ resolver, debug: true })(requestOf('/books/1/'))).text()
    expect(text).toContain('There is no such book.')
    expect(text).not.toContain('Routes that were tried')
  })

  test('is JSON with the stack for those who ask', async () => {
    const handler = handlerOf(() => Promise.reject(new BadRequest('no', { hint: 'do this' })), debug)
    const body = await (await handler(requestOf('/', { headers: json }))).json()
    expect(body.error).toMatchObject({ code: 'http.bad-request', message: 'no', hint: 'do this' })
    expect(body.error).toMatchObject({ kind: 'BadRequest', status: 400, request: { method: 'GET', target: '/' } })
    expect(body.error.stack[0]).toMatch(/^at .*handler\.test\.ts:\d+/)
  })

  test('can be a thrown value, or an error whose source is gone', async () => {
    const gone = new Error('gone')
    gone.stack = 'Error: gone\n    at fn (/nowhere/x.ts:3:4)\n    at native'
    for (const error of [
      undefined,
      null,
      { a: 1n },
      gone,
      Object.assign(new Error('no stack'), { stack: undefined }),
    ]) {
      const page = await handlerOf(() => {
        throw error
      }, debug)(requestOf('/'))
      expect([page.status, (await page.text()).includes('<main>')]).toEqual([500, true])
    }
  })

  test('shows the place an error knows better than its stack', async () => {
    const excerpt = { file: 'books/list.html', line: 2, source: 'one\n{% wrong %}\nthree' }
    const handler = handlerOf(() => Promise.reject(Object.assign(new Error('bad tag'), { excerpt })), debug)
    const text = await (await handler(requestOf('/'))).text()
    expect(text).toContain('books/list.html:2')
    expect(text).toContain('<span class="here"><i>2</i>{% wrong %}</span>')
  })
})

describe('the path', () => {
  const urls = routes({ home: '', books: 'books/', book: 'books/<slug:slug>/', admin: 'admin', double: '<path:p>/x/' })
  const views = Object.fromEntries(
    Object.entries(urls).map(([name, route]) => [
      name,
      (route as any).view((r: any, p: any) => respond(`${r.resolverMatch.name} ${JSON.stringify(p)}`)),
    ]),
  )
  const handler = createHandler({ resolver: createResolver(urls, [[urls, views]]), allowedHosts: ['localhost'] })
  const get = async (path: string, init?: RequestInit) => {
    const response = await handler(requestOf(path, init))
    return [response.status, response.headers.get('location') ?? (response.ok ? await response.text() : '')]
  }

  test('leads to its view with its parameters', async () => {
    expect(await get('/books/nuages/')).toEqual([200, 'book {"slug":"nuages"}'])
    expect(await get('/admin')).toEqual([200, 'admin {}'])
  })

  test('without its slash is redirected for GET and HEAD, query and escapes kept, and never to another host', async () => {
    expect(await get('/books?q=a%20b')).toEqual([301, '/books/?q=a%20b'])
    expect(await get('/books', { method: 'HEAD' })).toEqual([301, '/books/'])
    expect(await get('/b%C3%A9/x')).toEqual([301, '/b%C3%A9/x/'])
    expect((await get('/nothing'))[0]).toBe(404)
    const [status, location] = await get('http://localhost//evil.com/x')
    expect([status, location]).toEqual([301, '/%2Fevil.com/x/'])
  })

  test('without its slash is an error that says what to do, where a redirect would lose what was sent', async () => {
    expect((await get('/books', { method: 'POST', body: 'a=1' }))[0]).toBe(404)
    const debugging = createHandler({ resolver: createResolver(urls, [[urls, views]]), debug: true })
    const text = await (await debugging(requestOf('/books', { method: 'POST', body: 'a=1' }))).text()
    expect(text).toContain('http.missing-slash')
    expect(text).toContain('send it to /books/.')
  })

  test('with a broken escape, or NUL, is a 400', async () => {
    for (const path of ['/%', '/%zz', '/%ff', '/books/%C3', '/a%00b'])
      expect([path, (await get(path))[0]]).toEqual([path, 400])
  })

  test('with a line break at its end is another path (CVE-2021-44420)', async () => {
    expect((await get('/admin%0A'))[0]).toBe(404)
    expect((await get('/books/%0A'))[0]).toBe(404)
  })
})

describe('the host', () => {
  test('that is not ours is a 400 before anything runs, with the setting to change', async () => {
    let ran = 0
    const middleware: Middleware[] = [
      (request, next) => {
        ran++
        return next(request)
      },
    ]
    const response = await handlerOf(() => respond(''), { allowedHosts: ['.example.org'], middleware })(requestOf('/'))
    expect([response.status, ran]).toEqual([400, 0])
    expect(await response.text()).not.toContain('allowedHosts')
    const debugging = handlerOf(() => respond(''), { allowedHosts: ['example.org'], debug: true })
    expect(await (await debugging(requestOf('/'))).text()).toContain('add it to the setting allowedHosts')
  })
})

describe('the log', () => {
  test('has one line for each request, whatever came of it', async () => {
    const entries: AccessEntry[] = []
    const view: View = ({ path }) => {
      if (path === '/later') return Promise.resolve(respond('later'))
      if (path === '/fails') throw new Error('x')
      return respond('é')
    }
    const handler = handlerOf(view, { onAccess: (entry) => entries.push(entry) })
    for (const path of ['/now?q=1', '/later', '/fails']) await handler(requestOf(path, { remoteAddress: '1.2.3.4' }))
    expect(entries.map(({ method, target, status, clientIp }) => [method, target, status, clientIp])).toEqual([
      ['GET', '/now?q=1', 200, '1.2.3.4'],
      ['GET', '/later', 200, '1.2.3.4'],
      ['GET', '/fails', 500, '1.2.3.4'],
    ])
    expect(entries[0]!.length).toBe(2)
    expect(entries[0]!.duration).toBeGreaterThanOrEqual(0)
  })

  test('cannot be given a line of its own, or commands to a terminal (CVE-2025-48432)', async () => {
    const { accessLog, escapeLog } = await import('nuages/http')
    expect(escapeLog('a\r\nb\x1b[2J\u2028\u202ec\x9b')).toBe('a\\x0d\\x0ab\\x1b[2J\\u2028\\u202ec\\x9b')
    const written = Promise.withResolvers<string>()
    const log = accessLog(written.resolve)
    const entry = { method: 'GET', target: '/x\n/forged 200', status: 404, length: null, duration: 1.234, clientIp: '' }
    log(entry)
    log({ ...entry, target: `/${'x'.repeat(5000)}`, clientIp: '::1', length: 3 })
    const [first, second, end] = (await written.promise).split('\n')
    expect(first).toMatch(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ - GET \/x\\x0a\/forged 200 404 - 1\.2ms$/)
    expect([second!.length < 2200, end]).toEqual([true, ''])
  })
})
