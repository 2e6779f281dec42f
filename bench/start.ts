/**
 * From `nuages serve` to the first 200, and resident memory a moment later: an API without a database, and the atlas with
 * users and the admin. Beside it node:http alone. See README.md.
 */
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { readdirSync, readFileSync } from 'node:fs'
import { connect, createServer } from 'node:net'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { bin, migrate, temporaryFolder } from './lib/database.ts'
import { readOptions } from './lib/options.ts'
import { absolute, report } from './lib/report.ts'

const path = (name: string) => fileURLToPath(new URL(`../${name}`, import.meta.url))
const { pairs } = readOptions()
const rounds = Math.max(20, pairs)
const env = migrate('examples/atlas', join(temporaryFolder(), 'atlas.sqlite3'))

interface Start {
  /** Milliseconds from the start of the process. */
  readonly first: number
  /** Milliseconds of CPU time until then, all threads. */
  readonly cpu: number
  /** MB, 300 ms after. */
  readonly memory: number
}

/** Starts a server, asks until it answers, weighs it, ends it: at once, or as whoever runs it would. */
async function start(
  args: readonly string[],
  folder: string,
  page: string,
  signal: 'SIGKILL' | 'SIGTERM' = 'SIGKILL',
): Promise<Start> {
  const port = await freePort()
  const begun = performance.now()
  const child = spawn(process.execPath, args, {
    cwd: path(folder),
    env: { ...process.env, ...env, NODE_ENV: 'production', PORT: String(port) },
    stdio: ['ignore', 'ignore', 'inherit'],
  })
  try {
    while (!(await answers(port, page))) {
      if (child.exitCode !== null) throw new Error(`${args.join(' ')} ended with ${child.exitCode}.`)
      await sleep(3)
    }
    const first = performance.now() - begun
    const cpu = cpuTime(child)
    await sleep(300)
    return { first, cpu, memory: residentMemory(child) }
  } finally {
    child.kill(signal)
    if (child.exitCode === null) await once(child, 'exit')
  }
}

/** Whether a page comes with status 200. */
function answers(port: number, page: string): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1')
    socket.on('error', () => resolve(false))
    socket.on('connect', () => socket.write(`GET ${page} HTTP/1.1\r\nHost: 127.0.0.1:${port}\r\n\r\n`))
    socket.once('data', (chunk: Buffer) => {
      socket.destroy()
      resolve(chunk.toString('latin1', 0, 12) === 'HTTP/1.1 200')
    })
  })
}

function freePort(): Promise<number> {
  return new Promise((resolve) => {
    const server = createServer().listen(0, '127.0.0.1', () => {
      const { port } = server.address() as { port: number } // it listens on TCP
      server.close(() => resolve(port))
    })
  })
}

/** Of Linux; NaN elsewhere, as memory. */
function cpuTime({ pid }: ChildProcess): number {
  try {
    const threads = readdirSync(`/proc/${pid}/task`)
    const spent = threads.map((id) => Number(readFileSync(`/proc/${pid}/task/${id}/schedstat`, 'utf8').split(' ')[0]))
    return spent.reduce((sum, nanoseconds) => sum + nanoseconds, 0) / 1e6
  } catch {
    return Number.NaN
  }
}

function residentMemory({ pid }: ChildProcess): number {
  try {
    return Number(/VmRSS:\s*(\d+)/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1]) / 1024
  } catch {
    return Number.NaN
  }
}

const bare: Start[] = []
const api: Start[] = []
const atlas: Start[] = []
// Node keeps compiled code, and TypeScript without its types, once a process has ended in order.
await start([bin, 'serve'], 'bench/api', '/', 'SIGTERM')
await start([bin, 'serve'], 'examples/atlas', '/accounts/login/', 'SIGTERM')
for (let i = 0; i < rounds; i++) {
  bare.push(await start([path('bench/servers/bare.mjs')], 'bench', '/'))
  api.push(await start([bin, 'serve'], 'bench/api', '/'))
  atlas.push(await start([bin, 'serve'], 'examples/atlas', '/accounts/login/'))
}
const line = (name: string, starts: readonly Start[], key: keyof Start, goal?: number) =>
  absolute(
    name,
    key === 'memory' ? 'MB' : 'ms',
    starts.map((each) => each[key]),
    bare.map((each) => each[key]),
    goal === undefined ? {} : { goal },
  )
report(
  'start',
  [
    line('start, API only', api, 'first', 150),
    line('start, the atlas', atlas, 'first', 400),
    line('CPU until then, API only', api, 'cpu'),
    line('CPU until then, the atlas', atlas, 'cpu'),
    line('memory, API only', api, 'memory', 80),
    line('memory, the atlas', atlas, 'memory', 130),
  ],
  `From spawning \`nuages serve\` to the first 200 (asked every 3 ms), and VmRSS 300 ms later; ${rounds} rounds in turns, with what Node's compile cache keeps from a run before. By hand: node:http alone. Load on the machine lengthens the first two lines.`,
)
