import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { createProject, defineApp, defineSettings, env, type Project, type Settings } from 'nuages'
import { finding } from 'nuages/checks'
import { type HttpRequest, type Middleware, NotFound, respond, toFetch } from 'nuages/http'
import { csrfExempt, defaultMiddleware } from 'nuages/middleware'
import { renderTemplate } from 'nuages/templates'
import { include, reverse, routes } from 'nuages/urls'
import { describe, expect, onTestFinished, test } from 'vitest'
import { folderWith } from './files.ts'

const secretKey = 'a key for tests that is long enough to be accepted'
const appUrls = routes({ index: '', item: 'items/<int:id>/', hook: 'hook/', broken: 'broken/' })
const views = {
  index: appUrls.index.view((request) => respond(String(renderTemplate('index.html', { title: 'A & B' }, request)))),
  item: appUrls.item.view((_, { id }) => {
    if (id === 404) throw new NotFound('No such item.')
    return respond(`item ${id} ${appUrls.item({ id })}`)
  }),
  hook: appUrls.hook.view(csrfExempt, () => respond('hooked')),
  broken: appUrls.broken.view(() => {
    throw new Error('a secret of the inside')
  }),
}

interface Made {
  project: Project
  get: (path: string, init?: RequestInit) => Promise<Response>
}
async function make(more: Partial<Settings> = {}, files: Record<string, string> = {}): Promise<Made> {
  const folder = folderWith({ 'shop/templates/index.html': '{{ title }}', ...files })
  mkdirSync(join(folder, 'shop'), { recursive: true })
  const shop = defineApp({
    name: 'shop',
    root: `file://${folder}/shop/app.ts`,
    urls: appUrls,
    views: async () => views,
  })
  const root = routes({ shop: include('shop/', appUrls) })
  const settings = {
    root: folder,
    secretKey,
    allowedHosts: ['localhost'],
    apps: [shop],
    urls: async () => ({ urls: root }),
    ...more,
  }
  const project = await createProject(settings as Settings, { mode: 'test', env: {} })
  onTestFinished(() => project.close())
  const fetch = toFetch(project.handler)
  return { project, get: (path, init) => fetch(new Request(`http://localhost${path}`, init)) }
}

describe('a project', () => {
  test('answers with its apps’ views, the security headers around them', async () => {
    const { get } = await make()
    const response = await get('/shop/')
    expect(await response.text()).toBe('A &amp; B')
    expect(response.headers.get('x-frame-options')).toBe('DENY')
    expect(response.headers.get('content-security-policy')).toContain("default-src 'self'")
  })

  test('knows links once its urls are loaded', async () => {
    const { project, get } = await make()
    await project.loadUrls()
    const name: string = 'shop:item'
    expect(reverse(name as never, { id: 3 } as never)).toBe('/shop/items/3/')
    expect(await (await get('/shop/items/7/')).text()).toBe('item 7 /shop/items/7/')
  })

  test('loads urls once, with the first request or when asked', async () => {
    let loaded = 0
    const { project, get } = await make({
      urls: async () => {
        loaded++
        return { urls: routes({ shop: include('', appUrls) }) }
      },
    })
    await Promise.all([get('/items/1/'), get('/items/2/'), project.loadUrls()])
    await get('/items/3/')
    expect(loaded).toBe(1)
  })

  test('tells every caller the same when its urls cannot be loaded', async () => {
    const { project } = await make({
      urls: async () => {
        throw new Error('a mistake in urls.ts')
      },
    })
    await expect(project.loadUrls()).rejects.toThrow('a mistake in urls.ts')
    await expect(project.loadUrls()).rejects.toThrow('a mistake in urls.ts')
  })

  test('answers 400 to hosts that are not its own', async () => {
    const { project } = await make()
    const response = await toFetch(project.handler)(new Request('http://evil.example/shop/'))
    expect(response.status).toBe(400)
  })

  test('refuses forged posts, and lets exempt views take them', async () => {
    const { get } = await make()
    const refused = await get('/shop/items/1/', { method: 'POST', body: new URLSearchParams({ a: '1' }) })
    expect([refused.status, refused.headers.get('x-csrf-failure')]).toEqual([403, 'no-cookie'])
    expect(await (await get('/shop/hook/', { method: 'POST', body: 'x' })).text()).toBe('hooked')
  })

  test('calls ready() of its apps in order, with itself', async () => {
    const order: string[] = []
    const app = (name: string) =>
      defineApp({
        name,
        root: import.meta.url,
        ready: (project: Project) => void order.push(`${name} of ${project.apps.apps.length}`),
      })
    await make({ apps: [app('one'), app('two')], urls: null })
    expect(order).toEqual(['one of 2', 'two of 2'])
  })

  test('is made without databases where nothing needs them', async () => {
    const { project } = await make()
    expect(project.usesDatabases).toBe(false)
    expect(await project.pendingMigrations()).toEqual([])
    await project.openDatabases()
  })

  test('without urls answers 404', async () => {
    const { get } = await make({ urls: null })
    expect((await get('/')).status).toBe(404)
  })

  test('says what is wrong with the module of its urls', async () => {
    const { project } = await make({ urls: async () => ({ routes: {} }) })
    await expect(project.loadUrls()).rejects.toMatchObject({
      code: 'project.bad-urls',
      hint: expect.stringContaining('export const urls'),
    })
  })

  test('serves views of its root table that urls.ts exports', async () => {
    const urls = routes({ about: 'about/' })
    const { get } = await make({
      urls: async () => ({ urls, views: async () => ({ about: urls.about.view(() => respond('about')) }) }),
    })
    expect(await (await get('/about/')).text()).toBe('about')
  })
})

