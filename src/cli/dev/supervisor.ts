/**
 * The process that stays while `nuages dev` runs: it holds the port, watches the files, and replaces its child, the
 * process that answers requests, whenever one is saved. A mistake in the project can end the child, never this.
 */
import { type ChildProcess, fork } from 'node:child_process'
import { basename, dirname, extname } from 'node:path'
import { fileURLToPath } from 'node:url'
import { setFlagsFromString } from 'node:v8'
import { t } from '../../i18n/index.ts'
import type { Output } from '../output.ts'
import { packageVersion } from '../version.ts'
import { Gate } from './gate.ts'
import {
  CHILD_VARIABLE,
  type ChildMessage,
  FIRST_VARIABLE,
  type ReadyMessage,
  type SupervisorMessage,
} from './protocol.ts'
import { namePaths, Watcher } from './watcher.ts'

/** The program of the child, as this file is: source or built. */
const ENTRY = fileURLToPath(new URL(`./entry${extname(import.meta.url)}`, import.meta.url))
/** A child answers one person: collecting its garbage early costs nothing that is felt. */
const SMALL = ['--max-semi-space-size=1']
/** Milliseconds a child may take to end before it is killed. */
const GRACE = 1_000

export interface SupervisorOptions {
  /** Where to listen; what is absent is left to the settings, then to 127.0.0.1:8000. */
  readonly host?: string | undefined
  readonly port?: number | undefined
  /** Folder of the project. */
  readonly root: string
  /** Whether the first start migrates and asks for a superuser. */
  readonly prepare: boolean
  /** Whether children print whole stacks. */
  readonly trace: boolean
  /** Environment of the children. */
  readonly env: NodeJS.ProcessEnv
  readonly out: Output
  /** Aborted to stop. */
  readonly signal: AbortSignal
}

/**
 * Serves until `signal` is aborted.
 *
 * @throws CommandError cli.port-in-use, cli.cannot-listen
 */
export async function supervise(options: SupervisorOptions): Promise<void> {
  setFlagsFromString('--no-opt') // nothing runs often enough here to be worth the memory of an optimizer
  await new Supervisor(options).run()
}

class Supervisor {
  readonly #options: SupervisorOptions
  readonly #gate = new Gate()
  readonly #watcher: Watcher
  #url: string | null = null
  #child: ChildProcess | null = null
  /** Why the next child starts, while the last one is ending. */
  #pending: string | null = null
  #replacing = false
  #stopped = false
  /** No child has served yet: the next one migrates and asks for a superuser. */
  #first: boolean
  /** A child is at that: saves wait until it is done. */
  #preparing = false
  #stop!: () => void
  #fail!: (error: unknown) => void

