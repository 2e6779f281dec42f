/**
 * The tutorial, followed by the letter and in its order: the project that `startproject` gives, the page's files written
 * over it chapter by chapter while `dev` is running, its commands as they stand, and what it says they print.
 * `npx nuages` is this repository's bin, over its sources; nothing is installed.
 */
import { type ChildProcess, spawn } from 'node:child_process'
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { afterAll, describe, expect, test } from 'vitest'
import { type Block, readPage, root } from './blocks.ts'

const page = readPage('docs/tutorial.md')
const parent = mkdtempSync(join(tmpdir(), 'nuages-tutorial-'))
const folder = join(parent, 'bookshop')
const admin = { email: 'ada@example.org', password: 'analytical engine' }
const env = {
  ...process.env,
  NODE_OPTIONS: '--conditions=nuages-source',
  NO_COLOR: '1',
  PORT: '0',
  SECRET_KEY: undefined,
  DEBUG: undefined,
  DATABASE_URL: undefined,
  ADMIN_EMAIL: admin.email,
  ADMIN_PASSWORD: admin.password,
}
delete (env as NodeJS.ProcessEnv).NODE_TEST_CONTEXT

/** `dev` restarts in between: no connection is kept. */
const CLOSE = { connection: 'close' }

/** The blocks of a chapter, by the beginning of its heading. */
function chapter(start: string): readonly Block[] {
  const found = page.blocks.filter((block) => block.chapter.startsWith(start))
  if (found.length === 0) throw new Error(`The tutorial has no chapter ${start}.`)
  return found
}

/** A line of the tutorial as a program and its arguments; quotes are those of a shell. */
function words(line: string): string[] {
  const all = [...line.matchAll(/"([^"]*)"|(\S+)/g)].map(([, quoted, plain]) => quoted ?? plain!)
  const nuages = [process.execPath, join(root, 'bin/nuages.js')]
  if (all[0] === 'npx' && all[1] === 'nuages') return [...nuages, ...all.slice(2)]
  if (all[0] === 'nuages') return [...nuages, ...all.slice(1)]
  if (all[0] === 'tsc')
    return [join(root, 'node_modules/.bin/tsc'), '--customConditions', 'nuages-source', ...all.slice(1)]
  throw new Error(`The tutorial has a command that this test does not know: ${line}`)
}

/** What `npm test` and `npm run <script>` run. */
function scripts(line: string): string[] {
  const name = /^npm (?:run )?(\w+)$/.exec(line)?.[1]
  if (name === undefined) return [line]
  const { scripts } = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8'))
  expect(Object.keys(scripts), line).toContain(name)
  return (scripts[name] as string).split(' && ')
}

function start(line: string, cwd = folder): ChildProcess {
  const [program, ...rest] = words(line)
  return spawn(program!, rest, { cwd, env })
}

/** Runs a command to its end. */
function run(line: string, cwd = folder): Promise<{ code: number; output: string }> {
  return new Promise((resolve) => {
    const child = start(line, cwd)
    let output = ''
    child.stdin?.end()
    child.stdout?.on('data', (data) => (output += data))
    child.stderr?.on('data', (data) => (output += data))
    child.on('close', (code) => resolve({ code: code ?? 1, output }))
  })
}

/** Follows a chapter: writes its files, runs its commands; what a block of output shows must have been printed, in order. */
async function follow(blocks: readonly Block[]): Promise<void> {
  let printed = ''
  for (const block of blocks) {
    if (block.file !== null) write(block)
    if (block.info === 'no-run') continue
    if (block.language === 'sh') {
      printed = ''
      for (const line of block.text.trim().split('\n').flatMap(scripts)) {
        const { code, output } = await run(line)
        expect(code, `${line}\n${output}`).toBe(0)
        printed += output
      }
    }
    if (block.language === 'text') expectShown(block, printed)
  }
}

