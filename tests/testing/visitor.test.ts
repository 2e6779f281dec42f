import { createUser } from 'nuages/auth'
import { type TestClient, testSite } from 'nuages/testing'
import * as runner from 'vitest'
import { describe, expect, test } from 'vitest'
import settings from './project/settings.ts'
import { Book } from './project/shop/models.ts'

const site = testSite(settings, runner)

interface Echo {
  method: string
  query: [string, string][]
  type: string
  headers: { note: string | null; cookie: string | null }
  host: string
  secure: boolean
  ip: string
  form?: [string, string][]
  files?: [field: string, name: string, type: string, text: string][]
  json?: unknown
  text?: string
}

describe('what is sent', () => {
  test('a query, added to the one of the path', async () => {
    const query = { page: 2, tag: ['a', 'b'], full: true, none: null, missing: undefined }
    const { query: arrived } = (await site.client.get('/echo/?q=x', { query })).json<Echo>()
    expect(arrived).toEqual([
      ['q', 'x'],
      ['page', '2'],
      ['tag', 'a'],
      ['tag', 'b'],
      ['full', 'true'],
    ])
  })

  test.each(['post', 'put', 'patch'] as const)('%s sends a form as a browser does', async (method) => {
    const values = { title: 'Été & co', tags: ['a', 'b'], count: 3, ticked: true, unticked: false, none: null }
    const echo = (await site.client[method]('/echo/', values)).json<Echo>()
    expect(echo.method).toBe(method.toUpperCase())
    expect(echo.type).toBe('application/x-www-form-urlencoded')
    expect(echo.form).toEqual([
      ['title', 'Été & co'],
      ['tags', 'a'],
      ['tags', 'b'],
      ['count', '3'],
      ['ticked', 'on'],
    ])
  })

  test('files make the form multipart; several may have one name', async () => {
    const files = [new File(['one'], 'one.txt', { type: 'text/plain' }), new File(['two'], 'two.csv')]
    const echo = (await site.client.post('/echo/', { title: 'x', ticked: true, files })).json<Echo>()
    expect(echo.type).toBe('multipart/form-data')
    expect(echo.form).toEqual([
      ['title', 'x'],
      ['ticked', 'on'],
    ])
    expect(echo.files).toEqual([
      ['files', 'one.txt', 'text/plain', 'one'],
      ['files', 'two.csv', 'application/octet-stream', 'two'],
    ])
  })

  test.each(['POST', 'PUT', 'PATCH', 'DELETE'] as const)('%s sends JSON', async (method) => {
    const echo = (await site.client.json(method, '/echo/', { a: [1, null] })).json<Echo>()
    expect([echo.method, echo.type, echo.json]).toEqual([method, 'application/json', { a: [1, null] }])
  })

  test('any method with any body, and headers of one request over those of all', async () => {
    site.client.headers['x-note'] = 'always'
    const raw = await site.client.request('report', '/echo/', 'plain text', {
      headers: { 'content-type': 'text/plain' },
    })
    expect(raw.json<Echo>()).toMatchObject({ method: 'REPORT', text: 'plain text', headers: { note: 'always' } })
    const once = await site.client.delete('/echo/', { headers: { 'X-Note': 'once' } })
    expect(once.json<Echo>().headers.note).toBe('once')
    expect((await site.client.options('/echo/')).json<Echo>().method).toBe('OPTIONS')
    expect(await site.client.head('/echo/')).toMatchObject({ status: 200, body: '' })
  })

  test('by HTTPS, and to another host of the site', async () => {
    const visitor = site.visitor({ secure: true, host: 'fr.example.com', headers: { 'x-note': 'mine' } })
    const { secure, host, ip, headers } = (await visitor.post('/echo/')).json<Echo>()
    expect({ secure, host, ip, note: headers.note }).toEqual({
      secure: true,
      host: 'fr.example.com',
      ip: '127.0.0.1',
      note: 'mine',
    })
  })

  test('what is no request is told by the tool', async () => {
    await expect(site.client.request('GET', '/echo/', 'body')).rejects.toMatchObject({ code: 'testing.bad-request' })
    await expect(site.client.get('http://[')).rejects.toMatchObject({ code: 'testing.bad-request' })
  })
})

