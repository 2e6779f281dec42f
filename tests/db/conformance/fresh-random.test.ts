/** New random queries, answered by the Django of this machine and by us; other ones each time in `npm run test:long`. */
import { spawnSync } from 'node:child_process'
import { randomInt } from 'node:crypto'
import { afterAll, expect, test } from 'vitest'
import { closeDatabases, configureDatabases } from '../../../src/db/internal.ts'
import { makeAdapter } from './adapter.ts'
import { check, readRows } from './check.ts'
import { loadData, loadModels } from './schema.ts'

const folder = new URL('../../conformance/orm/', import.meta.url).pathname
const recorder = new URL('./django/record.py', import.meta.url).pathname
const isLong = process.env.NUAGES_LONG !== undefined
const count = isLong ? 20_000 : 300

afterAll(closeDatabases)

test(`${count} random queries come out as Django's on SQLite`, { timeout: 600_000 }, async () => {
  const seed = process.env.RANDOM_SEED ?? (isLong ? String(randomInt(1_000_000)) : '7')
  const django = spawnSync('/usr/bin/python3', [recorder, folder, 'generate', String(count), seed], {
    encoding: 'utf8',
    maxBuffer: 1 << 30,
  })
  if (django.status !== 0) throw new Error(`Django is needed (Debian: python3-django). ${django.stderr.slice(-500)}`)
  const models = loadModels(folder)
  configureDatabases({ default: { engine: 'sqlite', url: 'sqlite::memory:' } })
  await loadData(models, folder)
  const run = makeAdapter(models)
  const wrong: string[] = []
  for (const row of readRows(django.stdout)) {
    const problem = await check(run, row)
    if (problem !== null) wrong.push(`${JSON.stringify(row.query ?? row.steps)}: ${problem.slice(0, 400)}`)
  }
  expect(wrong, `RANDOM_SEED=${seed}`).toEqual([])
})
