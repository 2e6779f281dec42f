/** Over real sockets: what a client sees, whatever it does. */
import { Agent, get as httpGet } from 'node:http'
import { connect } from 'node:net'
import { setTimeout as sleep } from 'node:timers/promises'
import { createHandler, HttpResponse, json, respond, ServerError, serveNode, stream, toFetch } from 'nuages/http'
import { describe, expect, test } from 'vitest'
import { onFinish } from '../../src/http/internal.ts'
import { always, raw, serve } from './support.ts'

describe('a server', () => {
  test('writes status, headers and content, with its length', async () => {
    const { url, port } = await serve(() => {
      const response = respond('<p>é</p>', {
        status: 201,
        headers: { 'content-length': '1', 'transfer-encoding': 'chunked' },
      })
      return response.setCookie('a', '1').setCookie('b', '2')
    })
    const response = await fetch(url)
    expect([response.status, await response.text(), response.headers.getSetCookie().length]).toEqual([
      201,
      '<p>é</p>',
      2,
    ])
    const text = await raw(port, 'GET / HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n')
    expect(text.toLowerCase().match(/content-length: \d+|transfer-encoding/g)).toEqual(['content-length: 9'])
  })

  test.each(['now', 'later'])('answers 500 when the head cannot be written, and says why: %s', async (when) => {
    const view = () => {
      const response = respond('x')
      response.headers.put('x-broken', 'a\nb') // past the check that set() makes
      return when === 'now' ? response : Promise.resolve(response)
    }
    const { url, errors } = await serve(view)
    const response = await fetch(url, { signal: AbortSignal.timeout(2000) })
    expect([response.status, await response.text(), errors.length]).toEqual([500, 'Server error\n', 1])
  })

  test('takes any web Response, null and bytes', async () => {
    const answers: Record<string, () => Response> = {
      '/web': () => new Response('web', { status: 202 }),
      '/null': () => new HttpResponse(null),
      '/204': () => new HttpResponse(null, { status: 204 }),
      '/bytes': () => new HttpResponse(new Uint8Array([1, 2, 3])),
    }
    const { url } = await serve(({ path }) => answers[path]!())
    const got = await Promise.all(
      Object.keys(answers).map(async (path) => {
        const response = await fetch(url.slice(0, -1) + path)
        return [path, response.status, response.headers.get('content-length'), (await response.bytes()).length]
      }),
    )
    expect(got).toEqual([
      ['/web', 202, null, 3],
      ['/null', 200, '0', 0],
      ['/204', 204, null, 0],
      ['/bytes', 200, '3', 3],
    ])
  })

  test('answers HEAD as GET, without content, and does not begin its stream', async () => {
    let began = false
    const { port } = await serve(({ path }) =>
      path === '/stream'
        ? stream(
            (async function* () {
              began = true
              yield 'x'
            })(),
          )
        : respond('12345'),
    )
    const ask = (path: string) => raw(port, `HEAD ${path} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n`)
    const [head, body] = (await ask('/')).split('\r\n\r\n')
    expect([head!.toLowerCase().includes('content-length: 5'), body]).toEqual([true, ''])
    expect((await ask('/stream')).split('\r\n\r\n')[1]).toBe('')
    expect(began).toBe(false)
  })

  test('refuses two Host headers, and none: which would be the one that was checked?', async () => {
    const { port } = await serve(() => respond('x'))
    expect(await raw(port, 'GET / HTTP/1.1\r\nHost: a\r\nHOST: b\r\n\r\n')).toMatch(/^HTTP\/1\.1 400 /)
    expect(await raw(port, 'GET http://b/ HTTP/1.1\r\nHost: a\r\n\r\n')).toMatch(/^HTTP\/1\.1 400 /)
    expect(await raw(port, 'GET / HTTP/1.1\r\n\r\n')).toMatch(/^HTTP\/1\.1 400 /)
  })

  test('refuses what could be read as two requests, and broken lines', async () => {
    const { port, errors } = await serve(() => respond('x'))
    const post = (headers: string, body = '') =>
      raw(port, `POST / HTTP/1.1\r\nHost: x\r\n${headers}\r\n\r\n${body}`, 500)
    const bad = [
      post('Content-Length: 5\r\nTransfer-Encoding: chunked', '0\r\n\r\n'),
      post('Content-Length: 5\r\nContent-Length: 6', 'hello'),
      post('Transfer-Encoding: chunked, identity', '0\r\n\r\n'),
      post('Transfer-Encoding : chunked', '0\r\n\r\n'),
      post('X: a\r\n folded: b'),
      post('Cookie: a=\x01'),
      post('X: \0'),
      raw(port, 'GET / HTTP/1.1\nHost: x\n\n', 500),
      raw(port, 'GET /\r\nHost: x HTTP/1.1\r\n\r\n', 500),
      raw(port, 'not http at all\r\n\r\n', 500),
    ]
    for (const answer of await Promise.all(bad)) expect(answer).toMatch(/^HTTP\/1\.1 400 /)
    expect(errors).toEqual([])
  })

  test('refuses headers and addresses that are too long, without a crash', async () => {
    const { port, url } = await serve(() => respond('x'))
    expect(await raw(port, `GET /${'x'.repeat(1_000_000)} HTTP/1.1\r\nHost: x\r\n\r\n`)).toMatch(/^HTTP\/1\.1 431 /)
    expect(await raw(port, `GET / HTTP/1.1\r\nHost: x\r\nX: ${'x'.repeat(20_000)}\r\n\r\n`)).toMatch(/^HTTP\/1\.1 431 /)
    expect((await fetch(url)).status).toBe(200)
  })

  test('takes an absolute address, and OPTIONS *', async () => {
    const { port } = await serve((request) => respond(`${request.method} ${request.path} ${request.url}`))
    expect(await raw(port, 'GET http://x/a%20b?q HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n')).toContain(
      'GET /a b http://x/a%20b?q',
    )
    expect(await raw(port, 'OPTIONS * HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n')).toContain(
      'OPTIONS / http://x/',
    )
  })

  test('ends requests whose headers do not arrive in time', async () => {
    const { port } = await serve(() => respond('x'), { server: { headersTimeout: 100 } })
    const socket = connect(port, '127.0.0.1')
    socket.write('GET / HTTP/1.1\r\nHost')
    // Node looks every 30 seconds unless told otherwise; the limit itself is what we set.
    const { server } = await serve(() => respond('x'), {
      server: { headersTimeout: 100, requestTimeout: 200, keepAliveTimeout: 300 },
    })
    expect([server.headersTimeout, server.requestTimeout, server.keepAliveTimeout]).toEqual([100, 200, 300])
    socket.destroy()
  })

  test('says which port is in use, and what to do', async () => {
    const { port } = await serve(() => respond('x'))
    const again = serveNode(createHandler({}), { port })
    await expect(again).rejects.toThrow(ServerError)
    await expect(again).rejects.toMatchObject({
      code: 'http.port-in-use',
      message: `Port ${port} on 127.0.0.1 is in use.`,
      hint: expect.stringContaining('choose another port'),
    })
    await expect(serveNode(createHandler({}), { host: '203.0.113.7', port: 0 })).rejects.toMatchObject({
      code: 'http.cannot-listen',
    })
  })
})

