/** `nuages build`: a folder that runs where nothing strips types. */
import { spawn } from 'node:child_process'
import { existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, onTestFinished, test, vi } from 'vitest'
import { nuages, pack, projectWith, root, temporaryFolder, unpack } from './installed.ts'

const files = {
  'package.json': '{ "name": "site", "private": true, "type": "module", "imports": { "#shop": "./shop/models.ts" } }',
  '.env': 'SECRET_KEY=from the file, which is not copied, as it is a secret\n',
  'accounts/models.ts': `import { AbstractUser } from 'nuages/auth'
import { Model } from 'nuages/db'
export class User extends Model<User>()({}, { extends: AbstractUser }) {}
`,
  'accounts/app.ts': `import { defineApp } from 'nuages'
import { User } from './models.ts'
export const accounts = defineApp({ name: 'accounts', root: import.meta.url, models: { User } })
`,
  'shop/models.ts': `import { char, Model } from 'nuages/db'
export class Book extends Model<Book>()({ title: char({ maxLength: 100 }) }) {}
`,
  'shop/app.ts': `import { defineApp } from 'nuages'
import { Book } from '#shop'
import { urls } from './urls.ts'
export const shop = defineApp({ name: 'shop', root: import.meta.url, models: { Book }, urls, views: () => import("./views.ts") })
`,
  'shop/urls.ts': `import { routes } from 'nuages/urls'
export const urls = routes({ home: '' })
`,
  'shop/views.ts': `import { render } from 'nuages/shortcuts'
import { Book } from './models.ts'
import { urls } from './urls.ts'

type Count = number
export const home = urls.home.view(async (request) => {
  const count: Count = await Book.objects.count()
  // The text './urls.ts' is text, and so is from './nowhere.ts'.
  return render(request, 'shop/home.html', { count, text: "see './urls.ts' and from './nowhere.ts'" })
})
`,
  'shop/views.test.ts': 'throw new Error("not part of a build")\n',
  'shop/commands/books.ts': `import { defineCommand } from 'nuages/cli'
import { Book } from '../models.ts'
export default defineCommand({ help: 'Count books.', async run({ out }) { out.line(String(await Book.objects.count())) } })
`,
  'shop/templates/shop/home.html': "{{ count }} books, {{ text|safe }} {% static 'shop/shop.css' %}",
  'shop/static/shop/shop.css': 'h1 { color: teal }\n',
  'urls.ts': `import { adminUrls } from 'nuages/admin'
import { authUrls } from 'nuages/auth'
import { include, routes } from 'nuages/urls'
import { urls as shop } from './shop/urls.ts'
export const urls = routes({ shop: include('', shop), accounts: include('accounts/', authUrls), admin: include('admin/', adminUrls) })
`,
  'settings.ts': `import { defineSettings, env, type Settings } from 'nuages'
import { admin } from 'nuages/admin'
import { auth } from 'nuages/auth'
import { accounts } from './accounts/app.ts'
import { shop } from './shop/app.ts'
const hosts: Settings['allowedHosts'] = ['127.0.0.1']
export default defineSettings({
  root: import.meta.url,
  secretKey: env.secret('SECRET_KEY'),
  databases: { default: env.database('DATABASE_URL', 'sqlite:./db.sqlite3') },
  allowedHosts: hosts,
  apps: [auth, admin, accounts, shop],
  urls: () => import('./urls.ts'),
})
`,
}

// Each runs half a dozen programs one after another.
vi.setConfig({ testTimeout: 90_000, hookTimeout: 120_000 })

let folder: string
let site: string
let build: string
const env = { SECRET_KEY: 'x'.repeat(50), NODE_OPTIONS: '--no-strip-types' }
beforeAll(() => {
  folder = temporaryFolder()
  site = join(folder, 'site')
  build = join(site, 'build')
  projectWith(site, files)
  unpack(pack(root, folder).tarball, site, 'nuages')
  nuages(site, ['makemigrations'])
}, 60_000)
afterAll(() => rmSync(folder, { recursive: true, force: true }))

