/** Views and templates that fail, clients that are slow or leave, two thousand bad requests: the server lives on. */
import { connect } from 'node:net'
import { afterAll, afterEach, beforeAll, describe, expect, onTestFinished, test } from 'vitest'
import {
  ASKS_JSON,
  FORM,
  JSON_TYPE,
  MULTIPART,
  migratedSite,
  plain,
  post,
  raw,
  type Served,
  type Site,
  serveSite,
  uploadsIn,
  usage,
} from './site.ts'

let site: Site
let served: Served
beforeAll(async () => {
  site = await migratedSite()
  served = await serveSite(site)
}, 60_000)
afterEach(async () => {
  expect([served.child.exitCode, served.child.signalCode]).toEqual([null, null])
  expect((await get('/')).text).toMatch(/\r\n\r\nhome$/)
})
afterAll(async () => {
  await served?.stop()
  site?.remove()
})

const get = (path: string, headers = '') => raw(served.port, plain('GET', path, headers))

/** Waits until the log has it: standard output and the socket are not in step. */
async function logged(pattern: RegExp, from = 0): Promise<void> {
  const late = Date.now() + 10_000
  while (!pattern.test(served.log().slice(from))) {
    if (Date.now() > late) throw new Error(`Not in the log: ${pattern}\n${served.log().slice(from)}`)
    await new Promise((done) => setTimeout(done, 10))
  }
}

describe('a view that', () => {
  test.for([
    ['throws', 'throw', /Error: the password is swordfish\n +at .*views\.ts/],
    ['throws text', 'throw-text', /Thrown value: the password is swordfish/],
    ['throws nothing', 'throw-nothing', /Thrown value: undefined/],
    ['rejects', 'reject', /TypeError: the password is swordfish/],
    ['returns nothing', 'nothing', /http\.not-a-response: the view gave undefined instead of a response\.\n +Return/],
    ['returns a string', 'text', /http\.not-a-response: the view gave a string instead of a response\./],
    ['writes a line break into a header', 'header', /http\.bad-header: The value of header "x-name" has a line break/],
    ['has a status that is none', 'status', /http\.bad-status: 99 is not a status/],
    ['redirects to a script', 'redirect', /http\.bad-redirect: A redirect to "javascript"/],
    ['calls itself for ever', 'recursion', /RangeError: Maximum call stack size exceeded/],
  ] as const)('%s is a 500 that tells the log why, and the visitor nothing', async ([, how, reason]) => {
    const from = served.log().length
    for (const headers of ['', ASKS_JSON]) {
      const { status, text } = await get(`/fails/${how}/`, headers)
      expect([status, text]).toEqual([500, expect.not.stringMatching(/swordfish|views\.ts|undefined|javascript/)])
    }
    await logged(reason, from)
  })

  test('leaves a promise that fails, or a timer that throws, is answered; others are too', async () => {
    expect((await get('/fails/later/')).text).toMatch(/answered$/)
    await logged(/A promise failed that nobody waits for\.\nError: nobody waits for this\n +at .*views\.ts/)
    expect((await get('/fails/timer/')).text).toMatch(/answered$/)
    await logged(/An error was thrown outside of a request\.\nError: thrown in a timer\n +at .*views\.ts/)
  })

  test('fails in the middle of its answer ends the connection, so that half an answer is not taken for a whole one', async () => {
    const { status, text } = await get('/stream/')
    expect([status, text]).toEqual([200, expect.stringMatching(/the beginning \r\n$/)]) // no last chunk
    await logged(/GET \/stream\/: the answer broke off\.\nError: the disk is gone\n/)
  })

  test('never answers ends when its client leaves, and that is no error', async () => {
    const from = served.log().length
    const { status } = await raw(served.port, plain('GET', '/never/'), { wait: 200 })
    expect(status).toBe(0)
    await logged(/127\.0\.0\.1 GET \/never\/ 499 /, from)
    expect((await get('/left/')).text).toMatch(/\r\n\r\n1$/)
    expect(served.log().slice(from)).not.toContain('AbortError')
  })
})

