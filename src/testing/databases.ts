/** The databases of tests: how they are made, and how what a test did to them is undone. */
import { randomBytes } from 'node:crypto'
import { copyFileSync, existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { hostname, tmpdir } from 'node:os'
import { join } from 'node:path'
import { threadId } from 'node:worker_threads'
import { parseDatabaseUrl } from '../conf/index.ts'
import type { DatabaseConfig, Driver, TestDatabase } from '../db/backends/backend.ts'
import type { Database } from '../db/internal.ts'
import { allOf } from './all.ts'
import { TestingError } from './errors.ts'
import { digest, type Image, isAlive } from './images.ts'

/** Databases that can be brought back to what they were. */
export interface TestDatabases {
  readonly configs: Readonly<Record<string, DatabaseConfig>>
  /** An image of them takes about as long as the migrations of a small project. */
  readonly isDear: boolean
  /** Makes them, once they are configured: empty, or as they were when {@link keep} gave this. */
  create(image?: Image): Promise<void>
  /** Keeps what they hold, for other files of a run; null where that cannot be. */
  keep(run: string): Promise<Image | null>
  /** Removes an image that nobody is to use. */
  forget(image: Image): Promise<void>
  /** Everything from here on is undone by {@link undo}. Marks nest. */
  mark(): Promise<void>
  undo(): Promise<void>
  /** Once they are closed. */
  remove(): Promise<void> | void
}

async function opened(): Promise<Database[]> {
  const { database, databaseAliases } = await import('../db/internal.ts')
  return databaseAliases().map((alias) => database(alias))
}

async function closeAll(): Promise<void> {
  await allOf((await opened()).map((database) => () => database.close()))
}

/** The databases that tests need: their aliases, and what the settings say of each. */
export type Wanted = Readonly<Record<string, Pick<DatabaseConfig, 'atomicRequests' | 'mirror'>>>

/** What of written settings counts in tests: replicas, and what has `testMirror`, are other names of one database. */
export function wantedDatabases(written: Readonly<Record<string, unknown>>): Wanted {
  const wanted: Record<string, Pick<DatabaseConfig, 'atomicRequests' | 'mirror'>> = {}
  const described = Object.entries(written).map(
    ([alias, input]) => [alias, (typeof input === 'object' && input !== null ? input : {}) as Described] as const, // a URL says no more
  )
  for (const [alias, { atomicRequests, testMirror }] of described) {
    wanted[alias] = {
      ...(atomicRequests === true ? { atomicRequests } : {}),
      ...(testMirror === undefined ? {} : { mirror: testMirror }),
    }
  }
  for (const [alias, { replicas = [] }] of described)
    for (const replica of replicas) wanted[replica] = { mirror: alias }
  return wanted
}
type Described = Pick<DatabaseConfig, 'testMirror' | 'replicas'> & { readonly atomicRequests?: unknown }

/** In memory: everything runs in a transaction that is rolled back. */
export function memoryDatabases(wanted: Wanted): TestDatabases {
  return {
    ...rolledBack(configure(wanted, () => ':memory:')),
    async create(image = {}) {
      for (const [alias, bytes] of Object.entries(image)) (await driverOf(alias)).deserialize?.(bytes)
    },
    keep: serialized,
    forget: async () => undefined,
    isDear: false,
    remove: () => undefined,
  }
}

async function driverOf(alias: string): Promise<Driver> {
  const { database } = await import('../db/internal.ts')
  return database(alias).open()
}

/** The bytes of every database. */
async function serialized(): Promise<Image | null> {
  const image: Record<string, Uint8Array> = {}
  for (const { alias } of await opened()) {
    const bytes = (await driverOf(alias)).serialize?.() ?? null
    if (bytes === null) return null
    image[alias] = bytes
  }
  return image
}

/** On a server, in databases made for these tests: everything runs in a transaction that is rolled back. */
export async function serverDatabases(wanted: Wanted, url: string): Promise<TestDatabases> {
  const { backendOf } = await import('../db/internal.ts')
  const config = parseDatabaseUrl(url, process.cwd())
  const backend = await backendOf(config)
  const { testDatabase } = backend
  if (testDatabase === undefined) {
    throw new TestingError(`Tests cannot make databases on ${config.engine}.`, {
      code: 'testing.no-server',
      hint: 'Name a server, such as postgres://postgres@127.0.0.1/postgres, or leave it out: tests run in memory.',
    })
  }
  const own = Object.entries(wanted).filter(([, { mirror }]) => mirror === undefined) // another name of that one
  const made = new Map(
    own.map(([alias], i) => [alias, testDatabase(config, `test_nuages_${process.pid}_${threadId}_${i}`)] as const),
  )
  const configs = Object.entries(wanted).map(([alias, more]) => [
    alias,
    { ...(made.get(alias)?.config ?? config), ...more },
  ])
  const forget = (image: Image): Promise<void> =>
    allOf(Object.values(image).map((bytes) => () => testDatabase(config, onServer(bytes).name).drop()))
  return {
    ...rolledBack(Object.fromEntries(configs)),
    async create(image) {
      for (const [alias, database] of made) await database.create(image && onServer(image[alias]!).kept)
    },
    async keep(run) {
      // Asked before they are closed: what lives in memory would be gone.
      if ([...made.values()].some((database) => database.keep === undefined)) return null
      await closeAll()
      const image: Record<string, Uint8Array> = {}
      try {
        for (const [alias, database] of made) {
          const name = `${imagesOfHost()}${run}_${randomBytes(4).toString('hex')}`
          const kept = (await database.keep?.(name)) ?? null
          if (kept === null) break
          image[alias] = Buffer.from(JSON.stringify({ name, kept } satisfies OnServer))
        }
      } finally {
        if (Object.keys(image).length < made.size) await forget(image)
      }
      await removeLeft([...made.values()][0], (name) => testDatabase(config, name).drop())
      return Object.keys(image).length < made.size ? null : image
    },
    forget,
    isDear: true,
    remove: () => allOf([...made.values()].map((database) => () => database.drop())),
  }
}

/** An image on a server: its database, and what a backend makes others from. */
interface OnServer {
  readonly name: string
  readonly kept: string
}

const onServer = (bytes: Uint8Array): OnServer => JSON.parse(Buffer.from(bytes).toString()) as OnServer // as keep() wrote it

/** Names of images begin so: what runs on other machines is not known here. */
const imagesOfHost = (): string => `nuages_image_${digest(hostname()).slice(0, 6)}_`

/** Removes images that runs of this machine left, which have ended. One that cannot be removed is no reason to do without the new one. */
async function removeLeft(any: TestDatabase | undefined, drop: (name: string) => Promise<void>): Promise<void> {
  const prefix = imagesOfHost()
  const left = ((await any?.siblings?.(prefix)) ?? []).filter((name) => !isAlive(name.slice(prefix.length)))
  for (const name of left) await drop(name).catch(() => undefined)
}

function rolledBack(configs: TestDatabases['configs']): Pick<TestDatabases, 'configs' | 'mark' | 'undo'> {
  const marks: Database[][] = []
  return {
    configs,
    async mark() {
      const pinned: Database[] = []
      marks.push(pinned)
      for (const database of await opened()) {
        await database.pin()
        pinned.push(database)
      }
    },
    async undo() {
      const pinned = marks.pop() ?? []
      await allOf(pinned.reverse().map((database) => () => database.unpin()))
    },
  }
}

/** In files of a temporary folder, with real transactions and as many connections as wanted: a copy is put back. */
export function fileDatabases(wanted: Wanted): TestDatabases {
  const folder = mkdtempSync(join(tmpdir(), 'nuages-test-'))
  const remove = () => rmSync(folder, { recursive: true, force: true })
  process.once('exit', remove) // a file whose tests were stopped half-way
  const fileOf = (alias: string) => join(folder, `${encodeURIComponent(alias)}.sqlite3`)
  let depth = 0
  async function copyAll(copy: (file: string, kept: string) => void): Promise<void> {
    // Closing folds the log back into the file. It may fail on a block that a test left open; closed it is anyway.
    const databases = await opened()
    await allOf([
      closeAll,
      async () => {
        for (const { alias } of databases) copy(fileOf(alias), `${fileOf(alias)}.${depth}`)
      },
    ])
  }
  return {
    // The file need not outlive a power cut.
    configs: configure(wanted, (alias) => fileOf(alias).replace(/[%?#]/g, encodeURIComponent), { synchronous: 'OFF' }),
    async create(image = {}) {
      await closeAll()
      for (const [alias, bytes] of Object.entries(image)) writeFileSync(fileOf(alias), bytes)
    },
    keep: serialized,
    forget: async () => undefined,
    isDear: false,
    async mark() {
      depth++
      await copyAll((file, kept) => {
        if (!existsSync(file)) writeFileSync(file, '')
        copyFileSync(file, kept)
      })
    },
    async undo() {
      try {
        await copyAll((file, kept) => {
          for (const end of ['-wal', '-shm', '-journal']) rmSync(file + end, { force: true })
          copyFileSync(kept, file)
        })
      } finally {
        depth--
      }
    },
    remove() {
      process.removeListener('exit', remove)
      remove()
    },
  }
}

function configure(
  wanted: Wanted,
  place: (alias: string) => string,
  options: DatabaseConfig['options'] = {},
): TestDatabases['configs'] {
  return Object.fromEntries(
    Object.entries(wanted).map(([alias, more]) => [
      alias,
      { engine: 'sqlite', url: `sqlite:${place(alias)}`, options, ...more },
    ]),
  )
}
