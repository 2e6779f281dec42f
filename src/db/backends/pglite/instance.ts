/**
 * Servers of PGlite in this process: one per folder, which all databases of that folder share, because two of them would
 * destroy its files. For the same reason a second process is turned away.
 */
import { readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { dirname, isAbsolute, resolve } from 'node:path'
import { ConfigurationError } from '../../../std/errors.ts'
import { OperationalError } from '../../errors.ts'
import type { DatabaseConfig } from '../backend.ts'
import { Lock } from '../lock.ts'
import { Hearers } from '../postgres/listener.ts'
import { PgliteClient } from './client.ts'
import { loadExtensions, loadPglite, type Pglite, type Serializer } from './pglite.ts'

/** A running server, and what its databases share. */
export interface Instance {
  readonly server: Pglite
  readonly client: PgliteClient
  readonly write: Serializer
  /** The one connection goes from hand to hand. */
  readonly lock: Lock
  readonly hearers: Hearers
  /** Whose search path the session has now. */
  session: object | null
  /** Stops the server. */
  readonly close: () => Promise<void>
}

interface Running {
  readonly opened: Promise<Instance>
  readonly extensions: readonly string[]
  users: number
  closing: Promise<void> | null
}
const running = new Map<string, Running>()
let memories = 0

/**
 * The folder of a URL: `pglite:./data` (relative to `root`); null for `pglite::memory:`.
 * @throws ConfigurationError db.invalid-url
 */
function pgliteFolder(config: DatabaseConfig): string | null {
  const rest = config.url.replace(/^pglite:/, '')
  if (rest === ':memory:' || rest === '//:memory:') return null
  let path = rest.startsWith('//') ? rest.slice(2) : rest
  try {
    path = decodeURIComponent(path.replace(/\?.*$/, ''))
  } catch {
    path = ''
  }
  if (path === '' || path.includes('\0')) {
    throw new ConfigurationError(`${JSON.stringify(config.url)} names no folder for PGlite.`, {
      code: 'db.invalid-url',
      hint: 'Write pglite:./data, pglite:/var/lib/app/data or pglite::memory:.',
    })
  }
  return isAbsolute(path) ? path : resolve(config.root ?? process.cwd(), path)
}

const isRunning = (pid: number): boolean => {
  try {
    return process.kill(pid, 0)
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM'
  }
}

/** Writes `<folder>.pid` for as long as this process has the folder open; gives what takes it away. */
function claim(folder: string): () => void {
  if (!statSync(dirname(folder), { throwIfNoEntry: false })?.isDirectory()) {
    throw new OperationalError(`The database folder ${folder} cannot be made: there is no folder ${dirname(folder)}.`, {
      code: 'db.cannot-open',
      hint: `Make the folder (mkdir -p ${dirname(folder)}) or change the path in \`databases\`.`,
    })
  }
  const file = `${folder}.pid`
  for (;;) {
    try {
      writeFileSync(file, String(process.pid), { flag: 'wx' })
      return () => rmSync(file, { force: true })
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error
    }
    const owner = Number(readFileSync(file, 'utf8'))
    // One that has died, or had this process's number before it (in a container, say), has it no more.
    if (owner !== process.pid && isRunning(owner)) {
      throw new OperationalError(`The database folder ${folder} is open in process ${owner}.`, {
        code: 'db.in-use',
        status: 503,
        hint: `PGlite serves one process at a time: stop the other one. If it is none of yours, delete ${file}.`,
      })
    }
    rmSync(file, { force: true })
  }
}

async function open(folder: string | null, extensions: readonly string[], alias: string): Promise<Instance> {
  const { PGlite, protocol } = await loadPglite()
  const loaded = await loadExtensions(extensions)
  const free = folder === null ? null : claim(folder)
  let server: Pglite
  try {
    server = await PGlite.create({
      dataDir: folder ?? 'memory://',
      extensions: loaded,
      // A folder outlives the machine's power: its files are flushed (PGlite leaves that out unless told).
      startParams: PGlite.defaultStartParams.filter((word) => folder === null || word !== '-F'),
    })
  } catch (cause) {
    free?.()
    throw new OperationalError(`PGlite cannot open ${folder ?? 'a database in memory'}: ${(cause as Error).message}.`, {
      code: 'db.cannot-open',
      hint: 'The folder must be empty, or made by PGlite.',
      cause,
    })
  }
  const close = async (): Promise<void> => {
    await server.close()
    free?.()
  }
  const client = new PgliteClient(server, protocol.serialize)
  await client.query({
    text: "SET timezone = 'UTC'; SET datestyle = 'ISO, YMD'; SET intervalstyle = 'postgres'; SET standard_conforming_strings = on",
  })
  const lock = new Lock(alias, 'The connection')
  const hearers = new Hearers()
  server.onNotification((channel, payload) => hearers.tell(channel, payload))
  return { server, client, write: protocol.serialize, lock, hearers, session: null, close }
}

/** The names of an option: an array, or text with commas or spaces between. */
function listed(option: unknown): string[] {
  if (option === undefined) return []
  return Array.isArray(option)
    ? option.map(String)
    : String(option)
        .split(/[\s,]+/)
        .filter(Boolean)
}

/**
 * The server of a database, started when nobody has it yet; `release` gives it back, and the last who does so stops it.
 * @throws OperationalError db.in-use, db.cannot-open; ConfigurationError db.invalid-option
 */
export async function acquireInstance(
  config: DatabaseConfig,
  alias: string,
): Promise<{ readonly instance: Instance; readonly release: () => Promise<void> }> {
  const folder = pgliteFolder(config)
  const { extensions, shared } = config.options ?? {}
  const names = listed(extensions)
  const key = folder ?? `:memory:${shared === undefined ? `#${++memories}` : String(shared)}`
  await running.get(key)?.closing
  const entry = running.get(key) ?? { opened: open(folder, names, alias), extensions: names, users: 0, closing: null }
  running.set(key, entry)
  const absent = names.filter((name) => !entry.extensions.includes(name))
  if (absent.length > 0) {
    throw new ConfigurationError(`${config.url} is open already, without the extensions ${absent.join(', ')}.`, {
      code: 'db.invalid-option',
      hint: 'Give the same extensions to every database of one folder.',
    })
  }
  entry.users++
  try {
    const instance = await entry.opened
    const release = async (): Promise<void> => {
      if (--entry.users > 0) return
      entry.closing = instance.close().finally(() => running.delete(key))
      await entry.closing
    }
    return { instance, release }
  } catch (error) {
    running.delete(key)
    throw error
  }
}
