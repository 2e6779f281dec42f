import { type HttpRequest, respond } from 'nuages/http'
import { csrfExempt, csrfMiddleware, csrfToken, rotateCsrfToken } from 'nuages/middleware'
import { describe, expect, test } from 'vitest'
import { maskSecret, newSecret, secretOf, tokenMatches } from '../../src/middleware/csrf/token.ts'
import { isCsrfExempt } from '../../src/middleware/internal.ts'
import { site } from './site.ts'

const secret = newSecret()
const cookie = { cookie: `csrftoken=${secret}` }
const page = (request: HttpRequest) => respond(request.method === 'GET' ? request.csrfToken : 'changed')
const ask = site([csrfMiddleware()], page)

function form(fields: Record<string, string>, headers: Record<string, string> = cookie): RequestInit {
  return { method: 'POST', body: new URLSearchParams(fields), headers }
}

describe('tokens', () => {
  test('each is another text for the same secret', () => {
    const [one, two] = [maskSecret(secret), maskSecret(secret)]
    expect(one).not.toBe(two)
    expect(one).toMatch(/^[a-zA-Z0-9]{64}$/)
    expect([secretOf(one), secretOf(two)]).toEqual([secret, secret])
    expect(tokenMatches(one, newSecret())).toBe(false)
  })
})

describe('the cookie', () => {
  test('is sent with a page that asked for a token, which depends on it from then on', async () => {
    const response = await ask('/')
    const set = response.headers.getSetCookie()
    expect(set).toHaveLength(1)
    expect(set[0]).toMatch(/^csrftoken=[a-zA-Z0-9]{32}; .*SameSite=Lax/i)
    expect(set[0]).not.toMatch(/httponly|secure/i)
    expect(response.headers.get('vary')).toBe('Cookie')
    const sent = /csrftoken=(\w+)/.exec(set[0]!)![1]!
    expect(secretOf(await response.text())).toBe(sent)
  })

  test('is not sent with a page that did not', async () => {
    const response = await site([csrfMiddleware()], () => respond('plain'))('/')
    expect(response.headers.getSetCookie()).toEqual([])
    expect(response.headers.get('vary')).toBeNull()
  })

  test('is secure over HTTPS', async () => {
    expect((await ask('/', { secure: true })).headers.getSetCookie()[0]).toMatch(/; Secure/i)
  })

  test('keeps the secret it has, and replaces one that is malformed', async () => {
    expect((await ask('/', { headers: cookie })).headers.getSetCookie()[0]).toContain(`csrftoken=${secret};`)
    const replaced = await ask('/', { headers: { cookie: 'csrftoken=short' } })
    expect(replaced.headers.getSetCookie()[0]).not.toContain('csrftoken=short')
  })

  test('keeps the secret under a name of its own', async () => {
    const named = site([csrfMiddleware({ cookieName: 'forged' })], page)
    const set = (await named('/', { headers: { cookie: `forged=${secret}` } })).headers.getSetCookie()
    expect(set[0]).toContain(`forged=${secret};`)
  })

  test('a cookie with a masked token, as Django 3 set it, is understood', async () => {
    const token = maskSecret(secret)
    const response = await ask('/', form({ csrfmiddlewaretoken: maskSecret(secret) }, { cookie: `csrftoken=${token}` }))
    expect(response.status).toBe(200)
  })

  test('gets another secret when it is rotated, as at login', async () => {
    const login = site([csrfMiddleware()], (request) => {
      rotateCsrfToken(request)
      return respond(csrfToken(request))
    })
    const response = await login('/', { headers: cookie })
    expect(response.headers.getSetCookie()[0]).not.toContain(secret)
    expect(response.headers.getSetCookie()[0]).toContain(secretOf(await response.text()))
  })
})

describe('an unsafe request of a script', () => {
  test('is refused in JSON, with a code', async () => {
    const response = await ask('/', { method: 'POST', headers: { ...cookie, accept: 'application/json' } })
    expect(await response.json()).toMatchObject({ error: { code: 'csrf.no-token' } })
  })
})

describe('an unsafe request', () => {
  test('passes with the token in its form, or in the header', async () => {
    const token = maskSecret(secret)
    expect(await (await ask('/', form({ csrfmiddlewaretoken: token }))).text()).toBe('changed')
    const headers = { ...cookie, 'x-csrftoken': token, 'content-type': 'application/json' }
    expect((await ask('/', { method: 'POST', body: '{}', headers })).status).toBe(200)
    expect((await ask('/', { method: 'DELETE', headers: { ...cookie, 'x-csrftoken': token } })).status).toBe(200)
  })

  test('leaves the form to the view, which reads it again', async () => {
    const echo = site([csrfMiddleware()], async (request) => respond(String((await request.form()).get('title'))))
    expect(await (await echo('/', form({ csrfmiddlewaretoken: maskSecret(secret), title: 'Nuages' }))).text()).toBe(
      'Nuages',
    )
  })

  const refused: [reason: string, init: RequestInit & { secure?: boolean }][] = [
    ['no-cookie', form({ csrfmiddlewaretoken: maskSecret(secret) }, {})],
    ['no-token', form({})],
    ['wrong-token', form({ csrfmiddlewaretoken: maskSecret(newSecret()) })],
    ['bad-token-format', form({ csrfmiddlewaretoken: 'x' })],
    ['bad-cookie', form({ csrfmiddlewaretoken: maskSecret(secret) }, { cookie: 'csrftoken=x' })],
    ['bad-origin', form({ csrfmiddlewaretoken: maskSecret(secret) }, { ...cookie, origin: 'https://evil.example' })],
    ['no-referer', { ...form({ csrfmiddlewaretoken: maskSecret(secret) }), secure: true }],
  ]
  test.each(refused)('is refused with 403 and the reason %s', async (reason, init) => {
    const response = await ask('/', init)
    expect(response.status).toBe(403)
    expect(response.headers.get('x-csrf-failure')).toBe(reason)
    expect(response.headers.get('cache-control')).toBe('no-store')
    expect(await response.text()).toContain(reason)
  })

  test('from a trusted origin passes', async () => {
    const trusting = site([csrfMiddleware({ trustedOrigins: ['https://*.example.com'] })], page)
    const headers = { ...cookie, origin: 'https://shop.example.com' }
    expect((await trusting('/', form({ csrfmiddlewaretoken: maskSecret(secret) }, headers))).status).toBe(200)
  })

  test('for an exempt view passes with its body unread', async () => {
    const open = site([csrfMiddleware({ isExempt: () => true })], async (request) => respond(await request.text()))
    expect(await (await open('/', form({ a: '1' }, {}))).text()).toBe('a=1')
    expect(isCsrfExempt(csrfExempt)).toBe(true)
    expect(isCsrfExempt(() => true)).toBe(false)
  })

  test('with a malformed body is a 400, as without the check', async () => {
    const headers = { ...cookie, 'content-type': 'multipart/form-data; boundary=x' }
    expect((await ask('/', { method: 'POST', body: 'not multipart', headers })).status).toBe(400)
  })
})
