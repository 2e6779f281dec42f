import { contentTypeId, Group } from 'nuages/auth'
import type { AnyModel } from 'nuages/db'
import { beforeEach, describe, expect, test } from 'vitest'
import { LogEntry } from '../../src/admin/index.ts'
import { User } from './project/accounts/models.ts'
import { Author, Book, Hidden, Loan, Tag } from './project/library/models.ts'
import { adminSite, as, cells, errorsIn, firstColumn, permission, root, shownIn, staff } from './site.ts'

const site = adminSite()
let ada: Author
let book: Book
beforeEach(async () => {
  ada = await Author.objects.create({ name: 'Ada' })
  book = await Book.objects.create({ title: 'Notes', slug: 'notes', author: ada })
})
const values = (more: Record<string, unknown> = {}) => ({
  title: 'Forged',
  slug: 'notes',
  author: String(ada.id),
  status: 'draft',
  ...more,
})

describe('who is not a member of staff', () => {
  const pages = [
    '/admin/',
    '/admin/library/book/',
    '/admin/library/book/add/',
    '/admin/library/book/1/change/',
    '/admin/library/book/1/delete/',
    '/admin/library/book/1/history/',
    '/admin/library/book/choices/',
    '/admin/accounts/user/1/password/',
    '/admin/password/',
    '/admin/library/nothing/',
    '/admin/nothing/at/all/',
  ]
  test.each(pages)('is asked to sign in at %s, whatever there is', async (path) => {
    const visitor = site.client
    for (const answer of [await visitor.get(`${path}?a=1`), await visitor.post(`${path}?a=1`, values())])
      expect([answer.status, answer.location]).toEqual([302, `/admin/login/?next=${encodeURIComponent(`${path}?a=1`)}`])
    const reader = await as(site, await staff(['library.change_book'], { isStaff: false }))
    expect((await reader.get(path)).location).toContain('/admin/login/')
    expect((await reader.post(path, values())).status).toBe(302)
    expect((await Book.objects.get({ id: book.id })).title).toBe('Notes')
  })

  test('is told so after signing in, and stays outside', async () => {
    await staff([], { isStaff: false })
    const sent = await site.client.post('/admin/login/', { email: 'staff@example.org', password: 'long enough' })
    expect(sent.status).toBe(422)
    expect(errorsIn(sent.body)['']).toBe('This account may not use the admin.')
    expect((await site.client.get('/admin/')).status).toBe(302)
  })

  test('loses access at once when the account is closed', async () => {
    const user = await root()
    const client = await as(site, user)
    expect((await client.get('/admin/')).status).toBe(200)
    user.isActive = false
    await user.save()
    expect((await client.get('/admin/')).status).toBe(302)
  })
})

