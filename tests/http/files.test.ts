import { mkdtemp, rm, utimes, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { attachment, contentTypeOf, fileResponse, safeJoin } from 'nuages/http'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { raw, requestOf, serve } from './support.ts'

let dir: string
let path: string
beforeAll(async () => {
  dir = await mkdtemp(join(tmpdir(), 'nuages-files-'))
  path = join(dir, 'letters.txt')
  await writeFile(path, 'abcdefghij')
  await utimes(path, 1_700_000_000, 1_700_000_000.5)
})
afterAll(() => rm(dir, { recursive: true }))

const serveFile = () => serve(async (request) => fileResponse(request, path))

describe('a file', () => {
  test('has type, length, ETag and date, and is sent whole', async () => {
    const { url } = await serveFile()
    const response = await fetch(url)
    expect(await response.text()).toBe('abcdefghij')
    expect(Object.fromEntries(response.headers)).toMatchObject({
      'content-type': 'text/plain; charset=utf-8',
      'content-length': '10',
      'last-modified': 'Tue, 14 Nov 2023 22:13:20 GMT',
      'accept-ranges': 'bytes',
      etag: expect.stringMatching(/^"a-\w+"$/),
    })
    const head = await fetch(url, { method: 'HEAD' })
    expect([head.headers.get('content-length'), await head.text()]).toEqual(['10', ''])
  })

  test('has no type or tag that ends its header, whoever sent them', async () => {
    // An upload's type is the client's word, and may have been kept as it came.
    const typed = await serve((request) => fileResponse(request, path, { contentType: 'image/中' }))
    expect((await fetch(typed.url, { signal: AbortSignal.timeout(2000) })).status).toBe(200)
    for (const options of [{ contentType: 'text/plain\r\nx: y' }, { etag: 'a\r\nx: y' }]) {
      const { url, errors } = await serve((request) => fileResponse(request, path, options))
      const response = await fetch(url, { signal: AbortSignal.timeout(2000) })
      expect([response.status, response.headers.has('x'), errors]).toEqual([
        500,
        false,
        [expect.objectContaining({ code: 'http.bad-header' })],
      ])
    }
  })

  test('is not sent again to those who have it', async () => {
    const { url } = await serveFile()
    const etag = (await fetch(url)).headers.get('etag')!
    const cases: [headers: Record<string, string>, status: number][] = [
      [{ 'if-none-match': etag }, 304],
      [{ 'if-none-match': `"x", W/${etag}` }, 304],
      [{ 'if-none-match': '"x"' }, 200],
      [{ 'if-none-match': '"x"', 'if-modified-since': 'Tue, 14 Nov 2023 22:13:20 GMT' }, 200],
      [{ 'if-modified-since': 'Tue, 14 Nov 2023 22:13:20 GMT' }, 304],
      [{ 'if-modified-since': 'Tue, 14 Nov 2023 22:13:19 GMT' }, 200],
      [{ 'if-modified-since': 'nonsense' }, 200],
      [{ 'if-match': '"x"' }, 412],
      [{ 'if-unmodified-since': 'Tue, 14 Nov 2023 22:13:19 GMT' }, 412],
    ]
    for (const [headers, status] of cases) {
      const response = await fetch(url, { headers })
      expect([headers, response.status, (await response.text()).length]).toEqual([
        headers,
        status,
        status === 200 ? 10 : 0,
      ])
    }
  })

  test('is sent in part to those who ask for one range', async () => {
    const { url, port } = await serveFile()
    const etag = (await fetch(url)).headers.get('etag')!
    const cases: [
      range: string,
      status: number,
      content: string,
      described: string | null,
      more?: Record<string, string>,
    ][] = [
      ['bytes=0-3', 206, 'abcd', 'bytes 0-3/10'],
      ['bytes=8-', 206, 'ij', 'bytes 8-9/10'],
      ['bytes=8-99', 206, 'ij', 'bytes 8-9/10'],
      ['bytes=-3', 206, 'hij', 'bytes 7-9/10'],
      ['bytes=-99', 206, 'abcdefghij', 'bytes 0-9/10'],
      ['bytes=10-', 416, '', 'bytes */10'],
      ['bytes=-0', 416, '', 'bytes */10'],
      ['bytes=3-1', 200, 'abcdefghij', null],
      ['bytes=0-1,3-4', 200, 'abcdefghij', null],
      ['lines=0-1', 200, 'abcdefghij', null],
      ['bytes=', 200, 'abcdefghij', null],
      ['bytes=99999999999999999999-', 200, 'abcdefghij', null],
      ['bytes=0-3', 206, 'abcd', 'bytes 0-3/10', { 'if-range': etag }],
      ['bytes=0-3', 206, 'abcd', 'bytes 0-3/10', { 'if-range': 'Tue, 14 Nov 2023 22:13:20 GMT' }],
      ['bytes=0-3', 200, 'abcdefghij', null, { 'if-range': '"old"' }],
    ]
    for (const [range, status, content, described, more] of cases) {
      const response = await fetch(url, { headers: { range, ...more } })
      expect([range, response.status, await response.text(), response.headers.get('content-range')]).toEqual([
        range,
        status,
        content,
        described,
      ])
    }
    expect(await raw(port, 'HEAD / HTTP/1.1\r\nHost: x\r\nRange: bytes=0-3\r\nConnection: close\r\n\r\n')).toMatch(
      /^HTTP\/1\.1 200 /,
    )
  })

  test('that is not there, or is a directory, is a 404', async () => {
    for (const other of [join(dir, 'none'), dir, `${path}/below`]) {
      await expect(fileResponse(requestOf('/'), other)).rejects.toMatchObject({ status: 404 })
    }
  })

  test('that went away after it was found ends without half an answer', async () => {
    const other = join(dir, 'short-lived')
    await writeFile(other, 'x')
    const { url, errors } = await serve(async (request) => {
      const response = await fileResponse(request, other)
      await rm(other)
      return response
    })
    expect((await fetch(url)).status).toBe(500)
    expect(errors).toHaveLength(1)
  })

  test('of no bytes is sent', async () => {
    const empty = join(dir, 'empty')
    await writeFile(empty, '')
    const { url } = await serve(async (request) => fileResponse(request, empty))
    const response = await fetch(url)
    expect([response.status, response.headers.get('content-length'), response.headers.get('content-type')]).toEqual([
      200,
      '0',
      'application/octet-stream',
    ])
  })

  test('can be read by middleware and other platforms too', async () => {
    const response = await fileResponse(requestOf('/', { headers: { range: 'bytes=2-4' } }), path)
    expect([response.isStream, response.content, await response.text()]).toEqual([true, null, 'cde'])
    expect(await (await fileResponse(requestOf('/'), path)).toWeb().text()).toBe('abcdefghij')
  })
})

test('the name a file is saved under cannot end the header (CVE-2022-36359)', async () => {
  expect(attachment('a.txt')).toBe('attachment; filename="a.txt"')
  expect(attachment('a";x="b\r\n.txt')).toBe(`attachment; filename="a_;x=_b.txt"; filename*=UTF-8''a%22%3Bx%3D%22b.txt`)
  expect(attachment("né'e (1).pdf", 'inline')).toBe(
    `inline; filename="n_'e (1).pdf"; filename*=UTF-8''n%C3%A9%27e%20%281%29.pdf`,
  )
  const response = await fileResponse(requestOf('/'), path, { download: true })
  expect(response.headers.get('content-disposition')).toBe('attachment; filename="letters.txt"')
})

test('types come by the ending, and unknown ones are bytes', () => {
  const types = ['a.css', 'a.js', 'a.svg', 'a.html', 'a.json', 'a.png', 'a.woff2', 'a.unknown', 'a'].map(contentTypeOf)
  expect(types).toEqual([
    'text/css; charset=utf-8',
    'text/javascript; charset=utf-8',
    'image/svg+xml; charset=utf-8',
    'text/html; charset=utf-8',
    'application/json; charset=utf-8',
    'image/png',
    'font/woff2',
    'application/octet-stream',
    'application/octet-stream',
  ])
})

test('joined names stay in their directory', () => {
  expect(safeJoin('/srv/media', 'a/b.txt')).toBe('/srv/media/a/b.txt')
  for (const part of ['../x', 'a/../../x', '/etc/passwd', 'a\0', '..\\x', '../media-evil/x', 'a/../..']) {
    expect(() => safeJoin('/srv/media', part)).toThrow('leads out of the directory')
  }
})
