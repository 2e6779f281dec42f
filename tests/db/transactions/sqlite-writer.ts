/**
 * A process of its own that writes to a database file, for tests of kill -9 and of two processes at once.
 *
 *     node sqlite-writer.ts <path> <prefix> <count> [hold milliseconds]
 *
 * Writes one row a block (`prefix-0`, `prefix-1`, …), and its name to standard output once the commit is done.
 */
import { writeSync } from 'node:fs'
import { closeDatabases, configureDatabases, database } from '../../../src/db/connections.ts'
import { atomic } from '../../../src/db/transactions.ts'
import { insert } from '../sql/nodes.ts'

const [path, prefix, count, hold] = process.argv.slice(2)
configureDatabases({ default: { engine: 'sqlite', url: `sqlite:${path}`, lockTimeout: 20_000 } })
const db = database()
const add = db.backend.compiler.compile(insert({ name: 'char', number: 'integer' }))
for (let n = 0; n < Number(count); n++) {
  await atomic(async () => {
    await db.run(add, [`${prefix}-${n}`, n])
    if (hold) {
      writeSync(1, 'holding\n')
      await new Promise((resolve) => setTimeout(resolve, Number(hold)))
    }
  })
  writeSync(1, `${prefix}-${n}\n`)
}
await closeDatabases()
