/** `npm run conformance` as a process of its own: outside of a test runner, with the files of somebody else. */
import { spawnSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, expect, test } from 'vitest'

const folder = mkdtempSync(join(tmpdir(), 'nuages-conformance-'))
afterAll(() => rmSync(folder, { recursive: true, force: true }))
const root = new URL('../../../', import.meta.url).pathname

function conformance(...args: string[]) {
  const words = ['--conditions=nuages-source', 'scripts/conformance.ts', ...args]
  return spawnSync(process.execPath, words, { cwd: root, encoding: 'utf8' })
}

test('rows of a file pass, and a wrong one is printed and exits with 1', () => {
  const rows = readFileSync(join(root, 'tests/conformance/orm/queries.jsonl'), 'utf8').split('\n').slice(0, 5)
  const wrong = { ...JSON.parse(rows[0]!), id: 'made-wrong', expect: { result: ['never'] } }
  writeFileSync(join(folder, 'rows.jsonl'), [...rows, JSON.stringify(wrong)].join('\n'))
  const run = conformance('orm', join(folder, 'rows.jsonl'), '--fixtures', 'tests/conformance/orm')
  expect(run.stdout.trim().split('\n').at(-1)).toBe('5 passed, 1 failed')
  expect(run.stdout).toContain('made-wrong')
  expect(run.status).toBe(1)
})

test('MIG: cases of migrations pass, and a wrong one is printed and exits with 1', () => {
  const fields = { id: { kind: 'autoId' }, name: { kind: 'char', maxLength: 10 } }
  const good = { id: 'good', after: { 'a.One': { fields } }, operations: [['createModel', 'One']] }
  const wrong = { ...good, id: 'made-wrong', expect: { tables: { a_two: {} } } }
  writeFileSync(join(folder, 'cases.json'), JSON.stringify([good, wrong]))
  const run = conformance('migrations', join(folder, 'cases.json'))
  expect(run.stdout.trim().split('\n').at(-1)).toBe('1 passed, 1 failed')
  expect(run.stdout).toMatch(/made-wrong\n.*there is no table a_two/)
  expect(run.status).toBe(1)
})

test('an unknown suite is refused with how to call it', () => {
  const run = conformance('orn', 'x.jsonl')
  expect([run.status, run.stderr]).toEqual([2, expect.stringContaining('There is no suite "orn"')])
})
