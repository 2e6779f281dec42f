import { createHandler, type HttpRequest, ResponseError, requestValue, respond } from 'nuages/http'
import { describe, expect, test } from 'vitest'
import {
  currentRequest,
  finishRequest,
  onFinish,
  runInRequest,
  setCsrfToken,
  setSession,
  setUser,
} from '../../src/http/internal.ts'
import { always, requestOf } from './support.ts'

describe('a request', () => {
  test("is the web's Request, by instanceof and by its properties", async () => {
    const request = requestOf('/a%20b/?q=1', { method: 'POST', body: 'text', headers: { 'X-One': '1' } })
    expect(request).toBeInstanceOf(Request)
    expect(request.headers).toBeInstanceOf(Headers)
    expect([request.method, request.url, request.redirect, request.mode]).toEqual([
      'POST',
      'http://localhost/a%20b/?q=1',
      'manual',
      'cors',
    ])
    expect(request.headers.get('x-one')).toBe('1')
    const copy = request.clone()
    expect(copy.headers.get('x-one')).toBe('1')
    expect(await copy.text()).toBe('text')
    expect(await request.text()).toBe('text')
  })

  test('gives path decoded, query, cookies and type', () => {
    const headers = { cookie: 'a=1; b=%C3%A9; a=2', 'content-type': 'Application/JSON; charset=utf-8' }
    const request = requestOf('/caf%C3%A9/?q=a+b&q=c&x', { headers })
    expect([request.path, request.search, request.fullPath]).toEqual([
      '/café/',
      '?q=a+b&q=c&x',
      '/caf%C3%A9/?q=a+b&q=c&x',
    ])
    expect(request.query.getAll('q')).toEqual(['a b', 'c'])
    expect([...request.cookies]).toEqual([
      ['a', '1'],
      ['b', 'é'],
    ])
    expect(request.contentType).toBe('application/json')
    expect(request.header('COOKIE')).toContain('a=1')
  })

  test('says what the client takes', () => {
    const browser = { accept: 'text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8' }
    expect(requestOf('/', { headers: browser }).prefersJson).toBe(false)
    for (const accept of ['application/json', 'application/json, text/html;q=0.5', 'application/problem+json']) {
      expect([accept, requestOf('/', { headers: { accept } }).prefersJson]).toEqual([accept, true])
    }
    for (const accept of ['*/*', 'text/html, application/json;q=0.9', 'application/json;q=0', '']) {
      expect([accept, requestOf('/', { headers: { accept } }).prefersJson]).toEqual([accept, false])
    }
  })

  test('names the middleware that is missing when session, user or csrfToken are read', () => {
    const request = requestOf('/')
    for (const [name, middleware] of [
      ['session', 'sessionsMiddleware'],
      ['user', 'authMiddleware'],
      ['csrfToken', 'csrfMiddleware'],
    ] as const) {
      expect(() => request[name]).toThrow(ResponseError)
      expect(() => request[name]).toThrow(new RegExp(`request.${name} is not there: ${middleware}`))
    }
    const session = {} as never
    const user = { isAuthenticated: false } as never
    let asked = 0
    setSession(request, session)
    setUser(request, user)
    setCsrfToken(request, () => `token ${++asked}`)
    expect([request.session, request.user, request.csrfToken, request.csrfToken]).toEqual([
      session,
      user,
      'token 1',
      'token 1',
    ])
  })

  test('remembers values computed from it, once for each request', async () => {
    let loads = 0
    const basket = requestValue(async (request: HttpRequest) => `${request.path} ${++loads}`)
    const [a, b] = [requestOf('/a'), requestOf('/b')]
    expect(await Promise.all([basket(a), basket(a), basket(b)])).toEqual(['/a 1', '/a 1', '/b 2'])
    const failing = requestValue(() => {
      throw new Error('no')
    })
    await expect(failing(a)).rejects.toThrow('no')
    await expect(failing(a)).rejects.toThrow('no')
  })

  test('is the current one for everything its view awaits, and for nothing else', async () => {
    const seen: unknown[] = []
    const handler = createHandler({
      resolver: always(async (request) => {
        await new Promise((resolve) => setTimeout(resolve, Math.random() * 5))
        seen.push(currentRequest() === request)
        return respond(currentRequest()?.path ?? '')
      }),
      allowedHosts: ['localhost'],
    })
    const pages = Array.from({ length: 50 }, (_, i) => `/${i}`)
    const answers = await Promise.all(pages.map(async (path) => (await handler(requestOf(path))).text()))
    expect(answers).toEqual(pages)
    expect(seen.every(Boolean)).toBe(true)
    expect(currentRequest()).toBeNull()
    runInRequest(requestOf('/x'), () => expect(currentRequest()?.path).toBe('/x'))
  })

  test('runs what was to be cleaned up once, and goes on when one fails', async () => {
    const request = requestOf('/')
    const ran: string[] = []
    onFinish(request, () => void ran.push('a'))
    onFinish(request, async () => void ran.push('b'))
    finishRequest(request)
    finishRequest(request)
    await new Promise((resolve) => setImmediate(resolve))
    expect(ran).toEqual(['a', 'b'])
  })
})

describe('proxies', () => {
  const seen = async (options: {
    trustedProxies?: string[]
    remoteAddress?: string
    headers: Record<string, string>
  }) => {
    let got: unknown
    const { trustedProxies = [], ...init } = options
    const view = (request: HttpRequest) => {
      got = [request.url, request.clientIp, request.isSecure]
      return respond('')
    }
    await createHandler({ resolver: always(view), allowedHosts: ['localhost', 'example.com'], trustedProxies })(
      requestOf('/', init),
    )
    return got
  }
  const headers = {
    'x-forwarded-for': '6.6.6.6, 1.2.3.4, 10.0.0.2',
    'x-forwarded-proto': 'https',
    'x-forwarded-host': 'example.com',
  }

  test('are believed only when they are trusted', async () => {
    expect(await seen({ headers, remoteAddress: '10.0.0.1' })).toEqual(['http://localhost/', '10.0.0.1', false])
    const trusted = { headers, trustedProxies: ['10.0.0.0/8'] }
    expect(await seen({ ...trusted, remoteAddress: '10.0.0.1' })).toEqual(['https://example.com/', '1.2.3.4', true])
    expect(await seen({ ...trusted, remoteAddress: '::ffff:10.0.0.1' })).toEqual([
      'https://example.com/',
      '1.2.3.4',
      true,
    ])
    expect(await seen({ ...trusted, remoteAddress: '11.0.0.1' })).toEqual(['http://localhost/', '11.0.0.1', false])
  })

  test('cannot be played by a header with underscores', async () => {
    const underscored = { x_forwarded_proto: 'https', x_forwarded_host: 'example.com', x_forwarded_for: '1.2.3.4' }
    const got = await seen({ headers: underscored, trustedProxies: ['10.0.0.1'], remoteAddress: '10.0.0.1' })
    expect(got).toEqual(['http://localhost/', '10.0.0.1', false])
  })

  test('do not make a client of what is no address', async () => {
    const more = { 'x-forwarded-for': '<script>, [2001:db8::1]:443' }
    const got = await seen({ headers: more, trustedProxies: ['loopback', '2001:db8::/32'], remoteAddress: '127.0.0.1' })
    expect(got).toEqual(['http://localhost/', '2001:db8::1', false])
  })

  test('are refused at start when they are no addresses', () => {
    for (const proxy of ['proxy', '10.0.0.0/33', '10.0.0.0/x', '']) {
      expect(() => createHandler({ trustedProxies: [proxy] })).toThrow('neither an address nor a network')
    }
  })
})
