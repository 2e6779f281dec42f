import { gunzipSync } from 'node:zlib'
import { json, respond } from 'nuages/http'
import { conditionalGet, gzip } from 'nuages/middleware'
import { describe, expect, test } from 'vitest'
import { site } from './site.ts'

const text = 'Nuages '.repeat(1000)
const takes = { headers: { 'accept-encoding': 'gzip, br' } }

describe('gzip', () => {
  const ask = site([gzip()], (request) => {
    if (request.path === '/short/') return respond('short')
    if (request.path === '/image/') return respond(text, { headers: { 'content-type': 'image/png' } })
    if (request.path === '/packed/') return respond(text, { headers: { 'content-encoding': 'br' } })
    if (request.path === '/json/') return json({ text })
    return respond(text, { headers: { etag: '"abc"' } })
  })

  test('packs text for clients that take it', async () => {
    const response = await ask('/', takes)
    expect(response.headers.get('content-encoding')).toBe('gzip')
    expect(response.headers.get('vary')).toBe('Accept-Encoding')
    const bytes = Buffer.from(await response.arrayBuffer())
    expect(bytes.length).toBeLessThan(300)
    expect(gunzipSync(bytes).toString()).toBe(text)
    expect((await ask('/json/', takes)).headers.get('content-encoding')).toBe('gzip')
  })

  test('weakens the entity tag', async () => {
    expect((await ask('/', takes)).headers.get('etag')).toBe('W/"abc"')
  })

  test('lengths of the same page differ', async () => {
    const lengths = new Set<number>()
    for (let i = 0; i < 20; i++) lengths.add((await (await ask('/', takes)).arrayBuffer()).byteLength)
    expect(lengths.size).toBeGreaterThan(1)
  })

  test.each(['/short/', '/image/', '/packed/'])('leaves %s as it is', async (path) => {
    expect((await ask(path, takes)).headers.get('content-encoding')).not.toBe('gzip')
  })

  test.each(['', 'br', 'gzip;q=0', 'gzip;q=0.0', 'identity'])(
    'leaves a page as it is for Accept-Encoding "%s"',
    async (header) => {
      const response = await ask('/', { headers: { 'accept-encoding': header } })
      expect(response.headers.has('content-encoding')).toBe(false)
      expect(await response.text()).toBe(text)
    },
  )
})

describe('conditionalGet', () => {
  const ask = site([conditionalGet()], () => respond(text, { headers: { 'x-own': '1', 'cache-control': 'private' } }))

  test('gives a tag, and 304 to whoever brings it back', async () => {
    const first = await ask('/')
    const etag = first.headers.get('etag')!
    expect(etag).toMatch(/^W\/"[\w-]{22}"$/)
    const second = await ask('/', { headers: { 'if-none-match': etag } })
    expect([second.status, await second.text()]).toEqual([304, ''])
    expect(Object.fromEntries(second.headers)).toMatchObject({ etag, 'cache-control': 'private' })
    expect(second.headers.has('x-own')).toBe(false)
    expect((await ask('/', { headers: { 'if-none-match': 'W/"other"' } })).status).toBe(200)
  })

  test('leaves responses that must not be kept', async () => {
    const secret = site([conditionalGet()], () => respond(text, { headers: { 'cache-control': 'no-store' } }))
    expect((await secret('/')).headers.has('etag')).toBe(false)
  })
})
