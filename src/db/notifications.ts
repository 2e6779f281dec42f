/** Messages between processes through the database: {@link notify} and {@link listen} (PostgreSQL, PGlite). */
import { runWith } from '../std/context.ts'
import type { Driver } from './backends/backend.ts'
import { currentAlias, database } from './connections.ts'
import { DataError, NotSupportedError } from './errors.ts'

/** Bytes that a channel's name may have, and a payload. */
const MAX_CHANNEL = 63
const MAX_PAYLOAD = 7999

/** Options of {@link notify}. */
export interface NotifyOptions {
  /** Alias of the database; default the current one. */
  readonly using?: string | undefined
}
/** Options of {@link listen}. */
export interface ListenOptions extends NotifyOptions {
  /** Ends it when aborted. */
  readonly signal?: AbortSignal
  /**
   * Called when the connection was lost and is there again. What was told meanwhile is lost: look at the tables, where
   * that matters.
   */
  readonly onReconnect?: () => unknown
}
/** A channel that is heard. */
export interface Listening {
  readonly channel: string
  /** Ends it: the handler is not called any more. */
  close(): Promise<void>
  [Symbol.asyncDispose](): Promise<void>
}

const bytes = (text: string): number => Buffer.byteLength(text)

function assertChannel(channel: string): void {
  if (typeof channel === 'string' && channel !== '' && bytes(channel) <= MAX_CHANNEL && !channel.includes('\0')) return
  throw new DataError(`${JSON.stringify(channel)} is no name of a channel.`, {
    code: 'db.invalid-value',
    hint: `Give 1 to ${MAX_CHANNEL} bytes of text.`,
  })
}

/** A driver that has channels. @throws NotSupportedError db.not-supported */
async function driverOf(alias: string): Promise<Driver & Required<Pick<Driver, 'listen'>>> {
  const db = database(alias)
  const driver = await db.open()
  if (driver.listen !== undefined) return driver as Driver & Required<Pick<Driver, 'listen'>> // asked just now
  throw new NotSupportedError(`The database "${alias}" (${db.backend.name}) has no channels.`, {
    code: 'db.not-supported',
    hint: 'listen() and notify() are for PostgreSQL and PGlite.',
    alias,
  })
}

/**
 * Tells everybody who listens on a channel, in this process and in others. Inside a block it leaves with the commit, and
 * never when the block is rolled back; the same message twice in one block is told once.
 *
 *     await notify('orders', String(order.id))
 *
 * @param payload   text, at most 7,999 bytes: send a key, and let the listener read the row
 * @throws DataError db.invalid-value; NotSupportedError db.not-supported
 */
export async function notify(channel: string, payload = '', options: NotifyOptions = {}): Promise<void> {
  assertChannel(channel)
  if (bytes(payload) > MAX_PAYLOAD) {
    throw new DataError(`A message of ${bytes(payload)} bytes is too long for a channel.`, {
      code: 'db.invalid-value',
      hint: `At most ${MAX_PAYLOAD} bytes: store the text, and send its key.`,
    })
  }
  const alias = options.using ?? currentAlias()
  await driverOf(alias)
  const db = database(alias)
  const statement = db.backend.compiler.compile({
    t: 'rawStatement',
    parts: ['SELECT pg_notify(', ', ', ')::text'],
    nodes: [
      { t: 'param', slot: 0, kind: 'text' },
      { t: 'param', slot: 1, kind: 'text' },
    ],
  })
  await db.rows(statement, [channel, payload])
}

/**
 * Calls `handler` with each message of a channel, in order and outside of any block, until it is closed, `signal` fires or
 * the database is closed. It has a connection of its own, which all channels of a database share and which is made again
 * when it is lost. `handler` is not awaited; its errors become process warnings (`db.listener-failed`).
 *
 *     const orders = await listen('orders', async (id) => ship(await Order.objects.get({ id: Number(id) })))
 *     …
 *     await orders.close()
 *
 * @throws OperationalError db.cannot-connect …; NotSupportedError db.not-supported
 */
export async function listen(
  channel: string,
  handler: (payload: string) => unknown,
  options: ListenOptions = {},
): Promise<Listening> {
  assertChannel(channel)
  const { signal, onReconnect, using } = options
  const alias = using ?? currentAlias()
  const { blockKey } = database(alias)
  const driver = await driverOf(alias)
  signal?.throwIfAborted()
  const call = (fn: () => unknown): Promise<void> =>
    runWith(blockKey, null, async () => {
      try {
        await fn()
      } catch (error) {
        const detail = error instanceof Error ? (error.stack ?? '') : ''
        process.emitWarning(`What listens to ${JSON.stringify(channel)} failed: ${error}`, {
          code: 'db.listener-failed',
          detail,
        })
      }
    })
  const stop = await driver.listen(channel, {
    heard: (payload) => void call(() => handler(payload)),
    interrupted: () => void (onReconnect && call(onReconnect)),
  })
  const onAbort = (): void => void stop().catch(() => undefined) // a connection that is lost hears nothing anyhow
  const close = async (): Promise<void> => {
    signal?.removeEventListener('abort', onAbort)
    await stop()
  }
  signal?.addEventListener('abort', onAbort, { once: true })
  if (signal?.aborted) await close()
  return { channel, close, [Symbol.asyncDispose]: close }
}