describe('signing in', () => {
  test('leads to where one wanted to go, on this site only', async () => {
    await root()
    const login = (next: string) =>
      site.visitor().post('/admin/login/', { email: 'ROOT@example.org', password: 'long enough', next })
    expect((await login('/admin/library/book/?q=1')).location).toBe('/admin/library/book/?q=1')
    for (const evil of [
      'https://evil.example/',
      '//evil.example',
      '/\\evil.example',
      'javascript:alert(1)',
      '/\t/evil.example',
    ])
      expect((await login(evil)).location).toBe('/admin/')
    const again = await as(site, await User.objects.get({ email: 'root@example.org' }))
    expect((await again.get('/admin/login/?next=/admin/library/book/')).location).toBe('/admin/library/book/')
  })

  test('pages of the admin are kept by no cache, carry a policy and no inline code', async () => {
    const client = await as(site, await root())
    for (const path of [
      '/admin/',
      '/admin/library/book/',
      `/admin/library/book/${book.id}/change/`,
      '/admin/login/?next=/',
    ]) {
      const page = await (path.includes('login') ? site.client : client).get(path)
      expect(page.headers.get('cache-control')).toContain('no-store')
      expect(page.headers.get('content-security-policy')).toContain("'self'")
      expect(page.body).not.toMatch(/<script>|<style|\sstyle=|\son\w+="/)
    }
  })

  test('log-out is by POST only', async () => {
    const client = await as(site, await root())
    expect((await client.get('/admin/logout/')).status).toBe(405)
    expect((await client.post('/admin/logout/')).location).toBe('/admin/login/')
    expect((await client.get('/admin/')).status).toBe(302)
  })

  test('a form without its token changes nothing', async () => {
    const client = site.visitor({ checkCsrf: true })
    await site.login(await root(), client)
    const sent = await client.post(`/admin/library/book/${book.id}/change/`, values())
    expect(sent.status).toBe(403)
    expect((await Book.objects.get({ id: book.id })).title).toBe('Notes')
  })
})

describe('permissions', () => {
  test('of viewing: the pages show values, and every forged write is refused', async () => {
    const client = await as(site, await staff(['library.view_book']))
    const page = await client.get(`/admin/library/book/${book.id}/change/`)
    expect(page.status).toBe(200)
    expect(page.body).toContain('You may view this, not change it.')
    expect(page.body).not.toMatch(/name="title"|name="_save"|Delete|Add book/)
    const list = await client.get('/admin/library/book/')
    expect(cells(list.body)[0]![0]).toBe('Notes')
    expect(list.body).not.toContain('/admin/library/book/add/')
    const answers = await Promise.all([
      client.post(`/admin/library/book/${book.id}/change/`, values()),
      client.post('/admin/library/book/add/', values({ slug: 'x' })),
      client.get('/admin/library/book/add/'),
      client.get(`/admin/library/book/${book.id}/delete/`),
      client.post(`/admin/library/book/${book.id}/delete/`),
      client.post('/admin/library/book/4711/change/', values()),
    ])
    expect(answers.map(({ status }) => status)).toEqual([403, 403, 403, 403, 403, 403])
    expect(await Book.objects.values('title')).toEqual([{ title: 'Notes' }])
    expect(await LogEntry.objects.count()).toBe(0)
  })

  test.each([
    ['add', '/admin/library/book/add/', [200, 302]],
    ['change', 'change/', [200, 302]],
    ['delete', 'delete/', [200, 302]],
  ])('of %s allow that and nothing else', async (action, path, allowed) => {
    const client = await as(site, await staff([`library.${action}_book`]))
    const me = await User.objects.get({ email: 'staff@example.org' })
    await Author.objects.filter({ id: ada.id }).update({ owner: me.id })
    const row = `/admin/library/book/${book.id}/`
    const urls: Record<string, string> = {
      add: '/admin/library/book/add/',
      change: `${row}change/`,
      delete: `${row}delete/`,
    }
    for (const [name, url] of Object.entries(urls)) {
      if (name === action) continue
      expect([name, (await client.post(url, values({ slug: 'y', title: 'Y' }))).status]).toEqual([name, 403])
    }
    const url = path.startsWith('/') ? path : row + path
    expect((await client.get(url)).status).toBe(allowed[0])
    const sent = await client.post(url, values({ slug: 'z' }))
    expect(sent.status).toBe(allowed[1])
    // Back to something this user may see.
    expect((await client.get(sent.location!)).status).toBe(200)
  })

  test('of other models do not show this one', async () => {
    const client = await as(site, await staff(['library.add_author']))
    const index = await client.get('/admin/')
    expect(index.body).toContain('/admin/library/author/add/')
    expect(index.body).not.toContain('/admin/library/author/"')
    expect(index.body).not.toContain('Books')
    for (const path of ['', 'choices/', 'add/', `${book.id}/change/`, `${book.id}/history/`, `${book.id}/delete/`])
      expect([path, (await client.get(`/admin/library/book/${path}`)).status]).toEqual([path, 403])
  })

  test('none at all: a page that says so', async () => {
    const client = await as(site, await staff([]))
    expect((await client.get('/admin/')).body).toContain('There is nothing here for you yet.')
  })

  test('of a group count, and are read anew for each request', async () => {
    const user = await staff([])
    const client = await as(site, user)
    expect((await client.get('/admin/library/book/')).status).toBe(403)
    const group = await Group.objects.create({ name: 'Readers' })
    await group.permissions.add(await permission('library.view_book'))
    await user.groups.add(group)
    expect((await client.get('/admin/library/book/')).status).toBe(200)
  })

  test('deleting a row asks for the permission of what goes with it', async () => {
    const client = await as(site, await staff(['library.delete_author', 'library.view_author']))
    await ada.refresh()
    await Author.objects
      .filter({ id: ada.id })
      .update({ owner: (await User.objects.get({ email: 'staff@example.org' })).id })
    const url = `/admin/library/author/${ada.id}/delete/`
    const asked = await client.get(url)
    expect(asked.body).toContain('no permission to delete everything that would go with it: books')
    expect((await client.post(url)).status).toBe(409)
    expect(await Book.objects.count()).toBe(1)
  })

  test('what one may not see has no name in a refusal', async () => {
    await Loan.objects.create({ book, reader: 'Somebody private' })
    const client = await as(site, await staff(['library.delete_book', 'library.view_book']))
    const page = await client.get(`/admin/library/book/${book.id}/delete/`)
    expect(page.body).toContain('cannot be deleted')
    expect(page.body).not.toContain('Somebody private')
  })
})

describe('models and rows that do not exist for somebody', () => {
  test('unknown, hidden and framework models look alike', async () => {
    const client = await as(site, await root())
    await Hidden.objects.create({ name: 'x' })
    const bodies = new Set<string>()
    for (const model of [
      'library/nothing',
      'library/hidden',
      'sessions/session',
      'admin/logentry',
      'auth/permission',
      'nothing/x',
    ])
      for (const path of ['', 'add/', '1/change/']) {
        const page = await client.get(`/admin/${model}/${path}`)
        expect([model, page.status]).toEqual([model, 404])
        bodies.add(page.body.replace(/value="[^"]*"/g, ''))
      }
    expect(bodies.size).toBe(1)
    expect((await client.get('/admin/no/such/page')).location).toBe('/admin/no/such/page/')
    expect((await client.get('/admin/no/such/page/')).status).toBe(404)
  })

  test('another user’s rows look like missing ones, and cannot be reached by any form', async () => {
    const client = await as(
      site,
      await staff(['library.change_author', 'library.delete_author', 'library.change_book', 'library.add_book']),
    )
    const me = await User.objects.get({ email: 'staff@example.org' })
    const mine = await Author.objects.create({ name: 'Mine', owner: me.id })
    expect(firstColumn((await client.get('/admin/library/author/')).body)).toEqual(['Mine'])
    expect((await client.get('/admin/library/author/choices/?for=library.book.author&q=ada')).json()).toEqual({
      rows: [],
      more: false,
    })
    expect((await client.get('/admin/library/author/?q=ada')).body).not.toContain('Ada')
    for (const path of ['change/', 'delete/', 'history/']) {
      const foreign = await client.get(`/admin/library/author/${ada.id}/${path}`)
      const missing = await client.get(`/admin/library/author/4711/${path}`)
      expect([foreign.status, missing.status]).toEqual([404, 404])
      const same = (html: string) => html.replace(/value="[^"]*"/g, '')
      expect(same(foreign.body)).toBe(same(missing.body))
    }
    expect((await client.post(`/admin/library/author/${ada.id}/change/`, { name: 'x' })).status).toBe(409)
    expect((await client.post(`/admin/library/author/${ada.id}/delete/`)).status).toBe(404)
    expect((await Author.objects.get({ id: ada.id })).name).toBe('Ada')
    // Neither offered nor accepted as what a row refers to.
    const form = await client.get('/admin/library/book/add/')
    expect(form.body).toContain('>Mine</option>')
    expect(form.body).not.toContain('>Ada</option>')
    const forged = await client.post('/admin/library/book/add/', values({ slug: 'new' }))
    expect(Object.keys(errorsIn(forged.body))).toContain('author')
    // What was there before stays, without its name.
    const edit = await client.get(`/admin/library/book/${book.id}/change/`)
    expect(shownIn(edit.body, 'author')).toBe(String(ada.id))
    expect(edit.body).not.toContain('>Ada</option>')
    expect((await client.post(`/admin/library/book/${book.id}/change/`, values())).status).toBe(302)
    expect(
      (await client.post(`/admin/library/book/${book.id}/change/`, values({ author: String(mine.id) }))).status,
    ).toBe(302)
    expect((await client.post(`/admin/library/book/${book.id}/change/`, values())).status).toBe(422)
  })

  test('the overview shows what Django wrote into the history, with keys no address can hold', async () => {
    const user = await root()
    const contentType = await contentTypeId(Tag as unknown as AnyModel)
    const entry = { user, contentType, objectRepr: 'Swing', actionFlag: 2, changeMessage: '[{"changed": {}}]' }
    for (const objectId of ['a/b', '..', 'a,b', '%'])
      await LogEntry.objects.create({ ...entry, objectId, objectRepr: `Tag ${objectId}` })
    const client = await as(site, user)
    const page = await client.get('/admin/')
    expect([page.status, page.body.includes('Tag a/b')]).toEqual([200, true])
  })

  test('other methods than those of a page are refused', async () => {
    const client = await as(site, await root())
    expect((await client.post('/admin/library/book/counts/')).status).toBe(405)
    expect((await client.request('DELETE', `/admin/library/book/${book.id}/change/`, null)).status).toBe(405)
    expect((await client.head('/admin/library/book/')).status).toBe(200)
  })
})
