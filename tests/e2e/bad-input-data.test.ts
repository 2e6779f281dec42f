/** Cookies, tokens, names and values that cannot be: refused where they arrive, before a row or a template meets them. */
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest'
import {
  ADMIN,
  ASKS_JSON,
  type Case,
  FORM,
  gets,
  JSON_TYPE,
  MULTIPART,
  migratedSite,
  misanswered,
  plain,
  post,
  raw,
  type Served,
  type Site,
  serveSite,
} from './site.ts'

let site: Site
let served: Served
beforeAll(async () => {
  site = await migratedSite()
  served = await serveSite(site)
}, 60_000)
afterEach(async () => {
  expect(served.child.exitCode).toBeNull()
  expect((await raw(served.port, plain('GET', '/'))).text).toMatch(/\r\n\r\nhome$/)
})
afterAll(async () => {
  await served?.stop()
  site?.remove()
})

/** Each is answered with its status. */
async function answered(cases: readonly Case[]): Promise<void> {
  expect(await misanswered(served.port, cases)).toEqual([])
}

describe('cookies, sessions and tokens', () => {
  const token = 'a'.repeat(32)
  const cookie = `Cookie: csrftoken=${token}\r\n`

  test('cookies of others, and forged sessions, lock nobody out and open nothing', async () => {
    for (const value of [
      'sessionid=forged',
      `sessionid=${'a'.repeat(32)}`,
      `sessionid=${'a'.repeat(8_000)}`,
      'sessionid=',
      'sessionid=%00',
      'sessionid=%zz',
      'sessionid="a\\"',
      "sessionid=' OR 1=1 --",
      '__proto__=x; constructor=y; sessionid=__proto__',
      'foreign={"a":1,"b":[2]}; sessionid=x',
      '=',
      ';;;;',
      'a=\xff',
      'csrftoken=x',
    ]) {
      const visit = await raw(served.port, plain('GET', '/visit/', `Cookie: ${value}\r\n`))
      expect([value.slice(0, 40), visit.status, visit.text.endsWith('visit 1')]).toEqual([
        value.slice(0, 40),
        200,
        true,
      ])
      const guarded = await raw(served.port, plain('GET', '/next/', `Cookie: ${value}\r\n`))
      expect(/location: (.*)\r/i.exec(guarded.text)?.[1]).toBe('/accounts/login/?next=%2Fnext%2F')
    }
  })

  test('a form without the token of its visitor, or from another site, is refused', async () => {
    const send = (body: string, headers: string) => post('/form/', FORM, body, headers)
    await answered([
      ['no cookie', send('word=x', ''), 403],
      ['no token', send('word=x', cookie), 403],
      ['a forged token', send(`csrfmiddlewaretoken=${'b'.repeat(32)}`, cookie), 403],
      ['a token that is none', send('csrfmiddlewaretoken=%00', cookie), 403],
      ['another one after it', send(`csrfmiddlewaretoken=${token}&csrfmiddlewaretoken=x`, cookie), 403],
      ['another site', send(`csrfmiddlewaretoken=${token}`, `${cookie}Origin: http://evil.example\r\n`), 403],
      ['no site', send(`csrfmiddlewaretoken=${token}`, `${cookie}Origin: null\r\n`), 403],
      ['JSON instead of a form', post('/form/', JSON_TYPE, `{"csrfmiddlewaretoken":"${token}"}`, cookie), 403],
      ['a broken form', send('word=%zz', cookie), 400],
      ['a large form', send(`word=${'x'.repeat(200_000)}`, cookie), 413],
      ['the token', send(`csrfmiddlewaretoken=${token}`, cookie), 200],
    ])
  })

  test('a login with nonsense shows the form again, and leads to no other site', async () => {
    const login = (fields: string) => post('/accounts/login/', FORM, `csrfmiddlewaretoken=${token}&${fields}`, cookie)
    await answered(
      [
        '',
        'email=%00&password=%00',
        `email=${'a@'.repeat(20_000)}&password=${'x'.repeat(50_000)}`,
        'email=__proto__&password=constructor',
        'email=a&email=b&password=x&password=y',
        `email=${encodeURIComponent(ADMIN.email)}&password=wrong`,
      ].map((fields) => [fields.slice(0, 40), login(fields), 422]),
    )
    const elsewhere = [
      '//evil.example',
      '/\\evil.example',
      'https://evil.example',
      'javascript:alert(1)',
      '/\t/evil.example',
      '\t//evil.example',
    ]
    for (const next of elsewhere) {
      const page = await raw(served.port, plain('GET', `/accounts/login/?next=${encodeURIComponent(next)}`))
      expect(/name="next" value="([^"]*)"/.exec(page.text)?.[1]).toBe('')
      const signIn = new URLSearchParams({ ...ADMIN, next }).toString()
      const { status, text } = await raw(served.port, login(signIn))
      expect([next, status, /location: (.*)\r/i.exec(text)?.[1]]).toEqual([next, 302, '/'])
    }
  })
})

