/**
 * The load generator, a process of its own: raw sockets kept alive, the next request of a connection once the answer
 * to the last is complete. No pipelining. Every answer must be a 200.
 */
import { connect, type Socket } from 'node:net'

/** What the parent asks for. */
export interface Load {
  readonly port: number
  readonly path: string
  /** Further lines of the head: `cookie: …`. */
  readonly headers: readonly string[]
  readonly connections: number
  readonly requests: number
}

/** Opens the connections, sends all requests, closes. Gives milliseconds. */
function run({ port, path, headers, connections, requests }: Load): Promise<number> {
  const lines = [`GET ${path} HTTP/1.1`, `Host: 127.0.0.1:${port}`, 'Accept: */*', ...headers]
  const request = Buffer.from(`${lines.join('\r\n')}\r\n\r\n`)
  return new Promise((resolve, reject) => {
    const start = performance.now()
    let sent = 0
    let received = 0
    const sockets: Socket[] = []
    const finish = () => {
      for (const socket of sockets) socket.destroy()
      resolve(performance.now() - start)
    }
    const send = (socket: Socket) => {
      if (sent === requests) return
      sent++
      socket.write(request)
    }
    for (let i = 0; i < Math.min(connections, requests); i++) {
      const socket = connect(port, '127.0.0.1')
      sockets.push(socket)
      socket.setNoDelay(true)
      socket.on('error', reject)
      socket.on('connect', () => send(socket))
      const answered = () => {
        received++
        if (received === requests) finish()
        else send(socket)
      }
      socket.on('data', reader(answered, reject))
    }
  })
}

/** Counts answers in a stream of chunks. */
function reader(answered: () => void, failed: (error: Error) => void): (chunk: Buffer) => void {
  let head: Buffer | null = null
  let left = 0
  return (chunk) => {
    if (left > 0) {
      left -= chunk.length
      if (left === 0) answered()
      return
    }
    const data: Buffer = head === null ? chunk : Buffer.concat([head, chunk])
    const end = data.indexOf('\r\n\r\n')
    if (end === -1) {
      head = data
      return
    }
    head = null
    const text = data.toString('latin1', 0, end)
    const length = /\r\ncontent-length: (\d+)/i.exec(text)?.[1]
    if (!text.startsWith('HTTP/1.1 200') || length === undefined) failed(new Error(`Unexpected answer:\n${text}`))
    left = Number(length) - (data.length - end - 4)
    if (left === 0) answered()
  }
}

process.on('message', (load: Load) => {
  run(load).then(
    (milliseconds) => process.send!(milliseconds),
    (error: unknown) => {
      console.error(error)
      process.exit(1)
    },
  )
})
process.on('disconnect', () => process.exit(0))
process.send!('ready')
