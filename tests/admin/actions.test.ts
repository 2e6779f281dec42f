import { LogEntry } from 'nuages/admin'
import { beforeEach, describe, expect, test } from 'vitest'
import { User } from './project/accounts/models.ts'
import { Author, Book, Loan, Seat, Tag } from './project/library/models.ts'
import { adminSite, as, root, staff, textOf } from './site.ts'

const site = adminSite()
const BOOKS = '/admin/library/book/'
type Client = Awaited<ReturnType<typeof as>>
let client: Client
let books: Book[]
let ada: Author
beforeEach(async () => {
  client = await as(site, await root())
  ada = await Author.objects.create({ name: 'Ada' })
  books = await Book.objects.bulkCreate(
    Array.from({ length: 12 }, (_, i) => ({
      title: `Book ${String(i).padStart(2, '0')}`,
      slug: `b${i}`,
      author: ada,
      status: i < 3 ? ('out' as const) : ('draft' as const),
    })),
  )
})
const id = (index: number) => String(books[index]!.id)
const statuses = () => Book.objects.orderBy('id').valuesList('status', { flat: true })
const out = async () => (await statuses()).filter((status) => status === 'out').length
const messages = (html: string) =>
  [...html.matchAll(/<li class="(?:success|warning|info|error)"[^>]*>([\s\S]*?)<\/li>/g)].map(([, text]) =>
    textOf(text!),
  )
/** What the page that asks sends along. */
const hidden = (html: string) => {
  const values: Record<string, string[]> = {}
  for (const [, name, value] of html.matchAll(/<input type="hidden" name="(_\w+)" value="([^"]*)">/g))
    values[name!] = [...(values[name!] ?? []), value!]
  return values
}
const actionsIn = (html: string) => [...html.matchAll(/<option value="([^"]+)">/g)].map(([, name]) => name)
async function follow(by: Client, response: { headers: Headers; status: number }) {
  expect(response.status).toBe(302)
  return by.get(response.headers.get('location')!)
}

