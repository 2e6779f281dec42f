/** `nuages startproject` by itself: what it writes, what it refuses, on which Node it runs. */
import { execFileSync, spawnSync } from 'node:child_process'
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  realpathSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import { startProject } from '../../bin/startproject.js'
import { repository } from './nuages.ts'

// Processes are started: on a busy machine each takes seconds.
vi.setConfig({ testTimeout: 120_000 })

let folder: string
beforeEach(() => {
  folder = realpathSync(mkdtempSync(join(tmpdir(), 'nuages-start-')))
})
afterEach(() => rmSync(folder, { recursive: true, force: true }))

const bin = join(repository, 'bin', 'nuages.js')
const version = (JSON.parse(readFileSync(join(repository, 'package.json'), 'utf8')) as { version: string }).version
const packageOf = (project: string) =>
  JSON.parse(readFileSync(join(project, 'package.json'), 'utf8')) as {
    name: string
    dependencies: Record<string, string>
    allowScripts?: Record<string, boolean>
  }

function run(words: string[], { node = process.execPath, cwd = folder } = {}) {
  const env = { ...process.env, NO_COLOR: '1', NODE_OPTIONS: '' }
  const { status, stdout, stderr } = spawnSync(node, [bin, 'startproject', ...words], { cwd, encoding: 'utf8', env })
  return { status, stdout, stderr }
}

describe('the files', () => {
  test('are at most ten, the key is random and nobody else may read it', () => {
    const { files } = startProject({ name: 'mysite', cwd: folder })
    expect(files.length).toBeLessThanOrEqual(10)
    const written = readdirSync(join(folder, 'mysite'), { recursive: true, withFileTypes: true })
    expect(written.filter((entry) => entry.isFile())).toHaveLength(files.length)
    startProject({ name: 'other', cwd: folder })
    const [one, two] = ['mysite', 'other'].map((name) => readFileSync(join(folder, name, '.env'), 'utf8'))
    expect(one).toMatch(/^SECRET_KEY=[\w-]{64}$/m)
    expect(one).not.toBe(two)
    expect(statSync(join(folder, 'mysite', '.env')).mode & 0o077).toBe(0)
    const ignored = readFileSync(join(folder, 'mysite', '.gitignore'), 'utf8')
    for (const line of ['node_modules/', 'dist/', '.env', '*.sqlite3']) expect(ignored.split('\n')).toContain(line)
  })

  test('carry the name of the project where it is read, and no other placeholder', () => {
    startProject({ name: 'atelier', cwd: folder })
    const views = readFileSync(join(folder, 'atelier', 'main', 'views.ts'), 'utf8')
    expect(views).toContain('atelier is running')
    expect(views).not.toContain('mysite')
    expect(packageOf(join(folder, 'atelier')).name).toBe('atelier')
  })

  test('go into another folder, or into this one under its name', () => {
    startProject({ name: 'shop', folder: 'deep/down', cwd: folder })
    expect(packageOf(join(folder, 'deep', 'down')).name).toBe('shop')
    const here = join(folder, 'Mes Éditions')
    mkdirSync(join(here, '.git'), { recursive: true })
    writeFileSync(join(here, 'README.md'), '')
    expect(startProject({ name: '.', cwd: here })).toMatchObject({ name: 'mes-editions', folder: here })
  })
})

describe('refuses', () => {
  test.each(['My Site', '1st', '-x', 'a/b', '', 'x'.repeat(64), 'nuages', 'node', 'typescript', 'été'])(
    'the name %j',
    (name) => {
      expect(() => startProject({ name, cwd: folder })).toThrow(
        expect.objectContaining({ code: 'cli.bad-project-name' }),
      )
      expect(readdirSync(folder)).toEqual([])
    },
  )

  test('a folder with something in it, and a file, and leaves both as they are', () => {
    mkdirSync(join(folder, 'full'))
    writeFileSync(join(folder, 'full', 'settings.ts'), 'mine')
    writeFileSync(join(folder, 'file'), '')
    for (const name of ['full', 'file'])
      expect(() => startProject({ name, cwd: folder })).toThrow(
        expect.objectContaining({ code: 'cli.folder-not-empty' }),
      )
    expect(readdirSync(join(folder, 'full'))).toEqual(['settings.ts'])
    expect(readFileSync(join(folder, 'full', 'settings.ts'), 'utf8')).toBe('mine')
  })

  test('and says on a command line what to do, without a stack', () => {
    expect(run(['My Site'])).toEqual({
      status: 2,
      stdout: '',
      stderr:
        'UsageError cli.bad-project-name: "My Site" is not a name for a project.\n' +
        'Use lower case letters, digits, - and _, starting with a letter: nuages startproject my-site\n',
    })
    expect(run([])).toMatchObject({ status: 2, stderr: expect.stringContaining('cli.usage: A project needs a name.') })
    expect(run(['a', 'b', 'c'])).toMatchObject({ status: 2, stderr: expect.stringContaining('Too many words: c.') })
    expect(run(['a', '--folder'])).toMatchObject({
      status: 2,
      stderr: expect.stringContaining('Unknown option --folder.'),
    })
    writeFileSync(join(folder, 'package-lock.json'), '')
    expect(run(['mysite', '.'])).toMatchObject({
      status: 1,
      stderr: expect.stringContaining('it has package-lock.json.'),
    })
  })
})

