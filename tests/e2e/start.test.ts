/** The first hour on a new project: every step a newcomer takes, without npm. */
import { existsSync, readdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterEach, describe, expect, test, vi } from 'vitest'
import { type Started, startedProject, withoutSlashes } from './started.ts'

vi.setConfig({ testTimeout: 90_000 }) // each starts several processes, and a compiler

let project: Started
afterEach(() => project.remove())

const ADMIN = { ADMIN_EMAIL: 'ada@example.org', ADMIN_PASSWORD: 'correct horse battery' }

/** Signs in over HTTP, and gives what reads pages. */
async function signIn(url: string) {
  const cookies = new Map<string, string>()
  const ask = async (path: string, init: RequestInit = {}) => {
    const cookie = [...cookies].map(([name, value]) => `${name}=${value}`).join('; ')
    const response = await fetch(new URL(path, url), {
      redirect: 'manual',
      ...init,
      headers: { ...init.headers, cookie },
    })
    for (const line of response.headers.getSetCookie()) {
      const [, name, value] = /^([^=]+)=([^;]*)/.exec(line)!
      cookies.set(name!, value!)
    }
    return response
  }
  const page = await (await ask('/admin/login/')).text()
  const csrf = /name="csrfmiddlewaretoken" value="([^"]+)"/.exec(page)?.[1] ?? ''
  const field = /name="(username|email)"/.exec(page)?.[1] ?? 'username'
  const body = new URLSearchParams({
    csrfmiddlewaretoken: csrf,
    [field]: ADMIN.ADMIN_EMAIL,
    password: ADMIN.ADMIN_PASSWORD,
  })
  const answer = await ask('/admin/login/', { method: 'POST', body, headers: { origin: new URL(url).origin } })
  expect(answer.status).toBe(302)
  return async (path: string) => {
    const response = await ask(path)
    return { status: response.status, text: await response.text() }
  }
}

describe('a new project', () => {
  test('passes its test and its types before anything else is done', async () => {
    project = startedProject()
    const { code, out } = await project.run(['test'])
    expect(out).toMatch(/pass 1\b/)
    expect(code).toBe(0)
    expect(project.types()).toBe('')
    expect(existsSync(join(project.folder, 'db.sqlite3'))).toBe(false)
  })

  test('dev writes its first migrations, applies all, makes the superuser, and serves site and admin', async () => {
    project = startedProject()
    const { url, out, err } = await project.dev([], ADMIN)
    expect(readdirSync(join(project.folder, 'main', 'migrations'))).toEqual(['0001_initial.ts', 'latest.txt'])
    expect(out()).toMatch(/Migration main\/migrations\/0001_initial\.ts\n {2}- Create model User\n/)
    expect(out()).toMatch(/Applying main\.0001_initial \.\.\. done/)
    expect(out()).toContain('Created the superuser ada@example.org.')
    expect(out()).toContain(`  ${url}admin/\n`)
    expect(out() + err()).not.toContain(ADMIN.ADMIN_PASSWORD)
    const home = await fetch(url)
    expect([home.status, await home.text()]).toEqual([200, expect.stringContaining('mysite is running')])
    expect((await (await signIn(url))('/admin/main/user/')).text).toContain('ada@example.org')
    const { code, out: found } = await project.run(['check', '--json'])
    expect([code, JSON.parse(found)]).toEqual([0, []])
  })

  test('a model is one edit and one command away from the admin, without registration', async () => {
    project = startedProject()
    const { url, until } = await project.dev([], ADMIN)
    const visit = await signIn(url)
    writeFileSync(join(project.folder, 'main', 'models.ts'), withoutSlashes(project.read('main/models.ts')))
    await until(/main\/models\.ts changed: ready/)
    await until(/main: Create model Book\nRun: npx nuages migrate --make/)
    expect(project.types()).toBe('')
    const made = await project.run(['migrate', '--make'])
    expect(made).toMatchObject({ code: 0, out: expect.stringContaining('Applying main.0002_book ... done') })
    await until(/0002_book\.ts changed: ready/)
    const { status, text } = await visit('/admin/main/book/')
    expect([status, text]).toEqual([200, expect.stringMatching(/Books/i)])
    expect((await project.run(['test'])).code).toBe(0)
  })

  test('startapp brings a folder, a line in settings and in urls, and its page; everything still passes', async () => {
    project = startedProject()
    const { code, out } = await project.run(['startapp', 'my_blog'])
    expect(out).toContain('Its page is at /my-blog/.')
    expect(code).toBe(0)
    expect(project.read('settings.ts')).toContain('apps: [auth, admin, main, myBlog],')
    expect(project.read('urls.ts')).toContain("  myBlog: include('my-blog/', myBlogUrls),\n})")
    expect(project.types()).toBe('')
    const tests = await project.run(['test'])
    expect([tests.code, tests.out]).toEqual([0, expect.stringMatching(/pass 2\b/)])
    expect(await project.run(['startapp', 'my_blog'])).toMatchObject({
      code: 1,
      err: expect.stringContaining('cli.app-exists'),
    })
    for (const name of ['Blog', 'class', 'a-b', 'settings'])
      expect(await project.run(['startapp', name])).toMatchObject({
        code: 2,
        err: expect.stringContaining('cli.bad-app-name'),
      })
  })

  test('where settings are written in another way, startapp changes nothing of them and says the lines', async () => {
    project = startedProject()
    project.edit('settings.ts', 'apps: [auth, admin, main],', 'apps: [auth, admin].concat(main),')
    project.edit('settings.ts', 'apps: [auth, admin].concat(main),', 'apps: ((list) => list)([auth, admin, main]),')
    const before = project.read('settings.ts')
    const { code, err } = await project.run(['startapp', 'blog'])
    expect([code, err]).toEqual([
      0,
      expect.stringContaining("import { blog } from './blog/app.ts'\n  apps: [..., blog],"),
    ])
    expect(project.read('settings.ts')).toBe(before)
  })
})

