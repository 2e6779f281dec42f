import { type Check, finding, isSerious, runChecks } from 'nuages/checks'
import { expect, test } from 'vitest'

const context = { project: null, deploy: false }

test('gives all that checks find, the gravest first, else in order', async () => {
  const checks: Check[] = [
    () => [finding('warning', 'a.W001', 'one'), finding('error', 'a.E001', 'two')],
    async () => [finding('warning', 'b.W001', 'three'), finding('critical', 'b.E001', 'four')],
    () => [],
  ]
  expect((await runChecks(checks, context)).map((found) => found.message)).toEqual(['four', 'two', 'one', 'three'])
})

test('a check that fails is a finding, and hides no other', async () => {
  function broken(): never {
    throw new Error('no database')
  }
  const found = await runChecks([broken, () => [finding('info', 'a.I001', 'fine')]], context)
  expect(found.map(({ id, message }) => [id, message])).toEqual([
    ['checks.E001', 'The check broken failed: no database'],
    ['a.I001', 'fine'],
  ])
})

test('checks are told what they run for', async () => {
  const seen: unknown[] = []
  const look: Check = (given) => {
    seen.push(given)
    return []
  }
  await runChecks([look], { project: 'p', deploy: true })
  expect(seen).toEqual([{ project: 'p', deploy: true }])
})

test('errors and worse keep a project from starting', () => {
  expect(
    (['debug', 'info', 'warning', 'error', 'critical'] as const).map((level) => isSerious(finding(level, 'x', 'x'))),
  ).toEqual([false, false, false, true, true])
})
