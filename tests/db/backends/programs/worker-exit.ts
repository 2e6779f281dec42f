/** A program that uses workers and ends without closing them: `node worker-exit.ts FILE [slow]`. Run by sqlite-worker.test.ts. */
import { configureDatabases, database } from '../../../../src/db/connections.ts'
import { connection, sql } from '../../../../src/db/index.ts'

const [, , path, slow] = process.argv
configureDatabases({ default: { engine: 'sqlite', url: `sqlite:${path}`, options: { worker: true } } })
await database().exec('CREATE TABLE item (id integer PRIMARY KEY)')
const { rows } = await connection().execute(sql`select count(*) from item`)
console.log(rows[0]![0])
if (slow !== undefined) {
  connection()
    .execute(
      sql`with recursive n(i) as (select 1 union all select i + 1 from n where i < 2000000000) select count(*) from n`,
    )
    .catch(() => undefined)
  setTimeout(() => process.exit(3), 300)
}
