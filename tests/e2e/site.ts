/** A site to be attacked: a copy of `fixtures/site` in a folder of its own, its real commands, its real sockets. */
import type { ChildProcess } from 'node:child_process'
import {
  cpSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  realpathSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { connect } from 'node:net'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { type Ended, nuages, repository, start } from '../cli/nuages.ts'

const fixture = fileURLToPath(new URL('./fixtures/site', import.meta.url))

export interface Site {
  readonly folder: string
  /** Replaces text in a file; what is to be replaced must be there. */
  edit(file: string, from: string | RegExp, to: string): void
  write(file: string, text: string): void
  run(args: readonly string[], env?: Record<string, string | undefined>): Promise<Ended>
  remove(): void
}

export function copySite(): Site {
  const folder = realpathSync(mkdtempSync(join(tmpdir(), 'nuages-site-')))
  cpSync(fixture, folder, { recursive: true })
  writeFileSync(join(folder, 'package.json'), '{ "type": "module", "private": true }\n')
  mkdirSync(join(folder, 'node_modules'))
  symlinkSync(repository, join(folder, 'node_modules', 'nuages'), 'junction')
  return {
    folder,
    edit(file, from, to) {
      const path = join(folder, file)
      const before = readFileSync(path, 'utf8')
      const after = before.replace(from, () => to)
      if (after === before) throw new Error(`${file} has no ${from}`)
      writeFileSync(path, after)
    },
    write(file, text) {
      mkdirSync(dirname(join(folder, file)), { recursive: true })
      writeFileSync(join(folder, file), text)
    },
    run: (args, env = {}) => nuages(args, { cwd: folder, env: { DATABASE_URL: undefined, ...env } }),
    remove: () => rmSync(folder, { recursive: true, force: true }),
  }
}

/** Rows that queries can meet: text on which a bad pattern runs for ever, every kind filled, every kind null. */
const ROWS = `
  const author = await Author.objects.create({ name: 'Django' })
  await Book.objects.create({ title: 'a'.repeat(40) + '!', author, pages: 1, sold: 5n, price: '1.50', rating: 2.5,
    added: new Date(), code: crypto.randomUUID(), extra: { a: { b: 1 } } })
  await Book.objects.create({ title: 'empty', author })
`

export const ADMIN = { email: 'admin@example.org', password: 'correct horse battery' }

/** A site with its tables, two books and an admin. */
export async function migratedSite(): Promise<Site> {
  const site = copySite()
  for (const [args, env] of [
    [['migrate'], {}],
    [['shell', '-c', ROWS], {}],
    [['createsuperuser'], { ADMIN_EMAIL: ADMIN.email, ADMIN_PASSWORD: ADMIN.password }],
  ] as const) {
    const { code, out, err } = await site.run(args, env)
    if (code !== 0) throw new Error(`nuages ${args.join(' ')} gave ${code}:\n${out}${err}`)
  }
  return site
}

export interface Served {
  readonly port: number
  readonly child: ChildProcess
  /** Everything it printed so far. */
  log(): string
  stop(): Promise<void>
}

/** Serves on a free port. */
export async function serveSite(site: Site, env: Record<string, string> = {}): Promise<Served> {
  mkdirSync(join(site.folder, 'tmp'), { recursive: true })
  const own = { DATABASE_URL: undefined, TMPDIR: join(site.folder, 'tmp') }
  const running = start(['serve', '--port', '0'], { cwd: site.folder, env: { ...own, ...env } })
  let log = '' // both streams, in the order it comes
  for (const stream of [running.child.stdout!, running.child.stderr!])
    stream.on('data', (text: string) => (log += text))
  const [, port] = await running.until(/http:\/\/127\.0\.0\.1:(\d+)\//)
  return {
    port: Number(port),
    child: running.child,
    log: () => log,
    async stop() {
      running.child.kill('SIGKILL')
      await running.ended
    },
  }
}

export interface Answer {
  /** Of the last response that came; 0 for none. */
  readonly status: number
  /** Of all of them, where several were asked for. */
  readonly statuses: readonly number[]
  readonly text: string
}

export interface RawOptions {
  /** Close our side after the last byte. */
  readonly end?: boolean
  /** Milliseconds between pieces. */
  readonly pause?: number
  /** Milliseconds of silence after which we hang up. */
  readonly wait?: number
}

/** Sends bytes as they are, in pieces where there are several, and reads until the other side closes. */
export function raw(
  port: number,
  bytes: string | Buffer | readonly (string | Buffer)[],
  { end = false, pause = 5, wait = 15_000 }: RawOptions = {},
): Promise<Answer> {
  return new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1')
    const parts: Buffer[] = []
    socket.on('data', (part: Buffer) => parts.push(part))
    socket.on('error', () => {}) // the close that follows tells what came before
    socket.setTimeout(wait, () => socket.destroy())
    socket.on('close', () => {
      const text = Buffer.concat(parts).toString('latin1')
      const statuses = [...text.matchAll(/HTTP\/1\.1 (\d+) /g)].map(([, status]) => Number(status))
      resolve({ status: statuses.at(-1) ?? 0, statuses, text })
    })
    const pieces = typeof bytes === 'string' || Buffer.isBuffer(bytes) ? [bytes] : bytes
    void (async () => {
      for (const [i, piece] of pieces.entries()) {
        if (i > 0) await new Promise((done) => setTimeout(done, pause))
        if (socket.destroyed) return
        socket.write(piece)
      }
      if (end) socket.end()
    })()
  })
}

