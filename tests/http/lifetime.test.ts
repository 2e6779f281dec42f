import { connect } from 'node:net'
import { respond } from 'nuages/http'
import { expect, test } from 'vitest'
import { finishRequest, onFinish } from '../../src/http/internal.ts'
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