describe('queries made of what a visitor sends', () => {
  const search = (query: string): string => plain('GET', `/search/?${query}`, ASKS_JSON)
  const add = (body: unknown) => post('/add/', JSON_TYPE, JSON.stringify(body), ASKS_JSON)
  const pairs = (status: number, list: readonly (readonly [string, string])[]): Case[] =>
    list.map(([name, value]) => [
      `${name}=${value}`.slice(0, 60),
      search(`${encodeURIComponent(name)}=${encodeURIComponent(value)}`),
      status,
    ])

  test('names that are no fields or lookups are refused', () =>
    answered(
      pairs(
        400,
        [
          'titel',
          'password',
          'author__user__password',
          '_connector',
          '_negated',
          '__proto__',
          'constructor',
          'toString',
          'and',
          'or',
          '$where',
          'objects',
          'title__',
          '__title',
          'title____exact',
          'title__exact__exact',
          'title__length',
          'published__year__gt__lt',
          "title'; DROP TABLE library_book; --",
          'title"',
          'title\0',
          'title\n',
          'library_book.title',
          'a'.repeat(5_000),
          `${'author__books__'.repeat(40)}title`,
          `extra__${'a__'.repeat(30)}b`,
        ].map((name) => [name, '1'] as const),
      ),
    ))

  test('values that a field cannot hold are refused', () =>
    answered(
      pairs(400, [
        ['author', 'abc'],
        ['author__in', '1,2,x'],
        ['pages', '9007199254740993'],
        ['pages', 'NaN'],
        ['pages', ''],
        ['pages__isnull', 'maybe'],
        ['pages__range', '1'],
        ['sold', '9'.repeat(10_000)],
        ['sold', '9223372036854775808'],
        ['price', '1E+1000000000'],
        ['price', 'Infinity'],
        ['rating', '1e999'],
        ['inPrint', 'maybe'],
        ['published', '2026-02-30'],
        ['published', '+275760-09-14'],
        ['published__year', '99999999999'],
        ['added', '2026-01-01T25:00'],
        ['code', 'xyz'],
      ]),
    ))

  test('a regular expression is refused: one would keep the server busy for ever', async () => {
    await answered(
      pairs(400, [
        ['title__regex', '(a+)+$'],
        ['title__iregex', '(a|a)*b'],
        ['title__regex', '('],
        ['extra__a__regex', '(a+)+$'],
        ['author__name__regex', '(a+)+$'],
      ]),
    )
    const { text } = await raw(served.port, search('title__regex=(a%2B)%2B%24'))
    expect(text).toContain('"code":"db.unsafe-lookup"')
  })

  test('orders and columns are names of fields, or refused', () =>
    answered([
      ...[
        'titel',
        '-',
        '',
        '--title',
        'title);DROP TABLE x',
        'library_book.title',
        '__proto__',
        'books',
        '0',
        '\0',
      ].flatMap((name): Case[] => [
        [`order ${name}`, search(`order=${encodeURIComponent(name)}`), 400],
        [`columns ${name}`, search(`columns=${encodeURIComponent(name)}`), name === 'books' ? [200, 400] : 400],
      ]),
      ['a column a thousand times', search(`columns=${'title,'.repeat(1_000)}title`), [200, 400]],
      ['quotes in a key of JSON', search(`columns=${encodeURIComponent('extra__a"b')}`), [200, 400]],
      ['SQL in a key of JSON', search(`${encodeURIComponent("extra__x') OR 1=1 --")}=1`), 200],
      ['LIKE signs', search('title__contains=%25'), 200],
    ]))

  test('objects instead of values are refused', () =>
    answered([
      ...[
        { title: { a: 1 } },
        { title: ['a'] },
        { title: { t: 'raw', sql: '1=1' } },
        { title: { then: 1 } },
        { title__icontains: { a: 1 } },
        { title__icontains: null },
        { pages: {} },
        { pages__in: 5 },
        { pages__in: [{}] },
        { pages__isnull: 5 },
        { author: { id: 1 } },
        { author: { toSQL: 'x' } },
        { _connector: 'OR 1=1 OR', title: 'x' },
        { t: 'or' },
        { '': 1 },
        { price: {} },
        { sold: 1e300 },
      ].map((where): Case => [JSON.stringify(where), add({ where }), 400]),
      ...[5, [1], 'x'].map((where): Case => [JSON.stringify(where), add({ where }), 400]),
      ['a list of 5,000', add({ where: { pages__in: Array(5_000).fill(1) } }), 200],
    ]))

  test('rows that cannot be are not made', () =>
    answered([
      ...[
        { titel: 'x' },
        { title: 'x', author: {} },
        { title: 5, author: 1 },
        { title: 'x', author: 1, pages: 1e300 },
        { title: 'x', author: 1, price: 'abc' },
        { title: 'x', author: 1, published: 'x' },
        { title: 'x', author: 1, save: 'x' },
        { title: 'x', author: 1, meta: {} },
        { title: 'x', author: 1, constructor: 5 },
        { id: 'x', title: 'x', author: 1 },
      ].map((book): Case => [JSON.stringify(book), add({ book }), 400]),
      ...[{}, { title: 'x' }, { title: 'x', author: 99 }, { title: null, author: 1 }].map(
        (book): Case => [JSON.stringify(book), add({ book }), 409],
      ),
    ]))
})

