/**
 * The process that stays while `nuages dev` runs: it holds the port, watches the files, and replaces its child, the
 * process that answers requests, whenever one is saved. A mistake in the project can end the child, never this.
 */
import { type ChildProcess, fork } from 'node:child_process'
import type { Output } from '../output.ts'
import { Gate } from './gate.ts'
import { CHILD_VARIABLE, type ChildMessage, type SupervisorMessage, URL_VARIABLE } from './protocol.ts'
import { namePaths, Watcher } from './watcher.ts'

/** Milliseconds a child may finish the requests it has before it is killed. */
const GRACE = 1_000

export interface SupervisorOptions {
  readonly host: string
  readonly port: number
  /** Folder of the project. */
  readonly root: string
  /** The script to run as child, with its arguments. */
  readonly script: string
  readonly argv: readonly string[]
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
  const gate = new Gate()
  const url = await gate.listen(options.host, options.port)
  const supervisor = new Supervisor(gate, url, options)
  await supervisor.run()
}

class Supervisor {
  readonly #gate: Gate
  readonly #url: string
  readonly #options: SupervisorOptions
  readonly #watcher: Watcher
  #child: ChildProcess | null = null
  #pending: string | null = null
  #replacing = false
  #stopped = false

  constructor(gate: Gate, url: string, options: SupervisorOptions) {
    this.#gate = gate
    this.#url = url
    this.#options = options
    this.#watcher = new Watcher(options.root, (paths) => this.#restart(namePaths(paths, options.root)))
  }

  async run(): Promise<void> {
    this.#start('first')
    const { signal } = this.#options
    if (!signal.aborted) await new Promise((resolve) => signal.addEventListener('abort', resolve, { once: true }))
    this.#stopped = true
    this.#gate.close()
    await Promise.all([this.#watcher.close(), this.#end()])
  }

  #start(reason: string): void {
    const { script, argv, env } = this.#options
    const child = fork(script, [...argv], {
      env: { ...env, [CHILD_VARIABLE]: reason, [URL_VARIABLE]: this.#url },
      stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
    })
    this.#child = child
    let told = ''
    child.on('message', (message: ChildMessage) => {
      if (this.#child !== child) return
      if (message.type === 'failed') told = message.text
      else {
        this.#watcher.add(message.watch, message.ignore)
        this.#gate.open(child)
      }
    })
    child.on('exit', (code, signal) => {
      if (this.#child !== child) return
      this.#child = null
      if (this.#stopped || this.#replacing) return
      const how = signal ? `by ${signal}` : `with code ${code}`
      this.#gate.fail(told || `The server ended ${how}. Its output is in the terminal.`)
      this.#options.out.warn(`${told ? 'Not serving' : `The server ended ${how}`}: it starts again when a file is saved.`)
    })
  }

  /** Replaces the child; saves during the replacement lead to one more. */
  async #restart(reason: string): Promise<void> {
    if (this.#stopped) return
    this.#pending = reason
    if (this.#replacing) return
    this.#replacing = true
    this.#gate.hold()
    await this.#end()
    this.#replacing = false
    const latest = this.#pending
    this.#pending = null
    if (!this.#stopped) this.#start(latest)
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