describe('the log', () => {
  test('has one line for a request, whatever its address holds', async () => {
    const from = served.log().length
    await get('/nowhere/%0a2026-01-01T00:00:00Z%20127.0.0.1%20GET%20/forged/%20200/%1b[2J')
    await raw(served.port, post('/echo/', FORM, 'a=%zz\n2026-01-01T00:00:00Z 127.0.0.1 GET /forged/ 200\x1b[2J'))
    await get('/fails/forged-log/')
    await logged(/GET \/fails\/forged-log\/ 500/, from)
    expect(served.log().slice(from)).not.toMatch(/^2026-01-01|\/forged\/ 200$/m)
    expect(served.log()).not.toContain('\x1b')
  })
})

describe('a template', () => {
  test('named by a visitor is one of the project, or none', async () => {
    for (const name of ['../settings.ts', '..%2fsettings.ts', '%2fetc%2fpasswd', 'library/../library/author.html']) {
      const { status, text } = await get(`/pages/${name}`)
      expect([status, text]).toEqual([500, expect.not.stringMatching(/secretKey|root:|Nobody of that name/)])
    }
    expect((await get('/pages/library%00.html')).status).toBe(400)
  })

  test.for([
    ['that includes itself', 'self', /templates\.include-depth: Templates include one another more than 200 deep/],
    ['that extends itself', 'own', /templates\.not-found: .*\n +in library\/own\.html:1/],
    ['that fails in what it includes', 'outside', /in library\/inside\.html:2: .*\n +from library\/outside\.html:1/],
  ] as const)('%s fails at a line that the log names', async ([, name, reason]) => {
    const from = served.log().length
    expect((await get(`/pages/library/${name}.html`)).status).toBe(500)
    await logged(reason, from)
  })

  test('with unknown variables shows nothing in their place', async () => {
    expect((await get('/pages/library/unknown.html')).text).toMatch(/\[\]\s*$/)
  })
})

describe('with debug', () => {
  let debugging: Served
  beforeAll(async () => {
    debugging = await serveSite(site, { DEBUG: 'yes' })
  }, 60_000)
  afterAll(() => debugging?.stop())

  test('bad requests stay bad requests, escaped, and without what they sent in secret', async () => {
    const token = 'a'.repeat(32)
    const secret = `Cookie: csrftoken=${token}; sessionid=hunter1\r\nAuthorization: Basic hunter2\r\n`
    const cases = [
      [400, plain('GET', '/%zz', secret)],
      [404, plain('GET', '/nowhere/%3Cscript%3E', secret)],
      [400, plain('GET', '/search/?<script>=1', secret)],
      [400, post('/echo/', JSON_TYPE, '{"', secret)],
      [403, post('/form/', FORM, 'password=hunter3&csrfmiddlewaretoken=x', secret)],
      [500, plain('GET', '/fails/throw-nothing/', secret)],
      [500, plain('GET', '/fails/recursion/', secret)],
      [500, plain('GET', '/pages/library/self.html', secret)],
    ] as const
    for (const [wanted, bytes] of cases) {
      const { status, text } = await raw(debugging.port, bytes)
      expect([status, text]).toEqual([wanted, expect.not.stringMatching(/<script>|hunter|a key for tests/)])
    }
    expect(debugging.child.exitCode).toBeNull()
  })
})

describe('clients that', () => {
  test('send a byte at a time keep nobody else waiting', async () => {
    const bytes = [...plain('GET', '/')]
    const slow = Array.from({ length: 50 }, () => raw(served.port, bytes, { pause: 8 }))
    const quick = await Promise.all(Array.from({ length: 20 }, () => get('/')))
    expect(quick.map(({ status }) => status)).toEqual(Array(20).fill(200))
    expect((await Promise.all(slow)).map(({ status }) => status)).toEqual(Array(50).fill(200))
  })

  test('leave in the middle of an upload leave nothing behind', async () => {
    const before = usage(served.child).files
    const head = `POST /echo/ HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: ${MULTIPART}\r\nContent-Length: 390000\r\n\r\n`
    const file = '--XX\r\nContent-Disposition: form-data; name="f"; filename="a"\r\n\r\n'
    const leave = (i: number) =>
      new Promise<void>((done) => {
        const socket = connect(served.port, '127.0.0.1', () => socket.write(head + file + 'x'.repeat(300_000)))
        socket.on('error', () => {}).on('close', () => done())
        setTimeout(() => (i % 2 ? socket.destroy() : socket.resetAndDestroy()), 20)
      })
    await Promise.all(Array.from({ length: 40 }, (_, i) => leave(i)))
    await expect.poll(() => uploadsIn(site), { timeout: 10_000 }).toEqual([])
    await expect.poll(() => usage(served.child).files, { timeout: 10_000 }).toBeLessThanOrEqual(before + 2)
  })
})