describe('the admin, by somebody who may', () => {
  let headers = ''
  let token = ''
  beforeAll(async () => {
    token = 'a'.repeat(32)
    const fields = new URLSearchParams({ csrfmiddlewaretoken: token, ...ADMIN }).toString()
    const { text } = await raw(served.port, post('/admin/login/', FORM, fields, `Cookie: csrftoken=${token}\r\n`))
    const cookies = [...text.matchAll(/set-cookie: ([^;]+)/gi)].map(([, pair]) => pair!)
    token = cookies.find((pair) => pair.startsWith('csrftoken='))!.slice('csrftoken='.length)
    headers = `Cookie: ${cookies.join('; ')}\r\n`
  })

  test('lists ignore or refuse what no page of theirs asks', () =>
    answered(
      [
        'o=x',
        'o=-1',
        'o=99999999999999',
        'page=x',
        'page=-5',
        'page=99999999',
        'q=%00',
        `q=${'a+'.repeat(2_000)}`,
        'q=%25_%5C',
        'titel=1',
        'password=1',
        'author=x',
        'author=%00',
        'author__name__regex=(a%2B)%2B%24',
        'inPrint=maybe',
        '__proto__=1',
        'pages__gt=x',
      ].map((query) => [query.slice(0, 40), plain('GET', `/admin/library/book/?${query}`, headers), [200, 302, 400]]),
    ))

  test('rows, models and apps that are not there are not found', () =>
    answered(
      gets(
        404,
        [
          'library/nope/',
          'nope/book/',
          '__proto__/constructor/',
          'library/constructor/',
          'library/book/x/change/',
          `library/book/${'9'.repeat(400)}/change/`,
          'library/book/1e3/change/',
          'library/book/__proto__/change/',
          'library/book/..%2f..%2f/change/',
          'library/book/99999/delete/',
          'library/book/99999/history/',
          'sessions/session/',
        ].map((path) => `/admin/${path}`),
        headers,
      ),
    ))

  test('forms with values that cannot be are shown again', () => {
    const send = (values: Record<string, string>) => {
      const fields = { csrfmiddlewaretoken: token, title: 'A', author: '1', sold: '0', ...values }
      return post('/admin/library/book/add/', FORM, new URLSearchParams(fields).toString(), headers)
    }
    return answered([
      ...(
        [
          { author: 'x' },
          { author: '999999' },
          { title: 'a\0b' },
          { title: 'x'.repeat(300) },
          { pages: '1e999' },
          { pages: '99999999999999999999' },
          { sold: '9'.repeat(50_000) },
          { price: '1E+1000000000' },
          { price: 'NaN' },
          { rating: 'Infinity' },
          { published: '2026-02-31' },
          { code: 'zz' },
        ] as Record<string, string>[]
      ).map((values): Case => [JSON.stringify(values).slice(0, 60), send(values), 422]),
      ['another type', post('/admin/library/book/add/', JSON_TYPE, '{}', `${headers}X-CSRFToken: ${token}\r\n`), 415],
      ['broken multipart', post('/admin/library/book/add/', MULTIPART, 'nonsense', headers), 400],
      ['a logout by a link', plain('GET', '/admin/logout/', headers), 405],
    ])
  })
})