describe('a stream', () => {
  test('arrives as it is produced', async () => {
    const gate = Promise.withResolvers<void>()
    const { url } = await serve(() =>
      stream(
        (async function* () {
          yield 'one '
          await gate.promise
          yield 'two'
        })(),
      ),
    )
    const reader = (await fetch(url)).body!.getReader()
    expect(new TextDecoder().decode((await reader.read()).value)).toBe('one ')
    gate.resolve()
    expect(new TextDecoder().decode((await reader.read()).value)).toBe('two')
    expect((await reader.read()).done).toBe(true)
  })

  test('is not produced faster than it is read', async () => {
    let produced = 0
    const { port } = await serve(() =>
      stream(
        (async function* () {
          for (let i = 0; i < 2000; i++) {
            produced++
            yield new Uint8Array(100_000)
          }
        })(),
      ),
    )
    const socket = connect(port, '127.0.0.1')
    socket.pause()
    socket.write('GET / HTTP/1.1\r\nHost: x\r\n\r\n')
    await sleep(300)
    const then = produced
    await sleep(200)
    expect([then < 500, produced - then]).toEqual([true, 0])
    socket.destroy()
  })

  test('that fails ends the connection before its end, so that half is not taken for the whole', async () => {
    const { url, errors } = await serve(() =>
      stream(
        (async function* () {
          yield 'half'
          await sleep(20)
          throw new Error('broke off')
        })(),
      ),
    )
    const response = await fetch(url)
    expect(response.status).toBe(200)
    await expect(response.text()).rejects.toThrow()
    expect(errors).toMatchObject([{ message: 'broke off' }])
  })

  test('is told when the client goes away; so is request.signal, and what cleans up runs', async () => {
    const events: string[] = []
    const { port } = await serve((request) => {
      request.signal.addEventListener('abort', () => events.push('signal'))
      onFinish(request, () => void events.push('finished'))
      const forever = new ReadableStream({
        pull: (controller) => {
          if (events.length === 0) controller.enqueue(new TextEncoder().encode('x'))
          return sleep(10)
        },
        cancel: () => void events.push('cancelled'),
      })
      return new HttpResponse(forever)
    })
    const socket = connect(port, '127.0.0.1')
    socket.write('GET / HTTP/1.1\r\nHost: x\r\n\r\n')
    await new Promise((resolve) => socket.once('data', resolve))
    socket.destroy()
    for (let i = 0; i < 100 && events.length < 3; i++) await sleep(10)
    expect(events.sort()).toEqual(['cancelled', 'finished', 'signal'])
  })

  test('of a view that answers a client long gone is cancelled', async () => {
    const events: string[] = []
    const gone = Promise.withResolvers<void>()
    const { port } = await serve(async (request) => {
      request.signal.addEventListener('abort', () => gone.resolve())
      await gone.promise
      return new HttpResponse(new ReadableStream({ cancel: () => void events.push('cancelled') }))
    })
    const socket = connect(port, '127.0.0.1')
    socket.write('GET / HTTP/1.1\r\nHost: x\r\n\r\n')
    await sleep(50)
    socket.destroy()
    for (let i = 0; i < 100 && events.length === 0; i++) await sleep(10)
    expect(events).toEqual(['cancelled'])
  })

  test('leaves request.signal alone when the answer was sent whole', async () => {
    let aborted = false
    const { url } = await serve((request) => {
      request.signal.addEventListener('abort', () => {
        aborted = true
      })
      return respond('x')
    })
    await (await fetch(url, { headers: { connection: 'close' } })).text()
    await sleep(50)
    expect(aborted).toBe(false)
  })
})

