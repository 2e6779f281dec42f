import { afterEach, expect, test } from 'vitest'
import { listenAddress } from '../../src/cli/listen.ts'

const before = { ...process.env }
afterEach(() => {
  process.env = { ...before }
})

test('the command line wins over the environment', () => {
  process.env.PORT = '9000'
  process.env.HOST = '0.0.0.0'
  expect(listenAddress({})).toEqual({ host: '0.0.0.0', port: 9000 })
  expect(listenAddress({ host: '::1', port: 0 })).toEqual({ host: '::1', port: 0 })
})

test('an empty variable is none', () => {
  process.env.PORT = ''
  process.env.HOST = ''
  expect(listenAddress({})).toEqual({ host: undefined, port: undefined })
})

test.each(['http', '80.5', '-1', '65536', '123456', ' 80'])('PORT=%s is refused, not ignored', (text) => {
  process.env.PORT = text
  expect(() => listenAddress({})).toThrow('in the variable PORT is not a port')
  expect(listenAddress({ port: 8000 }).port).toBe(8000)
})

test('--port 99999 is refused', () => {
  expect(() => listenAddress({ port: 99_999 })).toThrow('"99999" in --port is not a port')
})