test('writes JavaScript, templates, migrations, hashed static files and a list of them; no secret, no test', () => {
  const { code, out } = nuages(site, ['build'])
  expect(out).toContain('files of 6 apps built in build.')
  expect(code).toBe(0)
  const manifest = JSON.parse(readFileSync(join(build, 'nuages.json'), 'utf8')) as { apps: unknown[]; files: string[] }
  expect(manifest.files).toEqual([
    'accounts/app.js',
    'accounts/migrations/0001_initial.js',
    'accounts/models.js',
    'package.json',
    'settings.js',
    'shop/app.js',
    'shop/commands/books.js',
    'shop/migrations/0001_initial.js',
    'shop/models.js',
    'shop/static/shop/shop.css',
    'shop/templates/shop/home.html',
    'shop/urls.js',
    'shop/views.js',
    'urls.js',
  ])
  expect(manifest.apps.at(-1)).toEqual({
    name: 'shop',
    root: 'shop',
    migrations: ['0001_initial'],
    commands: ['books'],
    templates: ['shop/home.html'],
  })
  for (const file of manifest.files) expect(existsSync(join(build, file))).toBe(true)
  expect(existsSync(join(build, '.env'))).toBe(false)
  const views = readFileSync(join(build, 'shop', 'views.js'), 'utf8')
  expect(views.split('\n').length).toBe(files['shop/views.ts'].split('\n').length)
  expect(views).toContain("see './urls.ts' and from './nowhere.ts'")
})

test('the build migrates, runs commands, and serves its pages and the admin without TypeScript', async () => {
  expect(nuages(build, ['migrate'], env)).toMatchObject({ code: 0 })
  expect(nuages(build, ['books'], env)).toEqual({ code: 0, out: '0\n' })
  // The same does not work on the sources: what is tested is that none are needed.
  expect(nuages(site, ['books'], env).code).not.toBe(0)
  const child = spawn(process.execPath, ['../node_modules/nuages/bin/nuages.js', 'serve', '--port', '0'], {
    cwd: build,
    env: { ...process.env, ...env },
  })
  onTestFinished(() => void child.kill('SIGKILL'))
  let out = ''
  const url = await new Promise<string>((resolve, reject) => {
    const note = (data: Buffer) => {
      out += data
      const found = /Serving (http:\S+)/.exec(out)
      if (found) resolve(found[1]!)
    }
    child.stdout.on('data', note)
    child.stderr.on('data', note)
    child.once('exit', () => reject(new Error(out)))
  })
  const page = await (await fetch(url)).text()
  expect(page).toMatch(/^0 books, see .* \/static\/shop\/shop\.[0-9a-f]+\.css$/)
  const css = await fetch(new URL(page.split(' ').at(-1)!, url))
  expect(css.status).toBe(200)
  expect(css.headers.get('cache-control')).toContain('immutable')
  const login = await fetch(new URL('admin/', url))
  expect(login.status).toBe(200)
  expect(await login.text()).toContain('type="password"')
})

test('the next build removes what is gone, and leaves data alone', () => {
  expect(existsSync(join(build, 'db.sqlite3'))).toBe(true)
  rmSync(join(site, 'shop', 'commands'), { recursive: true })
  expect(nuages(site, ['build'])).toMatchObject({ code: 0 })
  expect(existsSync(join(build, 'shop', 'commands'))).toBe(false)
  expect(existsSync(join(build, 'db.sqlite3'))).toBe(true)
})

test('what cannot be stripped is told with its file, and the build before stays', () => {
  const path = join(site, 'shop', 'kinds.ts')
  writeFileSync(path, 'export enum Kind { One }\n')
  const { code, out } = nuages(site, ['build'])
  rmSync(path)
  expect(code).toBe(1)
  expect(out).toContain(`CommandError cli.cannot-build: ${path} cannot be built: TypeScript enum`)
  expect(existsSync(join(build, 'settings.js'))).toBe(true)
})

test('a folder with something else in it is not written to', () => {
  expect(nuages(site, ['build', '--out', 'shop'])).toMatchObject({
    code: 1,
    out: expect.stringContaining('cli.not-a-build') as string,
  })
  expect(nuages(site, ['build', '--out', '.']).out).toContain('cli.not-a-build')
})