test('two thousand bad requests of all kinds leave no memory taken', async () => {
  // With a small heap: what is left over shows, instead of the room that V8 takes while nobody else wants it.
  const served = await serveSite(site, { NODE_OPTIONS: '--max-old-space-size=64 --max-semi-space-size=4' })
  onTestFinished(() => served.stop())
  const kinds = [
    (i: number) => plain('GET', `/%zz${i}`),
    (i: number) => plain('GET', `/nowhere/${i}/${'a'.repeat(2_000)}`),
    (i: number) => plain('GET', `/${'a'.repeat(30_000)}${i}`),
    (i: number) => plain('GET', `/search/?titel${i}=1`),
    (i: number) => plain('GET', `/search/?title__contains=${i}&order=titel${i}`),
    (i: number) => plain('GET', `/search/?${encodeURIComponent(`extra__k${i}`)}=1`),
    (i: number) => plain('GET', `/visit/`, `Cookie: sessionid=forged${i}\r\n`),
    (i: number) =>
      plain('GET', '/accounts/login/', `Accept-Language: x${i}-${'y'.repeat(500)}\r\nCookie: csrftoken=${i}\r\n`),
    (i: number) => `GET / HTTP/1.1\r\nHost: evil${i}.example\r\nConnection: close\r\n\r\n`,
    (i: number) => `BAD${i} / HTTP/1.1\r\n\r\n`,
    (i: number) => post('/echo/', JSON_TYPE, `{"a${i}":`),
    (i: number) => post('/echo/', JSON_TYPE, '['.repeat(20_000 + i)),
    (i: number) => post('/echo/', FORM, `a${i}=%zz`),
    (i: number) => post('/echo/', FORM, `a=${'x'.repeat(150_000 + i)}`),
    (i: number) =>
      post(
        '/echo/',
        MULTIPART,
        `--XX\r\nContent-Disposition: form-data; name="${i}"; filename="a"\r\n\r\n${'x'.repeat(50_000)}`,
      ),
    (i: number) => post('/form/', FORM, `word=${i}`),
    (i: number) => plain('GET', `/pages/none${i}.html`),
    (i: number) => plain('GET', `/static/none${i}.css`),
    (i: number) => plain('PUT', `/books/${i}/`),
    () => plain('GET', '/fails/throw/'),
  ]
  const send = async (from: number, count: number) => {
    const statuses = new Map<number, number>()
    let next = from
    const worker = async () => {
      while (next < from + count) {
        const i = next++
        const { status } = await raw(served.port, kinds[i % kinds.length]!(i))
        statuses.set(status, (statuses.get(status) ?? 0) + 1)
      }
    }
    await Promise.all(Array.from({ length: 10 }, worker))
    return statuses
  }
  await send(0, 600) // code is compiled, caches are filled as far as they go
  const before = usage(served.child)
  const statuses = await send(600, 2_000)
  const after = usage(served.child)
  expect((await raw(served.port, plain('GET', '/'))).text).toMatch(/home$/)
  // A view that throws, and one that renders what is not there: our own mistakes in one request of ten.
  expect(statuses.get(500)).toBe(200)
  expect(statuses.get(0)).toBeUndefined()
  expect(after.memory - before.memory).toBeLessThan(40)
  expect(after.files).toBeLessThanOrEqual(before.files + 5)
}, 60_000)
