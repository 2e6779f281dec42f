/** The guide's way from SQLite to PostgreSQL, and back. */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Decimal, Temporal, using } from 'nuages/db'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { captureOutput } from '../../../src/cli/index.ts'
import dumpdata from '../../../src/db/commands/dumpdata.ts'
import loaddata from '../../../src/db/commands/loaddata.ts'
import { closeDatabases, configureDatabases } from '../../../src/db/internal.ts'
import { dropSchemas, freshSchemas } from '../backends/postgres.ts'
import { createTables } from '../query/setup.ts'
import { City, Country, Person, Thing, world } from './models.ts'

let folder: string
beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'nuages-move-'))
  const next = await freshSchemas(1)
  await closeDatabases()
  const memory = { engine: 'sqlite', url: 'sqlite::memory:' }
  configureDatabases({ default: memory, server: next(), back: memory })
  for (const alias of ['default', 'server', 'back']) await createTables(alias, world)
})
afterAll(async () => {
  await closeDatabases()
  await dropSchemas()
  rmSync(folder, { recursive: true, force: true })
})

const project = { apps: { apps: [world] } }
const dump = async (database: string, output?: string) => {
  const out = captureOutput()
  const options = {
    indent: 0,
    database,
    exclude: [],
    naturalForeign: false,
    naturalPrimary: false,
    secrets: true,
    output,
  }
  await dumpdata.run({ args: { labels: [] }, options, out, project } as never) // it reads no more
  return out.text
}
const load = (database: string, path: string) => {
  const options = { database, exclude: [], ignoreNonexistent: false, model: [] }
  return loaddata.run({ args: { fixtures: [path] }, options, out: captureOutput(), project } as never)
}

test('a database goes to PostgreSQL and back by dumpdata and loaddata, value by value', async () => {
  const france = await Country.objects.create({ id: 7, code: 'FR', name: 'France “é” 😀' })
  const paris = await City.objects.create({ name: 'Paris', country: france })
  paris.twin = await City.objects.create({ name: 'Lyon', country: france, twin: paris })
  await paris.save()
  const ada = await Person.objects.create({ fullName: 'Ada', token: 'hush', home: paris })
  await ada.visited.add(paris)
  await ada.friends.add(await Person.objects.create({ fullName: 'Bo' }))
  await Thing.objects.create({
    short: '',
    big: -9223372036854775808n,
    price: new Decimal('12345678901234567890123456.0010'),
    ratio: 0.1,
    day: Temporal.PlainDate.from('9999-12-31'),
    clock: Temporal.PlainTime.from('00:00:00.000001'),
    moment: new Date('0001-01-01T00:00:00.001Z'),
    span: Temporal.Duration.from({ days: -3, hours: -1, microseconds: -5 }),
    data: { a: [null, true, 1.5, '\u2028'] },
    bytes: new Uint8Array([0, 1, 255]),
  })
  const [first, second] = [join(folder, 'first.json.gz'), join(folder, 'second.jsonl.zst')]
  await dump('default', first)
  await load('server', first)
  const before = await dump('default')
  expect(await dump('server')).toBe(before)
  expect(await using('server', () => City.objects.create({ name: 'Next', country: 7 }))).toMatchObject({ id: 3 })
  await using('server', () => City.objects.filter({ id: 3 }).delete())
  await dump('server', second)
  await load('back', second)
  expect(await dump('back')).toBe(before)
})