function write({ file, text }: Block): void {
  mkdirSync(dirname(join(folder, file!)), { recursive: true })
  writeFileSync(join(folder, file!), text)
}

function expectShown(block: Block, printed: string): void {
  let at = 0
  for (const line of block.text.trim().split('\n')) {
    const found = printed.indexOf(line, at)
    expect(found, `"${line}" is not in what was printed after that:\n${printed}`).toBeGreaterThanOrEqual(at)
    at = found + line.length
  }
}

/** Waits until the running server shows it: a saved file restarts it. */
async function shows(path: string, text: string): Promise<string> {
  let body = ''
  await expect
    .poll(
      async () => {
        body = await (await fetch(url + path, { headers: CLOSE })).text()
        return body
      },
      { timeout: 30_000, interval: 200 },
    )
    .toContain(text)
  return body
}

let server: ChildProcess | undefined
let url = ''

afterAll(async () => {
  if (server !== undefined && server.exitCode === null) {
    await new Promise((resolve) => {
      server!.once('exit', resolve)
      server!.kill('SIGTERM')
    })
  }
  rmSync(parent, { recursive: true, force: true })
})

describe('the tutorial', { timeout: 120_000 }, () => {
  test('1: three commands give a site with an admin', async () => {
    const [commands, shown] = chapter('1.')
    const [first, ...then] = commands!.text.trim().split('\n')
    expect(then).toEqual(['cd bookshop', 'npm install', 'npm run dev'])
    const { output } = await run(first!, parent)
    expectShown(shown!, output)
    mkdirSync(join(folder, 'node_modules/@types'), { recursive: true })
    symlinkSync(root, join(folder, 'node_modules/nuages'))
    for (const name of ['@types/node', 'undici-types'])
      symlinkSync(join(root, 'node_modules', name), join(folder, 'node_modules', name))

    url = await new Promise((resolve, reject) => {
      server = start(scripts('npm run dev')[0]!)
      let output = ''
      const read = (data: Buffer) => {
        output += data
        const found = /http:\/\/[\d.]+:\d+/.exec(output)?.[0]
        if (found) resolve(found)
      }
      server.stdout?.on('data', read)
      server.stderr?.on('data', read)
      server.on('exit', (code) => reject(new Error(`dev ended with ${code}:\n${output}`)))
    })
    expect((await fetch(url, { headers: CLOSE })).status).toBe(200)
    const browser = new Browser(url)
    expect((await browser.get('/admin/')).url).toContain('/admin/login/')
    const wrong = await browser.send('/admin/login/', { ...admin, password: 'wrong' })
    expect(wrong.status).toBe(422)
    expect((await browser.send('/admin/login/', { ...admin, next: '/admin/' })).text).toContain('/admin/main/user/')
  })

  test('2: a model is a file and a command, and the admin shows it', async () => {
    await follow(chapter('2.'))
    const browser = await signedIn()
    await expect
      .poll(async () => (await browser.get('/admin/')).text, { timeout: 30_000 })
      .toContain('/admin/library/book/')
    expect((await browser.get('/admin/library/book/')).text).toContain('Nuages')
  })

  test('3: a page written in code', async () => {
    await follow(chapter('3.'))
    await shows('/', '<li>Nuages by Django Reinhardt</li>')
  })

  test('4: pages written as templates', async () => {
    await follow(chapter('4.'))
    await shows('/library/', '<li><a href="/library/1/">Nuages</a> by Django Reinhardt</li>')
    expect(await (await fetch(`${url}/library/1/`, { headers: CLOSE })).text()).toContain('<h2>Nuages</h2>')
    const missing = await fetch(`${url}/library/7/`, { headers: { accept: 'text/html', ...CLOSE } })
    expect(missing.status).toBe(404)
    expect(await missing.text()).toContain('&lt;int:id&gt;/')
  })

  test('5: a form comes back with what is wrong, and thanks once', async () => {
    await follow(chapter('5.'))
    await shows('/library/suggest/', 'Why should we have it?')
    const browser = new Browser(url)
    const empty = await browser.send('/library/suggest/', { title: '', author: '1', summary: '' })
    expect([empty.status, empty.text.includes('This field is required.')]).toEqual([422, true])
    const sent = await browser.send('/library/suggest/', { title: 'Tears', author: '1', summary: '' })
    expect(sent.text).toContain('Thank you. We will look at Tears.')
    expect((await browser.get('/library/')).text).not.toContain('Tears')
  })

  test('6: the tests pass', async () => {
    await follow(chapter('6.'))
  })

  test('7: the admin has filters, a status to edit, an action, and books below their author', async () => {
    await follow(chapter('7.'))
    const browser = await signedIn()
    const list = async () => (await browser.get('/admin/library/book/')).text
    await expect.poll(list, { timeout: 30_000 }).toContain('Publish')
    expect(await list()).toMatch(/<select[^>]* name="cell:\d+:status"/)
    expect((await browser.get('/admin/library/author/1/change/')).text).toContain('Tears')
  })

  test('7: a misspelt column is told by the checks', async () => {
    const file = join(folder, 'library/admin.ts')
    const text = readFileSync(file, 'utf8')
    writeFileSync(file, text.replace("'author__name', 'status'", "'author_name', 'status'"))
    const { code, output } = await run('npx nuages check')
    writeFileSync(file, text)
    expect(code).toBe(1)
    expect(output).toContain(chapter('7.').find((block) => block.language === 'text')!.text)
  })

  test('8: a field more is a migration and a column; compiler and checks are content', async () => {
    const file = join(folder, 'library/models.ts')
    const { text: line } = chapter('8.').find((block) => block.info === 'applied')!
    const text = readFileSync(file, 'utf8')
      .replace('{ char, choice, date, ', '{ char, choice, date, decimal, ')
      .replace(/( +summary: .*\n)/, `$1    ${line}`)
    expect(text).toContain('    price: decimal(')
    writeFileSync(file, text)
    await follow(chapter('8.'))
  })

  test('9: a build has what a server needs, and no TypeScript', async () => {
    await follow(chapter('9.'))
    for (const file of ['settings.js', 'library/models.js', 'library/templates/library/index.html'])
      expect([file, existsSync(join(folder, 'build', file))]).toEqual([file, true])
    expect(existsSync(join(folder, 'build/settings.ts'))).toBe(false)
  })
})

