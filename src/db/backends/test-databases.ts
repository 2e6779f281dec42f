/** Databases for tests on a server: made beside the one that is named, and dropped. */
import type { Backend, DatabaseConfig } from './backend.ts'

/** How a server is told to. */
export interface TestDatabaseWords {
  readonly quote: (name: string) => string
  readonly create: (quoted: string) => string
  readonly drop: (quoted: string) => string
}

/** `createTestDatabase` of a backend whose databases live on a server. The role must be allowed to make databases. */
export function testDatabasesOf(open: Backend['open'], words: TestDatabaseWords): Backend['createTestDatabase'] {
  async function run(config: DatabaseConfig, ...statements: readonly string[]): Promise<void> {
    const driver = await open(config, 'tests')
    try {
      for (const statement of statements) await driver.writer.exec(statement)
    } catch (error) {
      throw driver.translateError(error, statements.join('; '))
    } finally {
      await driver.close()
    }
  }
  return async (config, name) => {
    const quoted = words.quote(name)
    await run(config, words.drop(quoted), words.create(quoted))
    const url = new URL(config.url)
    url.pathname = `/${encodeURIComponent(name)}`
    return { config: { ...config, url: url.href }, drop: () => run(config, words.drop(quoted)) }
  }
}
