/** The databases of tests: how they are made, and how what a test did to them is undone. */
import { copyFileSync, existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { threadId } from 'node:worker_threads'
import { parseDatabaseUrl } from '../conf/index.ts'
import type { DatabaseConfig, TestDatabase } from '../db/backends/backend.ts'
import type { Database } from '../db/internal.ts'
import { allOf } from './all.ts'
import { TestingError } from './errors.ts'

/** Databases that can be brought back to what they were. */
export interface TestDatabases {
  readonly configs: Readonly<Record<string, DatabaseConfig>>
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
  return rolledBack(
    configure(wanted, () => ':memory:'),
    () => undefined,
  )
}

/** On a server, in databases made for these tests: everything runs in a transaction that is rolled back. */
export async function serverDatabases(wanted: Wanted, url: string): Promise<TestDatabases> {
  const { backendOf } = await import('../db/internal.ts')
  const config = parseDatabaseUrl(url, process.cwd())
  const backend = await backendOf(config)
  if (backend.createTestDatabase === undefined) {
    throw new TestingError(`Tests cannot make databases on ${config.engine}.`, {
      code: 'testing.no-server',
      hint: 'Name a server, such as postgres://postgres@127.0.0.1/postgres, or leave it out: tests run in memory.',
    })
  }
  const made: Record<string, TestDatabase> = {}
  const remove = () => allOf(Object.values(made).map((database) => () => database.drop()))
  try {
    for (const [alias, { mirror }] of Object.entries(wanted)) {
      if (mirror !== undefined) continue // another name of that one
      const name = `test_nuages_${process.pid}_${threadId}_${Object.keys(made).length}`
      made[alias] = await backend.createTestDatabase(config, name)
    }
  } catch (error) {
    await remove()
    throw error
  }
  const configs = Object.entries(wanted).map(([alias, more]) => [
    alias,
    { ...(made[alias]?.config ?? config), ...more },
  ])
  return rolledBack(Object.fromEntries(configs), remove)
}

function rolledBack(configs: TestDatabases['configs'], remove: () => Promise<void> | void): TestDatabases {
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
    remove,
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
      ...databases.map((database) => () => database.close()),
      async () => {
        for (const { alias } of databases) copy(fileOf(alias), `${fileOf(alias)}.${depth}`)
      },
    ])
  }
  return {
    // The file need not outlive a power cut.
    configs: configure(wanted, (alias) => fileOf(alias).replace(/[%?#]/g, encodeURIComponent), { synchronous: 'OFF' }),
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