describe('stopping', () => {
  test('finishes what was asked, takes nothing new, and closes idle connections at once', async () => {
    const gate = Promise.withResolvers<void>()
    const started = Promise.withResolvers<void>()
    const handler = createHandler({
      resolver: always(async ({ path }) => {
        if (path === '/slow') {
          started.resolve()
          await gate.promise
        }
        return respond(path)
      }),
      allowedHosts: ['*'],
    })
    const server = await serveNode(handler, { port: 0 })
    const agent = new Agent({ keepAlive: true })
    const ask = (path: string) =>
      new Promise<string>((resolve, reject) => {
        httpGet({ port: server.port, path, agent, host: '127.0.0.1' }, (response) => {
          let text = `${response.headers.connection} `
          response.on('data', (chunk) => {
            text += chunk
          })
          response.on('end', () => resolve(text))
        }).on('error', reject)
      })
    await ask('/idle')
    const slow = ask('/slow')
    await started.promise
    const closed = server.close()
    await expect(fetch(server.url)).rejects.toThrow()
    gate.resolve()
    expect(await slow).toBe('close /slow')
    await closed
    agent.destroy()
  })

  test('does not wait longer than it is told', async () => {
    const handler = createHandler({ resolver: always(() => new Promise(() => {})), allowedHosts: ['*'] })
    const server = await serveNode(handler, { port: 0 })
    const hanging = fetch(server.url).catch(() => 'ended')
    await sleep(50)
    await server.close({ timeout: 50 })
    expect(await hanging).toBe('ended')
  })
})

describe('toFetch', () => {
  const handler = createHandler({
    resolver: always(async (request) => {
      if (request.path === '/stream') {
        return stream(
          (async function* () {
            yield 'a'
            yield 'b'
          })(),
        )
      }
      return json([request.url, request.clientIp, await request.text()])
    }),
    allowedHosts: ['example.com'],
  })
  const answer = toFetch(handler)

  test('takes web requests and gives web responses', async () => {
    const request = new Request('https://example.com/a?b', { method: 'POST', body: 'text' })
    const response = await answer(request, { remoteAddress: '1.2.3.4' })
    expect(response.constructor).toBe(Response)
    expect(await response.json()).toEqual(['https://example.com/a?b', '1.2.3.4', 'text'])
    expect(await (await answer(new Request('https://example.com/stream'))).text()).toBe('ab')
    const head = await answer(new Request('https://example.com/', { method: 'HEAD' }))
    expect([head.status, await head.text()]).toEqual([200, ''])
    expect((await answer(new Request('https://evil.com/'))).status).toBe(400)
  })

  test('lets the request end with its stream', async () => {
    const events: string[] = []
    const ending = toFetch(
      createHandler({
        resolver: always((request) => {
          onFinish(request, () => void events.push('finished'))
          return stream(
            (async function* () {
              yield 'a'
              events.push('read')
            })(),
          )
        }),
        allowedHosts: ['example.com'],
      }),
    )
    await (await ending(new Request('https://example.com/'))).text()
    await sleep(1)
    expect(events).toEqual(['read', 'finished'])
    await (await ending(new Request('https://example.com/'))).body!.cancel()
    await sleep(1)
    expect(events.at(-1)).toBe('finished')
  })
})
