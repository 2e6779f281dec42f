/** One connection that hears what others notify, connected again whenever it is lost. */
import { setTimeout as sleep } from 'node:timers/promises'
import { NotSupportedError, OperationalError } from '../../errors.ts'
import type { Hearer } from '../backend.ts'
import { translatePostgresError } from './errors.ts'
import type { PostgresOptions } from './options.ts'
import { loadPg, type PgOwnClient } from './pg.ts'
import { connectionConfig } from './pool.ts'

/** Milliseconds between tries to connect again; they double up to the second. */
const FIRST_PAUSE = 50
const LONGEST_PAUSE = 5000
const ignore = (): void => undefined

/** A channel's name as SQL. */
export function channelSql(channel: string): string {
  return `"${channel.replaceAll('"', '""')}"`
}

/** What the drivers share: who hears which channel. */
export class Hearers {
  readonly #hearers = new Map<string, Set<Hearer>>()

  get channels(): string[] {
    return [...this.#hearers.keys()]
  }

  /** Whether it is the first of its channel. */
  add(channel: string, hearer: Hearer): boolean {
    const known = this.#hearers.get(channel)
    if (known === undefined) this.#hearers.set(channel, new Set([hearer]))
    else known.add(hearer)
    return known === undefined
  }

  /** Whether it was the last of its channel. */
  remove(channel: string, hearer: Hearer): boolean {
    const known = this.#hearers.get(channel)
    if (known === undefined || !known.delete(hearer) || known.size > 0) return false
    this.#hearers.delete(channel)
    return true
  }

  tell(channel: string, payload: string): void {
    for (const hearer of this.#hearers.get(channel) ?? []) hearer.heard(payload)
  }

  interrupted(): void {
    for (const each of this.#hearers.values()) for (const hearer of each) hearer.interrupted()
  }
}

/** Hears for one driver. */
export class PostgresListener {
  readonly #alias: string
  readonly #options: PostgresOptions
  readonly #hearers = new Hearers()
  readonly #closing = new AbortController()
  #client: Promise<PgOwnClient> | null = null

  constructor(alias: string, options: PostgresOptions) {
    this.#alias = alias
    this.#options = options
  }

  /** Hears a channel; gives what ends it. @throws OperationalError db.closed, db.cannot-connect …; NotSupportedError db.not-supported */
  async listen(channel: string, hearer: Hearer): Promise<() => Promise<void>> {
    const { signal } = this.#closing
    if (signal.aborted)
      throw new OperationalError(`The database "${this.#alias}" is closed.`, { code: 'db.closed', alias: this.#alias })
    if (this.#options.isPooled && this.#options.directUrl === null) {
      throw new NotSupportedError('Behind a pooler of transactions nothing is heard: LISTEN is of a session.', {
        code: 'db.not-supported',
        hint: "Give the database's options directUrl, the server's own address.",
        alias: this.#alias,
      })
    }
    const isFirst = this.#hearers.add(channel, hearer)
    this.#client ??= this.#connect()
    const connecting = this.#client
    try {
      const client = await connecting
      if (isFirst) await client.query({ text: `LISTEN ${channelSql(channel)}` })
    } catch (error) {
      this.#hearers.remove(channel, hearer)
      connecting.catch(() => {
        if (this.#client === connecting) this.#client = null // the next one tries again
      })
      throw translatePostgresError(error, 'LISTEN')
    }
    return async () => {
      if (!this.#hearers.remove(channel, hearer) || signal.aborted) return
      // A connection that is lost hears nothing anyhow.
      await this.#client?.then((client) => client.query({ text: `UNLISTEN ${channelSql(channel)}` })).catch(ignore)
    }
  }

  async #connect(): Promise<PgOwnClient> {
    const { Client } = await loadPg()
    const client = new Client(connectionConfig(this.#options, true))
    client.on('notification', ({ channel, payload }) => this.#hearers.tell(channel, payload ?? ''))
    client.on('error', ignore) // `end` follows
    try {
      await client.connect()
      for (const channel of this.#hearers.channels) await client.query({ text: `LISTEN ${channelSql(channel)}` })
    } catch (error) {
      await client.end().catch(ignore)
      throw error
    }
    client.on('end', () => this.#lost())
    return client
  }

  #lost(): void {
    if (this.#closing.signal.aborted) return
    this.#client = this.#again()
    this.#client.then(() => this.#hearers.interrupted(), ignore)
  }

  async #again(): Promise<PgOwnClient> {
    const { signal } = this.#closing
    for (let pause = FIRST_PAUSE; ; pause = Math.min(pause * 2, LONGEST_PAUSE)) {
      await sleep(pause, undefined, { signal })
      const client = await this.#connect().catch(() => null)
      if (client !== null && !signal.aborted) return client
      await client?.end()
    }
  }

  async close(): Promise<void> {
    if (this.#closing.signal.aborted) return
    this.#closing.abort()
    await this.#client?.then((client) => client.end()).catch(ignore)
  }
}
