/**
 * The tutorial, followed by the letter: its files are written to an empty folder, its commands are run as they stand
 * (`npx nuages` is this repository's bin, over its sources), and what it says they print must be printed.
 */
import { type ChildProcess, spawn } from 'node:child_process'
import { mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type Block, filesOf, readPage, root } from './blocks.ts'

const page = readPage('docs/tutorial.md')
const folder = mkdtempSync(join(tmpdir(), 'nuages-tutorial-'))
const env = { ...process.env, NODE_OPTIONS: '', NO_COLOR: '1', PORT: '0', SECRET_KEY: '', DEBUG: '', DATABASE_URL: '' }
delete (env as NodeJS.ProcessEnv).ADMIN_PASSWORD

/** A line of the tutorial as a program and its arguments; quotes are those of a shell. */
function words(line: string): string[] {
  const all = [...line.matchAll(/"([^"]*)"|(\S+)/g)].map(([, quoted, plain]) => quoted ?? plain!)
  const nuages = ['node', '--conditions=nuages-source', join(root, 'bin/nuages.js')]
  if (all[0] === 'npx' && all[1] === 'nuages') return [...nuages, ...all.slice(2)]
  if (all[0] === 'npx' && all[1] === 'tsc')
    return [join(root, 'node_modules/.bin/tsc'), '--customConditions', 'nuages-source']
  throw new Error(`The tutorial has a command that this test does not know: ${line}`)
}

function start(line: string): ChildProcess {
  const [program, ...rest] = words(line)
  return spawn(program === 'node' ? process.execPath : program!, rest, { cwd: folder, env })
}

/** Runs a command to its end. */
function run(line: string): Promise<{ code: number; output: string }> {
  return new Promise((resolve) => {
    const child = start(line)
    let output = ''
    child.stdin?.end()
    child.stdout?.on('data', (data) => (output += data))
    child.stderr?.on('data', (data) => (output += data))
    child.on('close', (code) => resolve({ code: code ?? 1, output }))
  })
}

/** Runs a block's commands; what the block after it shows must be in their output, in order. */
async function follow(block: Block): Promise<string> {
  let printed = ''
  for (const line of block.text.trim().split('\n')) {
    const { code, output } = await run(line)
    expect(code, `${line}\n${output}`).toBe(0)
    printed += output
  }
  const next = page.blocks[page.blocks.indexOf(block) + 1]
  const shown = next?.language === 'text' && next.info !== 'no-run' ? next.text.trim().split('\n') : []
  let at = 0
  for (const line of shown) {
    const found = printed.indexOf(line, at)
    expect(found, `"${line}" is not in what was printed after that:\n${printed}`).toBeGreaterThanOrEqual(at)
    at = found + line.length
  }
  return printed
}

const commands = page.blocks.filter((block) => block.language === 'sh' && block.info !== 'no-run')
const commandWith = (text: string) => commands.find((block) => block.text.includes(text))!
let server: ChildProcess | undefined

beforeAll(() => {
  mkdirSync(join(folder, 'node_modules/@types'), { recursive: true })
  symlinkSync(root, join(folder, 'node_modules/nuages'))
  for (const name of ['@types/node', 'undici-types'])
    symlinkSync(join(root, 'node_modules', name), join(folder, 'node_modules', name))
  writeFileSync(join(folder, 'package.json'), '{ "name": "bookshop", "private": true, "type": "module" }\n')
  for (const [file, text] of filesOf(page)) {
    mkdirSync(dirname(join(folder, file)), { recursive: true })
    writeFileSync(join(folder, file), text)
  }
})

afterAll(async () => {
  if (server !== undefined && server.exitCode === null) {
    await new Promise((resolve) => {
      server!.once('exit', resolve)
      server!.kill('SIGTERM')
    })
  }
  rmSync(folder, { recursive: true, force: true })
})

describe('the tutorial', { timeout: 60_000 }, () => {
  let password = ''
  let url = ''

  test('checks, tables and migrations come out as it says', async () => {
    await follow(commandWith('makemigrations'))
  })

  test('a superuser gets a password, printed once', async () => {
    const printed = await follow(commandWith('createsuperuser'))
    password = /Password \(shown this once\): (\S+)/.exec(printed)![1]!
  })

  test('the shell makes a book and counts it', async () => {
    await follow(commandWith('Author.objects.create'))
  })

  test('dev serves', async () => {
    url = await new Promise((resolve, reject) => {
      server = start(commandWith('nuages dev').text.trim())
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
  })

  test('the pages show the book', async () => {
    const home = await (await fetch(url)).text()
    expect(home).toContain('<li><a href="/books/1/">Nuages</a> by Django Reinhardt</li>')
    expect(await (await fetch(`${url}/books/1/`)).text()).toContain('<h2>Nuages</h2>')
    const missing = await fetch(`${url}/books/7/`)
    expect(missing.status).toBe(404)
    expect(await missing.text()).toContain('/books/&lt;int:id&gt;/')
  })

  test('the admin logs in, edits the book, and knows it afterwards', async () => {
    const browser = new Browser(url)
    expect((await browser.get('/admin/')).url).toContain('/admin/login/')
    const wrong = await browser.send('/admin/login/', { email: 'ada@example.org', password: 'wrong' })
    expect(wrong.status).toBe(422)
    const index = await browser.send('/admin/login/', { email: 'ada@example.org', password, next: '/admin/' })
    expect(index.text).toContain('/admin/library/book/')
    expect((await browser.get('/admin/library/book/?q=reinhardt')).text).toContain('Nuages')
    const saved = await browser.send('/admin/library/book/1/change/', {
      title: 'Nuages, twice',
      author: '1',
      status: 'published',
      publishedOn: '2026-01-23',
      summary: '',
    })
    expect(saved.status).toBe(200)
    expect((await browser.get('/')).text).toContain('Nuages, twice')
    expect((await browser.get('/books/1/')).text).toContain('23 January 2026')
    expect((await browser.get('/admin/library/book/1/history/')).text).toMatch(/title/i)
  })

  test('a misspelt column of the admin is told by the checks', async () => {
    const file = join(folder, 'library/admin.ts')
    const text = readFileSync(file, 'utf8')
    writeFileSync(file, text.replace("'author__name', 'status'", "'author_name', 'status'"))
    const { code, output } = await run('npx nuages check')
    writeFileSync(file, text)
    expect(code).toBe(1)
    expect(output).toContain(page.blocks.find((block) => block.info === 'no-run' && block.language === 'text')!.text)
  })

  test('a field more is a migration and a column', async () => {
    const file = join(folder, 'library/models.ts')
    const [line = ''] = page.blocks.find((block) => block.text.startsWith('price: '))!.text.split('\n')
    const text = readFileSync(file, 'utf8')
      .replace('{ char, choice, date, ', '{ char, choice, date, decimal, ')
      .replace(/( +summary: .*\n)/, `$1    ${line}\n`)
    expect(text).toContain('decimal(')
    writeFileSync(file, text)
    await follow(commandWith('migrate --make'))
  })
})

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
    const response = await fetch(address, { ...init, redirect: 'manual', headers: { cookie, accept: 'text/html' } })
    for (const line of response.headers.getSetCookie()) {
      const [, name = '', value = ''] = /^([^=]+)=([^;]*)/.exec(line)!
      this.#cookies.set(name, value)
    }
    const location = response.headers.get('location')
    if (location !== null) return this.#request(location, {})
    return { status: response.status, url: address.href, text: await response.text() }
  }
}
