/** An app from npm, packed and installed, works with one line in `apps`. */
import { spawn, spawnSync } from 'node:child_process'
import { cpSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest'
import {
  linkDependencies,
  nuages,
  pack,
  packGuestbook,
  projectWith,
  root,
  temporaryFolder,
  unpack,
} from './installed.ts'

const files = {
  'package.json': '{ "name": "site", "private": true, "type": "module" }',
  'tsconfig.json': JSON.stringify({
    compilerOptions: {
      target: 'es2024',
      module: 'nodenext',
      lib: ['es2024', 'esnext', 'dom', 'dom.iterable'],
      types: ['node'],
      strict: true,
      skipLibCheck: true,
      allowImportingTsExtensions: true,
      noEmit: true,
    },
    include: ['settings.ts', 'urls.ts', 'accounts'],
  }),
  '.env': `SECRET_KEY=${'k'.repeat(50)}\n`,
  'accounts/models.ts': `import { AbstractUser } from 'nuages/auth'
import { Model } from 'nuages/db'
export class User extends Model<User>()({}, { extends: AbstractUser }) {}
`,
  'accounts/app.ts': `import { defineApp } from 'nuages'
import { User } from './models.ts'
export const accounts = defineApp({ name: 'accounts', root: import.meta.url, models: { User } })
`,
  'urls.ts': `import { adminUrls } from 'nuages/admin'
import { authUrls } from 'nuages/auth'
import { include, routes } from 'nuages/urls'
import { guestbookUrls } from 'nuages-guestbook'
export const urls = routes({
  accounts: include('accounts/', authUrls),
  admin: include('admin/', adminUrls),
  guestbook: include('guestbook/', guestbookUrls),
})
`,
  'settings.ts': `import { defineSettings, env } from 'nuages'
import { admin } from 'nuages/admin'
import { auth } from 'nuages/auth'
import { accounts } from './accounts/app.ts'
import { guestbook } from 'nuages-guestbook'
export default defineSettings({
  root: import.meta.url,
  secretKey: env.secret('SECRET_KEY'),
  debug: true,
  apps: [auth, admin, accounts, guestbook],
  urls: () => import('./urls.ts'),
})
`,
}
const script = `
import settings from './settings.ts'
import { createProject, t } from 'nuages'
import { withLanguage } from 'nuages/i18n'
import { toFetch } from 'nuages/http'
import { Entry, guestbook } from 'nuages-guestbook'
const project = await createProject(settings)
await Entry.objects.create({ author: 'Ada', message: 'first' })
const fetch = toFetch(project.handler)
const get = async (path) => (await fetch(new Request('http://localhost' + path))).text()
console.log(JSON.stringify({
  page: await get('/guestbook/'),
  css: await get('/static/guestbook/book.css'),
  french: withLanguage('fr', () => [t('{n} on a page', { n: 5 }), guestbook.verboseName, Entry.meta.verboseNamePlural]),
  settings: project.settings.guestbook,
}))
await project.close()
`

// Each runs half a dozen programs one after another.
vi.setConfig({ testTimeout: 90_000, hookTimeout: 120_000 })

let folder: string
let site: string
beforeAll(() => {
  folder = temporaryFolder()
  site = join(folder, 'site')
  const own = pack(root, folder)
  const guestbook = packGuestbook(own.tarball, folder)
  expect(guestbook.files.map(({ path }) => path)).toEqual(
    expect.arrayContaining([
      'dist/index.js',
      'dist/index.d.ts',
      'dist/migrations/0001_initial.js',
      'dist/commands/guestbook.js',
      'dist/templates/guestbook/book.html',
      'dist/static/guestbook/book.css',
      'dist/locale/fr.json',
    ]),
  )
  projectWith(site, { ...files, 'ask.ts': script })
  unpack(own.tarball, site, 'nuages')
  unpack(guestbook.tarball, site, 'nuages-guestbook')
  nuages(site, ['makemigrations'])
}, 120_000)
afterAll(() => rmSync(folder, { recursive: true, force: true }))

const edit = (from: string | RegExp, to: string) =>
  writeFileSync(join(site, 'settings.ts'), readFileSync(join(site, 'settings.ts'), 'utf8').replace(from, to))

/** Runs the script of above. */
async function ask(): Promise<{ page: string; css: string; french: string[]; settings: object }> {
  const child = spawn(process.execPath, ['--env-file=.env', 'ask.ts'], { cwd: site })
  let out = ''
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (data) => (out += data))
  await new Promise((resolve) => child.on('close', resolve))
  const line = out.split('\n').find((text) => text.startsWith('{'))
  if (line === undefined) throw new Error(out)
  return JSON.parse(line) as Awaited<ReturnType<typeof ask>>
}

