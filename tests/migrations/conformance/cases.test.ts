/** Our own cases of migrations, on the engine that `TEST_ENGINE` names. */
import { readdirSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { engine } from '../../db/backends/fresh.ts'
import { readCases, runCases } from './suite.ts'

const folder = join(import.meta.dirname, '../../conformance/migrations')
const files = readdirSync(folder).filter((name) => name.endsWith('.json'))

test('there are sixty cases or more, each with an id of its own', () => {
  const ids = files.flatMap((file) => readCases(join(folder, file)).map(({ id }) => id))
  expect(ids.length).toBeGreaterThanOrEqual(60)
  expect(new Set(ids).size).toBe(ids.length)
})

test.each(files)(
  `MIG-01…MIG-20: %s, forward, back, again, to zero and from zero on ${engine.name}`,
  async (file) => {
    const wrong: Record<string, string> = {}
    await runCases(engine, readCases(join(folder, file)), ({ id }, problem) => {
      if (problem !== null) wrong[id] = problem.slice(0, 600)
    })
    expect(wrong).toEqual({})
  },
  300_000,
)
