/** Importing a door loads its own room and what it needs, and no battery beside it. */
import { execFileSync } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { expect, test, vi } from 'vitest'

// Processes are started: on a busy machine each takes seconds.
vi.setConfig({ testTimeout: 120_000 })

const root = fileURLToPath(new URL('../..', import.meta.url))
const probe = `
  import { registerHooks } from 'node:module'
  const rooms = new Set()
  registerHooks({
    load(url, context, next) {
      const match = /\\/src\\/(.+)$/.exec(url) ?? /\\/node_modules\\/((?:@[^/]+\\/)?[^/]+)/.exec(url)
      if (match) rooms.add(match[1].startsWith('node_modules') ? match[1] : match[1].replace(/(\\.ts)$/, ''))
      return next(url, context)
    },
  })
  await import(process.argv[1])
  console.log(JSON.stringify([...rooms]))
`

/** Files of src (without suffix) and packages that importing `door` loads. */
function loadedBy(door: string): string[] {
  const args = ['--conditions=nuages-source', '--input-type=module', '--eval', probe, `${root}src/${door}`]
  return JSON.parse(execFileSync(process.execPath, args, { cwd: root, encoding: 'utf8' })) as string[]
}

const rooms = (files: string[]) => [...new Set(files.map((file) => file.split('/')[0]!))].sort()

const cases: [door: string, without: RegExp][] = [
  [
    'index.ts',
    /^(db|http|templates|urls|cli|project(?!\/front)|auth|admin|forms|sessions|middleware|commander|chokidar)\b/,
  ],
  ['http/index.ts', /^(db|templates|urls|cli|forms|auth|admin|sessions|middleware|commander|chokidar)\b/],
  ['urls/index.ts', /^(db|templates|cli|forms|auth|admin|sessions|middleware)\b/],
  ['templates/index.ts', /^(db|http|urls|cli|forms|auth|admin|sessions|middleware)\b/],
  ['db/index.ts', /^(http|templates|urls|cli|forms|auth|admin|sessions|middleware|commander)\b/],
  // What only models with files need, what only development and tests do, and what commands do.
  [
    'db/index.ts',
    /^(storage\/(configure|file-storage|file-system|memory|image)|db\/(query\/save-files|repeats\/(?!allow$)|inspect|serializers|commands|migrations\/(?!table-spec$)))/,
  ],
  ['middleware/index.ts', /^(db|templates|cli|forms|auth|admin|sessions|messages)\b/],
  ['cli/index.ts', /^(db|http|templates|urls|conf|project|commander|chokidar)\b/],
  ['project/index.ts', /^(db|templates|auth|admin|sessions|forms|middleware|cli)\b/],
  ['signing/index.ts', /^(db|http|templates|urls|cli)\b/],
]
test.each(cases)('%s loads nothing it does not need', (door, without) => {
  const files = loadedBy(door)
  expect(files.length).toBeGreaterThan(0)
  expect(files.filter((file) => without.test(file))).toEqual([])
  expect(rooms(files)).toContain(door.replace(/(\/index)?\.ts$/, ''))
})

test('nuages --help loads commander, and of our rooms only cli and what lists apps', () => {
  const light = ['cli', 'std', 'apps', 'checks', 'i18n', 'commander']
  expect(rooms(loadedBy('cli/help.ts')).filter((room) => !light.includes(room))).toEqual([])
})
