import {
  HeaderMap,
  HttpResponse,
  json,
  NotFound,
  notFound,
  ResponseError,
  redirect,
  respond,
  stream,
} from 'nuages/http'
import { describe, expect, test } from 'vitest'
import { toHttpResponse } from '../../src/http/internal.ts'
import { html } from '../../src/std/html.ts'

describe('a response', () => {
  test("is the web's Response, by instanceof and by its properties", async () => {
    const response = respond('<p>é</p>')
    expect(response).toBeInstanceOf(Response)
    expect([response.status, response.ok, response.type, response.redirected, response.url]).toEqual([
      200,
      true,
      'default',
      false,
      '',
    ])
    expect(response.headers.get('Content-Type')).toBe('text/html; charset=utf-8')
    expect(await response.text()).toBe('<p>é</p>')
    expect(new TextDecoder().decode(await response.bytes())).toBe('<p>é</p>')
    expect((await response.blob()).size).toBe(9)
    const web = response.toWeb()
    expect([web.status, await web.text(), web.headers.get('content-type')]).toEqual([
      200,
      '<p>é</p>',
      'text/html; charset=utf-8',
    ])
  })

  test('is made of any web Response, its cookies and stream included', async () => {
    const headers = new Headers([
      ['set-cookie', 'a=1'],
      ['set-cookie', 'b=2'],
      ['x-y', 'z'],
    ])
    const own = toHttpResponse(new Response('text', { status: 201, headers }))
    expect([own.status, own.headers.getSetCookie(), await own.text()]).toEqual([201, ['a=1', 'b=2'], 'text'])
    expect(toHttpResponse(own)).toBe(own)
    expect(toHttpResponse(Response.error()).status).toBe(500)
    expect(toHttpResponse(Response.redirect('http://x.org/')).headers.get('location')).toBe('http://x.org/')
  })

  test('writes JSON; bigints as text, never rounded', async () => {
    expect(await json({ a: 1n << 63n, b: [2n], c: new Date(0) }).json()).toEqual({
      a: '9223372036854775808',
      b: ['2'],
      c: '1970-01-01T00:00:00.000Z',
    })
    expect(json({}).headers.get('content-type')).toBe('application/json')
    expect(
      json({}, { status: 201, headers: { 'content-type': 'application/geo+json' } }).headers.get('content-type'),
    ).toBe('application/geo+json')
    expect(() => json(undefined)).toThrow(ResponseError)
    const loop: Record<string, unknown> = {}
    loop.self = loop
    expect(() => json(loop)).toThrow('circular')
  })

  test('takes markup made by html', async () => {
    expect(await respond(html`<p>${'<b>'}</p>`).text()).toBe('<p>&lt;b&gt;</p>')
  })

  test('refuses a status there is not', () => {
    for (const status of [0, 99, 101, 600, 200.5, Number.NaN])
      expect(() => respond('', { status })).toThrow('is not a status')
  })

  test('redirects with 302, or as told, to http and https only', () => {
    expect([redirect('/x/').status, redirect('/x/', { status: 303 }).status]).toEqual([302, 303])
    for (const to of [
      'javascript:alert(1)',
      ' javascript:alert(1)',
      '\njavascript:alert(1)',
      'data:text/html,x',
      'file:///x',
    ]) {
      expect(() => redirect(to)).toThrow('is not allowed')
    }
    expect(redirect(new URL('https://example.com/a b')).headers.get('location')).toBe('https://example.com/a%20b')
  })

  test('is cloned with its content, a stream shared out', async () => {
    const one = respond('text')
    const two = one.clone()
    two.headers.set('x-two', '2')
    expect([one.headers.has('x-two'), await one.text(), await two.text()]).toEqual([false, 'text', 'text'])
    const three = stream(
      (async function* () {
        yield 'a'
        yield new Uint8Array([98])
      })(),
    )
    const four = three.clone()
    expect(await Promise.all([three.text(), four.text()])).toEqual(['ab', 'ab'])
  })

  test('notFound() ends the view', () => {
    expect(() => notFound('No such book.')).toThrow(NotFound)
  })
})