describe('errors', () => {
  test('become a plain page that tells nothing of the inside', async () => {
    const { get } = await make()
    const shown: unknown[] = []
    const print = console.error
    console.error = (...words) => void shown.push(words.join(' '))
    const response = await get('/shop/broken/')
    console.error = print
    expect(response.status).toBe(500)
    expect(await response.text()).not.toContain('secret of the inside')
    expect(shown.join()).toContain('a secret of the inside')
  })

  test('become the project’s own page where there is a template', async () => {
    const { get } = await make({}, { 'templates/404.html': '<h1>Lost</h1> {{ status }} {{ message }}' })
    const response = await get('/shop/items/404/')
    expect([response.status, await response.text()]).toEqual([404, '<h1>Lost</h1> 404 No such item.'])
    expect((await get('/nowhere/')).status).toBe(404)
  })

  test('with debug become a page with sources and settings, secrets hidden', async () => {
    const { get } = await make({ debug: true })
    const page = await (await get('/nowhere/')).text()
    expect(page).toContain('/shop/items/')
    expect(page).not.toContain(secretKey)
  })
})

describe('the templates of a project', () => {
  test('are those of its own folder first, then of its apps', async () => {
    const { get } = await make({}, { 'templates/index.html': 'project' })
    expect(await (await get('/shop/')).text()).toBe('project')
  })

  test('know url, static and csrf_token', async () => {
    const page = "{% url 'shop:item' id=4 %} {% static 'a.css' %} {% csrf_token %}"
    const { get } = await make({}, { 'templates/index.html': page })
    const response = await get('/shop/')
    expect(await response.text()).toMatch(
      /^\/shop\/items\/4\/ \/static\/a\.css <input type="hidden" name="csrfmiddlewaretoken" value="[a-zA-Z0-9]{64}">$/,
    )
    expect(response.headers.getSetCookie()[0]).toMatch(/^csrftoken=/)
  })
})

describe('static files', () => {
  const files = { 'shop/static/a.css': 'body {}', 'static/own.css': 'p {}' }
  test('are served from the folders, with the security headers', async () => {
    const { get, project } = await make({ staticDirs: ['static'] }, files)
    const response = await get('/static/a.css')
    expect([response.status, await response.text()]).toEqual([200, 'body {}'])
    expect(response.headers.get('x-frame-options')).toBe('DENY')
    expect((await get('/static/own.css')).status).toBe(200)
    expect((await get('/static/../settings.ts')).status).toBe(404)
    expect(project.settings.staticUrl).toBe('/static/')
  })

  test('have hashed names once they are collected', async () => {
    const { project, get } = await make({}, { ...files, 'templates/index.html': "{% static 'a.css' %}" })
    expect(await project.collectStatic()).toEqual({ copied: 1, unchanged: 0 })
    const url = await (await get('/shop/')).text()
    expect(url).toMatch(/^\/static\/a\.[0-9a-f]{12}\.css$/)
    expect((await get(url)).headers.get('cache-control')).toContain('immutable')
  })
})

