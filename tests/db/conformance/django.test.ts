/** The answers of Django itself, row by row. */
import { readFileSync } from 'node:fs'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { closeDatabases, configureDatabases } from '../../../src/db/internal.ts'
import { engine } from '../backends/fresh.ts'
import { makeAdapter } from './adapter.ts'
import { check, readRows } from './check.ts'
import { OWN_DOING } from './own-doing.ts'
import { loadData, loadModels } from './schema.ts'

const folder = new URL('../../conformance/orm/', import.meta.url).pathname
const read = (name: string) => readRows(readFileSync(`${folder}${name}.jsonl`, 'utf8'))
// Random queries were recorded on each database by itself, so none of their answers is another database's doing.
const random: Readonly<Record<string, string>> = { SQLite: 'random.sqlite', PostgreSQL: 'random.postgres' }
const rows = [...read('queries'), ...(engine.name in random ? read(random[engine.name]!) : [])]
const ownDoing = OWN_DOING[engine.name] ?? {}
const models = loadModels(folder)
const run = makeAdapter(models)

const config = await engine.fresh(1)
describe(`the ORM answers as Django does on ${engine.name}`, () => {
  beforeAll(async () => {
    await closeDatabases()
    configureDatabases({ default: config() })
    await loadData(models, folder)
  })
  afterAll(async () => {
    await closeDatabases()
    await engine.drop()
  })

  test.each([...new Set<string>(rows.map((row) => row.kind))])('%s', async (kind) => {
    const wrong: Record<string, string> = {}
    for (const row of rows.filter((each) => each.kind === kind)) {
      const problem = await check(run, row)
      if (problem === null || row.id in ownDoing) continue
      wrong[row.id] = `${JSON.stringify(row.query ?? row.steps).slice(0, 600)}: ${problem.slice(0, 400)}`
    }
    expect(wrong).toEqual({})
  })

  test('what is listed as the database’s own doing differs indeed', async () => {
    const listed = rows.filter((row) => row.id in ownDoing)
    const differing = []
    for (const row of listed) if ((await check(run, row)) !== null) differing.push(row.id)
    expect(differing.sort()).toEqual(Object.keys(ownDoing).sort())
  })
})