  constructor(options: SupervisorOptions) {
    this.#options = options
    this.#first = options.prepare
    this.#watcher = new Watcher(options.root, (paths) => {
      // What the first start writes itself is no reason for another.
      const others = this.#preparing ? paths.filter((path) => basename(dirname(path)) !== 'migrations') : paths
      if (others.length > 0) void this.#restart(namePaths(others, options.root))
    })
  }

  async run(): Promise<void> {
    const { signal, host, port } = this.#options
    try {
      const failed = new Promise<never>((_, reject) => (this.#fail = reject))
      const stopped = new Promise<void>((resolve) => (this.#stop = resolve))
      signal.addEventListener('abort', () => this.#stop(), { once: true })
      if (port !== undefined) await this.#listen(host ?? '127.0.0.1', port)
      this.#start(null)
      if (!signal.aborted) await Promise.race([failed, stopped])
    } finally {
      this.#stopped = true
      this.#gate.close()
      await Promise.all([this.#watcher.close(), this.#end()])
    }
  }

  async #listen(host: string, port: number): Promise<void> {
    this.#url ??= await this.#gate.listen(host, port)
  }

  /** @param reason   what changed; null at the first start */
  #start(reason: string | null): void {
    const { trace, env, out, host, port } = this.#options
    const began = performance.now()
    const child = fork(ENTRY, trace ? ['--trace'] : [], {
      execArgv: [...SMALL, ...process.execArgv],
      env: { ...env, [CHILD_VARIABLE]: '1', [FIRST_VARIABLE]: this.#first ? '1' : undefined },
      stdio: [this.#first ? 'inherit' : 'ignore', 'inherit', 'inherit', 'ipc'],
    })
    this.#child = child
    let problem: string | null = null
    child.on('message', (message: ChildMessage) => {
      if (this.#child !== child) return
      if (message.type === 'failed') {
        problem = message.text
        setTimeout(() => child.kill('SIGKILL'), GRACE).unref() // it ends by itself, or nobody would ever be answered
      } else if (message.type === 'preparing') this.#preparing = true
      else if (message.type === 'cancelled') this.#stop()
      else this.#receive(child, message, reason, began).catch((error) => this.#fail(error))
    })
    child.on('exit', (code, signal) => {
      if (this.#child !== child) return
      this.#child = null
      this.#preparing = false
      if (this.#stopped) return
      const how = signal
        ? t('The server ended by {signal}', { signal })
        : t('The server ended with code {code}', { code: String(code) })
      this.#gate.fail(problem ?? t('{how}. Its output is in the terminal.', { how }))
      out.warn(t('{how}: it starts again when a file is saved.', { how: problem === null ? how : t('Not serving') }))
      // The page in the browser says what is wrong, also before the settings could name a port.
      this.#listen(host ?? '127.0.0.1', port ?? 8000).catch((error) => this.#fail(error))
    })
  }

  async #receive(child: ChildProcess, ready: ReadyMessage, reason: string | null, began: number): Promise<void> {
    const { out, host, port } = this.#options
    const first = this.#first || this.#url === null || reason === null
    this.#first = this.#preparing = false
    this.#watcher.add(ready.watch, ready.ignore)
    await this.#listen(host ?? ready.host, port ?? ready.port)
    this.#gate.open(child)
    const time = `${Math.round(performance.now() - began - ready.asked)} ms`
    if (!first) return out.line(out.style('dim', t('{reason} changed: ready after {time}', { reason, time })))
    out.line(
      `${out.style('bold', 'nuages')} ${packageVersion()}, ${ready.debug ? t('development') : t('development (debug is off)')}, ${time}`,
    )
    out.line(`  ${out.style('cyan', this.#url ?? '')}`)
    if (ready.admin) out.line(`  ${out.style('cyan', new URL(ready.admin, this.#url ?? '').href)}`)
    out.line(`  ${ready.database}`)
    out.line(out.style('dim', `  ${t('Saving a file restarts; Ctrl-C stops.')}`))
    if (this.#pending !== null) void this.#restart(this.#pending)
  }

  /** Replaces the child; saves during the replacement lead to one start, not to many. */
  async #restart(reason: string): Promise<void> {
    if (this.#stopped) return
    this.#pending = reason
    if (this.#replacing || this.#preparing) return
    this.#replacing = true
    this.#gate.hold()
    while (this.#pending !== null && !this.#stopped) {
      const latest = this.#pending
      this.#pending = null
      // The next one begins while the last is ending: it is busy with loading for longer than that takes.
      const ended = this.#end()
      this.#start(latest)
      await ended
    }
    this.#replacing = false
  }

  async #end(): Promise<void> {
    const child = this.#child
    if (!child || child.exitCode !== null || child.signalCode !== null) return
    const ended = new Promise((resolve) => child.once('exit', resolve))
    const stop: SupervisorMessage = { type: 'stop' }
    if (child.connected) child.send(stop, () => {}) // an error means that it is ending already
    const timer = setTimeout(() => child.kill('SIGKILL'), GRACE)
    await ended
    clearTimeout(timer)
  }
}
