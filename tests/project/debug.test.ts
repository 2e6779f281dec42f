/** The debug page of a whole project: queries of its database, lines of its templates, its settings without secrets. */
import { createProject, defineApp, type Settings } from 'nuages'
import { char, Model } from 'nuages/db'
import { respond, toFetch } from 'nuages/http'
import { renderTemplate } from 'nuages/templates'
import { routes } from 'nuages/urls'
import { expect, onTestFinished, test } from 'vitest'
import { isLogged } from '../../src/db/query-log.ts'
import { folderWith } from './files.ts'

const secretKey = 'a key for tests that is long enough to be accepted'
class Shelf extends Model<Shelf>()({ name: char({ maxLength: 20 }), apiToken: char({ maxLength: 20 }) }) {}
const urls = routes({ list: 'list/', page: 'page/', ask: 'ask/' })
const views = {
  list: urls.list.view(async () => {
    for (const name of ['a', 'a', 'b'])
      await Shelf.objects
        .filter({ name })
        .count()
        .catch(() => 0)
    await Shelf.objects
      .filter({ apiToken: 'swordfish' })
      .count()
      .catch(() => 0)
    throw new Error('enough')
  }),
  page: urls.page.view(() => respond(String(renderTemplate('page.html')))),
  ask: urls.ask.view(() => respond('ok')),
}

async function make() {
  const root = folderWith({
    'templates/base.html': '<main>{% block main %}{% endblock %}</main>',
    'templates/page.html': "{% extends 'base.html' %}\n{% block main %}\n{% url 'nowhere' %}\n{% endblock %}",
  })
  const app = defineApp({ name: 'shelves', root, models: { Shelf } })
  const settings = {
    ...{ root, secretKey, debug: true, apps: [app], templateDirs: ['templates'] },
    databases: { default: 'sqlite::memory:' },
    urls: async () => ({ urls, views }),
  }
  const project = await createProject(settings as unknown as Settings, { mode: 'test', env: {} })
  onTestFinished(() => project.close())
  const fetch = toFetch(project.handler)
  return {
    project,
    get: (path: string, accept = 'text/html') => fetch(new Request(`http://localhost${path}`, { headers: { accept } })),
  }
}

test('queries of the request are there, marked where they repeat; values that look secret are hidden', async () => {
  const { get } = await make()
  const text = await (await get('/list/')).text()
  expect(text).toMatch(/Queries: 4 in [\d.]+ ms — 3 of them repeated/)
  expect(text).toContain('same ×2')
  expect(text).toContain('&quot;b&quot;')
  expect(text).toContain('values hidden')
  expect(text).not.toContain('swordfish<')
  expect(text).not.toContain(secretKey)
})

test('an error in a template shows the line of the template and how it came there', async () => {
  const { get } = await make()
  const text = await (await get('/page/')).text()
  expect(text).toContain('<i>3</i>{% url &#x27;nowhere&#x27; %}')
  expect(text).toContain('page.html:3')
  expect(text).toContain('base.html:1')
  expect(text).toContain('urls.unknown-name')
})

test('a project that is closed no longer listens to queries', async () => {
  const { project, get } = await make()
  await get('/ask/')
  expect(isLogged()).toBe(true)
  await project.close()
  expect(isLogged()).toBe(false)
})