describe('what comes back', () => {
  test('status, text, bytes, address and route', async () => {
    const response = await site.client.get('/who/?a=1')
    expect(response).toMatchObject({ status: 200, body: 'null', url: '/who/?a=1', location: null, redirects: [] })
    expect(response.route).toBe('shop:whoAmI')
    expect(response.bytes).toEqual(new TextEncoder().encode('null'))
    expect(await site.client.get('/nowhere/')).toMatchObject({ status: 404, route: null, error: undefined })
  })

  test('JSON that is none is shown', async () => {
    const response = await site.client.get('/visits/')
    expect(response.json<number>()).toBe(1)
    const page = await site.client.get('/form/')
    expect(() => page.json()).toThrow(/GET \/form\/ gave no JSON but 200 with: false<form/)
    expect(() => page.json()).toThrow(expect.objectContaining({ code: 'testing.no-json' }))
  })

  test('a stream, whole', async () => {
    expect((await site.client.get('/report/')).body).toBe('one,0 books,three')
  })

  test('a stream bit by bit, with fetch()', async () => {
    const response = await site.client.fetch('/report/')
    const parts: string[] = []
    for await (const part of response.body!.pipeThrough(new TextDecoderStream())) parts.push(part)
    expect(parts).toEqual(['one,', '0 books,', 'three'])
  })

  test('a stream that breaks is the error it broke with', async () => {
    await expect(site.client.get('/broken-stream/')).rejects.toThrow('the printer burns')
  })

  test('fetch() sends cookies, the token, and what else it is given', async () => {
    await site.client.get('/cookies/taste/?value=sweet')
    const response = await site.client.fetch('/echo/', { method: 'post', body: new URLSearchParams({ a: '1' }) })
    const echo = (await response.json()) as Echo
    expect(echo.form).toEqual([['a', '1']])
    expect(echo.headers.cookie).toContain('taste=sweet')
  })
})

describe('errors of views', () => {
  test('reach the test as they were thrown', async () => {
    await expect(site.client.get('/fails/')).rejects.toThrow('a bug in the shop')
    await expect(site.client.fetch('/fails/')).rejects.toThrow('a bug in the shop')
  })

  test('are a page for a visitor who wants one, and nothing is printed', async () => {
    const printed = runner.vi.spyOn(console, 'error')
    const response = await site.visitor({ throwErrors: false }).get('/fails/')
    expect(response.status).toBe(500)
    expect(response.body).not.toContain('a bug in the shop')
    expect(response.error).toEqual(new Error('a bug in the shop'))
    expect(printed).not.toHaveBeenCalled()
    printed.mockRestore()
  })

  test('with a status of their own are responses', async () => {
    const response = await site.client.get('/busy/')
    expect(response).toMatchObject({ status: 503, error: { code: 'http.service-unavailable' } })
  })
})

describe('redirects', () => {
  test('are not followed unless asked', async () => {
    expect(await site.client.get('/go/302/')).toMatchObject({ status: 302, location: '/echo/', redirects: [] })
  })

  const post = { method: 'POST', form: [['a', '1']], note: 'kept' }
  const get = { method: 'GET', form: undefined, note: 'kept' }
  test.each([
    [301, get],
    [302, get],
    [303, get],
    [307, post],
    [308, post],
  ])('after a POST, %i', async (status, expected) => {
    const options = { follow: true, headers: { 'x-note': 'kept' } }
    const response = await site.client.post(`/go/${status}/`, { a: '1' }, options)
    const { method, form, headers } = response.json<Echo>()
    expect({ method, form, note: headers.note }).toEqual(expected)
    expect(response).toMatchObject({ status: 200, url: '/echo/', redirects: ['/echo/'], route: 'shop:echo' })
  })

  test('a PUT stays one but for 303, a HEAD stays one', async () => {
    const follow = { follow: true }
    expect((await site.client.put('/go/302/', { a: 1 }, follow)).json<Echo>()).toMatchObject({ method: 'PUT' })
    expect((await site.client.put('/go/303/', { a: 1 }, follow)).json<Echo>()).toMatchObject({ method: 'GET' })
    expect(await site.client.head('/go/303/', follow)).toMatchObject({ status: 200, body: '', url: '/echo/' })
  })

  test('the type of a body goes with the body', async () => {
    const response = await site.client.json('POST', '/go/303/', { a: 1 }, { follow: true })
    expect(response.json<Echo>()).toMatchObject({ method: 'GET', type: '', text: '' })
  })

  test('several, relative ones and with a fragment', async () => {
    const to = encodeURIComponent('../../go/302/?to=%2Fwho%2F%3Fa%3D1%23top')
    const response = await site.client.get(`/go/302/?to=${to}`, { follow: true })
    expect(response.url).toBe('/who/?a=1')
    expect(response.redirects).toHaveLength(2)
    expect(response.redirects.at(-1)).toBe('/who/?a=1')
  })

  test('to another site are the response', async () => {
    expect(await site.client.get('/away/', { follow: true })).toMatchObject({
      status: 302,
      location: 'https://example.com/',
    })
  })

  test('in a round end with the addresses', async () => {
    await expect(site.client.get('/round/', { follow: true })).rejects.toMatchObject({
      code: 'testing.redirects',
      message: 'GET /round/ led to more than 20 redirects: … → /round/ → /round/ → …',
    })
  })

  test('a stream is not sent twice', async () => {
    const body = new Blob(['text']).stream()
    await expect(site.client.request('POST', '/go/307/', body, { follow: true })).rejects.toMatchObject({
      code: 'testing.bad-request',
    })
  })
})

