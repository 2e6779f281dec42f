import { connect } from 'node:net'
import { createHandler, type Middleware, respond } from 'nuages/http'
import { expect, test } from 'vitest'
import { finishRequest, onFinish, setResolverMatch } from '../../src/http/internal.ts'
import { requestOf, serve } from './support.ts'

test('what is to run at the end of a request that has ended runs at once', async () => {
  const request = requestOf('/')
  const ran: string[] = []
  onFinish(request, () => void ran.push('during'))
  finishRequest(request)
  onFinish(request, () => void ran.push('after'))
  await new Promise((done) => setTimeout(done, 5))
  expect(ran).toEqual(['during', 'after'])
  finishRequest(request)
  await new Promise((done) => setTimeout(done, 5))
  expect(ran).toEqual(['during', 'after'])
})

test('headers that come too slowly (slowloris) are refused when their time is over, not half a minute later', async () => {
  const server = await serve(() => respond('never'), { server: { headersTimeout: 300 } })
  const start = performance.now()
  const text = await new Promise<string>((resolve) => {
    const socket = connect(server.port, '127.0.0.1')
    let got = ''
    socket.on('data', (part) => {
      got += part
    })
    socket.on('error', () => {})
    socket.on('close', () => resolve(got))
    socket.write('GET / HTTP/1.1\r\nHost: 127.0.0.1\r\nX-Slow: ')
  })
  expect(text).toContain('408')
  expect(performance.now() - start).toBeLessThan(5000)
})

test('a route that a middleware had to know is not looked for again', async () => {
  const match = { view: () => respond('found'), params: {}, name: 'view', pattern: '/' }
  let looked = 0
  const resolver = {
    match: () => {
      looked++
      return match
    },
    patterns: () => ['/'],
  }
  const knows: Middleware = (request, next) => {
    setResolverMatch(request, resolver.match())
    return next(request)
  }
  const handler = createHandler({ resolver, middleware: [knows], allowedHosts: ['*'] })
  expect(await (await handler(requestOf('/', { method: 'POST' }))).text()).toBe('found')
  expect(looked).toBe(1)
})