describe('the project depends on', () => {
  /** Where npx puts a package: a folder whose package.json says from where it came. */
  function cached(spec: string): string {
    const cache = join(folder, 'cache', '_npx', 'abc')
    mkdirSync(join(cache, 'node_modules', '.bin'), { recursive: true })
    writeFileSync(join(cache, 'package.json'), JSON.stringify({ dependencies: { nuages: spec } }))
    return join(cache, 'node_modules', '.bin', 'nuages')
  }
  const depends = (spec: string, more = {}) => {
    startProject({ name: 'site', cwd: folder, script: cached(spec), ...more })
    return packageOf(join(folder, 'site')).dependencies
  }

  test('the version that is running, where it came from the registry', () => {
    expect(depends('^0.1.0').nuages).toBe(`^${version}`)
  })

  test('the tarball or folder npx was given, seen from the project', () => {
    expect(depends('file:../../../nuages-0.1.0.tgz').nuages).toBe('file:../nuages-0.1.0.tgz')
  })

  test('a repository or an address as it is', () => {
    expect(depends('https://example.org/nuages.tgz').nuages).toBe('https://example.org/nuages.tgz')
  })

  test('the clone it runs from', () => {
    startProject({ name: 'site', cwd: folder, script: bin })
    const { nuages } = packageOf(join(folder, 'site')).dependencies
    expect(realpathSync(join(folder, 'site', nuages!.slice('file:'.length)))).toBe(realpathSync(repository))
  })

  test('what --nuages says: a tarball from here, anything else as it is', () => {
    expect(run(['one', '--nuages', './n.tgz']).status).toBe(0)
    expect(packageOf(join(folder, 'one')).dependencies.nuages).toBe('file:../n.tgz')
    expect(run(['two', '--nuages=1.2.3']).status).toBe(0)
    expect(packageOf(join(folder, 'two')).dependencies.nuages).toBe('1.2.3')
  })

  test('a Node of its own where the machine has an older one', () => {
    const old = depends('^0.1.0', { node: '24.14.9' })
    expect(old.node).toMatch(/^24\.\d+\.\d+$/)
    expect(packageOf(join(folder, 'site')).allowScripts).toEqual({ node: true })
    rmSync(join(folder, 'site'), { recursive: true })
    expect(depends('^0.1.0', { node: '24.15.0' })).not.toHaveProperty('node')
    expect(packageOf(join(folder, 'site'))).not.toHaveProperty('allowScripts')
  })
})

test('--help explains it', () => {
  expect(run(['--help'])).toMatchObject({
    status: 0,
    stdout: expect.stringMatching(/^Usage: nuages startproject <name>/),
  })
})

test('versions of what a new project installs are those the repository is developed with', () => {
  const own = JSON.parse(readFileSync(join(repository, 'package.json'), 'utf8')) as {
    devDependencies: Record<string, string>
  }
  startProject({ name: 'site', cwd: folder, node: '18.0.0' })
  const made = packageOf(join(folder, 'site')) as unknown as Record<string, Record<string, string>>
  expect({ ...made.devDependencies, node: made.dependencies!.node }).toEqual({
    '@types/node': own.devDependencies['@types/node'],
    typescript: own.devDependencies.typescript,
    node: own.devDependencies.node,
  })
})

/** An older Node of this machine, where there is one. */
const older = ['/usr/bin/node', '/usr/local/bin/node'].find(
  (path) => existsSync(path) && Number(/\d+/.exec(execFileSync(path, ['--version'], { encoding: 'utf8' }))) < 24,
)
test.runIf(older)('runs on the older Node of this machine, with nothing of the framework loaded', () => {
  const { status, stdout } = run(['mysite'], { node: older! })
  expect(status).toBe(0)
  expect(stdout).toMatch(
    /^Started mysite: 10 files in mysite\/\nThis machine has Node \d+\.\d+\.\d+: the project brings Node 24/,
  )
  expect(packageOf(join(folder, 'mysite')).dependencies).toHaveProperty('node')
})

test('imports nothing but Node, in words that Node 18 knows', () => {
  const source = readFileSync(join(repository, 'bin', 'startproject.js'), 'utf8')
  const imports = [...source.matchAll(/from '([^']+)'/g)].map(([, name]) => name!)
  expect(imports.filter((name) => !name.startsWith('node:'))).toEqual([])
  // Newer than Node 18: none of it may come in unnoticed.
  expect(source).not.toMatch(
    /\.(toSorted|toReversed|with|groupBy|findLast\w*)\(|globSync|import\.meta\.(dirname|filename)|styleText|withResolvers/,
  )
})
