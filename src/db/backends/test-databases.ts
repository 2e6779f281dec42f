/** Databases for tests on a server: made beside the one that is named, copied, and dropped. */
import type { Backend, DatabaseConfig, Driver, SqlRow, TestDatabase } from './backend.ts'

/** Sends SQL without parameters, and gives its rows. */
export type SendSql = (sql: string) => Promise<SqlRow[]>

/** How a server is told to. */
export interface TestDatabaseWords {
  readonly quote: (name: string) => string
  readonly create: (quoted: string) => string
  readonly drop: (quoted: string) => string
  /** Gives the names of all databases. */
  readonly names: string
  readonly images: ImageWords
}

/** How a server copies databases. `on` opens a connection to the database of that name for a while. */
export interface ImageWords {
  /** Copies the database `from` to `image`; gives what {@link restore} takes, or null where that cannot be. */
  keep(from: string, image: string, on: OnDatabase): Promise<string | null>
  /** Makes the database `name`, which is not there, from what {@link keep} gave. */
  restore(kept: string, name: string, on: OnDatabase): Promise<void>
}
/** Null: the database that the server's URL names. */
export type OnDatabase = <T>(name: string | null, work: (send: SendSql) => Promise<T>) => Promise<T>

/** `testDatabase` of a backend whose databases live on a server. The role must be allowed to make databases. */
export function testDatabasesOf(open: Backend['open'], words: TestDatabaseWords): Backend['testDatabase'] {
  return (config, name): TestDatabase => {
    const quoted = words.quote(name)
    const on: OnDatabase = (other, work) => withDatabase(open, other === null ? config : named(config, other), work)
    const run = (...statements: readonly string[]) =>
      on(null, async (send) => {
        for (const statement of statements) await send(statement)
      })
    return {
      config: named(config, name),
      async create(image) {
        await run(words.drop(quoted), ...(image === undefined ? [words.create(quoted)] : []))
        if (image !== undefined) await words.images.restore(image, name, on)
      },
      keep: (image) => words.images.keep(name, image, on),
      async siblings(prefix) {
        const rows = await on(null, (send) => send(words.names))
        return rows.map(([found]) => String(found)).filter((found) => found.startsWith(prefix))
      },
      drop: () => run(words.drop(quoted)),
    }
  }
}

function named(config: DatabaseConfig, name: string): DatabaseConfig {
  const url = new URL(config.url)
  url.pathname = `/${encodeURIComponent(name)}`
  return { ...config, url: url.href }
}

/** One connection: what is set for its session holds. */
async function withDatabase<T>(
  open: Backend['open'],
  config: DatabaseConfig,
  work: (send: SendSql) => Promise<T>,
): Promise<T> {
  const driver: Driver = await open({ ...config, options: { ...config.options, poolSize: 1 } }, 'tests')
  let last = ''
  try {
    return await work(async (sql) => {
      last = sql
      const rows = /^\s*(select|show)\b/i.test(sql)
      if (rows) return await driver.writer.rows({ ...PLAIN, sql, rows }, [])
      await driver.writer.exec(sql)
      return []
    })
  } catch (error) {
    throw driver.translateError(error, last)
  } finally {
    await driver.close()
  }
}
const PLAIN = { slots: [], encoders: [], writes: false, bulk: null }
