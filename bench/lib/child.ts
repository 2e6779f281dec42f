/** Processes of a run: servers and the load generator, asked over IPC. */
import { type ChildProcess, fork } from 'node:child_process'
import { fileURLToPath } from 'node:url'

/** What else a process is started with. */
export interface Program {
  readonly args?: readonly string[]
  /** Instead of this Node: one that speaks lines of JSON on the socket `NODE_CHANNEL_FD`. */
  readonly program?: string
}

/** A process that answers questions, one at a time. */
export class Child {
  readonly #process: ChildProcess

  private constructor(process: ChildProcess) {
    this.#process = process
  }

  /**
   * Starts a file of `bench/` and waits for its first message.
   * @param flags   for node, such as `--cpu-prof`
   */
  static async start<T>(
    file: string,
    env: Readonly<Record<string, string>> = {},
    flags: readonly string[] = [],
    { args = [], program = process.execPath }: Program = {},
  ): Promise<[child: Child, first: T]> {
    const child = fork(fileURLToPath(new URL(`../${file}`, import.meta.url)), [...args], {
      env: { ...process.env, NODE_ENV: 'production', ...env },
      execPath: program,
      execArgv: [...flags],
      stdio: ['ignore', 'ignore', 'inherit', 'ipc'], // the access log goes to /dev/null, as a file would take it
    })
    const made = new Child(child)
    return [made, await made.#next<T>()]
  }

  /** Sends a question and gives the answer. */
  ask<T>(question: unknown): Promise<T> {
    const answer = this.#next<T>()
    this.#process.send(question as object) // anything that JSON can say
    return answer
  }

  /** Resolves once the process has ended. */
  stop(): Promise<void> {
    if (this.#process.exitCode !== null || this.#process.signalCode !== null) return Promise.resolve()
    return new Promise((resolve) => {
      this.#process.once('exit', () => resolve())
      this.#process.disconnect()
    })
  }

  #next<T>(): Promise<T> {
    return new Promise((resolve, reject) => {
      const ended = (code: number | null) => reject(new Error(`A process of the bench ended with ${code}.`))
      this.#process.once('exit', ended)
      this.#process.once('message', (answer) => {
        this.#process.off('exit', ended)
        resolve(answer as T) // both ends are ours
      })
    })
  }
}

/** In a server's process: says where it listens, tells its CPU time when asked, and ends with its parent. */
export function serveParent(port: number): void {
  process.on('message', () => {
    const { user, system } = process.cpuUsage()
    process.send!(user + system)
  })
  process.on('disconnect', () => process.exit(0))
  process.send!(port)
}
