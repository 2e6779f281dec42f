import { TestClient } from 'nuages/testing'
import { describe, expect, test } from 'vitest'

/** A client of a site that answers with what it was asked. */
function clientOf(answer: (request: Request) => Response | Promise<Response>, options = {}) {
  const seen: Request[] = []
  const client = new TestClient(async (request) => {
    seen.push(request)
    return answer(request)
  }, options)
  return { client, seen }
}
const withCookies = (...cookies: string[]) => {
  const response = new Response('ok')
  for (const cookie of cookies) response.headers.append('set-cookie', cookie)
  return response
}

describe('cookies', () => {
  test('are kept and sent back until they are taken away', async () => {
    const past = 'gone=x; Expires=Thu, 01 Jan 1970 00:00:00 GMT'
    const answers = [
      withCookies('a=1; Path=/; HttpOnly', 'b=x=y; Secure', 'gone=1'),
      withCookies('a=2', past),
      withCookies('b=; Max-Age=0', 'c=; max-age=-1'),
    ]
    const { client, seen } = clientOf(() => answers.shift() ?? new Response())
    for (let i = 0; i < 4; i++) await client.get('/')
    expect(seen.map((request) => request.headers.get('cookie'))).toEqual([
      null,
      'a=1; b=x=y; gone=1',
      'a=2; b=x=y',
      'a=2',
    ])
    client.clear()
    expect([...client.cookies]).toEqual([])
  })
})

describe('requests', () => {
  test('carry a query, headers of the client and of the request', async () => {
    const { client, seen } = clientOf(() => new Response())
    client.headers['accept-language'] = 'fr'
    const response = await client.get('/a/?x=1', { query: { q: 'é&', n: 2 }, headers: { 'x-one': '1' } })
    expect(response.url).toBe('/a/?x=1&q=%C3%A9%26&n=2')
    expect([seen[0]!.headers.get('accept-language'), seen[0]!.headers.get('x-one')]).toEqual(['fr', '1'])
  })

  test('send forms as browsers do: lists several times, absent values not at all', async () => {
    const { client, seen } = clientOf(() => new Response())
    await client.post('/', { a: ['1', '2'], b: true, c: 3, unticked: false, none: null, nothing: undefined })
    expect(seen[0]!.headers.get('content-type')).toContain('application/x-www-form-urlencoded')
    expect(await seen[0]!.text()).toBe('a=1&a=2&b=on&c=3')
  })

  test('send files as multipart', async () => {
    const { client, seen } = clientOf(() => new Response())
    await client.post('/', { title: 'x', cover: new File(['bytes'], 'a b.png', { type: 'image/png' }) })
    const form = await seen[0]!.formData()
    const file = form.get('cover') as File
    expect([form.get('title'), file.name, file.type, await file.text()]).toEqual(['x', 'a b.png', 'image/png', 'bytes'])
  })

  test('send and read JSON; text that is none says what came instead', async () => {
    const { client, seen } = clientOf(async (request) => Response.json(await request.json()))
    const response = await client.json('PUT', '/api/', { a: [1] })
    expect([seen[0]!.method, response.json()]).toEqual(['PUT', { a: [1] }])
    const broken = await clientOf(() => new Response('<h1>Oops</h1>')).client.get('/x/')
    expect(() => broken.json()).toThrow('GET /x/ gave no JSON but 200 with: <h1>Oops</h1>')
  })

  test('that change something carry a CSRF token, unless the client is to check that', async () => {
    const { client, seen } = clientOf(() => new Response())
    await client.get('/')
    await client.post('/')
    expect(seen[0]!.headers.has('x-csrftoken')).toBe(false)
    const token = seen[1]!.headers.get('x-csrftoken')!
    expect(seen[1]!.headers.get('cookie')).toBe(`csrftoken=${token}`)
    expect(seen[1]!.headers.get('origin')).toBe('http://localhost')
    const strict = clientOf(() => new Response(), { checkCsrf: true })
    await strict.client.post('/')
    expect(strict.seen[0]!.headers.has('x-csrftoken')).toBe(false)
  })
})

describe('redirects', () => {
  const to = (location: string, status = 302) => new Response(null, { status, headers: { location } })

  test('are told, and followed when asked', async () => {
    const { client } = clientOf((request) =>
      new URL(request.url).pathname === '/a/' ? to('/b/?x=1') : new Response('end'),
    )
    const told = await client.get('/a/')
    expect([told.status, told.location]).toEqual([302, '/b/?x=1'])
    const followed = await client.post('/a/', {}, { follow: true })
    expect([followed.status, followed.body, followed.url, followed.location]).toEqual([200, 'end', '/b/?x=1', null])
  })

  test('308 repeats the request; another site is never asked', async () => {
    const { client, seen } = clientOf((request) =>
      new URL(request.url).pathname === '/a/' ? to('/b/', 308) : to('https://elsewhere.example/'),
    )
    const end = await client.post('/a/', { x: '1' }, { follow: true })
    expect(seen.map(({ method }) => method)).toEqual(['POST', 'POST'])
    expect(await seen[1]!.text()).toBe('x=1')
    expect(end.location).toBe('https://elsewhere.example/')
  })

  test('that go in a circle end with an error', async () => {
    const { client } = clientOf(() => to('/a/'))
    await expect(client.get('/a/', { follow: true })).rejects.toThrow('more than 20 redirects')
  })
})
