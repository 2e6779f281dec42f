/** Requests and running servers for the tests of this room. */
import { connect } from 'node:net'
import {
  createHandler,
  type HandlerOptions,
  HttpRequest,
  type RunningServer,
  type ServeOptions,
  serveNode,
  type View,
} from 'nuages/http'
import { afterEach } from 'vitest'
import { FetchSource } from '../../src/http/internal.ts'

/** A request that came through no server. */
export function requestOf(path: string, init: RequestInit & { remoteAddress?: string } = {}): HttpRequest {
  const { remoteAddress, ...rest } = init
  const request = new Request(new URL(path, 'http://localhost'), { duplex: 'half', ...rest } as RequestInit)
  return new HttpRequest(new FetchSource(request, remoteAddress === undefined ? {} : { remoteAddress }))
}

const running: RunningServer[] = []
afterEach(async () => {
  for (const server of running.splice(0)) await server.close({ timeout: 100 })
})

/** What a handler answers to everything with, in place of routes. */
export function always(view: View): HandlerOptions['resolver'] {
  return { match: () => ({ view, params: {}, name: 'view', pattern: '/' }), patterns: () => ['/'] }
}

/** A server for one view, closed after the test. */
export async function serve(
  view: View,
  options: HandlerOptions & { server?: ServeOptions } = {},
): Promise<RunningServer & { errors: unknown[] }> {
  const errors: unknown[] = []
  const handler = createHandler({
    resolver: always(view),
    allowedHosts: ['*'],
    onError: (error) => errors.push(error),
    ...options,
  })
  const server = await serveNode(handler, { port: 0, onLateError: (error) => errors.push(error), ...options.server })
  running.push(server)
  return { ...server, errors }
}

/** What comes back for bytes sent as they are, until the other side closes. */
export function raw(port: number, bytes: string | Uint8Array, wait = 2000): Promise<string> {
  return new Promise((resolve, reject) => {
    const socket = connect(port, '127.0.0.1')
    let text = ''
    socket.setEncoding('latin1')
    socket.on('data', (chunk) => {
      text += chunk
    })
    socket.on('close', () => resolve(text))
    socket.on('error', (error) => (text ? resolve(text) : reject(error)))
    socket.setTimeout(wait, () => socket.destroy())
    socket.write(bytes)
  })
}
