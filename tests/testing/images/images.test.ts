/** Runs of several files: the migrations of a project are applied once, its other databases are copies. */
import { mkdirSync, readdirSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { currentRun, isAlive } from '../../../src/testing/images.ts'
import { expectWorks, migration, run, site, temporary, write } from './project.ts'

const hasBytes = 'deserialize' in process.getBuiltinModule('node:sqlite').DatabaseSync.prototype

describe.skipIf(!hasBytes).each(['memory', 'file'])('on SQLite (%s)', { timeout: 180_000 }, (DATABASES) => {
  test('migrations are applied once in a run, and all files find what they would have made', async () => {
    const replayed = await run({ DATABASES, REPLAY: '1' }, 2)
    expect(replayed.applied).toBe(2)
    const cloned = await run({ DATABASES }, 3)
    expect(cloned.applied).toBe(1)
    expect(new Set([...replayed.found, ...cloned.found]).size).toBe(1)
    expectWorks(cloned.found[0]!)
  })
})

test('on PGlite, which can keep none, each file applies its migrations', { timeout: 120_000 }, async () => {
  const { applied, found } = await run({ NUAGES_TEST_DATABASE: 'pglite::memory:' }, 3)
  expect([applied, new Set(found).size]).toEqual([3, 1])
})

describe.skipIf(!hasBytes)('a run', { timeout: 180_000 }, () => {
  test('whose files begin at the same time finds the same in all', async () => {
    const { applied: times, found } = await run({}, 4, 4)
    expect(times).toBeGreaterThan(0)
    expect(new Set(found).size).toBe(1)
  })

  test('applies a migration again that changed meanwhile', async () => {
    const changed = migration(`runSql("INSERT INTO things_shelf (name) VALUES ('new')"),`)
    // The second file is written anew by the first, after its own site has begun.
    write(
      'tests-0.ts',
      `${site}\nrunner.after(() => writeFileSync('things/migrations/0001_initial.ts', ${JSON.stringify(changed)}))\nimport { writeFileSync } from 'node:fs'`,
    )
    const { applied: times, found } = await run({}, 3)
    expect(times).toBe(2)
    expect(new Set(found).size).toBe(2)
    expect(found[1]).toContain('new')
    expect(found[2]).toBe(found[1])
  })

  test('applies them in each file where it is told to', async () => {
    expect((await run({ NUAGES_TEST_REPLAY: '1' }, 2)).applied).toBe(2)
  })

  test('removes what others left that have ended, and leaves those that go on', async () => {
    await run({}, 2)
    const runs = join(temporary, readdirSync(temporary).find((name) => name.startsWith('nuages-images-'))!)
    const [ended] = readdirSync(runs)
    const own = currentRun()!
    mkdirSync(join(runs, own))
    await run({}, 2)
    expect(readdirSync(runs)).toContain(own)
    expect(readdirSync(runs)).not.toContain(ended)
  })
})

test('a process alone, or one whose files change, is no run', () => {
  expect(currentRun({})).toBeNull()
  expect(currentRun({ VITEST: 'true', VITEST_MODE: 'WATCH' })).toBeNull()
  expect(currentRun({ NODE_TEST_CONTEXT: 'child-v8', WATCH_REPORT_DEPENDENCIES: '1' })).toBeNull()
  expect(currentRun({ NODE_TEST_CONTEXT: 'child-v8', NUAGES_TEST_REPLAY: '1' })).toBeNull()
  const run = currentRun({ VITEST: 'true' })!
  expect(isAlive(run)).toBe(true)
  expect(isAlive(`${run.split('_')[0]}_00000000`)).toBe(false)
})
