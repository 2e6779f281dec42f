/** Files of tests in processes of their own, as a user's project has them. */
import { execFile } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { describe, expect, test } from 'vitest'

const root = fileURLToPath(new URL('../../', import.meta.url))
const fixture = (name: string) => fileURLToPath(new URL(`./runners/${name}`, import.meta.url))

async function run(args: readonly string[], env: Record<string, string> = {}): Promise<string> {
  const { NODE_TEST_CONTEXT: _, VITEST: __, ...inherited } = process.env
  return new Promise((resolve) =>
    execFile(
      process.execPath,
      args,
      { cwd: root, env: { ...inherited, NODE_OPTIONS: '', NO_COLOR: '1', ...env }, maxBuffer: 2 ** 26 },
      (_error, stdout, stderr) => resolve(stdout + stderr),
    ),
  )
}
const node = (files: readonly string[], env: Record<string, string> = {}, ...more: string[]) =>
  run(['--conditions=nuages-source', '--test', '--test-reporter=tap', ...more, ...files.map(fixture)], env)

/** Names of tests that passed and failed, as TAP has them. */
function verdicts(tap: string) {
  const named = (line: RegExp) => [...tap.matchAll(line)].map(([, name]) => name!)
  return { passed: named(/^ *ok \d+ - (passes: .*)$/gm), failed: named(/^ *not ok \d+ - (fails: .*)$/gm) }
}
const expectations = {
  passed: [
    'passes: clean after a test that throws',
    'passes: clean after a beforeEach that throws',
    'passes: clean after an afterEach that throws',
    'passes: clean after a block that failed',
    'passes: a block is left open',
    'passes: clean after a block left open',
    'passes: clean after a test that took too long',
    'passes: clean after other settings',
    'passes: clean after rows of a group that failed',
    'passes: clean after tests at the same time',
  ],
  failed: [
    'fails: throws',
    'fails: its beforeEach throws',
    'fails: its afterEach throws',
    'fails: a block is rolled back and the error leaves',
    'fails: takes too long, with other settings',
    'fails: with other settings, throws',
    'fails: of a group without its rows',
  ],
}

describe('under node:test', { timeout: 60_000 }, () => {
  test('tests are isolated', async () => {
    const tap = await node(['isolation.node.ts'])
    expect(tap).toContain('# fail 0')
    expect(Number(/^# pass (\d+)/m.exec(tap)![1])).toBeGreaterThan(15)
  })

  test('what fails leaves nothing behind', async () => {
    const tap = await node(['leftovers.node.ts'])
    expect(verdicts(tap)).toEqual(expectations)
    expect(tap).toContain('testing.concurrent-tests')
  })

  test.each(['memory', 'file'])('tests that tests start are undone before those go on (%s)', async (DATABASES) => {
    const tap = await node(['subtests.node.ts'], { DATABASES })
    expect(tap).toContain('# fail 0')
    expect(tap).toContain('# pass 6')
  })

  test('files side by side do not disturb one another', async () => {
    const tap = await node(['isolation.node.ts', 'subtests.node.ts'], { DATABASES: 'file' }, '--test-concurrency=2')
    expect(tap).toContain('# fail 0')
  })

  test('files in one process are told to part', async () => {
    const tap = await node(['isolation.node.ts', 'subtests.node.ts'], {}, '--test-isolation=none')
    expect(tap).toContain('testing.second-site')
  })
})

test('under vitest, what fails leaves nothing behind', { timeout: 60_000 }, async () => {
  const config = fixture('vitest.config.ts')
  const folder = mkdtempSync(join(tmpdir(), 'nuages-vitest-'))
  const file = join(folder, 'report.json')
  await run(['node_modules/vitest/vitest.mjs', 'run', '--config', config, '--reporter=json', `--outputFile=${file}`])
  const text = readFileSync(file, 'utf8')
  rmSync(folder, { recursive: true })
  const report = JSON.parse(text) as {
    testResults: { assertionResults: { title: string; status: string; failureMessages: string[] }[] }[]
  }
  const results = report.testResults.flatMap(({ assertionResults }) => assertionResults)
  const named = results.filter(({ title }) => !title.startsWith('beside: '))
  const titles = (wanted: string) => named.filter(({ status }) => status === wanted).map(({ title }) => title)
  const skipped = 'fails: of a group without its rows' // vitest runs no test of such a group
  expect(titles('passed')).toEqual(expectations.passed)
  expect(titles('failed')).toEqual(expectations.failed.filter((title) => title !== skipped))
  expect(results.flatMap(({ failureMessages }) => failureMessages).join()).toContain('testing.concurrent-tests')
})