describe('cookies', () => {
  const cookieOf = async (client: TestClient, path = '/echo/') => (await client.get(path)).json<Echo>().headers.cookie

  test('are kept, sent where they belong, and forgotten when the site says so', async () => {
    const { client } = site
    await client.get('/cookies/everywhere/?value=a')
    await client.get('/cookies/shop/?path=/echo')
    await client.get('/cookies/elsewhere/?path=/ech')
    expect(await cookieOf(client)).toBe('everywhere=a; shop=x')
    expect([...client.cookies.keys()]).toEqual(['everywhere', 'shop', 'elsewhere'])
    await client.get('/cookies/everywhere/?maxAge=0')
    expect(await cookieOf(client)).toBe('shop=x')
    client.cookies.set('mine', '1')
    expect(await cookieOf(client)).toBe('shop=x; mine=1')
    client.clear()
    expect(await cookieOf(client)).toBeNull()
  })

  test('a cookie header of a request is sent as it is', async () => {
    site.client.cookies.set('a', '1')
    const response = await site.client.get('/echo/', { headers: { cookie: 'b=2' } })
    expect(response.json<Echo>().headers.cookie).toBe('b=2')
  })

  test('visitors have their own; sessions follow them', async () => {
    const other = site.visitor()
    expect((await site.client.get('/visits/')).body).toBe('1')
    expect((await site.client.get('/visits/')).body).toBe('2')
    expect((await other.get('/visits/')).body).toBe('1')
  })
})

describe('CSRF', () => {
  test('is no matter for tests of other things', async () => {
    expect((await site.client.post('/echo/')).status).toBe(200)
    expect((await site.client.json('DELETE', '/echo/', {})).status).toBe(200)
    expect((await site.visitor({ secure: true }).post('/echo/')).status).toBe(200)
  })

  test('is checked for a visitor without the token, and passed with the form’s own', async () => {
    for (const secure of [false, true]) {
      const visitor = site.visitor({ checkCsrf: true, secure })
      expect((await visitor.post('/echo/')).status).toBe(403)
      const page = await visitor.get('/form/')
      const token = /name="csrfmiddlewaretoken" value="(\w+)"/.exec(page.body)![1]!
      expect((await visitor.post('/echo/', { csrfmiddlewaretoken: token })).status).toBe(200)
      const headers = { origin: 'https://evil.example.com' }
      expect((await visitor.post('/echo/', { csrfmiddlewaretoken: token }, { headers })).status).toBe(403)
    }
  })

  test('the token follows the settings’ names', async () => {
    const csrf = { cookieName: 'guard', headerName: 'x-guard' }
    await site.withSettings({ csrf }, async (client) => {
      expect((await client.post('/echo/')).status).toBe(200)
      expect([...client.cookies.keys()]).toEqual(['guard'])
    })
  })
})

describe('login()', () => {
  test('signs in without a password, and gives the client', async () => {
    const ada = await createUser({ email: 'ada@example.org', password: null })
    const visitor = await site.login(ada, site.visitor())
    expect((await visitor.get('/who/')).body).toBe(String(ada.pk))
    expect((await site.client.get('/who/')).body).toBe('null')
    expect(await site.login(ada)).toBe(site.client)
    expect((await site.client.post('/accounts/logout/')).status).toBe(302)
    expect((await site.client.get('/who/')).body).toBe('null')
  })

  test('of somebody who is not saved says so', async () => {
    await expect(site.login({ pk: 999 })).rejects.toMatchObject({ code: 'auth.unknown-user' })
  })

  test('passwords cost next to nothing, and open', async () => {
    const user = await createUser({ email: 'ada@example.org', password: 'correct horse' })
    expect(user.password).toContain('m=8,t=1,')
    const form = { email: 'ada@example.org', password: 'correct horse' }
    expect((await site.client.post('/accounts/login/', form)).location).toBe('/')
    expect((await site.client.get('/who/')).body).toBe(String(user.pk))
  })
})

test('requests of one test at the same time are answered, and their changes seen', async () => {
  const answers = await Promise.all(Array.from({ length: 12 }, () => site.visitor().get('/slow/')))
  expect(new Set(answers.map(({ status }) => status))).toEqual(new Set([200]))
  expect(await Book.objects.count()).toBe(12)
})
