/** `nuages test` and `nuages diffsettings` on a project. */
import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { copyFixture, nuages } from './nuages.ts'

let folder: string
let remove: () => void
beforeAll(() => {
  ;({ folder, remove } = copyFixture())
})
afterAll(() => remove())

const run = (...words: string[]) => nuages(words, { cwd: folder, env: { NODE_OPTIONS: '' } })

describe('nuages test', () => {
  test('says so where there is no test', async () => {
    expect(await run('test')).toMatchObject({ code: 1, err: expect.stringContaining('cli.no-tests') })
  })

  test('runs every *.test.ts of the project, none of node_modules, and passes on the exit code', async () => {
    const write = (path: string, body: string) => {
      mkdirSync(join(folder, path, '..'), { recursive: true })
      writeFileSync(join(folder, path), `import { test } from 'node:test'\n${body}\n`)
    }
    write('notes/good.test.ts', "test('good one', () => {})")
    write('deep/er/other.test.ts', "test('other one', () => {})")
    write('node_modules/them/their.test.ts', "test('theirs', () => { throw new Error('no') })")
    const all = await run('test')
    expect([all.code, all.out]).toEqual([0, expect.stringMatching(/pass 2\b/)])
    expect(all.out).not.toContain('theirs')

    write('notes/bad.test.ts', "test('bad one', () => { throw new Error('no') })")
    expect(await run('test')).toMatchObject({ code: 1, out: expect.stringMatching(/fail 1\b/) })
    expect(await run('test', 'notes/good.test.ts')).toMatchObject({ code: 0, out: expect.stringMatching(/pass 1\b/) })
    expect(await run('test', 'deep/')).toMatchObject({ code: 0, out: expect.stringContaining('other one') })
    const named = await run('test', '--name', 'good')
    expect([named.code, named.out]).toEqual([0, expect.stringMatching(/✔ good one/)])
    expect(named.out).not.toContain('bad one')
    expect(await run('test', 'missing')).toMatchObject({
      code: 1,
      err: expect.stringContaining('No tests in missing.'),
    })
  })
})

describe('nuages diffsettings', () => {
  test('lists what differs from the defaults, secrets hidden', async () => {
    const { code, out } = await run('diffsettings')
    expect(code).toBe(0)
    expect(out).toMatch(/^secretKey = "\*{8}"$/m)
    expect(out).toMatch(/^apps = \["notes"\]$/m)
    expect(out).not.toMatch(/^port = /m)
    expect(out).not.toContain('a key for tests')
  })

  test('--all lists every setting, and --json says which differ and from what', async () => {
    expect((await run('diffsettings', '--all')).out).toMatch(/^port = 8000$/m)
    const lines = JSON.parse((await run('diffsettings', '--all', '--json')).out) as Record<string, unknown>[]
    expect(lines).toContainEqual({ setting: 'port', value: 8000, default: 8000, changed: false })
    expect(lines).toContainEqual({ setting: 'apps', value: ['notes'], default: [], changed: true })
    expect(lines).toContainEqual({ setting: 'secretKey', value: '********', default: null, changed: true })
  })
})
