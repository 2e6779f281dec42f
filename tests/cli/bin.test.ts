/** bin/nuages.js on a Node that is too old: another one says that it is, by a preloaded line. */
import { spawnSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, realpathSync, rmSync, symlinkSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest'
import { repository } from './nuages.ts'

// Processes are started: on a busy machine each takes seconds.
vi.setConfig({ testTimeout: 120_000 })

let folder: string
beforeAll(() => {
  folder = realpathSync(mkdtempSync(join(tmpdir(), 'nuages-bin-')))
})
afterAll(() => rmSync(folder, { recursive: true, force: true }))

/** Pretends to be `version`, unless it runs as the newer Node that was found. */
const pretend = (version: string, always: boolean) =>
  `data:text/javascript,${encodeURIComponent(
    `if (${always} || !process.env.NUAGES_NODE) Object.defineProperty(process, 'versions', { value: { ...process.versions, node: '${version}' } })`,
  )}`

function run(version: string, words: string[], cwd: string, always = false) {
  const args = [
    '--import',
    pretend(version, always),
    '--conditions=nuages-source',
    join(repository, 'bin', 'nuages.js'),
    ...words,
  ]
  const env = { ...process.env, NO_COLOR: '1', NUAGES_NODE: undefined }
  const { status, stdout, stderr } = spawnSync(process.execPath, args, {
    cwd,
    encoding: 'utf8',
    env: env as NodeJS.ProcessEnv,
  })
  return { status, stdout, stderr }
}

describe('on an older Node', () => {
  test('says in one sentence what is needed and how to get it', () => {
    const { status, stderr } = run('20.20.2', ['version'], folder)
    expect(status).toBe(1)
    expect(stderr).toBe(
      'Nuages needs Node 24.15 or newer and this is 20.20.2: update Node, or run "npm install node@24" in the project and start again.\n',
    )
  })

  test('a newer Node of the project takes over: same words, folder and exit code', () => {
    mkdirSync(join(folder, 'node_modules', 'node', 'bin'), { recursive: true })
    mkdirSync(join(folder, 'deep', 'er'), { recursive: true })
    symlinkSync(process.execPath, join(folder, 'node_modules', 'node', 'bin', 'node'))
    const good = run('18.20.0', ['version', '--json'], join(folder, 'deep', 'er'))
    expect(good.status).toBe(0)
    expect(JSON.parse(good.stdout)).toMatchObject({ node: process.versions.node })
    expect(run('24.14.9', ['nonsense'], folder).status).toBe(2)
  })

  test('a Node of the project that is too old as well does not start itself for ever', () => {
    expect(run('20.0.0', ['version'], folder, true)).toMatchObject({
      status: 1,
      stderr: expect.stringContaining('needs Node 24.15'),
    })
  })
})

test('24.15 and what comes after is new enough', () => {
  for (const version of ['24.15.0', '24.21.0', '26.0.0']) expect(run(version, ['version'], folder).status).toBe(0)
})
