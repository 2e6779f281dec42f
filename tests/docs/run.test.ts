/** Code of the guides that works with rows is run: on a database of its own, with one author and one book in it. */
import { execFile } from 'node:child_process'
import { renameSync, rmSync, writeFileSync } from 'node:fs'
import { basename, join } from 'node:path'
import { promisify } from 'node:util'
import { beforeAll, describe, expect, test } from 'vitest'
import { readPage, root } from './blocks.ts'
import { writeProject } from './project.ts'

const generated = join(root, 'tests/docs/.generated/run')
const run = promisify(execFile)
const env = {
  ...process.env,
  NODE_OPTIONS: '',
  NO_COLOR: '1',
  DEBUG: 'true',
  DATABASE_URL: '',
  SECRET_KEY: 'docs '.repeat(12),
}
delete (env as NodeJS.ProcessEnv).NODE_TEST_CONTEXT

const RUN = [
  'from-django',
  'from-typescript',
  'guides/models',
  'guides/queries',
  'guides/transactions',
  'guides/migrations',
  'guides/signals',
  'guides/data',
  'guides/files',
  'guides/auth',
  'guides/urls-and-views',
  'guides/http',
  'guides/middleware',
  'guides/i18n',
  'guides/security',
  'guides/checks-and-errors',
]

/** Imports the page's modules one after another: their top level is what the page shows. */
const main = `
import { createProject } from 'nuages'
import settings from './settings.ts'

const project = await createProject(settings, { mode: 'development' })
await project.loadUrls()
const { Author, Book } = await import('./library/models.ts')
const author = await Author.objects.create({ name: 'Django' })
const values: any = { title: 'Nuages', author, status: 'published' } // models of pages differ
await Book.objects.create('slug' in Object.fromEntries(Book.meta.fields) ? { ...values, slug: 'nuages' } : values)
for (const file of process.argv.slice(2)) await import(file)
await project.close()
`

async function inFolder(folder: string, ...args: string[]): Promise<string> {
  const all = ['--conditions=nuages-source', ...args]
  const { stdout, stderr } = await run(process.execPath, all, { cwd: folder, env }).catch((error) => {
    throw new Error(`${args.join(' ')}\n${error.stdout}${error.stderr}`)
  })
  return stdout + stderr
}

beforeAll(() => rmSync(generated, { recursive: true, force: true }))

describe('code of the guides runs', () => {
  test.each(RUN)('docs/%s.md', { timeout: 60_000 }, async (name) => {
    const { folder, own } = writeProject(readPage(`docs/${name}.md`), generated)
    writeFileSync(join(folder, 'main.ts'), main)
    // Migrations that a page shows come after the first one, which is made from the page's models.
    const shown = own.filter((file) => file.includes('/migrations/'))
    for (const file of shown) renameSync(join(folder, file), join(folder, `${basename(file)}.later`))
    await inFolder(folder, join(root, 'bin/nuages.js'), 'makemigrations')
    for (const file of shown) renameSync(join(folder, `${basename(file)}.later`), join(folder, file))
    await inFolder(folder, join(root, 'bin/nuages.js'), 'migrate')
    const blocks = own.filter((file) => file.startsWith('block-'))
    expect(blocks.length + shown.length).toBeGreaterThan(0)
    await inFolder(folder, 'main.ts', ...blocks.map((file) => `./${file}`))
  })

  test('docs/guides/testing.md, by node:test', { timeout: 60_000 }, async () => {
    const { folder } = writeProject(readPage('docs/guides/testing.md'), generated)
    await inFolder(folder, join(root, 'bin/nuages.js'), 'makemigrations')
    const output = await inFolder(folder, '--test', '--test-reporter=tap', 'library/library.test.ts')
    expect(output).toContain('# pass 5')
    expect(output).toContain('# fail 0')
  })
})
