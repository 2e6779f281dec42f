/** What an attacker sends: every line ends in a 4xx that says why, the server lives, the next request is answered. */
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest'
import {
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
  uploadsIn,
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

describe('addresses', () => {
  test('with broken escapes, bytes that are no UTF-8 or NUL are refused', () =>
    answered(
      gets(400, [
        '/%zz',
        '/%',
        '/%e2%82',
        '/%ff%fe',
        '/%ed%a0%80/',
        '/%c0%af',
        '/%00',
        '/authors/a%00/',
        '/static/%zz',
      ]),
    ))

  test('with control characters, spaces or raw bytes are refused', () =>
    answered(gets(400, ['/authors/\x01/', '/authors/\x7f/', '/authors/é/', '/a b', '/a\tb'])))

  test('with escaped line breaks match no page that does not want them, and set no header', async () => {
    await answered(gets(404, ['/%0a', '/search%0a/', '/search/%0a', '/admin%0A']))
    const { status, text } = await raw(served.port, plain('GET', '/authors/a%0d%0aset-cookie:%20x=y/'))
    expect([status, text.split('\r\n\r\n')[0]]).toEqual([200, expect.not.stringMatching(/set-cookie/i)])
  })

  test('that are very long are refused, and the refusal arrives', async () => {
    await answered(gets(404, [`/${'a'.repeat(10_000)}`, `/${'a/'.repeat(5_000)}`]))
    await answered(gets(431, [`/${'a'.repeat(100_000)}`, `/?${'a'.repeat(1_000_000)}`]))
    expect((await raw(served.port, plain('GET', `/${'a'.repeat(1_000_000)}`))).text).toContain('longer than 16 KB')
  })

  test('lead to no other site by a slash that is added', async () => {
    await answered(gets(404, ['//evil.example', '//search', '/\\evil.example', '//evil.example/%2e%2e', '///admin']))
    const { status, text } = await raw(served.port, plain('GET', '/search?next=//evil.example'))
    expect([status, /location: (.*)\r/i.exec(text)?.[1]]).toEqual([301, '/search/?next=//evil.example'])
  })

  test('out of the static files are not found', () =>
    answered([
      ...gets(404, [
        '/static/../settings.ts',
        '/static/..%2f..%2fsettings.ts',
        '/static/%2e%2e/%2e%2e/settings.ts',
        '/static/library/..%5c..%5csettings.ts',
        '/static//etc/passwd',
        '/static/library/',
        '/static/library',
        '/static/',
        '/static/library/site.css/',
        '/static/library/site.css%0a',
        '/static/library/./site.css',
        '/static/.env',
        `/static/${'a/'.repeat(3_000)}`,
        `/static/${'a'.repeat(300)}`,
        '/static/library/site.css::$DATA',
      ]),
      ...gets(400, ['/static/library/site.css%00', '/static/library%00.css']),
      ...gets(200, ['/static/library/site.css']),
    ]))

  test('with a key that is none lead to no row, and to no error', () =>
    answered(
      gets(404, [
        '/books/0/',
        '/books/-1/',
        '/books/1e3/',
        `/books/${'9'.repeat(400)}/`,
        '/books/9007199254740993/',
        '/books/9223372036854775808/',
        '/books/%D9%A1/',
        '/books/__proto__/',
      ]),
    ))
})

describe('request lines and headers', () => {
  const line = (text: string) => `${text}\r\nHost: 127.0.0.1\r\nConnection: close\r\n\r\n`
  const host = (name: string) => `GET / HTTP/1.1\r\nHost: ${name}\r\nConnection: close\r\n\r\n`

  test('hosts that are not ours are refused, whatever form they have', () =>
    answered(
      [
        'evil.example',
        '127.0.0.1:abc',
        '127.0.0.1:99999',
        '127.0.0.1@evil.example',
        '127.0.0.1,evil.example',
        'evil.example\\127.0.0.1',
        '127.0.0.1/x',
        '[::1]',
        'a b',
        '',
        'localhost..',
        'localhost%00',
        'x'.repeat(5_000),
      ].map((name) => [name.slice(0, 40), host(name), 400]),
    ))

  test('two hosts, none, or another one in the address are refused', () =>
    answered([
      ['two', 'GET / HTTP/1.1\r\nHost: 127.0.0.1\r\nHost: evil.example\r\n\r\n', 400],
      ['twice the same', 'GET / HTTP/1.1\r\nHost: 127.0.0.1\r\nhost: 127.0.0.1\r\n\r\n', 400],
      ['none in HTTP/1.1', 'GET / HTTP/1.1\r\nConnection: close\r\n\r\n', 400],
      ['none in HTTP/1.0', 'GET / HTTP/1.0\r\n\r\n', 400],
      ['HTTP/1.0 with a host', 'GET / HTTP/1.0\r\nHost: 127.0.0.1\r\n\r\n', 200],
      ['absolute', line('GET http://127.0.0.1/ HTTP/1.1'), 200],
      ['absolute, another host', line('GET http://evil.example/ HTTP/1.1'), 400],
      ['absolute, with a user', line('GET http://127.0.0.1@evil.example/ HTTP/1.1'), 400],
      ['forwarded by nobody we trust', plain('GET', '/', 'X-Forwarded-Host: evil.example\r\n'), 200],
    ]))

  test('what is no request of HTTP/1.1 is refused in words', async () => {
    await answered([
      ['TLS', '\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03', 400],
      ['HTTP/2', 'PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n', 400],
      ['HTTP/0.9', 'GET /\r\n\r\n', 400],
      ['a version of the future', line('GET / HTTP/1.9'), 400],
      ['a method nobody has', line('FOO / HTTP/1.1'), 400],
      ['a method in lower case', line('get / HTTP/1.1'), 400],
      ['a space in the method', line('GE T / HTTP/1.1'), 400],
      ['a method of 100 letters', line(`${'X'.repeat(100)} / HTTP/1.1`), 400],
      ['a proxy is asked for', line('CONNECT evil.example:443 HTTP/1.1'), 405],
      ['no colon', plain('GET', '/', 'nonsense\r\n'), 400],
      ['space before the colon', plain('GET', '/', 'X-A : b\r\n'), 400],
      ['folded', plain('GET', '/', 'X-A: b\r\n c\r\n'), 400],
      ['bare line feed', plain('GET', '/', 'X-A: b\nX-B: c\r\n'), 400],
      ['bare carriage return', plain('GET', '/', 'X-A: b\rX-B: c\r\n'), 400],
      ['NUL', plain('GET', '/', 'X-A: b\0c\r\n'), 400],
      ['control character in a cookie', plain('GET', '/', 'Cookie: a=\x01b\r\n'), 400],
      ['a long header', plain('GET', '/', `X-A: ${'b'.repeat(20_000)}\r\n`), 431],
      ['2,500 headers', plain('GET', '/', 'a: bcd\r\n'.repeat(2_500)), 431],
      ['an expectation we do not know', plain('GET', '/', 'Expect: nonsense\r\n'), 417],
    ])
    expect((await raw(served.port, line('FOO / HTTP/1.1'))).text).toContain('This method does not exist.')
    expect((await raw(served.port, 'GET / HT', { end: true })).status).toBe(400)
    expect((await raw(served.port, '', { end: true })).status).toBe(0)
  })

  test('headers sent twice, or with values that go on for ever, are read as far as they make sense', () =>
    answered([
      [
        'twice',
        plain(
          'GET',
          '/',
          'Content-Type: a\r\nContent-Type: b\r\nCookie: a=1\r\nCookie: a=2\r\nAccept: a\r\nAccept: b\r\nRange: x\r\nRange: y\r\n',
        ),
        200,
      ],
      ['Accept', plain('GET', '/nowhere/', `Accept: a; x="${';'.repeat(8_000)}"\r\n`), 404],
      ['Accept-Language', plain('GET', '/accounts/login/', `Accept-Language: ${'x-'.repeat(5_000)}\r\n`), 200],
      ['a pattern as language', plain('GET', '/accounts/login/', 'Accept-Language: .*.*.*\r\n'), 200],
      ['ranges', plain('GET', '/static/library/site.css', `Range: bytes=${'0-1,'.repeat(2_000)}\r\n`), [200, 416]],
      [
        'a range beyond',
        plain('GET', '/static/library/site.css', 'Range: bytes=99999999999999999999-\r\n'),
        [200, 416],
      ],
      ['etags', plain('GET', '/static/library/site.css', `If-None-Match: ${'"a",'.repeat(2_000)}\r\n`), 200],
      ['a date', plain('GET', '/static/library/site.css', 'If-Modified-Since: nonsense\r\n'), 200],
      ['an upgrade', plain('GET', '/', 'Upgrade: websocket\r\n'), 200],
    ]))

  test('every method gets an answer everywhere, and changes nothing without a token', async () => {
    for (const path of ['/', '/search/', '/form/', '/admin/', '/static/library/site.css', '/nowhere/']) {
      const head = await raw(served.port, plain('HEAD', path))
      expect([path, head.status, head.text.split('\r\n\r\n')[1]]).toEqual([path, expect.any(Number), ''])
      expect(head.status).toBe((await raw(served.port, plain('GET', path))).status)
      await answered(['OPTIONS', 'TRACE'].map((method) => [method, plain(method, path), [200, 302, 404, 405]]))
      await answered(['PUT', 'PATCH', 'DELETE', 'PROPFIND'].map((method) => [method, plain(method, path), [403, 405]]))
    }
  })
})

describe('bodies', () => {
  const framed = (headers: string, body: string) =>
    `POST /echo/ HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\nContent-Type: ${JSON_TYPE}\r\n${headers}\r\n${body}`
  const ONE = '1\r\n1\r\n0\r\n\r\n'

  test('framed in two ways, or in a way nobody can follow, are refused (request smuggling)', () =>
    answered([
      ['length and chunks', framed('Content-Length: 3\r\nTransfer-Encoding: chunked\r\n', ONE), 400],
      ...['chunked, identity', 'identity', 'xchunked', 'chunked, chunked', 'chunked\x0b', 'gzip, chunked', ''].map(
        (coding): Case => [coding, framed(`Transfer-Encoding: ${coding}\r\n`, ONE), 400],
      ),
      ...['-1', '+1', '1, 1', '1\r\nContent-Length: 2', '0x1', '1e1', '', '9'.repeat(23), '1 1'].map(
        (length): Case => [length, framed(`Content-Length: ${length}\r\n`, '1'), 400],
      ),
      ['a chunk without a size', framed('Transfer-Encoding: chunked\r\n', 'zz\r\nabc\r\n0\r\n\r\n'), 400],
      ['a chunk of any size', framed('Transfer-Encoding: chunked\r\n', 'fffffffffffffffffff\r\nabc\r\n0\r\n\r\n'), 400],
      [
        'a long chunk extension',
        framed('Transfer-Encoding: chunked\r\n', `1;${'a'.repeat(20_000)}\r\n1\r\n0\r\n\r\n`),
        413,
      ],
      [
        'long trailers',
        framed('Transfer-Encoding: chunked\r\n', `1\r\n1\r\n0\r\nX: ${'a'.repeat(20_000)}\r\n\r\n`),
        431,
      ],
      ['chunks', framed('Transfer-Encoding: chunked\r\n', ONE), 200],
    ]))

  test('too large are refused, by their length or as they come', async () => {
    await answered([
      ['a form', post('/echo/', FORM, `a=${'x'.repeat(200_000)}`), 413],
      ['2 MB of JSON', post('/echo/', JSON_TYPE, `"${'x'.repeat(2_000_000)}"`), 413],
      ['a length alone', framed('Content-Length: 999999999999\r\n', ''), 413],
      ['asking before', framed('Content-Length: 999999\r\nExpect: 100-continue\r\n', ''), 413],
      ['chunks', framed('Transfer-Encoding: chunked\r\n', `2710\r\n${' '.repeat(10_000)}\r\n`.repeat(40)), 413],
      ['bytes', framed('Transfer-Encoding: chunked\r\n', '1\r\n \r\n'.repeat(110_000)), 413],
      ['fields', post('/echo/', FORM, 'a=&'.repeat(30_000)), 413],
      ['fields of a query', plain('GET', `/search/?${'a&'.repeat(5_000)}`), 413],
    ])
    const { text } = await raw(served.port, post('/echo/', FORM, `a=${'x'.repeat(200_000)}`, ASKS_JSON))
    expect(text).toContain('{"code":"http.body-too-large","message":"The body is larger than 97.7 KB."}')
  })

  test('that end too early are refused, and one after the other is read where it begins', async () => {
    const half = framed('Content-Length: 50\r\n', '{"a"')
    expect((await raw(served.port, half, { end: true })).status).toBe(400)
    const keep = (path: string) => `GET ${path} HTTP/1.1\r\nHost: 127.0.0.1\r\n`
    const pipeline = `${keep('/')}Content-Length: 5\r\n\r\nhello${keep('/%zz')}\r\n${keep('/nowhere/')}\r\n${plain('GET', '/')}`
    expect((await raw(served.port, pipeline)).statuses).toEqual([200, 400, 404, 200])
  })

  test('of broken JSON are refused, of strange JSON are read as it says', async () => {
    const refused = ['{"a":', '', 'NaN', '{} x', "{'a':1}", '\ufeff\ufeff1', '['.repeat(99_000)]
    const deep = ['['.repeat(49_000) + ']'.repeat(49_000), `${'{"\\u0061":'.repeat(9_000)}1${'}'.repeat(9_000)}`]
    await answered([
      ...[...refused, ...deep].map((text): Case => [text.slice(0, 20), post('/echo/', JSON_TYPE, text), 400]),
      ['not UTF-8', post('/echo/', JSON_TYPE, Buffer.from([0x22, 0xff, 0xfe, 0x22])), 400],
      ['UTF-16', post('/echo/', `${JSON_TYPE}; charset=utf-16`, Buffer.from('{"a":1}', 'utf16le')), 400],
      ['gzip', post('/echo/', JSON_TYPE, Buffer.from('1f8b', 'hex'), 'Content-Encoding: gzip\r\n'), 400],
      ['a number without end', post('/echo/', JSON_TYPE, `{"a":${'9'.repeat(90_000)}}`), 200],
      ['half a character', post('/echo/', JSON_TYPE, '"\\ud800"'), 200],
      ['brackets in text', post('/echo/', JSON_TYPE, JSON.stringify('[{"'.repeat(9_000))), 200],
      ['500 levels', post('/echo/', JSON_TYPE, '['.repeat(500) + ']'.repeat(500)), 200],
    ])
    const proto =
      '{"__proto__":{"polluted":1},"a":{"__pr\\u006fto__":{"polluted":2}},"constructor":{"prototype":{"polluted":3}}}'
    const { text } = await raw(served.port, post('/echo/', JSON_TYPE, proto))
    expect(text).toContain('{"body":{"a":{},"constructor":{"prototype":{"polluted":3}}},"polluted":null}')
  })

  test('of broken forms are refused; names are only names', async () => {
    await answered([
      ['a broken escape', post('/echo/', FORM, 'a=%zz'), 400],
      ['an escape that is no UTF-8', post('/echo/', FORM, 'a=%ff'), 400],
      ['bytes that are no UTF-8', post('/echo/', FORM, Buffer.from([0x61, 0x3d, 0xff])), 400],
      ['nothing but separators', post('/echo/', FORM, '&'.repeat(90_000)), 200],
      ['another type', post('/echo/', 'application/x-nonsense', 'x'), 415],
      ['XML', post('/echo/', 'text/xml', '<!DOCTYPE x [<!ENTITY a SYSTEM "file:///etc/passwd">]><x>&a;</x>'), 415],
      ['a type that is none', post('/echo/', ';;;=,,"', 'x'), 415],
    ])
    const names = '__proto__=1&__proto__[polluted]=2&constructor=3&length=4&then=5&a=1;b=2'
    const { text } = await raw(served.port, post('/echo/', FORM, names))
    expect(text).toContain(
      '{"fields":{"__proto__":"1","__proto__[polluted]":"2","constructor":"3","length":"4","then":"5","a":"1;b=2"},"files":[]}',
    )
  })
})

describe('multipart', () => {
  const part = (name: string, body: string, headers = '', file = '') =>
    `--XX\r\nContent-Disposition: form-data; name="${name}"${file}\r\n${headers}\r\n${body}\r\n`
  const FILE = '; filename="a"'
  const END = '--XX--\r\n'
  const encoded = (coding: string) => `Content-Transfer-Encoding: ${coding}\r\n`

  test('that is broken is refused, and leaves no file behind', async () => {
    await answered([
      ['no boundary', post('/echo/', 'multipart/form-data', part('a', '1') + END), 400],
      ['an empty boundary', post('/echo/', 'multipart/form-data; boundary=', part('a', '1') + END), 400],
      ['a long boundary', post('/echo/', `multipart/form-data; boundary=${'a'.repeat(5_000)}`, 'x'), 400],
      ['another boundary', post('/echo/', MULTIPART, 'hello'), 400],
      ['nothing', post('/echo/', MULTIPART, ''), 400],
      ['no end', post('/echo/', MULTIPART, part('a', '1')), 400],
      ['the end in a header', post('/echo/', MULTIPART, '--XX\r\nContent-Disp'), 400],
      ['the end in a file', post('/echo/', MULTIPART, part('f', 'x'.repeat(390_000), '', FILE)), 400],
      ['line feeds only', post('/echo/', MULTIPART, (part('a', '1') + END).replaceAll('\r\n', '\n')), 400],
      ['base64', post('/echo/', MULTIPART, part('a', '!!!', encoded('base64')) + END), 400],
      ['base64 of blanks', post('/echo/', MULTIPART, part('a', ' '.repeat(90_000), encoded('base64')) + END), 400],
      ['a file in base64', post('/echo/', MULTIPART, part('f', 'abc', encoded('base64'), FILE) + END), 400],
      ['quoted-printable', post('/echo/', MULTIPART, part('a', '=zz', encoded('quoted-printable')) + END), 400],
    ])
    expect(uploadsIn(site)).toEqual([])
  })

  test('with too much of anything is refused', async () => {
    await answered([
      ['100,000 parts', post('/echo/', MULTIPART, part('a', '').repeat(100_000) + END), 413],
      ['20,000 files', post('/echo/', MULTIPART, part('f', '', '', FILE).repeat(20_000) + END), 413],
      ['6 files', post('/echo/', MULTIPART, part('f', '1', '', FILE).repeat(6) + END), 413],
      ['a large field', post('/echo/', MULTIPART, part('a', 'x'.repeat(150_000)) + END), 413],
      ['a large file', post('/echo/', MULTIPART, part('f', 'x'.repeat(450_000), '', FILE) + END), 413],
      [
        'files that are large together',
        post('/echo/', MULTIPART, part('f', 'x'.repeat(150_000), '', FILE).repeat(3) + END),
        413,
      ],
      ['3,000 headers', post('/echo/', MULTIPART, part('a', '1', 'X: y\r\n'.repeat(3_000)) + END), [200, 400]],
      ['a long name', post('/echo/', MULTIPART, part('n'.repeat(50_000), '1') + END), [200, 400]],
    ])
    expect(uploadsIn(site)).toEqual([])
  })

  test('file names lead nowhere', async () => {
    const names = [
      '../../etc/passwd',
      '..\\\\..\\\\passwd',
      '/etc/passwd',
      'C:\\\\passwd',
      '&#x2e;&#x2e;/passwd',
      'pass\x01wd',
    ]
    for (const name of names) {
      const { text } = await raw(
        served.port,
        post('/echo/', MULTIPART, part('f', 'x', '', `; filename="${name}"`) + END),
      )
      expect([name, text]).toEqual([name, expect.stringContaining('"files":[{"field":"f","name":"passwd","size":1}]')])
    }
    for (const name of ['.', '..', '']) {
      const { text } = await raw(
        served.port,
        post('/echo/', MULTIPART, part('f', 'x', '', `; filename="${name}"`) + END),
      )
      expect([name, text]).toEqual([name, expect.stringContaining('"files":[]')])
    }
  })
})