describe('the first superuser', () => {
  test('is nobody where neither a terminal nor a value says who: one command is named, no form is open', async () => {
    project = startedProject()
    const { url, err } = await project.dev()
    expect(err()).toContain('Nobody can sign in to the admin yet. Run: npx nuages createsuperuser')
    expect((await fetch(`${url}admin/`, { redirect: 'manual' })).headers.get('location')).toContain('/admin/login/')
  })

  test('comes from --admin-email, with a password that is made and shown once; the next start asks for nothing', async () => {
    project = startedProject()
    const { out, child, ended } = await project.dev(['--admin-email', 'grace@example.org'])
    expect(out()).toMatch(/Created the superuser grace@example\.org\.\nPassword \(shown this once\): \S{16}\n/)
    child.kill('SIGINT')
    expect((await ended).code).toBe(0)
    const again = await project.dev(['--admin-email', 'grace@example.org'])
    expect(again.out()).not.toMatch(/superuser|Applying/)
  })
})

describe('dev', () => {
  test('applies migrations at its start, not those that are saved while it runs', async () => {
    project = startedProject()
    const first = await project.dev([], ADMIN)
    first.child.kill('SIGINT')
    await first.ended
    writeFileSync(join(project.folder, 'main', 'models.ts'), withoutSlashes(project.read('main/models.ts')))
    expect((await project.run(['makemigrations'])).code).toBe(0)
    const second = await project.dev()
    expect(second.out()).toContain('Applying main.0002_book ... done')
    expect((await project.run(['makemigrations', 'main', '--empty', '--name', 'by_hand'])).code).toBe(0)
    await second.until(/0003_by_hand\.ts changed: ready/)
    await second.until(/1 migration is not applied \(main\.0003_by_hand\)/)
    expect(second.out()).not.toContain('Applying main.0003')
  })

  test('a mistake that is there at the start is told, and what was to be done is done once it is mended', async () => {
    project = startedProject()
    const good = project.read('main/models.ts')
    writeFileSync(
      join(project.folder, 'main', 'models.ts'),
      good.replace('extends Model<User>()(', 'extends Model<User>()(('),
    )
    const starting = project.dev([], ADMIN)
    await expect.poll(() => existsSync(join(project.folder, 'db.sqlite3')), { timeout: 2000 }).toBe(false)
    await new Promise((done) => setTimeout(done, 2500))
    writeFileSync(join(project.folder, 'main', 'models.ts'), good)
    const { out, err } = await starting
    expect(err()).toMatch(/models\.ts:\d+[\s\S]*Not serving: it starts again when a file is saved/)
    expect(out()).toContain('Created the superuser ada@example.org.')
  })
})
