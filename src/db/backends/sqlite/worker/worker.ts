/**
 * A process that has one connection. A thread would do, were there a way to stop it: neither node:sqlite nor
 * better-sqlite3 can interrupt a statement, and a thread ends only when its statement does. A process can be killed at any
 * moment, and SQLite rolls back what it had not committed.
 */
import { type ChildProcess, fork } from 'node:child_process'
import { extname } from 'node:path'
import { fileURLToPath } from 'node:url'
import { DataError, OperationalError } from '../../../errors.ts'
import { aborted } from '../../lock.ts'
import type { Answer, Question, SentError } from './messages.ts'

/** The program of a worker, as this file is: source or built. */
const PROGRAM = fileURLToPath(new URL(`./program${extname(import.meta.url)}`, import.meta.url))

/** What may stop a statement. */
export interface Stop {
  readonly signal?: AbortSignal | undefined
  /** Milliseconds it may take; 0 for any. */
  readonly timeout?: number
}
interface Asked {
  readonly question: Question
  readonly stop: Stop
  readonly give: (result: unknown) => void
  readonly fail: (error: unknown) => void
  timer: NodeJS.Timeout | undefined
}

/** Workers that would outlive this process with a statement that nobody waits for. */
const running = new Set<ChildProcess>()
let watching = false
function endAll(): void {
  for (const child of running) child.kill('SIGKILL')
}

/** One worker. Questions are asked one after another. */
export class Worker {
  readonly #child: ChildProcess
  readonly #waiting: Asked[] = []
  readonly #gone: Promise<void>
  #asked: Asked | null = null
  #reason: Error | null = null
  #lost = false
  #transaction = false

  constructor() {
    if (!watching) process.once('exit', endAll)
    watching = true
    this.#child = fork(PROGRAM, [], {
      serialization: 'advanced',
      execArgv: [],
      stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
    })
    this.#child.unref()
    this.#child.channel?.unref()
    this.#child.on('message', (answer: Answer) => this.#answered(answer))
    const gone = Promise.withResolvers<void>()
    this.#gone = gone.promise
    const end = (): void => {
      this.#end()
      gone.resolve()
    }
    this.#child.on('error', (error) => {
      this.#reason ??= lost(error)
      if (this.#child.pid === undefined) end() // it could not be started: there is no exit
    })
    this.#child.once('exit', end)
  }

  /** The process has ended, or is about to. */
  get lost(): boolean {
    return this.#lost
  }
  /** Whether it was in a transaction when it answered last. */
  get transaction(): boolean {
    return this.#transaction && !this.#lost
  }

  /**
   * Asks, and gives the answer. When a signal fires or the time is over, a question that waits is taken back; for one that
   * is being answered the worker is killed. Settles when the worker is free, or gone.
   * @throws errors of the driver; OperationalError db.aborted, db.cancelled, db.connection-lost
   */
  ask<T>(question: Question, stop: Stop = {}): Promise<T> {
    const { signal } = stop
    if (signal?.aborted) return Promise.reject(aborted(signal))
    if (this.#lost) return Promise.reject(this.#reason ?? lost())
    return new Promise<T>((resolve, reject) => {
      const leave = (): void => {
        clearTimeout(asked.timer)
        signal?.removeEventListener('abort', onAbort)
      }
      const asked: Asked = {
        question,
        stop,
        give: (result) => {
          leave()
          resolve(result as T) // what the question gives
        },
        fail: (error) => {
          leave()
          reject(error)
        },
        timer: undefined,
      }
      const onAbort = (): void => {
        if (this.#asked === asked) this.#kill(aborted(signal!))
        else {
          this.#waiting.splice(this.#waiting.indexOf(asked), 1)
          asked.fail(aborted(signal!))
        }
      }
      signal?.addEventListener('abort', onAbort, { once: true })
      if (this.#asked === null) this.#send(asked)
      else this.#waiting.push(asked)
    })
  }

  /** Lets the connection close by itself. */
  async close(): Promise<void> {
    if (!this.#lost) await this.ask({ op: 'close' }).catch(() => undefined) // the process ends either way
    this.#lost = true
    this.#child.channel?.ref()
    this.#child.ref()
    if (this.#child.connected) this.#child.disconnect()
    await this.#gone
  }

  #send(asked: Asked): void {
    this.#asked = asked
    running.add(this.#child)
    this.#child.channel?.ref()
    const { timeout = 0 } = asked.stop
    if (timeout > 0) asked.timer = setTimeout(() => this.#kill(tooLong(timeout)), timeout)
    this.#child.send(asked.question, (error) => {
      if (error !== null) this.#kill(lost(error))
    })
  }

  #answered({ result, error, transaction }: Answer): void {
    if (this.#lost) return // too late: it was killed while it answered
    const asked = this.#asked
    this.#asked = null
    this.#transaction = transaction
    const next = this.#waiting.shift()
    if (next === undefined) {
      running.delete(this.#child)
      this.#child.channel?.unref()
    } else this.#send(next)
    if (error === undefined) asked?.give(result)
    else asked?.fail(received(error))
  }

  /** Ends the process at once; who asked is told when it is gone, and with it its locks. */
  #kill(reason: Error): void {
    if (this.#lost) return
    this.#lost = true
    this.#reason = reason
    this.#child.ref()
    this.#child.kill('SIGKILL')
  }

  #end(): void {
    this.#lost = true
    running.delete(this.#child)
    const reason = this.#reason ?? lost()
    this.#asked?.fail(reason)
    for (const asked of this.#waiting.splice(0)) asked.fail(reason)
    this.#asked = null
  }
}

/** An error of the worker, as it was there. */
function received({ message, code, errcode, hint, status }: SentError): Error {
  if (code?.startsWith('db.')) {
    const options = { code, ...(hint !== undefined && { hint }), ...(status !== undefined && { status }) }
    return new DataError(message, options) // functions of ours refuse values only
  }
  return Object.assign(new Error(message), { code, ...(errcode !== undefined && { errcode }) })
}

function lost(cause?: unknown): OperationalError {
  return new OperationalError('The worker of the database ended.', {
    code: 'db.connection-lost',
    status: 503,
    hint: 'Nothing that was not committed is stored. The next statement starts another worker.',
    cause,
  })
}
function tooLong(timeout: number): OperationalError {
  return new OperationalError(`The statement was stopped: it took longer than ${timeout} ms.`, {
    code: 'db.cancelled',
    hint: 'Make it quicker (see explain()), or raise statementTimeout.',
  })
}
