import { existsSync, mkdirSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { builtInCommands } from '../../src/cli/commands.ts'
import { summary } from '../../src/cli/parse.ts'
import { copyFixture, nuages, repository } from './nuages.ts'

let folder: string
let remove: () => void
beforeAll(() => {
  ;({ folder, remove } = copyFixture())
})
afterAll(() => remove())

describe('the index of commands', () => {
  test('has the line of each command that the command has itself', async () => {
    for (const [name, entry] of Object.entries(builtInCommands)) {
      const { default: command } = await entry.load()
      expect([name, entry.help]).toEqual([name, summary(command)])
    }
  })
})

describe('nuages --help', () => {
  test('lists built-in commands and those of apps, with exit code 0', async () => {
    const { code, out, err } = await nuages(['--help'])
    expect([code, err]).toEqual([0, ''])
    for (const name of Object.keys(builtInCommands)) expect(out).toMatch(new RegExp(`^  ${name}  +\\S`, 'm'))
    expect(out).toMatch(/^notes\n {2}shout +Print a word in capitals\.$/m)
  })

  test('works where settings are broken, and says why commands of apps are missing', async () => {
    writeFileSync(join(folder, 'broken.ts'), 'export default {\n')
    const { code, out } = await nuages(['--help', '--settings', 'broken.ts'], { cwd: folder })
    expect(code).toBe(0)
    expect(out).toContain('migrate')
    expect(out).toContain('Commands of apps are not listed, because the settings do not load:')
    expect(out).toContain('broken.ts:')
  })

  test('works outside a project', async () => {
    const { code, out } = await nuages(['--help'], { cwd: join(repository, 'src') })
    expect(code).toBe(0)
    expect(out).toContain('No settings.ts here')
  })

  test('without a command the same is printed with exit code 2', async () => {
    const { code, out } = await nuages([])
    expect(code).toBe(2)
    expect(out).toContain('Usage: nuages <command>')
  })

  test.each([
    ['help', 'shout'],
    ['shout', '--help'],
  ])('nuages %s %s explains one command', async (...words) => {
    const { code, out } = await nuages(words)
    expect(code).toBe(0)
    expect(out).toMatch(/^Usage: nuages shout \[options\] <word>\n/)
  })
})

describe('a command of an app', () => {
  test('runs with the project and gives its exit code', async () => {
    expect(await nuages(['shout', 'apps'])).toEqual({ code: 0, out: 'APPS\nnotes\n', err: '' })
    expect((await nuages(['shout', 'three'])).code).toBe(3)
  })

  test('that fails with an error of ours prints code, message and hint, and no stack', async () => {
    const { code, err } = await nuages(['shout', ''])
    expect([code, err]).toEqual([1, 'CommandError notes.empty: The word is empty.\nGive one.\n'])
    expect((await nuages(['shout', '', '--trace'])).err).toMatch(/shout\.ts:\d+/)
  })

  test('that crashes prints its stack', async () => {
    const { code, err } = await nuages(['shout', 'crash'])
    expect(code).toBe(1)
    expect(err).toMatch(/^RangeError: a mistake in the command\n +at .*shout\.ts:9/)
  })

  test('that does not exist gets a suggestion', async () => {
    const { code, err } = await nuages(['shuot'])
    expect(code).toBe(2)
    expect(err).toContain('UsageError cli.unknown-command: There is no command "shuot".\nDid you mean "shout"?')
  })

  test('with a wrong option gets a suggestion and the usage', async () => {
    const { code, err } = await nuages(['shout', 'a', '--time', '2'])
    expect(code).toBe(2)
    expect(err).toContain('Unknown option "--time". Did you mean "--times"?')
    expect(err).toContain('Usage: nuages shout [options] <word>')
  })

  test('whose file holds no command says so', async () => {
    writeFileSync(join(folder, 'notes', 'commands', 'empty.ts'), 'export const x = 1\n')
    const { code, err } = await nuages(['empty'], { cwd: folder })
    rmSync(join(folder, 'notes', 'commands', 'empty.ts'))
    expect(code).toBe(1)
    expect(err).toMatch(/cli\.not-a-command: .*empty\.ts is not a command\.\nWrite: export default defineCommand/)
  })
})

describe('settings', () => {
  test('come from --settings, before or after the command', async () => {
    mkdirSync(join(folder, 'settings'))
    writeFileSync(
      join(folder, 'settings', 'quiet.ts'),
      "import base from '../settings.ts'\nexport default { ...base, apps: [] }\n",
    )
    for (const words of [
      ['check', '--settings', 'settings/quiet.ts'],
      ['--settings=settings/quiet.ts', 'check'],
    ]) {
      const { out } = await nuages(words, { cwd: folder, env: { NOTES_FINDING: 'error' } })
      expect(out).not.toContain('notes.T001')
    }
    const { err } = await nuages(['shout', 'a'], { cwd: folder, env: { NUAGES_SETTINGS: 'settings/quiet' } })
    expect(err).toContain('no command "shout"')
    rmSync(join(folder, 'settings'), { recursive: true })
  })

  test('that are not there are an error that says where they were looked for', async () => {
    const missing = await nuages(['check', '--settings', 'nowhere.ts'])
    expect([missing.code, missing.err]).toEqual([1, expect.stringContaining('cli.no-such-settings')])
    const outside = await nuages(['check'], { cwd: join(repository, 'src') })
    expect(outside.err).toContain('cli.no-settings: There is no settings.ts here.')
  })

  test('with several mistakes tell them all', async () => {
    writeFileSync(join(folder, 'wrong.ts'), "export default { secretKey: 'short', port: 'x', timezone: 'UTC' }\n")
    const { code, err } = await nuages(['listurls', '--settings', 'wrong.ts'], { cwd: folder })
    expect(code).toBe(1)
    expect(err).toMatch(/^SettingsError conf\.invalid-settings: 3 settings are wrong/)
    for (const name of ['secretKey', 'port', 'timezone']) expect(err).toContain(name)
    const { out } = await nuages(['check', '--settings', 'wrong.ts'], { cwd: folder })
    for (const name of ['secretKey', 'port', 'timezone']) expect(out).toContain(`error conf.E001 settings.${name}`)
  })

  test('read .env, where variables of the environment win', async () => {
    writeFileSync(join(folder, '.env'), 'DEBUG=no\n')
    const code = ['shell', '-c', 'settings.debug']
    expect((await nuages(code, { cwd: folder })).out).toBe('false\n')
    expect((await nuages(code, { cwd: folder, env: { DEBUG: 'yes' } })).out).toBe('true\n')
    rmSync(join(folder, '.env'))
  })

  test('with a syntax error show file and line', async () => {
    writeFileSync(
      join(folder, 'typo.ts'),
      "import { defineSettings } from 'nuages'\nexport default defineSettings({ apps: [ })\n",
    )
    const { code, err } = await nuages(['check', '--settings', 'typo.ts'], { cwd: folder })
    expect(code).toBe(1)
    expect(err).toContain('typo.ts:2')
    expect(err).toContain('apps: [ }')
    expect(err).not.toContain('node:internal')
  })
})

describe('check', () => {
  test('finds nothing wrong with the fixture', async () => {
    expect(await nuages(['check'])).toMatchObject({ code: 0, out: 'No problems found.\n' })
  })

  test('prints findings and fails on errors', async () => {
    const { code, out } = await nuages(['check'], { env: { NOTES_FINDING: 'error' } })
    expect([code, out]).toEqual([
      1,
      'error notes.T001 notes\n  The notes are out of order.\n  Sort them.\n\n1 finding: 1 error.\n',
    ])
  })

  test('--fail-level decides what fails', async () => {
    const env = { NOTES_FINDING: 'warning' }
    expect((await nuages(['check'], { env })).code).toBe(0)
    expect((await nuages(['check', '--fail-level', 'warning'], { env })).code).toBe(1)
  })

  test('--json prints the findings alone', async () => {
    const { out } = await nuages(['check', '--json'], { env: { NOTES_FINDING: 'warning' } })
    expect(JSON.parse(out)).toEqual([
      {
        id: 'notes.T001',
        level: 'warning',
        message: 'The notes are out of order.',
        hint: 'Sort them.',
        object: 'notes',
      },
    ])
  })

  test('--deploy adds what matters in production', async () => {
    const { out } = await nuages(['check', '--deploy', '--json'])
    const ids = (JSON.parse(out) as { id: string }[]).map(({ id }) => id)
    expect(ids).toContain('security.W001')
    expect(ids).not.toContain('security.W010')
  })

  test('tells mistakes in the routes as findings', async () => {
    writeFileSync(join(folder, 'views.ts'), 'export {}\n')
    const { code, out } = await nuages(['check'], { cwd: folder })
    expect(code).toBe(1)
    expect(out).toContain('error urls.E003 about urls.ts:')
    expect(out).toContain('"about" (/about/) has no view')
  })
})

describe('listurls', () => {
  test('lists routes in order, with their guards', async () => {
    const { out } = await nuages(['listurls'])
    expect(out).toMatch(/^Path +Name +View\n\/about\/ +about +about\n\/ +notes:index +index\n/)
    expect(out).toMatch(/\/hook\/ +notes:hook +csrfExempt → hook/)
  })

  test('can be filtered, and printed as JSON', async () => {
    expect((await nuages(['listurls', 'note:'])).out).toContain('No route has "note:" in it.')
    const { out } = await nuages(['listurls', 'notes:note', '--json'])
    expect(JSON.parse(out)).toEqual([{ name: 'notes:note', pattern: '/notes/<int:id>/', params: ['id'], view: 'note' }])
  })
})

describe('shell', () => {
  test('-c prints the value of the last expression', async () => {
    expect((await nuages(['shell', '-c', 'const n = await Promise.resolve(20); n + 1'])).out).toBe('21\n')
  })

  test('runs what is piped in', async () => {
    expect((await nuages(['shell'], { input: 'const a = settings.apps\na.map((app) => app.name)\n' })).out).toBe(
      "[ 'notes' ]\n",
    )
  })

  test('fails with the error of the code', async () => {
    const { code, err } = await nuages(['shell', '-c', 'missing.name'])
    expect([code, err]).toEqual([1, expect.stringContaining('missing is not defined')])
  })
})

describe('collectstatic', () => {
  test('fills the folder, and writes nothing the second time', async () => {
    mkdirSync(join(folder, 'notes', 'static', 'notes'), { recursive: true })
    writeFileSync(join(folder, 'notes', 'static', 'notes', 'site.css'), 'body { color: red }\n')
    expect((await nuages(['collectstatic'], { cwd: folder })).out).toBe(
      '1 static files written to staticfiles, 0 were there already.\n',
    )
    expect((await nuages(['collectstatic'], { cwd: folder })).out).toBe(
      '0 static files written to staticfiles, 1 were there already.\n',
    )
    expect(existsSync(join(folder, 'staticfiles', 'notes', 'site.css'))).toBe(true)
  })
})

test('version prints versions, also as --version', async () => {
  const { version } = JSON.parse((await nuages(['version', '--json'])).out.replace('nuages', 'version')) as {
    version: string
  }
  expect((await nuages(['--version'])).out).toMatch(
    new RegExp(`^nuages ${version} \\(.*\\)\nnode ${process.versions.node}, sqlite `),
  )
})
