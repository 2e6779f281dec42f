/**
 * The ORM where there is much of something: rows to load, rows to read, query shapes, keys of a list. Each line is
 * measured in fresh processes; see README.md.
 */
import { DatabaseSync } from 'node:sqlite'
import { parseArgs } from 'node:util'
import { Child } from './lib/child.ts'
import { cpuOf, interleave } from './lib/pairs.ts'
import { Client } from './lib/pg.ts'
import { absolute, compared, type Row as Line, report } from './lib/report.ts'
import { bookValues, type DatabaseName, databases } from './orm/contract.ts'
import { type Data, openData } from './orm/data.ts'
import { open as openHand } from './orm/hand-postgres.ts'
import { open as openNuages } from './orm/nuages.ts'

const { values: given } = parseArgs({
  options: {
    quick: { type: 'boolean', default: false },
    only: { type: 'string', default: '' },
    database: { type: 'string' },
  },
})
const chosen = databases.filter((name) => given.database === undefined || name === given.database)
const rowsToRead = given.quick ? 200_000 : 1_000_000
const shapes = given.quick ? 10_000 : 100_000
const processes = given.quick ? 1 : 3
const LOADED = 5000

async function once(work: string, url: string, count: number): Promise<number> {
  const args = [work, url, String(count)]
  const [child, answer] = await Child.start<number>('orm/scale-process.ts', {}, ['--expose-gc'], { args })
  await child.stop()
  return answer
}
/** The answers of several processes. */
async function several(work: string, url: string, count: number, times = processes): Promise<number[]> {
  const answers: number[] = []
  for (let i = 0; i < times; i++) answers.push(await once(work, url, count))
  return answers
}

const urlOf = (database: DatabaseName, { url }: Data): string => (database === 'sqlite' ? `sqlite:${url}` : url)

/** As many authors as are to be read. */
async function addAuthors(database: DatabaseName, { url }: Data): Promise<void> {
  if (database === 'sqlite') {
    const file = new DatabaseSync(url)
    file.exec(`WITH RECURSIVE n(i) AS (SELECT 101 UNION ALL SELECT i + 1 FROM n WHERE i < ${rowsToRead})
      INSERT INTO library_author (id, name) SELECT i, 'Author ' || i FROM n`)
    file.close()
    return
  }
  const client = new Client({ connectionString: url })
  await client.connect()
  await client.query(
    `INSERT INTO library_author (id, name) SELECT i, 'Author ' || i FROM generate_series(101, ${rowsToRead}) i`,
  )
  await client.end()
}

/** COPY, which bulkCreate() uses for many rows whose keys are given, against the driver's best with INSERT. */
async function loading(data: Data): Promise<Line> {
  const [ours, hand] = [await openNuages('postgres', data.url), await openHand('postgres', data.url)]
  const rows = Array.from({ length: LOADED }, (_, i) => bookValues(i))
  const keyed = rows.map((row, i) => ({ id: 1001 + i, ...ours.written!(row) }))
  const side = (work: () => unknown) => async () => {
    const cost = await cpuOf(work, 1)
    if ((await data.forget()) !== LOADED) throw new Error('Not all rows were loaded.')
    return cost
  }
  const [copy, insert] = [side(() => ours.bulk(keyed)), side(() => hand.bulk(rows))]
  for (let i = 0; i < 10; i++) await Promise.all([await copy(), await insert()]) // warm
  const samples = await interleave(copy, insert, 20)
  await Promise.all([ours.close(), hand.close()])
  return compared(`postgres: bulkCreate of ${LOADED} by COPY, to unnest by hand`, samples)
}

const lines: Line[] = []
async function line(name: string, measure: () => Promise<Line>): Promise<void> {
  if (name.includes(given.only)) lines.push(await measure())
}

for (const database of chosen) {
  const data = await openData(database)
  try {
    const url = urlOf(database, data)
    if (database === 'postgres') await line('loading', () => loading(data))
    else
      await line('workers', async () => {
        const [inside, outside] = [await several('gets', url, 5000), await several('gets', `${url}?worker=true`, 5000)]
        return absolute('sqlite: get by pk with workers, to one without', 'us', outside, inside)
      })
    await line('lists', async () => {
      const counts = await several('lists', url, 1000, 1)
      return absolute(`${database}: texts for lists of 1 to 1,000 keys`, 'texts', counts, null, { goal: 1 })
    })
    await line('shapes', async () => {
      const growth = await several('shapes', url, shapes, 1)
      return absolute(`${database}: heap after ${shapes} query shapes`, 'MB', growth, null, { goal: 2 })
    })
    await line('iterate', async () => {
      await addAuthors(database, data)
      const peaks = await several('iterate', url, rowsToRead)
      return absolute(`${database}: most memory, reading ${rowsToRead} rows`, 'MB', peaks, null, { goal: 150 })
    })
  } finally {
    await data.close()
  }
}
report(
  'orm-scale',
  lines,
  `Memory is of a process of its own: the most it had while iterating (resident), what its heap grew by from the second quarter of the shapes to the last, of each the least of ten looks. Workers: by the clock. COPY: CPU of the client, 20 interleaved pairs.`,
)
