/** The atlas as a process: the built package as users run it, a database file of its own, a free port. */
import { type ChildProcess, execFileSync, spawn } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'

const root = fileURLToPath(new URL('../../', import.meta.url))
const example = join(root, 'examples', 'atlas')

export interface Atlas {
  readonly folder: string
  readonly env: NodeJS.ProcessEnv
  /** Runs a command to its end. */
  command(...args: string[]): Promise<{ code: number; output: string }>
  /** Starts the server; gives its address. */
  serve(): Promise<{ url: string; process: ChildProcess }>
  remove(): Promise<void>
}

export const ADMIN = { email: 'admin@example.org', password: 'correct horse battery' }

/** What `npm start` runs before it serves. */
export const SET_UP = [['migrate'], ['loadatlas'], ['createsuperuser', '--if-none'], ['loadtrips'], ['collectstatic']]

/** `FROM_SOURCE=1` runs the sources instead of a build: quicker while one writes them. */
const fromSource = process.env.FROM_SOURCE === '1'

/** @param database   its URL; default an SQLite file of its own */
export function createAtlas(database?: string): Atlas {
  if (!fromSource) execFileSync(process.execPath, [join(root, 'scripts', 'build.mjs'), '--if-needed'])
  const folder = mkdtempSync(join(tmpdir(), 'nuages-atlas-'))
  const env = {
    ...process.env,
    NODE_OPTIONS: '',
    NO_COLOR: '1',
    SECRET_KEY: 'for this test only, for this test only, for this test only',
    DATABASE_URL: database ?? `sqlite:${join(folder, 'atlas.sqlite3')}`,
    STATIC_ROOT: join(folder, 'static'),
    ADMIN_EMAIL: ADMIN.email,
    ADMIN_PASSWORD: ADMIN.password,
    PORT: '0',
  }
  const start = (...args: string[]) =>
    spawn(
      process.execPath,
      // Collecting early is what `npm start` tells the server.
      [
        ...(fromSource ? ['--conditions=nuages-source'] : []),
        '--max-semi-space-size=4',
        '--heap-growing-percent=20',
        join(root, 'bin', 'nuages.js'),
        ...args,
      ],
      { cwd: example, env },
    )
  const running = new Set<ChildProcess>()
  return {
    folder,
    env,
    command: (...args) =>
      new Promise((resolve) => {
        const child = start(...args)
        let output = ''
        child.stdout.on('data', (data) => (output += data))
        child.stderr.on('data', (data) => (output += data))
        child.on('close', (code) => resolve({ code: code ?? 1, output }))
      }),
    serve: () =>
      new Promise((resolve, reject) => {
        const child = start('serve')
        running.add(child)
        let output = ''
        const read = (data: Buffer) => {
          output += data
          const url = /http:\/\/[\d.]+:\d+/.exec(output)?.[0]
          if (url) resolve({ url, process: child })
        }
        child.stdout.on('data', read)
        child.stderr.on('data', read)
        child.on('exit', (code) => reject(new Error(`serve ended with ${code}:\n${output}`)))
      }),
    async remove() {
      for (const child of running) if (child.exitCode === null && child.signalCode === null) await killed(child)
      rmSync(folder, { recursive: true, force: true })
    },
  }
}

/** Ends a process at once, as a power cut would. */
export function killed(child: ChildProcess): Promise<void> {
  return new Promise((resolve) => {
    child.once('exit', () => resolve())
    child.kill('SIGKILL')
  })
}

/** Resident memory of a process, in megabytes. */
export function memoryOf(child: ChildProcess): number {
  const status = readFileSync(`/proc/${child.pid}/status`, 'utf8')
  return Number(/VmRSS:\s+(\d+)/.exec(status)?.[1]) / 1024
}