async function signedIn(): Promise<Browser> {
  const browser = new Browser(url)
  await browser.send('/admin/login/', { ...admin, next: '/admin/' })
  return browser
}

/** Keeps cookies and sends the token of the page a form is on. */
class Browser {
  readonly #url: string
  readonly #cookies = new Map<string, string>()

  constructor(address: string) {
    this.#url = address
  }

  async get(path: string) {
    return this.#request(path, {})
  }

  async send(path: string, values: Record<string, string>) {
    const form = await this.#request(path, {})
    const token = /name="csrfmiddlewaretoken" value="([^"]+)"/.exec(form.text)![1]!
    const body = new URLSearchParams({ csrfmiddlewaretoken: token, ...values })
    return this.#request(path, { method: 'POST', body })
  }

  async #request(path: string, init: RequestInit): Promise<{ status: number; url: string; text: string }> {
    const address = new URL(path, this.#url)
    const cookie = [...this.#cookies].map(([name, value]) => `${name}=${value}`).join('; ')
    const response = await fetch(address, {
      ...init,
      redirect: 'manual',
      headers: { cookie, accept: 'text/html', ...CLOSE },
    })
    for (const line of response.headers.getSetCookie()) {
      const [, name = '', value = ''] = /^([^=]+)=([^;]*)/.exec(line)!
      this.#cookies.set(name, value)
    }
    const location = response.headers.get('location')
    if (location !== null) return this.#request(location, {})
    return { status: response.status, url: address.href, text: await response.text() }
  }
}
