/** Copies of databases for tests: PostgreSQL makes a database from any other that nobody has open. */
import type { ImageWords } from '../test-databases.ts'
import { postgresCompiler } from './compiler.ts'

const quote = (name: string): string => postgresCompiler.quote(name)

export const postgresImages: ImageWords = {
  async keep(from, image, on) {
    // Nobody may come in: a single connection would hold up every copy.
    await on(null, (send) => send(`CREATE DATABASE ${quote(image)} TEMPLATE ${quote(from)} ALLOW_CONNECTIONS false`))
    return image
  },
  async restore(image, name, on) {
    await on(null, (send) => send(`CREATE DATABASE ${quote(name)} TEMPLATE ${quote(image)}`))
  },
}
