import { mediaFiles, respond } from 'nuages/http'
import { FileStorage, inMemory } from 'nuages/storage'
import { describe, expect, test } from 'vitest'
import { raw, serve } from './support.ts'

const files = new FileStorage(inMemory({ url: '/media/' }))
async function site(prefix = '/media/') {
  const middleware = [mediaFiles({ url: prefix, storage: () => files })]
  const { port } = await serve(() => respond('the site'), { middleware })
  return { port, url: `http://127.0.0.1:${port}` }
}

describe('CON-04 stored files during development', () => {
  test('FORM-23 a file with its type, size and validators, and parts of it', async () => {
    const name = await files.save('notes/été 1.txt', 'hello world')
    const { url } = await site()
    const whole = await fetch(url + files.url(name))
    expect([whole.status, await whole.text(), whole.headers.get('content-type')]).toEqual([
      200,
      'hello world',
      'text/plain; charset=utf-8',
    ])
    const part = await fetch(url + files.url(name), { headers: { range: 'bytes=6-' } })
    expect([part.status, await part.text(), part.headers.get('content-range')]).toEqual([206, 'world', 'bytes 6-10/11'])
    const again = await fetch(url + files.url(name), {
      headers: { 'if-none-match': whole.headers.get('etag')! },
    })
    expect(again.status).toBe(304)
    expect((await fetch(url + files.url(name), { method: 'HEAD' })).status).toBe(200)
    expect((await fetch(url + files.url(name), { method: 'POST' })).status).toBe(405)
    expect((await fetch(`${url}/media/none.txt`)).status).toBe(404)
    expect(await (await fetch(`${url}/other`)).text()).toBe('the site')
  })

  test.each([
    ['page.html', 'attachment', 'text/html; charset=utf-8'],
    ['drawing.svg', 'attachment', 'image/svg+xml; charset=utf-8'],
    ['feed.xml', 'attachment', null],
    ['code.js', 'attachment', null],
    ['unknown', 'attachment', 'application/octet-stream'],
    ['photo.png', 'inline', 'image/png'],
    ['note.txt', 'inline', 'text/plain; charset=utf-8'],
    ['paper.pdf', 'inline', 'application/pdf'],
  ])('SEC-11 stored XSS: %s is %s, sniffed by nobody, without scripts and origin', async (name, disposition, type) => {
    await files.save(name, '<script>alert(1)</script>', { allowOverwrite: true })
    const { url } = await site()
    const { headers } = await fetch(`${url}/media/${name}`)
    expect(headers.get('content-disposition')).toBe(`${disposition}; filename="${name}"`)
    expect(headers.get('x-content-type-options')).toBe('nosniff')
    const policy = headers.get('content-security-policy')!
    expect(policy).toContain("default-src 'none'")
    expect(policy.includes('sandbox')).toBe(name !== 'paper.pdf')
    if (type !== null) expect(headers.get('content-type')).toBe(type)
  })

  test('SEC-11 paths that lead elsewhere are not there', async () => {
    const { port } = await site()
    for (const path of [
      '../secret',
      '..%2fsecret',
      '%2e%2e/secret',
      '..%5csecret',
      '/etc/passwd',
      'a%00b',
      '.env',
      'a//b',
      'CON',
      '',
    ]) {
      const answer = await raw(port, `GET /media/${path} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n`)
      expect([path, /^HTTP\/1.1 (?:404|400) /.test(answer)]).toEqual([path, true])
    }
  })

  test('another host in the URL: nothing is served here', async () => {
    const { url } = await site('https://cdn.example.com/')
    expect(await (await fetch(`${url}/media/photo.png`)).text()).toBe('the site')
  })
})