describe('middleware', () => {
  const mark: Middleware = async (request: HttpRequest, next) => {
    const response = await next(request)
    response.headers.set('x-mark', 'yes')
    return response
  }
  test('of the settings can extend the default chain', async () => {
    const { get } = await make({ middleware: [...defaultMiddleware, mark] })
    const { headers } = await get('/shop/')
    expect([headers.get('x-mark'), headers.get('x-frame-options')]).toEqual(['yes', 'DENY'])
  })

  test('of the settings can replace it', async () => {
    const { get } = await make({ middleware: [mark] })
    const { headers } = await get('/shop/')
    expect([headers.get('x-mark'), headers.get('x-frame-options')]).toEqual(['yes', null])
  })

  test('redirects to HTTPS and speaks languages where the settings say so', async () => {
    const { get } = await make({ languages: ['en', 'fr'] })
    expect((await get('/shop/', { headers: { 'accept-language': 'fr' } })).headers.get('content-language')).toBe('fr')
    const secure = await make({ security: { httpsRedirect: true } })
    expect((await secure.get('/shop/')).headers.get('location')).toBe('https://localhost/shop/')
  })
})

describe('debug', () => {
  const project = (settings: Settings, mode: 'development' | 'command', variables: Record<string, string> = {}) =>
    createProject(settings, { mode, env: variables })
  test.each([
    ['nothing said: on in development', {}, {}, true],
    ['the default of a variable is no decision', { debug: env.boolean('DEBUG', false) }, {}, true],
    ['the variable decides', { debug: env.boolean('DEBUG', true) }, { DEBUG: 'no' }, false],
    ['a value decides', { debug: false }, {}, false],
  ] as const)('%s', async (_, more, variables, debug) => {
    expect((await project(defineSettings({ secretKey, ...more }) as Settings, 'development', variables)).debug).toBe(
      debug,
    )
  })
  test('is off in production unless it is said', async () => {
    expect((await project({ secretKey }, 'command')).debug).toBe(false)
  })
})

describe('checks', () => {
  test('find nothing wrong with a project that is right', async () => {
    expect(await (await make()).project.checks()).toEqual([])
  })

  test('are those of apps, of urls and of templates, the gravest first', async () => {
    const app = defineApp({
      name: 'sad',
      root: new URL('sad/app.ts', import.meta.url).href, // not the folder of all apps here
      checks: [() => [finding('warning', 'sad.W001', 'Sad.')], () => [finding('critical', 'sad.C001', 'Very sad.')]],
    })
    const { project } = await make(
      { apps: [app] },
      { 'templates/bad.html': 'one\n{% if %}{% endif %}\n', 'templates/sub/good.html': 'x' },
    )
    const found = await project.checks()
    expect([...new Set(found.map(({ id }) => id))]).toEqual(['sad.C001', 'urls.E003', 'templates.E001', 'sad.W001'])
    expect(found.find(({ id }) => id === 'templates.E001')).toMatchObject({ object: 'bad.html:2' })
  })

  test('for deployment name each protection that is off', async () => {
    const { project } = await make({
      debug: true,
      allowedHosts: ['*'],
      secretKey: 'a'.repeat(60),
      csp: { 'script-src': ["'unsafe-inline'"] },
      middleware: [],
      sessions: { secure: false },
      security: {
        csrf: false,
        frameOptions: false,
        noSniff: false,
        referrerPolicy: false,
        crossOriginOpenerPolicy: false,
      },
    })
    const ids = (await project.checks({ deploy: true })).map(({ id }) => id)
    expect(ids.sort()).toEqual(
      ['001', '002', '005', '006', '007', '008', '010', '011', '012', '013', '014', '016', '017'].map(
        (n) => `security.W${n}`,
      ),
    )
    expect(await project.checks()).toEqual([])
  })

  test('for deployment are content with a project that is ready for it', async () => {
    const { project } = await make({
      secretKey: 'Zk3vQ8sB1xN6tY0pL5wR2mJ9cD4hF7gK_aEuSiOoXyVb-qTnWlPz',
      security: { httpsRedirect: true, hsts: { maxAge: 3600 } },
    })
    expect(await project.checks({ deploy: true })).toEqual([])
  })
})
