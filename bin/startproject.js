// `nuages startproject`: a new project in an empty folder. Plain JavaScript that runs on Node 18 and imports nothing
// of the framework: `npx nuages startproject` is a newcomer's first command, on whatever Node they have.
import { randomBytes } from 'node:crypto'
import { existsSync, mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import { basename, dirname, join, relative, resolve, sep } from 'node:path'
import { fileURLToPath } from 'node:url'

const own = fileURLToPath(new URL('.', import.meta.url))
const manifest = JSON.parse(readFileSync(join(own, '..', 'package.json'), 'utf8'))

/** What a project brings where the machine's Node is too old; the version Nuages is developed with. */
const NODE = '24.21.0'
const OLDEST_NODE = [24, 15]
const TYPESCRIPT = '7.0.2'
const NODE_TYPES = '24.19.2'

/** Files that may lie in the folder of a new project: none of them is ours to write. */
const HARMLESS =
  /^(\.git|\.gitattributes|\.github|\.editorconfig|\.idea|\.vscode|\.DS_Store|LICENSE.*|README.*|.*\.tgz)$/i

/** A mistake of the caller: `code` is stable, `hint` says what to do. */
export class StartProjectError extends Error {
  constructor(code, message, hint, exitCode = 1) {
    super(message)
    this.name = exitCode === 2 ? 'UsageError' : 'CommandError'
    this.code = code
    this.hint = hint
    this.exitCode = exitCode
  }
}

/**
 * Writes a new project.
 *
 * @param {{ name: string, folder?: string, nuages?: string, cwd?: string, script?: string, node?: string }} options
 *   `name` may be `.`: this folder, under its own name. `nuages`: what package.json says of nuages.
 * @returns {{ name: string, folder: string, files: string[], bringsNode: boolean }}
 * @throws StartProjectError cli.bad-project-name, cli.folder-not-empty
 */
export function startProject({
  name,
  folder,
  nuages,
  cwd = process.cwd(),
  script = process.argv[1],
  node = process.versions.node,
}) {
  const target = resolve(cwd, folder ?? name)
  const called = name === '.' ? slug(basename(target)) : name
  assertName(called)
  assertEmpty(target, called)
  const bringsNode = isOlder(node)
  const files = {
    'package.json': packageJson(called, nuages ?? specOfNuages(script, target), bringsNode),
    '.env': environment(),
    '.gitignore': template('gitignore'),
    'tsconfig.json': template('tsconfig.json'),
    'settings.ts': template('settings.ts'),
    'urls.ts': template('urls.ts'),
    'main/app.ts': template('main/app.ts'),
    'main/models.ts': template('main/models.ts'),
    'main/views.ts': template('main/views.ts').replaceAll('mysite', called),
    'main/main.test.ts': template('main/main.test.ts'),
  }
  for (const [path, text] of Object.entries(files)) {
    const file = join(target, path)
    mkdirSync(dirname(file), { recursive: true })
    // .env holds the key that signs sessions: for its owner alone.
    writeFileSync(file, text, { flag: 'wx', mode: path === '.env' ? 0o600 : 0o666 })
  }
  return { name: called, folder: target, files: Object.keys(files), bringsNode }
}

function template(path) {
  return readFileSync(join(own, 'project', path), 'utf8')
}

function environment() {
  return [
    '# Read by every nuages command; git leaves it out. Variables that are set elsewhere win.',
    '# Signs sessions and links: random, and another one on every machine.',
    `SECRET_KEY=${randomBytes(48).toString('base64url')}`,
    '',
  ].join('\n')
}

function packageJson(name, nuages, bringsNode) {
  const project = {
    name,
    version: '0.1.0',
    private: true,
    type: 'module',
    scripts: {
      dev: 'nuages dev',
      start: 'nuages serve',
      test: 'nuages test',
      check: 'tsc --noEmit && nuages check',
    },
    dependencies: { nuages, ...(bringsNode ? { node: NODE } : {}) },
    devDependencies: { '@types/node': NODE_TYPES, typescript: TYPESCRIPT },
    // `node` fetches its program when it is installed: newer npm asks first.
    ...(bringsNode ? { allowScripts: { node: true } } : {}),
  }
  return `${JSON.stringify(project, null, 2)}\n`
}

function isOlder(version) {
  const [major, minor] = version.split('.').map(Number)
  return major < OLDEST_NODE[0] || (major === OLDEST_NODE[0] && minor < OLDEST_NODE[1])
}

// ------------------------------------------------------------------ which nuages the project gets

/**
 * The version that is running; where npx or npm installed it from a tarball, a folder or a repository, the same one:
 * the package.json above `node_modules` says from where.
 */
function specOfNuages(script, target) {
  const range = `^${manifest.version}`
  const parent = script ? parentManifest(script) : undefined
  if (parent === undefined) return isInstalled() ? range : fileSpec(dirname(own), target)
  const spec = parent.spec
  const local = /^(?:file|link):(.*)$/.exec(spec)
  if (local) return fileSpec(resolve(parent.folder, decodeSpec(local[1])), target)
  return /[/:]/.test(spec) ? spec : range
}

/** npm writes paths as they are, but for what a URL cannot hold. */
function decodeSpec(path) {
  try {
    return decodeURIComponent(path)
  } catch {
    return path
  }
}

function isInstalled() {
  return own.split(sep).includes('node_modules')
}

/** The nearest package.json above the command that depends on nuages, and what it says. */
function parentManifest(script) {
  for (let folder = dirname(resolve(script)); ; folder = dirname(folder)) {
    const file = join(folder, 'package.json')
    if (existsSync(file)) {
      const { dependencies, devDependencies } = JSON.parse(readFileSync(file, 'utf8'))
      const spec = dependencies?.[manifest.name] ?? devDependencies?.[manifest.name]
      if (typeof spec === 'string') return { folder, spec }
    }
    if (dirname(folder) === folder) return undefined
  }
}

function fileSpec(path, target) {
  // Relative, as npm writes it: the two may be moved together. On another drive of Windows it stays absolute.
  return `file:${relative(target, path).split(sep).join('/')}`
}

// ------------------------------------------------------------------ names and folders

function slug(text) {
  return text
    .normalize('NFKD')
    .toLowerCase()
    .replace(/[\u0300-\u036f]/g, '')
    .replace(/[^a-z0-9_-]+/g, '-')
    .replace(/^[^a-z]+|[-_]+$/g, '')
}

/** @throws StartProjectError cli.bad-project-name */
function assertName(name) {
  const taken = [manifest.name, 'node', 'typescript', 'node_modules'].includes(name)
  if (!taken && /^[a-z][a-z0-9_-]{0,62}$/.test(name)) return
  const near = slug(basename(name))
  const better = near !== '' && near !== name ? near : 'mysite'
  const path = /[/\\]/.test(name)
  throw new StartProjectError(
    'cli.bad-project-name',
    taken
      ? `A project cannot be named "${name}": it depends on a package of that name.`
      : `"${name}" is not a name for a project.`,
    path
      ? `Name and folder are two words: nuages startproject ${better} ${name}`
      : `Use lower case letters, digits, - and _, starting with a letter: nuages startproject ${better}`,
    2,
  )
}

/** @throws StartProjectError cli.folder-not-empty */
function assertEmpty(folder, name) {
  if (!existsSync(folder)) return
  const hint = `Choose another folder: nuages startproject ${name} <folder>`
  if (!statSync(folder).isDirectory()) throw new StartProjectError('cli.folder-not-empty', `${folder} is a file.`, hint)
  const found = readdirSync(folder).filter((entry) => !HARMLESS.test(entry))
  if (found.length === 0) return
  const names = found.length > 3 ? `${found.slice(0, 3).join(', ')} and ${found.length - 3} more` : found.join(', ')
  throw new StartProjectError('cli.folder-not-empty', `${folder} is not empty: it has ${names}.`, hint)
}

// ------------------------------------------------------------------ the command line

const HELP = `Usage: nuages startproject <name> [folder] [options]

Start a new project: settings, an app with a user model, a first page and a test.

Arguments:
  name             name of the project, and of its folder; . for this folder
  folder           where to put it, if not in a folder of its name

Options:
  --nuages <spec>  what package.json says of nuages: a version, a tarball, a folder (default: the one running)
  -h, --help       show this

Examples:
  nuages startproject mysite
  nuages startproject mysite .
`

/** Runs `nuages startproject <words>`. Gives the exit code. */
export function run(words) {
  try {
    const given = readWords(words)
    if (given === null) {
      process.stdout.write(HELP)
      return 0
    }
    tell(startProject(given))
    return 0
  } catch (error) {
    if (!(error instanceof StartProjectError) || words.includes('--trace')) throw error
    console.error(paint(31, `${error.name} ${error.code}: ${error.message}\n${error.hint}`, process.stderr))
    return error.exitCode
  }
}

/** @throws StartProjectError cli.usage */
function readWords(words) {
  const names = []
  let nuages
  for (let i = 0; i < words.length; i++) {
    const word = words[i]
    if (word === '-h' || word === '--help') return null
    if (word === '--trace' || word === '--no-color') continue
    if (word === '--nuages' || word.startsWith('--nuages=')) {
      nuages = word === '--nuages' ? words[++i] : word.slice('--nuages='.length)
      if (!nuages) throw usage('--nuages needs a value.')
    } else if (word.startsWith('-')) throw usage(`Unknown option ${word}.`)
    else names.push(word)
  }
  const [name, folder, ...rest] = names
  if (name === undefined) throw usage('A project needs a name.')
  if (rest.length > 0) throw usage(`Too many words: ${rest.join(' ')}.`)
  // A path is meant from here, and written from the project.
  const local = nuages !== undefined && (/^(file:|\.{0,2}[/\\]|~)/.test(nuages) || nuages.endsWith('.tgz'))
  const target = resolve(folder ?? name)
  return {
    name,
    folder,
    nuages: local && !nuages.includes('://') ? fileSpec(resolve(nuages.replace(/^file:/, '')), target) : nuages,
  }
}

function usage(message) {
  return new StartProjectError('cli.usage', message, 'For example: npx nuages startproject mysite', 2)
}

function tell({ name, folder, files, bringsNode }) {
  const say = (text = '') => console.log(text)
  const where = relative(process.cwd(), folder)
  say(`${paint(32, `Started ${name}`)}: ${files.length} files in ${where === '' ? 'this folder' : `${where}${sep}`}`)
  if (bringsNode) {
    say(`This machine has Node ${process.versions.node}: the project brings Node ${NODE} for itself.`)
    say('npm will warn of engines (EBADENGINE) while it installs, which means the same; nothing is wrong.')
  }
  say('\nNext:')
  if (where !== '') say(`  ${paint(36, `cd ${/\s/.test(where) ? JSON.stringify(where) : where}`)}`)
  say(`  ${paint(36, 'npm install')}`)
  say(`  ${paint(36, 'npm run dev')}`)
}

function paint(color, text, stream = process.stdout) {
  const { NO_COLOR, FORCE_COLOR } = process.env
  const colors = !NO_COLOR && !process.argv.includes('--no-color') && (FORCE_COLOR ? FORCE_COLOR !== '0' : stream.isTTY)
  return colors ? `\x1b[${color}m${text}\x1b[39m` : text
}
