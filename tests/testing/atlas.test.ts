/** The example's own tests, as its user runs them. */
import { execFile } from 'node:child_process'
import { readdirSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { expect, test } from 'vitest'

const folder = fileURLToPath(new URL('../../examples/atlas/', import.meta.url))

test('the atlas passes its tests under node:test', { timeout: 60_000 }, async () => {
  const files = readdirSync(`${folder}tests`).filter((name) => name.endsWith('.test.ts'))
  const { NODE_TEST_CONTEXT: _, VITEST: __, ...env } = process.env
  const args = ['--conditions=nuages-source', '--test', '--test-reporter=tap', ...files.map((name) => `tests/${name}`)]
  const output = await new Promise<string>((resolve) =>
    execFile(process.execPath, args, { cwd: folder, env: { ...env, NODE_OPTIONS: '' } }, (_error, stdout, stderr) =>
      resolve(stdout + stderr),
    ),
  )
  expect(output).toContain('# fail 0')
  expect(output).toContain('# pass 15')
})