describe('an action (ADM-15)', () => {
  test('runs on the rows that were ticked, tells what it did, and leads back to the list as it was', async () => {
    const sent = await client.post(`${BOOKS}?o=-title&page=2`, { _action: 'Back to draft', _selected: [id(0), id(5)] })
    expect(sent.headers.get('location')).toBe(`${BOOKS}?o=-title&page=2`)
    expect(await out()).toBe(2)
    expect((await follow(client, sent)).body).toContain('Back to draft: 2 rows')
  })

  test('asks first, naming rows and parameters; wrong parameters change nothing', async () => {
    const asked = await client.post(BOOKS, { _action: 'Publish', _selected: [id(4), id(5)] })
    expect(asked.status).toBe(200)
    expect(asked.body).toContain('Publish 2 books?')
    expect(asked.body).toContain('<li>Book 04</li><li>Book 05</li>')
    expect(hidden(asked.body)).toEqual({ _action: ['Publish'], _confirmed: ['2'], _selected: [`${id(4)} ${id(5)}`] })
    expect(await out()).toBe(3)
    const wrong = await client.post(BOOKS, { ...hidden(asked.body), 'parameter-pages': '0' })
    expect(wrong.status).toBe(422)
    expect(wrong.body).toMatch(/id="id_parameter-pages_errors"/)
    expect(await out()).toBe(3)
    const done = await client.post(BOOKS, { ...hidden(wrong.body), 'parameter-pages': '7' })
    expect((await follow(client, done)).body).toContain('2 books are out.')
    expect(await out()).toBe(5)
  })

  test('takes all that match on every page, search and filters in force', async () => {
    const asked = await client.post(`${BOOKS}?status=draft`, { _action: 'Publish', _across: '1', _selected: id(0) })
    expect(asked.body).toContain('Publish 9 books?')
    const done = await client.post(`${BOOKS}?status=draft`, { ...hidden(asked.body), 'parameter-pages': '7' })
    expect(done.status).toBe(302)
    expect(await out()).toBe(12)
    // The three that were out before did not match.
    expect(await Book.objects.filter({ pages: 7 }).count()).toBe(9)
  })

  test('is not run on other rows than those that were asked about', async () => {
    const asked = await client.post(`${BOOKS}?status=draft`, { _action: 'Publish', _across: '1' })
    await Book.objects.filter({ id: books[11]!.id }).update({ status: 'out' })
    const again = await client.post(`${BOOKS}?status=draft`, { ...hidden(asked.body), 'parameter-pages': '7' })
    expect(again.status).toBe(409)
    expect(again.body).toContain('The rows that match have changed')
    expect(again.body).toContain('Publish 8 books?')
    expect(await out()).toBe(4)
  })

  test.each([
    ['fail', 422, 'Not today.'],
    ['field', 422, 'Another note.'],
    ['database', 409, 'The database refused'],
  ])('that fails (%s) says why, and nothing of it is kept', async (note, status, text) => {
    const values = { _action: 'Publish', _selected: [id(4), id(5)], _confirmed: '2' }
    const failed = await client.post(BOOKS, { ...values, 'parameter-pages': '7', 'parameter-note': note })
    expect([failed.status, failed.body.includes(text)]).toEqual([status, true])
    expect(hidden(failed.body)._selected).toEqual([`${id(4)} ${id(5)}`])
    expect(await out()).toBe(3)
    expect(await Book.objects.filter({ pages: 7 }).exists()).toBe(false)
    expect(await LogEntry.objects.count()).toBe(0)
  })

  test('that has a fault of its own is not hidden, and nothing of it is kept', async () => {
    const values = { _action: 'Publish', _selected: [id(4)], _confirmed: '1', 'parameter-pages': '7' }
    await expect(client.post(BOOKS, { ...values, 'parameter-note': 'fault' })).rejects.toThrow(
      'A fault of the project.',
    )
    expect(await out()).toBe(3)
  })

  test('may answer with a file', async () => {
    const file = await client.post(BOOKS, { _action: 'Download titles', _selected: [id(0)] })
    expect([file.status, file.body]).toEqual([200, 'Book 00'])
    expect(await LogEntry.objects.count()).toBe(0)
  })

  test('without rows, or without an action, says so', async () => {
    const none = await follow(client, await client.post(BOOKS, { _action: 'Back to draft' }))
    expect(none.body).toContain('Select rows first')
    const nothing = await follow(client, await client.post(BOOKS, { _action: '', _selected: id(0) }))
    expect(nothing.body).toContain('Choose what to do')
    expect((await client.post(BOOKS, { _selected: id(0) })).status).toBe(302)
  })

  test.each(['abc', '1,2', '%00', '', '99999999999999999999', '~', "1'or'1'='1"])(
    'takes the key %j for no row',
    async (key) => {
      const sent = await client.post(BOOKS, { _action: 'Back to draft', _selected: key })
      expect((await follow(client, sent)).body).toContain('Select rows first')
      expect(await out()).toBe(3)
    },
  )

  test('tells of rows that are gone', async () => {
    const sent = await client.post(BOOKS, { _action: 'Back to draft', _selected: [id(0), '999999'] })
    const page = await follow(client, sent)
    expect(messages(page.body).join()).toContain('1 row was not there any more')
  })

  test('writes an entry for each row that it changed (ADM-28)', async () => {
    await client.post(BOOKS, { _action: 'Back to draft', _selected: [id(0), id(1), id(5)] })
    const entries = await LogEntry.objects.orderBy('id')
    expect(entries.map((entry) => entry.objectId)).toEqual([id(0), id(1)])
    const history = await client.get(`${BOOKS}${id(0)}/history/`)
    expect(textOf(history.body)).toContain('Back to draft: Changed status')
  })

  test('needs a token of the site', async () => {
    const forger = await site.login(
      await User.objects.get({ email: 'root@example.org' }),
      site.visitor({ checkCsrf: true }),
    )
    const forged = await forger.post(BOOKS, { _action: 'Back to draft', _selected: id(0) })
    expect(forged.status).toBe(403)
    expect(await out()).toBe(3)
  })
})

