/** The commands on a project with models: from models to tables, to pages. */
import { readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, afterEach, beforeAll, expect, test, vi } from 'vitest'
import { copyFixture, nuages, type Running, start } from './nuages.ts'

// Processes are started: on a busy machine each takes seconds.
vi.setConfig({ testTimeout: 120_000 })

let folder: string
let remove: () => void
let running: Running | undefined
beforeAll(() => {
  ;({ folder, remove } = copyFixture('fixture-database'))
})
afterEach(async () => {
  running?.child.kill('SIGKILL')
  await running?.ended
  running = undefined
})
afterAll(() => remove())

const run = (...words: string[]) => nuages(words, { cwd: folder })

test('dev --no-prepare warns of migrations that are not applied, and a page says what to do', async () => {
  expect((await run('makemigrations')).code).toBe(0)
  expect(readdirSync(join(folder, 'library', 'migrations'))).toEqual(['0001_initial.ts', 'latest.txt'])
  running = start(['dev', '--no-prepare', '--port', '0'], { cwd: folder })
  await running.until(/1 migration is not applied \(library\.0001_initial\)\.\nRun: npx nuages migrate/)
  const [, url] = await running.until(/(http:\/\/\S+\/)/)
  const page = await fetch(url!)
  expect(page.status).toBe(500)
  expect(await page.text()).toContain('nuages migrate')
})

test('after migrate dev serves, and names the database', async () => {
  expect((await run('migrate')).out).toContain('Applying library.0001_initial ... done')
  running = start(['dev', '--port', '0'], { cwd: folder })
  const [, url] = await running.until(/(http:\/\/\S+\/)\n +sqlite:\S*library\.sqlite3/)
  expect(await (await fetch(url!)).text()).toBe('0 books')
  expect(running.err()).not.toContain('not applied')
})

test('saving the models restarts, and warns of what is missing only once it is written', async () => {
  running = start(['dev', '--port', '0'], { cwd: folder })
  await running.until(/Ctrl-C stops/)
  const models = join(folder, 'library', 'models.ts')
  const before = readFileSync(models, 'utf8')
  writeFileSync(models, before.replace('maxLength: 200', 'maxLength: 300'))
  await running.until(/library\/models\.ts changed: ready/)
  expect((await run('makemigrations', '--check')).code).toBe(1)
  writeFileSync(models, before)
})

test('the shell has models, Q, F and atomic at hand', async () => {
  const code = `
    await Book.objects.create({ title: 'Nuages' })
    await atomic(async () => { await Book.objects.create({ title: 'Minor Swing' }) })
    const found = await Book.objects.filter(Book.Q({ title: 'Nuages' }))
    found.map((book) => book.title)
  `
  expect(await run('shell', '-c', code)).toEqual({ code: 0, out: "[ 'Nuages' ]\n", err: '' })
  expect((await run('shell', '-c', 'typeof F + typeof Count + typeof project')).out).toBe('functionfunctionobject\n')
})

test('a model that cannot be is told by check', async () => {
  const models = join(folder, 'library', 'models.ts')
  const before = readFileSync(models, 'utf8')
  writeFileSync(models, before.replace('maxLength: 200', 'maxLength: undefined as never'))
  const { code, out, err } = await run('check')
  writeFileSync(models, before)
  expect(code).toBe(1)
  expect(out + err).toMatch(/library\.Book\.title|maxLength/)
})

test('a database that cannot be opened is told before a command begins', async () => {
  const env = { DATABASE_URL: 'sqlite:./nowhere/library.sqlite3' }
  const { code, err } = await nuages(['migrate'], { cwd: folder, env })
  expect(code).toBe(1)
  expect(err).toMatch(/^\w+Error db\.[a-z-]+: /)
  expect(err).toContain('nowhere')
  expect(err).not.toMatch(/\n +at /)
})