describe('an app from npm', () => {
  test('brings migrations and commands as JavaScript', () => {
    const migrated = nuages(site, ['migrate'])
    expect(migrated.out).toContain('Applying guestbook.0001_initial ... done')
    expect(migrated.code).toBe(0)
    expect(nuages(site, ['guestbook'])).toEqual({ code: 0, out: '0 entries\n20 on a page\n' })
    expect(nuages(site, ['--help']).out).toMatch(/guestbook +Count the entries of the guestbook\./)
    // Nothing of it differs from its models, here or in its package.
    expect(nuages(site, ['makemigrations', '--check']).code).toBe(0)
  })

  test('brings templates, static files, translations and settings; the project wins over each', async () => {
    const before = await ask()
    expect(before.page).toContain('<h1>Welcome</h1>')
    expect(before.page).toContain('<b>Ada</b> first')
    expect(before.css).toContain('color: teal')
    expect(before.french).toEqual(['5 par page', 'Livre d’or', 'messages'])
    expect(before.settings).toEqual({ perPage: 20, moderated: false, greeting: 'Welcome' })

    edit(
      '  debug: true,',
      "  debug: true,\n  guestbook: { greeting: 'Hello', moderated: true, perPage: env.integer('PER_PAGE', 7) },",
    )
    mkdirSync(join(site, 'locale'))
    writeFileSync(join(site, 'locale', 'fr.json'), '{ "Guestbook": "Carnet" }')
    const after = await ask()
    expect(after.page).toContain('<h1>Hello</h1>')
    expect(after.page).not.toContain('Ada')
    expect(after.french).toEqual(['5 par page', 'Carnet', 'messages'])
    expect(after.settings).toEqual({ perPage: 7, moderated: true, greeting: 'Hello' })
    mkdirSync(join(site, 'templates', 'guestbook'), { recursive: true })
    writeFileSync(join(site, 'templates', 'guestbook', 'book.html'), '{{ greeting }} from the project')
    expect((await ask()).page).toBe('Hello from the project')
    expect(nuages(site, ['check'])).toMatchObject({ code: 0, out: 'No problems found.\n' })
  })

  test('a misspelt setting of it is told by the compiler and by check', () => {
    const compile = () => typesOf(site)
    expect(compile()).toBe('')
    edit('moderated: true', 'moderatd: true')
    expect(compile()).toMatch(/settings\.ts\(\d+,\d+\): error TS2322: .*UnknownSetting<"moderatd">/)
    const checked = nuages(site, ['check'])
    expect(checked.code).toBe(1)
    expect(checked.out).toContain('guestbook.moderatd: is not a setting. Did you mean "guestbook.moderated"?')
    edit('moderatd: true', 'moderated: true')
  })

  test('with a copy of nuages of its own it is told, naming both places', () => {
    const other = join(site, 'node_modules', 'nuages-guestbook', 'node_modules', 'nuages')
    mkdirSync(join(other, '..'), { recursive: true })
    cpSync(join(site, 'node_modules', 'nuages'), other, { recursive: true })
    linkDependencies(join(site, 'node_modules', 'nuages-guestbook'))
    const { code, out } = nuages(site, ['check'])
    rmSync(join(site, 'node_modules', 'nuages-guestbook', 'node_modules'), { recursive: true })
    expect(code).toBe(1)
    expect(out).toContain('std.two-copies: Nuages is installed 2 times:')
    expect(out).toContain(`${join(site, 'node_modules', 'nuages')}/`)
    expect(out).toContain(`${other}/`)
    expect(out).toContain('npm dedupe')
  })
})

/** What `tsc` says in a folder; nothing where all is well. */
function typesOf(folder: string): string {
  const compiler = join(root, 'node_modules', 'typescript', 'bin', 'tsc')
  const { stdout, stderr } = spawnSync(process.execPath, [compiler], { cwd: folder, encoding: 'utf8' })
  return stdout + stderr
}