describe('cookies', () => {
  const set = (...args: Parameters<HttpResponse['setCookie']>) =>
    new HttpResponse().setCookie(...args).headers.getSetCookie()[0]
  test('are out of reach of scripts and of other sites, unless said otherwise', () => {
    expect(set('a', 'x')).toBe('a=x; Path=/; HttpOnly; SameSite=Lax')
    expect(set('a', 'x', { httpOnly: false, sameSite: 'strict', maxAge: 60, secure: true })).toBe(
      'a=x; Max-Age=60; Path=/; Secure; SameSite=Strict',
    )
  })

  test('keep any value, which is read back as it was', async () => {
    const { readCookies } = await import('../../src/http/cookies.ts')
    for (const value of ['a b;c', 'é漢🚀', '"quoted"', '%41', '\n\0', '', '=', 'a,b\\']) {
      const pair = set('name', value)!.split('; ')[0]!
      expect([value, readCookies(pair).get('name')]).toEqual([value, value])
    }
  })

  test('refuse what browsers would drop or misread', () => {
    const refused: Parameters<HttpResponse['setCookie']>[] = [
      ['a b', 'x'],
      ['a=b', 'x'],
      ['', 'x'],
      ['a;b', 'x'],
      ['é', 'x'],
      ['a\r\nset-cookie: b', 'x'],
      ['a', 'x', { path: '/;secure' }],
      ['a', 'x', { domain: 'example.com; secure' }],
      ['a', 'x', { maxAge: 1.5 }],
      ['a', 'x', { sameSite: 'none' }],
      ['a', 'x'.repeat(5000)],
      ['__Host-a', 'x'],
      ['__Host-a', 'x', { secure: true, path: '/sub' }],
      ['__Secure-a', 'x'],
    ]
    for (const [name, value, options] of refused) {
      const code = (() => {
        try {
          set(name, value, options)
          return 'taken'
        } catch (error) {
          return (error as ResponseError).code
        }
      })()
      expect([name, options, code]).toEqual([name, options, 'http.bad-cookie'])
    }
  })

  test('are deleted by one that is over', () => {
    const text = new HttpResponse().deleteCookie('a').headers.getSetCookie()[0]
    expect(text).toContain('a=; Max-Age=0; Path=/; Expires=Thu, 01 Jan 1970 00:00:00 GMT')
    expect(new HttpResponse().deleteCookie('__Host-a').headers.getSetCookie()[0]).toContain('Secure')
  })

  test('of other applications that are broken lock nobody out', async () => {
    const { readCookies } = await import('../../src/http/cookies.ts')
    expect([...readCookies('a=%zz; =x; b; c=1; __proto__=y; d="x')]).toEqual([
      ['a', '%zz'],
      ['', 'x'],
      ['c', '1'],
      ['__proto__', 'y'],
      ['d', '"x'],
    ])
    expect(({} as Record<string, unknown>).y).toBeUndefined()
  })
})

describe('headers', () => {
  test("behave as the web's: any case, joined, sorted, Set-Cookie apart", () => {
    const init: [string, string][] = [
      ['X-B', '1'],
      ['x-a', '2'],
      ['X-b', '3'],
      ['Set-Cookie', 'a=1'],
      ['set-cookie', 'b=2'],
    ]
    const [ours, theirs] = [new HeaderMap(init), new Headers(init)]
    expect([...ours]).toEqual([...theirs])
    expect([...ours.keys()]).toEqual([...theirs.keys()])
    expect([ours.get('x-B'), ours.has('X-A'), ours.get('none')]).toEqual(['1, 3', true, null])
    ours.set('X-B', '4')
    ours.delete('Set-Cookie')
    expect([...ours]).toEqual([
      ['x-a', '2'],
      ['x-b', '4'],
    ])
    expect([...new Headers(ours)]).toEqual([...ours])
    const seen: string[] = []
    ours.forEach((value, name) => {
      seen.push(`${name}=${value}`)
    })
    expect(seen).toEqual(['x-a=2', 'x-b=4'])
  })

  test('refuse names and values that would begin another header', () => {
    for (const value of ['a\r\nb: c', 'a\nb', 'a\rb', 'a\0b', '\x7f']) {
      expect(() => new HeaderMap().set('x', value)).toThrow('control character')
    }
    for (const name of ['a b', 'a:', '', 'é', 'a\n'])
      expect(() => new HeaderMap().set(name, 'x')).toThrow('is not the name of a header')
  })

  test('gather words of a list without repeating them', () => {
    const headers = new HeaderMap()
    for (const word of ['Cookie', 'Accept', 'cookie']) headers.addToken('Vary', word)
    expect(headers.get('vary')).toBe('Cookie, Accept')
    headers.set('vary', '*')
    headers.addToken('vary', 'Cookie')
    expect(headers.get('vary')).toBe('*')
  })
})
