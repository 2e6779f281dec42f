import { beforeEach, describe, expect, test } from 'vitest'
import { LogEntry } from '../../src/admin/index.ts'
import { User } from './project/accounts/models.ts'
import { Author, Book, Loan, Odd, Seat, Tag } from './project/library/models.ts'
import { adminSite, as, errorsIn, firstColumn, queriesFor, root, shownIn, staff, textOf } from './site.ts'

const site = adminSite()
let client: Awaited<ReturnType<typeof as>>
let ada: Author
beforeEach(async () => {
  client = await as(site, await root())
  ada = await Author.objects.create({ name: 'Ada' })
})

const book = (values: Record<string, unknown> = {}) => ({
  title: 'Notes',
  slug: 'notes',
  author: String(ada.id),
  status: 'draft',
  available: 'on',
  ...values,
})
const ADD = '/admin/library/book/add/'

describe('adding', () => {
  test('writes the row, its tags and its history, and says so', async () => {
    await Tag.objects.create({ slug: 'a', label: 'A' })
    const sent = await client.post(ADD, book({ price: '1.50', publishedAt: '2026-07-01T12:00', tags: ['a'] }))
    expect([sent.status, sent.location]).toEqual([302, '/admin/library/book/'])
    const row = await Book.objects.get({ slug: 'notes' })
    expect([row.title, row.available, String(row.price), row.pages]).toEqual(['Notes', true, '1.5', null])
    // The form's clock is the project's: Paris, in summer.
    expect(row.publishedAt?.toISOString()).toBe('2026-07-01T10:00:00.000Z')
    expect((await row.tags.all()).map(String)).toEqual(['A'])
    expect((await client.get('/admin/library/book/')).body).toContain('“Notes” was added.')
    expect((await client.get(`/admin/library/book/${row.id}/history/`)).body).toContain('<strong>Added</strong>')
  })

  test('goes on where the button says', async () => {
    const one = await client.post(ADD, book({ _addanother: '1' }))
    expect(one.location).toBe(ADD)
    const two = await client.post(ADD, book({ title: 'Two', slug: 'two', _continue: '1' }))
    expect(two.location).toMatch(/^\/admin\/library\/book\/\d+\/change\/$/)
  })

  test('goes back to the list as it was left, and nowhere else', async () => {
    const back = await client.post(ADD, book({ _list: 'q=no&page=2' }))
    expect(back.location).toBe('/admin/library/book/?q=no&page=2')
    const evil = await client.post(ADD, book({ title: 'x', slug: 'y', _list: '#\r\nset-cookie: a=b//evil.example' }))
    expect(evil.location).toMatch(/^\/admin\/library\/book\/\?/)
    expect(evil.location).not.toMatch(/[\r\n#]/)
  })

  test('says at each field what is wrong, and keeps what was typed', async () => {
    const sent = await client.post(
      ADD,
      book({ title: ' ', slug: 'not a slug', pages: 'many', price: '1.234', notes: 'a\nb' }),
    )
    expect(sent.status).toBe(422)
    expect(Object.keys(errorsIn(sent.body)).sort()).toEqual(['', 'pages', 'price', 'slug', 'title'])
    expect(shownIn(sent.body, 'pages')).toBe('many')
    expect(shownIn(sent.body, 'slug')).toBe('not a slug')
    expect(shownIn(sent.body, 'notes')).toBe('a\nb')
    expect(shownIn(sent.body, 'author')).toBe(String(ada.id))
    expect(sent.body).toMatch(/aria-describedby="id_pages_errors" aria-invalid="true"/)
    expect(await Book.objects.count()).toBe(0)
  })

  test('says which values are taken: of one field, of several together', async () => {
    await Book.objects.create({ title: 'Notes', slug: 'notes', author: ada })
    const slug = await client.post(ADD, book({ title: 'Other' }))
    expect(errorsIn(slug.body).slug).toBe('Book with this Slug already exists.')
    const pair = await client.post(ADD, book({ slug: 'other' }))
    expect(errorsIn(pair.body)['']).toBe('Book with these Author, Title already exists.')
  })

  test('asks the model itself', async () => {
    const sent = await client.post(ADD, book({ title: 'same', slug: 'same' }))
    expect(errorsIn(sent.body).slug).toBe('Write another slug than the title.')
  })

  test('tells a rule that only the database knows, and keeps what was typed', async () => {
    const sent = await client.post(ADD, book({ pages: '5001' }))
    expect(sent.status).toBe(422)
    expect(errorsIn(sent.body)['']).toContain('book_pages_sane')
    expect(shownIn(sent.body, 'pages')).toBe('5001')
    expect(await LogEntry.objects.count()).toBe(0)
  })

  test('begins with what the link says, where that could be', async () => {
    await Tag.objects.bulkCreate([
      { slug: 'a', label: 'A' },
      { slug: 'b', label: 'B' },
    ])
    const { body, status } = await client.get(
      `${ADD}?author=${ada.id}&title=From%20a%20link&available=0&tags=a,b&pages=12&createdAt=2020&nothing=1`,
    )
    expect(status).toBe(200)
    expect(shownIn(body, 'author')).toBe(String(ada.id))
    expect(shownIn(body, 'title')).toBe('From a link')
    expect(shownIn(body, 'pages')).toBe('12')
    expect(body).not.toMatch(/name="available"[^>]* checked/)
    expect([...body.matchAll(/name="tags"[^>]* checked/g)]).toHaveLength(2)
  })

  test.each(['author=abc', 'pages=x', 'price=1e9999', 'publishedAt=soon', 'extra={', 'tags=%00', 'status=__proto__'])(
    'a link with ?%s opens the form all the same',
    async (query) => {
      expect((await client.get(`${ADD}?${query}`)).status).toBe(200)
    },
  )

  test('never fills a secret from a link', async () => {
    const { body } = await client.get('/admin/library/author/add/?apiKey=planted&name=x')
    expect(body).not.toContain('planted')
  })
})

describe('changing', () => {
  test('saves, and its history has each field before and after', async () => {
    const row = await Book.objects.create({ title: 'Notes', slug: 'notes', author: ada, pages: 3 })
    const bea = await Author.objects.create({ name: 'Bea' })
    await Tag.objects.create({ slug: 'a', label: 'A' })
    const url = `/admin/library/book/${row.id}/change/`
    const sent = await client.post(
      url,
      book({ title: 'More <notes>', author: String(bea.id), status: 'out', tags: ['a'] }),
    )
    expect(sent.status).toBe(302)
    const { body } = await client.get(`/admin/library/book/${row.id}/history/`)
    const changes = [...body.matchAll(/<dt>([\s\S]*?)<\/dt><dd>([\s\S]*?)<\/dd>/g)].map(([, name, change]) => [
      name,
      textOf(change!),
    ])
    expect(changes).toEqual([
      ['Title', 'Notes → More <notes>'],
      ['Author', 'Ada → Bea'],
      ['Status', 'Draft → <b>Out</b> now'],
      ['Pages', '3 → –'],
      ['Tags', '– → A'],
    ])
    expect(body).toContain('Changed title, author, status, pages, tags')
    expect(body).toContain('root@example.org')
  })

  test('a save without a change says so', async () => {
    const row = await Book.objects.create({ title: 'Notes', slug: 'notes', author: ada })
    await client.post(`/admin/library/book/${row.id}/change/`, book())
    const { body } = await client.get(`/admin/library/book/${row.id}/history/`)
    expect(body).toContain('Saved without a change')
  })

  test('never writes what is shown only', async () => {
    const row = await Book.objects.create({ title: 'Notes', slug: 'notes', author: ada })
    const before = row.createdAt.getTime()
    await client.post(
      `/admin/library/book/${row.id}/change/`,
      book({ createdAt: '1999-01-01T00:00', id: '99', initials: 'x' }),
    )
    const after = await Book.objects.get({ slug: 'notes' })
    expect([after.id, after.createdAt.getTime()]).toEqual([row.id, before])
  })

  test('shows computed columns and dates as values', async () => {
    const row = await Book.objects.create({ title: 'Notes', slug: 'notes', author: ada })
    const { body } = await client.get(`/admin/library/book/${row.id}/change/`)
    expect(body).toContain('<div class="label">Letters</div><div class="value">No</div>')
    expect(body).toContain('<div class="label">Created at</div>')
  })

  test('a secret is written, kept when left empty, and shown nowhere', async () => {
    const url = `/admin/library/author/${ada.id}/change/`
    await client.post(url, { name: 'Ada', apiKey: 'sk-first' })
    expect((await Author.objects.get({ id: ada.id })).apiKey).toBe('sk-first')
    const form = await client.get(url)
    expect(form.body).toMatch(/<input[^>]*type="password"[^>]*name="apiKey"/)
    await client.post(url, { name: 'Ada L.', apiKey: '' })
    expect((await Author.objects.get({ id: ada.id })).apiKey).toBe('sk-first')
    await client.post(url, { name: 'Ada L.', apiKey: 'sk-second' })
    expect((await Author.objects.get({ id: ada.id })).apiKey).toBe('sk-second')
    const wrong = await client.post(url, { name: '', apiKey: 'sk-third' })
    const history = await client.get(`/admin/library/author/${ada.id}/history/`)
    expect(history.body).toContain('its value is secret')
    for (const page of [form, history, wrong, await client.get(url)]) expect(page.body).not.toContain('sk-')
    expect(JSON.stringify(await LogEntry.objects.values('changeMessage'))).not.toContain('sk-')
  })

  test('the public page is linked, unless its address would run', async () => {
    const url = `/admin/library/author/${ada.id}/change/`
    expect((await client.get(url)).body).toContain(`href="/authors/${ada.id}/"`)
    for (const website of ['javascript:alert(1)', '//evil.example/', '\\\\evil', ' javascript:x', 'data:text/html,x']) {
      await Author.objects.filter({ id: ada.id }).update({ website })
      expect((await client.get(url)).body).not.toContain('View on site')
    }
    await Author.objects.filter({ id: ada.id }).update({ website: 'https://ada.example/?a=1&b="2"' })
    expect((await client.get(url)).body).toContain('href="https://ada.example/?a=1&amp;b=&quot;2&quot;"')
  })

  test('a row that was deleted meanwhile: what was typed is shown, and can be added', async () => {
    const row = await Book.objects.create({ title: 'Notes', slug: 'notes', author: ada })
    const url = `/admin/library/book/${row.id}/change/`
    await row.delete()
    const sent = await client.post(url, book({ title: 'Hours of work', notes: 'long text' }))
    expect(sent.status).toBe(409)
    expect(errorsIn(sent.body)['']).toContain('was deleted in the meantime')
    expect(shownIn(sent.body, 'title')).toBe('Hours of work')
    expect(shownIn(sent.body, 'notes')).toBe('long text')
    expect(sent.body).toContain(`action="${ADD}"`)
    expect((await client.post(ADD, book({ title: 'Hours of work' }))).status).toBe(302)
    expect((await client.get(url)).status).toBe(404)
  })

  test('an author that was deleted while the form was open is named at the field', async () => {
    const row = await Book.objects.create({ title: 'Notes', slug: 'notes', author: ada })
    const sent = await client.post(`/admin/library/book/${row.id}/change/`, book({ author: '4711' }))
    expect(sent.status).toBe(422)
    expect(Object.keys(errorsIn(sent.body)).sort()).toEqual(['', 'author'])
    const tags = await client.post(`/admin/library/book/${row.id}/change/`, book({ tags: ['gone'] }))
    expect(errorsIn(tags.body).tags).toContain('do not exist')
  })

  test('reads few queries, however many rows there are', async () => {
    const row = await Book.objects.create({ title: 'Notes', slug: 'notes', author: ada })
    const url = `/admin/library/book/${row.id}/change/`
    const few = await queriesFor(() => client.get(url))
    const addMany = async (from: number, to: number) => {
      const numbers = Array.from({ length: to - from }, (_, i) => from + i)
      await Author.objects.bulkCreate(numbers.map((i) => ({ name: `A${i}` })))
      await Tag.objects.bulkCreate(numbers.map((i) => ({ slug: `t${i}`, label: `T${i}` })))
    }
    await addMany(0, 90)
    expect(await queriesFor(() => client.get(url))).toBe(few)
    await addMany(90, 2000)
    // Of many rows, those that are chosen now are read by themselves.
    expect(await queriesFor(() => client.get(url))).toBe(few + 2)
    expect(few).toBeLessThanOrEqual(8)
  })
})

describe('relations to more rows than can be listed', () => {
  beforeEach(() =>
    Promise.all([
      Author.objects.bulkCreate(Array.from({ length: 1001 }, (_, i) => ({ name: `Author ${i}` }))),
      Tag.objects.bulkCreate(Array.from({ length: 1001 }, (_, i) => ({ slug: `t${i}`, label: `Tag ${i}` }))),
    ]),
  )

  test('are a box for the key, which finds rows by name', async () => {
    const row = await Book.objects.create({ title: 'Notes', slug: 'notes', author: ada })
    const { body } = await client.get(`/admin/library/book/${row.id}/change/`)
    expect(body).toMatch(new RegExp(`<input[^>]*name="author"[^>]*value="${ada.id}"`))
    expect(body).toContain('data-combobox="/admin/library/author/choices/?for=library.book.author"')
    expect(body).toMatch(/<output[^>]*>Ada<\/output>/)
    const found = await client.get('/admin/library/author/choices/?for=library.book.author&q=%22author%207%22')
    expect(found.json<{ rows: { name: string }[] }>().rows.length).toBe(20) // of 111
  })

  test('lose no row when the form is saved', async () => {
    const row = await Book.objects.create({ title: 'Notes', slug: 'notes', author: ada })
    await row.tags.add('t1', 't2')
    const { body } = await client.get(`/admin/library/book/${row.id}/change/`)
    expect(shownIn(body, 'tags__keys')).toBe('t1, t2')
    await client.post(`/admin/library/book/${row.id}/change/`, book({ tags__keys: 't2, t3' }))
    expect(await row.tags.valuesList('slug', { flat: true })).toEqual(['t2', 't3'])
    const wrong = await client.post(`/admin/library/book/${row.id}/change/`, book({ tags__keys: 't2, nothing' }))
    expect(errorsIn(wrong.body).tags).toContain('do not exist')
  })
})

describe('deleting', () => {
  test('says what goes with it, asks, and deletes', async () => {
    await Book.objects.create({ title: 'Notes', slug: 'notes', author: ada })
    await Book.objects.create({ title: 'More', slug: 'more', author: ada })
    const url = `/admin/library/author/${ada.id}/delete/`
    const asked = await client.get(url)
    expect(textOf(asked.body)).toMatch(/1\s*author/)
    expect(textOf(asked.body)).toMatch(/2\s*books/)
    expect(await Author.objects.count()).toBe(1)
    const done = await client.post(url)
    expect([done.status, done.location]).toEqual([302, '/admin/library/author/'])
    expect([await Author.objects.count(), await Book.objects.count()]).toEqual([0, 0])
    expect((await client.get('/admin/library/author/')).body).toContain('“Ada” was deleted.')
    expect((await client.get('/admin/')).body).toContain('Deleted')
  })

  test('explains what keeps a row, with links to it', async () => {
    const row = await Book.objects.create({ title: 'Notes', slug: 'notes', author: ada })
    const loan = await Loan.objects.create({ book: row, reader: '<i>Max</i>' })
    for (const url of [`/admin/library/book/${row.id}/delete/`, `/admin/library/author/${ada.id}/delete/`]) {
      const asked = await client.get(url)
      expect(asked.body).toContain('cannot be deleted: other rows need it')
      expect(asked.body).toContain(`href="/admin/library/loan/${loan.id}/change/"`)
      expect(asked.body).not.toContain('<i>Max</i>')
      expect(asked.body).not.toContain('Yes, delete')
      expect((await client.post(url)).status).toBe(409)
    }
    expect(await Book.objects.count()).toBe(1)
  })

  test('a row that is gone is a page that says so', async () => {
    for (const method of ['get', 'post'] as const) {
      const page = await client[method]('/admin/library/book/4711/delete/')
      expect([page.status, page.body.includes('It may have been deleted')]).toEqual([404, true])
    }
  })
})

describe('keys of any kind', () => {
  test.each([
    'a/b',
    'a%2Fb',
    '100%',
    'a,b',
    'a b',
    '"quoted"',
    "it's",
    '<b>',
    '?x=1#y',
    '..',
    '.',
    '~',
    'été',
    '日本',
    '+',
    '&amp;',
    '\\',
    'add',
    '%',
  ])('a row with the key %s is found, edited, shown and deleted', async (slug) => {
    await Tag.objects.create({ slug, label: 'Label' })
    const list = await client.get('/admin/library/tag/')
    const url = textOf(/<td[^>]*><a href="([^"]*)"/.exec(list.body)![1]!)
    const form = await client.get(url)
    expect(form.status).toBe(200)
    expect(new URL(url, 'http://localhost').pathname).toBe(url)
    const saved = await client.post(url, { label: 'Changed', slug: 'other', _continue: '1' })
    expect([saved.status, saved.location]).toEqual([302, url])
    expect(await Tag.objects.values('slug', 'label')).toEqual([{ slug, label: 'Changed' }])
    const history = await client.get(url.replace(/change\/$/, 'history/'))
    expect(history.body).toContain('<ins>Changed</ins>')
    const index = (await client.get('/admin/')).body
    expect([...index.matchAll(/href="([^"]*)"/g)].map(([, href]) => textOf(href!))).toContain(url)
    expect((await client.post(url.replace(/change\/$/, 'delete/'))).status).toBe(302)
    expect(await Tag.objects.count()).toBe(0)
  })

  test('a key of several parts', async () => {
    const added = await client.post('/admin/library/seat/add/', { row: 'A,1/%', number: '7', note: 'window' })
    expect(added.status).toBe(302)
    const twice = await client.post('/admin/library/seat/add/', { row: 'A,1/%', number: '7', note: 'other' })
    expect(errorsIn(twice.body)['']).toContain('already exists')
    const list = await client.get('/admin/library/seat/')
    expect(firstColumn(list.body)).toEqual(['A,1/%7'])
    const url = textOf(/<td[^>]*><a href="([^"]*)"/.exec(list.body)![1]!)
    // The parts of the key are shown; whoever sends others changes nothing.
    expect((await client.post(url, { note: 'aisle', row: 'B', number: '9' })).status).toBe(302)
    expect(await Seat.objects.values('row', 'number', 'note')).toEqual([{ row: 'A,1/%', number: 7, note: 'aisle' }])
    expect((await client.get(url.replace(/change\/$/, 'history/'))).body).toContain('<ins>aisle</ins>')
    expect((await client.post(url.replace(/change\/$/, 'delete/'))).status).toBe(302)
    expect(await Seat.objects.count()).toBe(0)
  })

  test.each(['abc', '1,2', '', '%25', '1%00', '99999999999999999999', '1e3', '-', '0x1', '%ZZ'])(
    'the key %s of a numbered model is a page that is not there',
    async (key) => {
      const page = await client.get(`/admin/library/odd/${key}/change/`)
      expect([400, 404]).toContain(page.status)
      expect(await Odd.objects.count()).toBe(0)
    },
  )

  test('one row has one history, however its address is written', async () => {
    await client.post(`/admin/library/author/${ada.id}/change/`, { name: 'Changed' })
    const page = await client.get(`/admin/library/author/0${ada.id}/history/`)
    expect(page.status === 404 || page.body.includes('<ins>Changed</ins>')).toBe(true)
  })
})

describe('hostile values', () => {
  const HTML = '"><img src=x onerror=alert(1)><script>alert(2)</script>{{ 7|add:7 }}'

  test('are shown as what they are, everywhere', async () => {
    ada.name = HTML.slice(0, 80)
    await ada.save()
    const row = await Book.objects.create({
      title: HTML,
      slug: 'x',
      author: ada,
      notes: HTML,
      extra: { key: HTML, '</pre>': '<b>' },
    })
    await row.tags.add(await Tag.objects.create({ slug: '<i>', label: HTML.slice(0, 80) }))
    await client.post(
      `/admin/library/book/${row.id}/change/`,
      book({ title: `${HTML}!`, slug: 'x', notes: '</textarea>' }),
    )
    const viewer = await as(site, await staff(['library.view_book', 'library.view_author']))
    for (const visitor of [client, viewer])
      for (const path of [
        '',
        `${row.id}/change/`,
        `${row.id}/history/`,
        `${row.id}/delete/`,
        '?q=%22%3E%3Cscript%3E',
      ]) {
        const { body } = await visitor.get(`/admin/library/book/${path}`)
        for (const dangerous of ['<img', 'onerror=alert(1)>', '<script>alert', '<i>', '</textarea>&', '<b>Out'])
          expect([path, body.includes(dangerous)]).toEqual([path, false])
      }
    expect((await client.get('/admin/')).body).not.toContain('<img')
  })

  test('an address that would run is no link', async () => {
    await Author.objects.filter({ id: ada.id }).update({ website: 'javascript:alert(1)' })
    const viewer = await as(site, await staff(['library.view_author'], { email: 'v@example.org' }))
    await Author.objects
      .filter({ id: ada.id })
      .update({ owner: (await User.objects.get({ email: 'v@example.org' })).id })
    for (const url of ['/admin/library/author/', `/admin/library/author/${ada.id}/change/`]) {
      const { body } = await viewer.get(url)
      expect(body).toContain('javascript:alert(1)')
      expect(body).not.toMatch(/href="\s*javascript:/i)
    }
    await Author.objects.filter({ id: ada.id }).update({ website: 'https://ada.example/' })
    expect((await viewer.get(`/admin/library/author/${ada.id}/change/`)).body).toContain(
      '<a href="https://ada.example/" rel="noopener noreferrer">',
    )
  })

  test('ten thousand characters fit where they may, and are refused where not', async () => {
    const long = 'é'.repeat(10_000)
    const sent = await client.post(ADD, book({ title: long }))
    expect(errorsIn(sent.body).title).toContain('200')
    expect(shownIn(sent.body, 'title')).toBe(long)
    expect((await client.post(ADD, book({ notes: long }))).status).toBe(302)
    const row = await Book.objects.get({ slug: 'notes' })
    const viewer = await as(site, await staff(['library.view_book']))
    // Whoever may only look sees all of it.
    expect((await viewer.get(`/admin/library/book/${row.id}/change/`)).body).toContain(long)
    await client.post(`/admin/library/book/${row.id}/change/`, book({ notes: 'short' }))
    const history = await client.get(`/admin/library/book/${row.id}/history/`)
    expect(history.body).toContain('é…')
    expect(history.body.length).toBeLessThan(10_000)
  })

  test.each([
    { title: 'a\0b' },
    { pages: '9223372036854775808' },
    { pages: '1e3' },
    { price: 'NaN' },
    { price: '99999999999' },
    { extra: '{' },
    { extra: '{"__proto__": {"polluted": true}}' },
    { publishedAt: '0000-00-00T00:00' },
    { publishedAt: '2026-02-30T10:00' },
    { author: '' },
    { author: "1' OR '1'='1" },
    { author: ['1', '2'] },
    { status: 'constructor' },
    { tags: ['\0'] },
    { slug: '\ud800' },
  ])('%j is refused or stored, never a failure', async (values) => {
    const sent = await client.post(ADD, book(values))
    expect([302, 422]).toContain(sent.status)
    expect(({} as { polluted?: boolean }).polluted).toBeUndefined()
  })

  test('entries of the history that nobody here wrote are read as well as they can be', async () => {
    await client.post(`/admin/library/author/${ada.id}/change/`, { name: 'B' })
    for (const changeMessage of [
      'Changed name.',
      '[null]',
      '[{"changed": 5}]',
      '{',
      '[{"changed":{"fields":["Name"]}}]',
      '[{"changed":{"values":{"apiKey":["old","new"]}}}]',
      '',
    ]) {
      await LogEntry.objects.all().update({ changeMessage })
      const page = await client.get(`/admin/library/author/${ada.id}/history/`)
      expect(page.status).toBe(200)
      expect(page.body).not.toContain('<ins>new')
    }
  })
})