const COMMON = 'Host: 127.0.0.1\r\nConnection: close\r\n'

/** A request without a body; `headers` with line ends. */
export function plain(method: string, path: string, headers = ''): string {
  return `${method} ${path} HTTP/1.1\r\n${COMMON}${headers}\r\n`
}

/** A POST with its length. */
export function post(path: string, type: string, body: string | Buffer, headers = ''): Buffer {
  const content = Buffer.isBuffer(body) ? body : Buffer.from(body)
  const head = `POST ${path} HTTP/1.1\r\n${COMMON}Content-Type: ${type}\r\nContent-Length: ${content.length}\r\n${headers}\r\n`
  return Buffer.concat([Buffer.from(head), content])
}

/** Uploads that still lie in the site's folder for temporary files. */
export function uploadsIn(site: Site): string[] {
  return readdirSync(join(site.folder, 'tmp')).filter((name) => name.startsWith('nuages-upload-'))
}

/** Resident memory of a process, in megabytes; how many files it has open. */
export function usage(child: ChildProcess): { memory: number; files: number } {
  const status = readFileSync(`/proc/${child.pid}/status`, 'utf8')
  return {
    memory: Number(/VmRSS:\s+(\d+)/.exec(status)?.[1]) / 1024,
    files: readdirSync(`/proc/${child.pid}/fd`).length,
  }
}

/** What is sent, and the status it must get. */
export type Case = readonly [name: string, bytes: string | Buffer, status: number | readonly number[]]

/** Sends each, some at a time; gives those that were answered otherwise, and those that tell where our code is. */
export async function misanswered(port: number, cases: readonly Case[]): Promise<unknown[]> {
  const wrong: unknown[] = []
  const left = cases.values()
  const send = async () => {
    for (const [name, bytes, wanted] of left) {
      const { status, text } = await raw(port, bytes)
      if (!(typeof wanted === 'number' ? [wanted] : wanted).includes(status))
        wrong.push([name, status, text.split('\r\n\r\n')[1]?.slice(-300)])
      if (/ at .*\.ts:\d|node:internal/.test(text)) wrong.push([name, 'tells where the code is'])
    }
  }
  await Promise.all(Array.from({ length: 8 }, send))
  return wrong
}

/** A GET for each path. */
export function gets(status: number, paths: readonly string[], headers = ''): Case[] {
  return paths.map((path) => [path.slice(0, 80), plain('GET', path, headers), status])
}

export const JSON_TYPE = 'application/json'
export const FORM = 'application/x-www-form-urlencoded'
export const MULTIPART = 'multipart/form-data; boundary=XX'
export const ASKS_JSON = 'Accept: application/json\r\n'