describe('who may use an action', () => {
  test('is offered what the permissions allow, and refused the rest', async () => {
    expect(actionsIn((await client.get(BOOKS)).body)).toEqual([
      'Back to draft',
      'Publish',
      'Download titles',
      'Burn',
      '~delete',
    ])
    const viewer = await as(site, await staff(['library.view_book']))
    expect(actionsIn((await viewer.get(BOOKS)).body)).toEqual(['Download titles'])
    for (const _action of ['Back to draft', 'Publish', 'Burn', 'Odd', '~delete', 'constructor'])
      expect([_action, (await viewer.post(BOOKS, { _action, _selected: id(0), _confirmed: '1' })).status]).toEqual([
        _action,
        403,
      ])
    expect(await out()).toBe(3)
    expect(await Book.objects.count()).toBe(12)
  })

  test('by a function of the request', async () => {
    const odd = await as(site, await staff(['library.view_book'], { email: 'odd@example.org' }))
    expect(actionsIn((await odd.get(BOOKS)).body)).toEqual(['Download titles', 'Odd'])
  })

  test('without any, there are no boxes', async () => {
    const viewer = await as(site, await staff(['library.view_author']))
    const { body } = await viewer.get('/admin/library/author/')
    expect(body).not.toContain('_selected')
  })

  test('rows outside of the scope are not touched, whatever keys are sent', async () => {
    const user = await staff(['library.view_author', 'library.delete_author', 'library.delete_book'])
    const own = await Author.objects.create({ name: 'Own', owner: user.id as number })
    const limited = await as(site, user)
    const url = '/admin/library/author/'
    const stolen = await limited.post(url, { _action: '~delete', _selected: [String(ada.id)], _confirmed: '1' })
    expect((await follow(limited, stolen)).body).toContain('Select rows first')
    const both = await limited.post(url, { _action: '~delete', _selected: [String(ada.id), String(own.id)] })
    expect(both.body).toContain('Delete 1 author?')
    expect(both.body).not.toContain('Ada')
    await limited.post(url, { _action: '~delete', _across: '1', _confirmed: '1' })
    expect(await Author.objects.valuesList('name', { flat: true })).toEqual(['Ada'])
  })

  test('accounts that may more than the user are not taken along', async () => {
    const limited = await as(site, await staff(['accounts.view_user', 'accounts.delete_user']))
    const admin = await User.objects.get({ email: 'root@example.org' })
    const url = '/admin/accounts/user/'
    expect((await limited.post(url, { _action: '~delete', _selected: String(admin.id), _confirmed: '1' })).status).toBe(
      403,
    )
    expect((await limited.post(url, { _action: '~delete', _across: '1', _confirmed: '2' })).status).toBe(403)
    expect(await User.objects.count()).toBe(2)
  })
})

