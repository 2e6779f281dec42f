/** A walk through the admin in the pseudo-language: what stands in no brackets, nobody can translate. */
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { createUser } from 'nuages/auth'
import { Temporal } from 'nuages/db'
import { type TestClient, type TestResponse, testSite } from 'nuages/testing'
import * as runner from 'vitest'
import { expect, test } from 'vitest'
import settings from './pseudo/settings.ts'
import { Label, Mark, Shelf, Thing } from './pseudo/things/app.ts'

/** Attributes that people see or hear. Those in `data-` are words for a script where they hold any. */
const SPOKEN = /\s(?:aria-label|aria-description|title|placeholder|alt|label|data-[\w-]+)="([^"]*)"/g

/** Texts of a page without brackets around them; data, marked ¤, and dates are none of ours. */
function unbracketed(html: string): string[] {
  const page = html.replace(/<(script|style)\b[\s\S]*?<\/\1>|<!--[\s\S]*?-->/g, '')
  const attributes = [...page.matchAll(SPOKEN)].filter(([all]) => !MACHINE.test(all)).map(([, value]) => value!)
  // Text within one block is one text: a sentence may hold a link.
  const texts = page.split(/<\/?(?!(?:a|b|strong|em|span|code|small|del|ins|time)\b)[a-z][^>]*>/i)
  const found = new Set<string>()
  for (const text of [...texts, ...attributes]) {
    let rest = text.replace(/<[^>]*>/g, ' ').replace(/&[#\w]+;/g, ' ')
    for (let before = ''; before !== rest; ) {
      before = rest
      rest = rest.replace(/⟦[^⟦⟧]*⟧/g, ' ')
    }
    const words = rest.replace(DATA, ' ').match(/\p{L}{2,}/gu)
    if (words)
      found.add(
        text
          .replace(/<[^>]*>|\s+/g, ' ')
          .trim()
          .slice(0, 160),
      )
  }
  return [...found]
}
/** Data of the rows, addresses, and dates as the language writes them. */
const DATA =
  /¤[\w.]*|\[[a-z-]+\]|\S*@\S*|\bhttps?:\S*|\b\d{4}-\d\d-\d\d[T ][\d:.]+Z?|\b(?:January|February|March|April|May|June|July|August|September|October|November|December|Jan|Feb|Mar|Apr|Jun|Jul|Aug|Sep|Oct|Nov|Dec|AM|PM|am|pm)\b/g
/** Attributes that hold names and addresses for the scripts, not words. */
const MACHINE =
  /\sdata-(?:[\w-]*(?:url|path|of|name|for|kind|prefix|key|id|lookup|state|value|counts)|search|list|inline)="|="(?:[\d\s]*|\/[^"]*)"/

const site = testSite(settings, runner, {
  data: async () => {
    const shelf = await Shelf.objects.create({ name: '¤first' })
    await Shelf.objects.create({ name: '¤second' })
    const label = await Label.objects.create({ shelf, text: '¤label' })
    await Mark.objects.create({ label, colour: '¤red' })
    for (let i = 0; i < 30; i++)
      await Thing.objects.create({
        name: `¤thing${i}`,
        slug: `thing-${i}`,
        on: Temporal.PlainDate.from('2026-01-15').add({ days: i * 20 }),
        at: new Date(Date.UTC(2026, i % 12, 3)),
        count: i % 10,
        shelf,
      })
    await createUser({ email: 'plain@example.org', password: null })
    await createUser({ email: 'staff@example.org', password: null, isStaff: true })
  },
})

async function signIn(values: Record<string, unknown> = { isSuperuser: true }): Promise<TestClient> {
  const email = 'root@example.org'
  return site.login(await createUser({ email, password: 'long enough 1', isStaff: true, ...values }), site.visitor())
}
/** Each text once, with the first page that has it. */
function problems(...answers: TestResponse[]): string[] {
  const first = new Map<string, string>()
  for (const { url, status, body } of answers)
    for (const text of unbracketed(body)) if (!first.has(text)) first.set(text, `${status} ${url}: ${text}`)
  return [...first.values()]
}

test('the pages that links lead to', async () => {
  const visitor = await signIn()
  const open = ['/admin/']
  const seen = new Set<string>()
  const answers: TestResponse[] = []
  const kinds = new Map<string, number>()
  while (open.length > 0) {
    const path = open.shift()!
    const answer = await visitor.get(path)
    expect([path, answer.status]).toEqual([path, 200])
    answers.push(answer)
    for (const [, href] of answer.body.matchAll(/<a\b[^>]*href="((?:\/admin\/|\?)[^"#]*)"/g)) {
      const link = new URL(href!.replaceAll('&amp;', '&'), `http://x${path}`).href.slice('http://x'.length)
      // Some of each kind: the thirtieth row says nothing the third does not.
      const kind = link.replace(/\d+/g, '0').replace(/=[^&]*/g, '=')
      const count = kinds.get(kind) ?? 0
      if (seen.has(link) || count >= (kind.includes('?') ? 2 : 3) || kind.includes('&')) continue
      kinds.set(kind, count + 1)
      seen.add(link)
      open.push(link)
    }
  }
  expect(problems(...answers)).toEqual([])
  for (const kind of ['add/', 'change/', 'delete/', 'history/', 'password/'])
    expect([...seen].some((path) => path.endsWith(kind))).toBe(true)
  expect(seen.size).toBeGreaterThan(60)
})

test('forms that come back with what is wrong', async () => {
  const visitor = await signIn()
  const wrong = {
    name: '¤much too long for it',
    slug: 'no slug!',
    state: 'three',
    count: '77',
    price: '1234567.891',
    weight: 'x',
    on: 'yesterday',
    at_0: 'x',
    at: 'x',
    until: '25:00',
    lasts: 'x',
    mail: 'x',
    site: 'x',
    token: 'x',
    extra: '{',
    shelf: '999',
    shelves: ['999'],
  }
  const thing = await Thing.objects.get({ slug: 'thing-1' })
  const paths = [
    '/admin/things/thing/add/',
    `/admin/things/thing/${thing.id}/change/`,
    '/admin/things/user/add/',
    '/admin/auth/group/add/',
    '/admin/password/',
  ]
  for (const path of paths) {
    const empty = await visitor.post(path, {})
    expect([path, empty.status]).toEqual([path, 422])
    expect(problems(empty)).toEqual([])
    expect(
      problems(await visitor.post(path, { ...wrong, email: 'x', password: 'x', password1: 'x', password2: 'y' })),
    ).toEqual([])
  }
  expect(
    problems(await visitor.post('/admin/things/thing/add/', { ...wrong, slug: 'thing-1', on: '2026-01-01' })),
  ).toEqual([])
})

test('messages after saving, changing, deleting, and the history of it', async () => {
  const visitor = await signIn()
  const answers: TestResponse[] = []
  const post = async (path: string, values: Record<string, string | string[]>) => {
    const answer = await visitor.post(path, values, { follow: true })
    expect([path, answer.status]).toEqual([path, 200])
    answers.push(answer)
  }
  const values = { name: '¤new', slug: 'new', state: 'one', on: '2026-02-03' }
  await post('/admin/things/thing/add/', { ...values, _continue: '1' })
  const { id } = await Thing.objects.get({ slug: 'new' })
  const page = `/admin/things/thing/${id}/`
  await post(`${page}change/`, { ...values, state: 'two', secret: '¤x', shelves: ['1'], _save: '1' })
  answers.push(await visitor.get(`${page}history/`), await visitor.get('/admin/'))
  await post(`${page}delete/`, { confirm: 'yes' })
  const user = await createUser({ email: '¤other@example.org', password: null })
  await post(`/admin/things/user/${user.id}/password/`, {
    newPassword: 'anothergoodone',
    again: 'anothergoodone',
  })
  answers.push(await visitor.get(`/admin/things/user/${user.id}/history/`), await visitor.get('/admin/'))
  expect(problems(...answers)).toEqual([])
})

test('inner rows, a save that comes too late, a copy', async () => {
  const visitor = await signIn()
  const path = '/admin/things/shelf/1/change/'
  const { body } = await visitor.get(path)
  const values: Record<string, string> = {}
  for (const [tag] of body.matchAll(/<(?:input|select|textarea)\b[^>]*>/g)) {
    const name = / name="([^"]*)"/.exec(tag)?.[1]
    if (name && !/type="(?:checkbox|search|submit)"|csrf/.test(tag))
      values[name] = (/ value="([^"]*)"/.exec(tag)?.[1] ?? '').replaceAll('&quot;', '"').replaceAll('&#x27;', "'")
  }
  const text = Object.keys(values).find((name) => /-0-text$/.test(name))!
  const answers: TestResponse[] = []
  answers.push(await visitor.post(path, { ...values, [text]: '¤much too long', _save: '1' }))
  await Shelf.objects.filter({ id: 1 }).update({ name: '¤theirs' })
  answers.push(await visitor.post(path, { ...values, name: '¤ours', _save: '1' }))
  expect(answers.map(({ status }) => status)).toEqual([422, 409])
  answers.push(await visitor.post(path, { ...values, name: '¤copy', _saveasnew: '1' }, { follow: true }))
  await Label.objects.filter({ shelf: 1 }).update({ text: '¤theirs' })
  answers.push(await visitor.post(path, { ...values, [text]: '¤ours', _save: '1' }))
  answers.push(await visitor.post(path, { _save: '1' }))
  expect(problems(...answers)).toEqual([])
})

test('actions and the cells of a list', async () => {
  const visitor = await signIn()
  const list = (await visitor.get('/admin/things/thing/')).body
  const actions = [...list.matchAll(/<option value="([^"]+)"/g)].map(([, value]) => value!)
  const names = [...list.matchAll(/<input[^>]*type="checkbox"[^>]*name="([^"]+)"[^>]*value="(\d+)"/g)]
  expect(names.length).toBeGreaterThan(2)
  expect(actions.length).toBeGreaterThan(1)
  const answers: TestResponse[] = []
  const [, , key] = names[0]!
  for (const name of new Set(actions)) {
    answers.push(await visitor.post('/admin/things/thing/', { _action: name, _selected: key! }, { follow: true }))
    answers.push(
      await visitor.post(
        '/admin/things/thing/',
        { _action: name, _selected: key!, _confirmed: '1', by: '1' },
        { follow: true },
      ),
    )
  }
  answers.push(await visitor.post('/admin/things/thing/', { _action: '', _selected: key! }, { follow: true }))
  answers.push(await visitor.post('/admin/things/thing/', { _save: '1' }, { follow: true }))
  expect(problems(...answers)).toEqual([])
})

test('signing in and out, here and on the site', async () => {
  const visitor = site.visitor()
  const answers: TestResponse[] = []
  for (const path of ['/admin/login/', '/accounts/login/']) {
    answers.push(await visitor.get(path))
    answers.push(await visitor.post(path, {}))
    answers.push(await visitor.post(path, { email: 'nobody@example.org', password: 'x' }))
  }
  const signedIn = await signIn({})
  answers.push(await signedIn.get('/accounts/password/'), await signedIn.post('/accounts/password/', {}))
  answers.push(
    await signedIn.post('/accounts/password/', { oldPassword: 'x', newPassword: '1', newPasswordAgain: '2' }),
  )
  answers.push(await signedIn.get('/admin/'), await signedIn.get('/admin/things/thing/'))
  const plain = await site.login(await createUser({ email: 'other@example.org', password: null }), site.visitor())
  answers.push(await plain.get('/admin/login/?next=/admin/'))
  expect(problems(...answers)).toEqual([])
})

test('pages of errors', async () => {
  const visitor = await signIn()
  const answers = [
    await visitor.get('/nowhere/'),
    await visitor.get('/admin/nowhere/'),
    await visitor.get('/admin/things/thing/99999/change/'),
    await visitor.request('PUT', '/admin/'),
    await site.visitor({ checkCsrf: true }).post('/accounts/login/', {}),
    await visitor.get('/%ff'),
  ]
  expect(answers.map(({ status }) => status)).toEqual([404, 404, 404, 405, 403, 400])
  expect(problems(...answers)).toEqual([])
})

test('scripts say only words that the page gave them', () => {
  const folder = fileURLToPath(new URL('../../src/admin/static/admin/js/', import.meta.url))
  const said = readdirSync(folder).flatMap((name) =>
    readFileSync(join(folder, name), 'utf8')
      .split('\n')
      .filter((line) => SAYS.test(line))
      .map((line) => `${name}: ${line.trim()}`),
  )
  expect(said).toEqual([])
  expect(SAYS.test("make('p', { textContent: 'Nothing' })")).toBe(true)
})
/** A literal with a word in it, put where it is read: what stands within `${}` is none. */
const SAYS =
  /(?:(?:textContent|innerText|innerHTML|title|placeholder|ariaLabel|label)\s*[:=]|(?:alert|confirm|prompt|append|setCustomValidity)\(|'(?:aria-label|title|placeholder)',)\s*(?:'[^']*[a-z]{2}|"[^"]*[a-z]{2}|`(?:[^`$]|\$\{[^}]*\})*(?<!\{[^}`]*)[a-z]{2})/i

test('is a test that can fail', () => {
  expect(unbracketed('<p title="Help">⟦Save ⟦all⟧⟧</p><b>¤x</b> Rest <i data-word="Filter">3 May 2026</i>')).toEqual([
    '¤x  Rest',
    'Help',
    'Filter',
  ])
})
