/** COPY as a stream of the project's own: FROM STDIN as fast as the server takes it, TO STDOUT as fast as somebody reads. */
import type { PgResult } from './pg.ts'

/** What the driver shows of a connection to a query of our own making. */
interface Wire {
  query(text: string): void
  sendCopyFromChunk(chunk: Uint8Array): void
  endCopyFrom(): void
  sendCopyFail(reason: string): void
  readonly stream: {
    readonly writableNeedDrain: boolean
    readonly destroyed: boolean
    once(event: 'drain' | 'close', listener: () => void): void
    off(event: 'drain' | 'close', listener: () => void): void
    pause(): void
    resume(): void
  }
}

/** What both directions share: a statement, and how it ended. */
class Copy {
  readonly done: Promise<PgResult>
  protected readonly settled: PromiseWithResolvers<PgResult> = Promise.withResolvers<PgResult>()
  protected error: unknown
  readonly #text: string
  #count = 0

  constructor(text: string) {
    this.#text = text
    this.done = this.settled.promise
    this.done.catch(() => undefined) // who waits for it has the error, some time later
  }

  // What `pg` calls. A statement that is another than it said is read to its end.

  submit(wire: Wire): void {
    wire.query(this.#text)
  }
  handleRowDescription(): void {}
  handleDataRow(): void {}
  handleEmptyQuery(): void {}
  handleCopyInResponse(wire: Wire): void {
    wire.sendCopyFail('no rows are sent with this statement')
  }
  handleCopyData(): void {}
  handleCommandComplete({ text }: { readonly text: string }): void {
    this.#count = Number(/\d+$/.exec(text)?.[0] ?? 0)
  }
  handleError(error: unknown): void {
    this.error ??= error
    this.settled.reject(this.error)
  }
  handleReadyForQuery(): void {
    this.settled.resolve({ command: 'COPY', rowCount: this.#count, rows: [] })
  }
}

/** Sends pieces once the server has asked for them. A source that fails ends the COPY, and the connection stays usable. */
export class CopyFrom extends Copy {
  readonly #source: AsyncIterable<Uint8Array>

  constructor(text: string, source: AsyncIterable<Uint8Array>) {
    super(text)
    this.#source = source
  }

  override handleCopyInResponse(wire: Wire): void {
    void this.#send(wire)
  }

  async #send(wire: Wire): Promise<void> {
    try {
      for await (const piece of this.#source) {
        if (this.error !== undefined || wire.stream.destroyed) return // the server has refused a row already
        wire.sendCopyFromChunk(piece)
        if (wire.stream.writableNeedDrain) await drained(wire)
      }
      if (this.error === undefined) wire.endCopyFrom()
    } catch (error) {
      if (this.error !== undefined) return
      this.error = error // what the server says of it is an echo
      wire.sendCopyFail('the source of the rows failed')
    }
  }
}

function drained({ stream }: Wire): Promise<void> {
  return new Promise((resolve) => {
    const go = (): void => {
      stream.off('drain', go)
      stream.off('close', go)
      resolve()
    }
    stream.once('drain', go)
    stream.once('close', go)
  })
}

/** Bytes that may wait to be read before the server is held up. */
const HIGH_WATER = 1_048_576

/** Gives pieces as the server sends them, and holds it up while nobody reads. */
export class CopyTo extends Copy {
  #wire: Wire | null = null
  #waiting: Uint8Array[] = []
  #size = 0
  #wake: (() => void) | null = null
  #left = false

  override handleCopyData(message?: { readonly chunk: Uint8Array }, wire?: Wire): void {
    if (this.#left) return
    this.#wire = wire!
    this.#waiting.push(message!.chunk)
    this.#size += message!.chunk.length
    if (this.#size > HIGH_WATER) wire!.stream.pause()
    this.#wake?.()
  }

  /** Nobody reads on: what still comes is thrown away. */
  leave(): void {
    this.#left = true
    this.#waiting = []
    this.#wire?.stream.resume()
  }

  async *pieces(): AsyncGenerator<Uint8Array> {
    let ended = false
    const end = (): void => {
      ended = true
      this.#wake?.()
    }
    this.done.then(end, end)
    for (;;) {
      const pieces = this.#waiting
      if (pieces.length > 0) {
        this.#waiting = []
        this.#size = 0
        this.#wire!.stream.resume()
        yield Buffer.concat(pieces) // rows come one by one: a thousand awaits for a kilobyte would be dear
      } else if (ended) {
        await this.done // its error
        return
      } else {
        const { promise, resolve } = Promise.withResolvers<void>()
        this.#wake = resolve
        await promise
        this.#wake = null
      }
    }
  }
}