describe('“Delete selected”', () => {
  const select = (...keys: string[]) => ({ _action: '~delete', _selected: keys })

  test('counts what goes along, deletes, and keeps an entry for each row', async () => {
    const asked = await client.post('/admin/library/author/', select(String(ada.id)))
    expect(textOf(asked.body).replace(/\s+/g, ' ')).toMatch(
      /Delete 1 author\? This cannot be undone.*1 ?author.*12 ?books/,
    )
    const done = await client.post('/admin/library/author/', hidden(asked.body))
    expect((await follow(client, done)).body).toContain('1 author was deleted.')
    expect(await Book.objects.count()).toBe(0)
    const [entry] = await LogEntry.objects.all()
    expect([entry!.objectId, entry!.objectRepr, entry!.actionFlag]).toEqual([String(ada.id), 'Ada', 3])
  })

  test('stops at protected rows, and names them', async () => {
    await Loan.objects.create({ book: books[3]!, reader: 'Zoe' })
    const asked = await client.post(BOOKS, select(id(2), id(3)))
    expect(asked.body).toContain('Loan of Zoe')
    expect(asked.body).not.toContain('Yes, delete')
    const forced = await client.post(BOOKS, { ...select(id(2), id(3)), _confirmed: '2' })
    expect(forced.status).toBe(409)
    expect(await Book.objects.count()).toBe(12)
  })

  test('needs the permission for what goes along', async () => {
    const limited = await as(site, await staff(['library.view_author', 'library.delete_author']))
    await Author.objects.all().update({ owner: (await User.objects.get({ email: 'staff@example.org' })).id })
    const asked = await limited.post('/admin/library/author/', select(String(ada.id)))
    expect(asked.body).toContain('You have no permission to delete everything')
    const forced = await limited.post('/admin/library/author/', { ...select(String(ada.id)), _confirmed: '1' })
    expect(forced.status).toBe(409)
    expect(await Author.objects.count()).toBe(1)
  })

  test('knows rows with a key of two parts, and with a key that people write', async () => {
    for (const number of [1, 2, 3]) await Seat.objects.create({ row: 'A,1/%', number })
    const list = (await client.get('/admin/library/seat/')).body
    const keys = [...list.matchAll(/name="_selected" value="([^"]+)"/g)].map(([, key]) => key!)
    expect(keys).toHaveLength(3)
    const done = await client.post('/admin/library/seat/', { ...select(keys[0]!, keys[2]!), _confirmed: '2' })
    expect((await follow(client, done)).body).toContain('2 seats were deleted.')
    expect(await Seat.objects.valuesList('number', { flat: true })).toHaveLength(1)
    const all = await client.post('/admin/library/seat/', { _action: '~delete', _across: '1', _confirmed: '1' })
    expect((await follow(client, all)).body).toContain('1 seat was deleted.')
    await Tag.objects.create({ slug: 'a/b', label: 'x' })
    await client.post('/admin/library/tag/', { ...select('a%2Fb'), _confirmed: '1' })
    expect(await Tag.objects.count()).toBe(0)
  })

  test('more than can be looked at one by one: everything that could go along must be allowed', async () => {
    const rows = Array.from({ length: 10_001 }, (_, i) => ({ name: `A${i}` }))
    const limited = await as(site, await staff(['library.view_author', 'library.delete_author']))
    const user = await User.objects.get({ email: 'staff@example.org' })
    await Author.objects.bulkCreate(rows.map((row) => ({ ...row, owner: user.id as number })))
    const asked = await limited.post('/admin/library/author/', { _action: '~delete', _across: '1' })
    expect(asked.body).toContain('Delete 10,001 authors?')
    expect(asked.body).toContain('You have no permission to delete everything')
    const forced = await limited.post('/admin/library/author/', {
      _action: '~delete',
      _across: '1',
      _confirmed: '10001',
    })
    expect(forced.status).toBe(409)
    const done = await client.post('/admin/library/author/', { _action: '~delete', _across: '1', _confirmed: '10002' })
    expect((await follow(client, done)).body).toContain('10,002 authors were deleted.')
    expect([await Author.objects.count(), await Book.objects.count()]).toEqual([0, 0])
    // One entry tells of all of them.
    const [entry] = await LogEntry.objects.filter({ objectId: null })
    expect(entry!.objectRepr).toBe('10002 authors')
  })

  test('more going along than can be looked at is told without a number, and needs every permission', async () => {
    const rows = Array.from({ length: 20_001 }, (_, i) => ({ title: `many ${i}`, slug: `m${i}`, author: ada }))
    await Book.objects.bulkCreate(rows)
    const asked = await client.post('/admin/library/author/', select(String(ada.id)))
    expect(asked.body).toContain('Too many rows to count go along. They may be: authors, books.')
    const limited = await as(site, await staff(['library.view_author', 'library.delete_author']))
    await Author.objects.all().update({ owner: (await User.objects.get({ email: 'staff@example.org' })).id })
    expect((await limited.post('/admin/library/author/', select(String(ada.id)))).body).toContain(
      'You have no permission',
    )
    expect((await limited.get(`/admin/library/author/${ada.id}/delete/`)).body).toContain('You have no permission')
    await client.post('/admin/library/author/', hidden(asked.body))
    expect([await Author.objects.count(), await Book.objects.count()]).toEqual([0, 0])
  })

  test('all that a search over a relation to many finds, each row once', async () => {
    const sea = await Tag.objects.create({ slug: 'sea', label: 'Sea' })
    const seaside = await Tag.objects.create({ slug: 'seaside', label: 'Seaside' })
    await books[0]!.tags.add(sea, seaside)
    const asked = await client.post(`${BOOKS}?q=sea`, { _action: '~delete', _across: '1' })
    expect(asked.body).toContain('Delete 1 book?')
    await client.post(`${BOOKS}?q=sea`, hidden(asked.body))
    expect(await Book.objects.count()).toBe(11)
  })
})
