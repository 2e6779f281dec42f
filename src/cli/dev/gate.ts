import type { ChildProcess } from 'node:child_process'
import type { Server as HttpServer } from 'node:http'
import { createServer, type Server, type Socket } from 'node:net'
import { escapeHtml } from '../../std/html.ts'
import { CommandError } from '../errors.ts'
import type { SupervisorMessage } from './protocol.ts'

/** Sockets kept while nothing answers; more than a browser opens. Further ones are refused. */
const MAX_WAITING = 200

/**
 * The listening socket of `nuages dev`. It stays open from start to Ctrl-C, so that the port is never lost and a
 * browser that reloads during a restart waits instead of failing. Connections go to the child; while there is none
 * they wait; when it could not start they get its error as a page.
 */
export class Gate {
  readonly #server: Server
  readonly #waiting = new Set<Socket>()
  /** Made at the first mistake: most days need none. */
  #errorPages: HttpServer | null = null
  #child: ChildProcess | null = null
  #problem: string | null = null

  constructor() {
    this.#server = createServer({ pauseOnConnect: true }, (socket) => this.#receive(socket))
  }

  /**
   * Takes the port. Gives the address to open.
   *
   * @param port   0 takes any free one
   * @throws CommandError cli.port-in-use, cli.cannot-listen
   */
  async listen(host: string, port: number): Promise<string> {
    await new Promise<void>((resolve, reject) => {
      this.#server.once('error', (error: NodeJS.ErrnoException) => reject(listenError(error, host, port)))
      this.#server.listen({ host, port }, resolve)
    })
    const address = this.#server.address() as { port: number } // listening on a port, not on a pipe
    return `http://${host.includes(':') ? `[${host}]` : host}:${address.port}/`
  }

  /** From now on connections go to `child`, those that waited first. */
  open(child: ChildProcess): void {
    this.#child = child
    this.#problem = null
    for (const socket of this.#take()) this.#pass(socket, child)
  }

  /** Connections wait for the next child. */
  hold(): void {
    this.#child = null
    this.#problem = null
  }

  /** Connections get `problem` as a page until the next child opens. */
  fail(problem: string): void {
    this.#child = null
    this.#problem = problem
    for (const socket of this.#take()) this.#answer(socket)
  }

  /** Gives the port back. */
  close(): void {
    this.#server.close()
    this.#errorPages?.closeAllConnections()
    for (const socket of this.#take()) socket.destroy()
  }

  #receive(socket: Socket): void {
    socket.on('error', () => {}) // the browser went away
    if (this.#problem !== null) this.#answer(socket)
    else if (this.#child) this.#pass(socket, this.#child)
    else if (this.#waiting.size >= MAX_WAITING) socket.destroy()
    else {
      this.#waiting.add(socket)
      socket.once('close', () => this.#waiting.delete(socket))
    }
  }

  #pass(socket: Socket, child: ChildProcess): void {
    const message: SupervisorMessage = { type: 'connection' }
    child.send(message, socket, { keepOpen: false }, (error) => {
      if (error) socket.destroy() // the child ended this very moment
    })
  }

  #answer(socket: Socket): void {
    this.#errorPages ??= errorServer(() => this.#problem ?? '')
    this.#errorPages.emit('connection', socket)
    socket.resume()
  }

  #take(): Socket[] {
    const sockets = [...this.#waiting]
    this.#waiting.clear()
    return sockets.filter((socket) => !socket.destroyed)
  }
}

/** Answers every request with the mistake of the moment. */
function errorServer(problem: () => string): HttpServer {
  // Not imported: the names of node:http in a module load all of fetch, 10 MB.
  const { createServer } = process.getBuiltinModule('node:http')
  return createServer((request, response) => {
    request.resume()
    const body = errorPage(problem())
    response.writeHead(500, {
      'content-type': 'text/html; charset=utf-8',
      'content-length': Buffer.byteLength(body),
      'cache-control': 'no-store',
      // A kept connection would go on showing this page after the mistake is mended.
      connection: 'close',
    })
    response.end(request.method === 'HEAD' ? undefined : body)
  })
}

/** A sentence for what a server says when it cannot listen. */
export function listenError(error: NodeJS.ErrnoException, host: string, port: number): CommandError {
  if (error.code === 'EADDRINUSE')
    return new CommandError(`Port ${port} is in use on ${host}.`, {
      code: 'cli.port-in-use',
      hint: `Stop what uses it, or take another: --port ${port + 1}, or PORT=${port + 1} in the environment.`,
      cause: error,
    })
  if (error.code === 'EACCES')
    return new CommandError(`Port ${port} may not be opened by this user.`, {
      code: 'cli.cannot-listen',
      hint: 'Ports below 1024 need privileges: use a higher one, behind a proxy if it must be 80 or 443.',
      cause: error,
    })
  return new CommandError(`${host}:${port} cannot be opened: ${error.message}.`, {
    code: 'cli.cannot-listen',
    hint: 'The host must be an address of this machine: 127.0.0.1, 0.0.0.0, ::1 …',
    cause: error,
  })
}

/** The page reloads itself once the server is back: the request of its probe then waits for the child. */
function errorPage(problem: string): string {
  return `<!doctype html>
<html lang="en"><meta charset="utf-8"><meta name="viewport" content="width=device-width"><meta http-equiv="refresh" content="2">
<title>The project does not start</title>
<style>
:root { color-scheme: light dark }
body { font: 16px/1.5 system-ui, sans-serif; max-width: 60rem; margin: 3rem auto; padding: 0 1rem }
pre { overflow: auto; padding: 1rem; border-radius: .5rem; border: 1px solid color-mix(in srgb, currentColor 20%, transparent) }
</style>
<h1>The project does not start</h1>
<p>Mend this and save; the page comes back by itself.</p>
<pre>${escapeHtml(problem)}</pre></html>
`
}
