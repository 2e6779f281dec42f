import { beforeEach, describe, expect, test } from 'vitest'
import { LogEntry } from '../../src/admin/index.ts'
import { Author, Book, Tag } from './project/library/models.ts'
import { adminSite, as, errorsIn, root, shownIn, staff, textOf } from './site.ts'

const site = adminSite()
type Client = Awaited<ReturnType<typeof as>>
let client: Client
let ada: Author
let row: Book
let url: string
beforeEach(async () => {
  client = await as(site, await root())
  ada = await Author.objects.create({ name: 'Ada' })
  await Tag.objects.bulkCreate(['a', 'b', 'c'].map((slug) => ({ slug, label: slug.toUpperCase() })))
  row = await Book.objects.create({
    ...{
      title: 'Notes',
      slug: 'notes',
      author: ada,
      pages: 3,
      price: '1.50',
      notes: 'one\ntwo',
      extra: { b: 1, a: [2] },
    },
    publishedAt: new Date('2026-07-01T10:00:00.123Z'),
  })
  url = `/admin/library/book/${row.id}/change/`
})

/** The form as a browser sends it back when nobody writes into it: a fresh page's values and marks. */
async function open(visitor: Client = client): Promise<Record<string, string | string[]>> {
  const { body } = await visitor.get(url)
  return formOf(body)
}
function formOf(body: string): Record<string, string | string[]> {
  const values: Record<string, string | string[]> = {}
  for (const name of ['title', 'slug', 'author', 'status', 'pages', 'price', 'publishedAt', 'notes', 'extra'])
    values[name] = shownIn(body, name) ?? ''
  // Chromium leaves seconds out where they are zero.
  values.publishedAt = (values.publishedAt as string).replace(/(:\d\d):00$/, '$1')
  if (/name="available"[^>]* checked/.test(body)) values.available = 'on'
  values.tags = [...body.matchAll(/<input type="checkbox" name="tags"[^>]* value="([^"]*)" checked/g)].map(
    ([, key]) => key!,
  )
  for (const name of ['_state', '_seen']) {
    const value = new RegExp(`name="${name}" value="([^"]*)"`).exec(body)?.[1]
    if (value) values[name] = textOf(value)
  }
  return values
}
/** Fields in conflict: what is shown as mine and as theirs. */
function conflictsIn(body: string): Record<string, [mine: string, theirs: string]> {
  const found: Record<string, [string, string]> = {}
  for (const [, inner] of body.matchAll(/<fieldset>([\s\S]*?)<\/fieldset>/g)) {
    const name = /name="_keep-(\w+)"/.exec(inner!)?.[1]
    const versions = [...inner!.matchAll(/<span class="version">([\s\S]*?)<\/span><\/span><\/label>/g)]
    if (name) found[name] = [textOf(versions[0]![1]!), textOf(versions[1]![1]!)]
  }
  return found
}
const stored = () => Book.objects.get({ id: row.id })

describe('ADM-26 a row that somebody else saved meanwhile', () => {
  test('in another field: both changes stay, and it is said', async () => {
    const form = await open()
    await Book.objects.filter({ id: row.id }).update({ pages: 99, status: 'out' })
    const sent = await client.post(url, { ...form, title: 'Mine', _continue: '1' })
    expect(sent.status).toBe(302)
    const after = await stored()
    expect([after.title, after.pages, after.status]).toEqual(['Mine', 99, 'out'])
    expect((await client.get(url)).body).toContain('Changed by somebody else in the meantime, and kept: status, pages.')
    // The history has what this user changed, and nothing else.
    const [entry] = await LogEntry.objects.all()
    expect(entry!.changeMessage).toContain('Mine')
    expect(entry!.changeMessage).not.toContain('99')
  })

  test('in the same field: nothing is saved, and both versions are shown, with who and when', async () => {
    const form = await open()
    const other = await as(site, await staff(['library.change_book'], { email: 'bea@example.org' }))
    await other.post(url, { ...(await open(other)), title: 'Theirs', pages: '7' })
    const sent = await client.post(url, { ...form, title: 'Mine <b>', notes: 'more' })
    expect(sent.status).toBe(409)
    expect(conflictsIn(sent.body)).toEqual({ title: ['Mine <b>', 'Theirs'] })
    expect(textOf(sent.body)).toContain('bea@example.org')
    expect(sent.body).toMatch(/<time datetime="20/)
    const after = await stored()
    expect([after.title, after.notes, after.pages]).toEqual(['Theirs', 'one\ntwo', 7])
    // The form keeps what was written, and shows what the other wrote elsewhere.
    expect([shownIn(sent.body, 'title'), shownIn(sent.body, 'notes')]).toEqual(['Mine <b>', 'more'])
    expect(shownIn(sent.body, 'pages')).toBe('7')
  })

  test('saving again without a decision is asked again', async () => {
    const form = await open()
    await Book.objects.filter({ id: row.id }).update({ title: 'Theirs' })
    const first = await client.post(url, { ...form, title: 'Mine' })
    const second = await client.post(url, formOf(first.body))
    expect([second.status, conflictsIn(second.body)]).toEqual([409, { title: ['Mine', 'Theirs'] }])
    expect((await stored()).title).toBe('Theirs')
  })

  test.each(['mine', 'theirs'] as const)('a decision for %s is carried out, field by field', async (decision) => {
    const form = await open()
    await Book.objects.filter({ id: row.id }).update({ title: 'Theirs', notes: 'theirs' })
    const first = await client.post(url, { ...form, title: 'Mine', notes: 'mine', pages: '4' })
    const again = { ...formOf(first.body), '_keep-title': decision, '_keep-notes': 'theirs' }
    expect((await client.post(url, again)).status).toBe(302)
    const after = await stored()
    expect([after.title, after.notes, after.pages]).toEqual([decision === 'mine' ? 'Mine' : 'Theirs', 'theirs', 4])
  })

  test('what was decided can be written differently still', async () => {
    const form = await open()
    await Book.objects.filter({ id: row.id }).update({ title: 'Theirs' })
    const first = await client.post(url, { ...form, title: 'Mine' })
    await client.post(url, { ...formOf(first.body), title: 'Both', '_keep-title': 'mine' })
    expect((await stored()).title).toBe('Both')
  })

  test('all of mine can be saved at once', async () => {
    const form = await open()
    await Book.objects.filter({ id: row.id }).update({ title: 'Theirs', notes: 'theirs', status: 'out' })
    const first = await client.post(url, { ...form, title: 'Mine', notes: 'mine' })
    expect((await client.post(url, { ...formOf(first.body), _overwrite: '1' })).status).toBe(302)
    const after = await stored()
    expect([after.title, after.notes, after.status]).toEqual(['Mine', 'mine', 'out'])
  })

  test('Enter in a field, which presses the first button, overwrites nothing', async () => {
    const form = await open()
    await Book.objects.filter({ id: row.id }).update({ title: 'Theirs' })
    const { body } = await client.post(url, { ...form, title: 'Mine' })
    const inForm = body.slice(body.indexOf('data-guard'))
    expect(/<button[^>]*name="(\w+)"/.exec(inForm)![1]).toBe('_save')
    expect(inForm).toContain('name="_overwrite"')
  })

  test('a decision about a version that was replaced since is none', async () => {
    const form = await open()
    await Book.objects.filter({ id: row.id }).update({ title: 'Theirs' })
    const first = await client.post(url, { ...form, title: 'Mine' })
    await Book.objects.filter({ id: row.id }).update({ title: 'Theirs again' })
    for (const decision of [{ '_keep-title': 'mine' }, { _overwrite: '1' }]) {
      const second = await client.post(url, { ...formOf(first.body), ...decision })
      expect([second.status, conflictsIn(second.body)]).toEqual([409, { title: ['Mine', 'Theirs again'] }])
    }
    // Nor does a first page with a forged decision overwrite what nobody saw.
    const blind = await client.post(url, { ...form, title: 'Mine', '_keep-title': 'mine', _overwrite: '1' })
    expect(blind.status).toBe(409)
    expect((await stored()).title).toBe('Theirs again')
  })

  test('a field that nobody wrote into is the value stored, exactly', async () => {
    const form = await open()
    expect((await client.post(url, form)).status).toBe(302)
    const after = await stored()
    expect(after.publishedAt!.getTime()).toBe(row.publishedAt!.getTime())
    expect([String(after.price), after.extra]).toEqual(['1.5', { b: 1, a: [2] }])
  })

  test.each([
    ['price', '2.25', { price: '3.00' }, ['2.25', '3']],
    [
      'publishedAt',
      '2026-08-01T09:30',
      { publishedAt: new Date('2026-09-01T10:00:00Z') },
      ['1 Aug 2026, 09:30', '1 Sep 2026, 12:00'],
    ],
    ['extra', '{"a": 1}', { extra: { c: 2 } }, ['{\n  "a": 1\n}', '{\n  "c": 2\n}']],
    ['pages', 'many', { pages: 5 }, ['many', '5']],
    ['pages', '', { pages: 5 }, ['–', '5']],
    ['status', 'out', { status: 'draft' }, null],
  ])('%s: written %j', async (name, mine, theirs, expected) => {
    const form = await open()
    await Book.objects.filter({ id: row.id }).update(theirs as object)
    const sent = await client.post(url, { ...form, [name]: mine })
    expect(conflictsIn(sent.body)[name] ?? null).toEqual(expected)
    expect(sent.status).toBe(expected ? 409 : 302)
  })

  test('a change that only the exact value shows is not lost', async () => {
    const form = await open()
    await Book.objects.filter({ id: row.id }).update({ publishedAt: new Date('2026-07-01T10:00:00.456Z') })
    expect((await client.post(url, form)).status).toBe(302)
    expect((await stored()).publishedAt!.getTime() % 1000).toBe(456)
    const sent = await client.post(url, { ...form, publishedAt: '2026-07-02T12:00' })
    expect(Object.keys(conflictsIn(sent.body))).toEqual(['publishedAt'])
  })

  test('both wrote the same: no conflict', async () => {
    const form = await open()
    await Book.objects.filter({ id: row.id }).update({ title: 'Same', price: '2.50' })
    expect((await client.post(url, { ...form, title: 'Same', price: '2.5' })).status).toBe(302)
  })

  test('relations by name: one row, many rows', async () => {
    const [bea, cy] = [await Author.objects.create({ name: 'Bea' }), await Author.objects.create({ name: 'Cy' })]
    const form = await open()
    await Book.objects.filter({ id: row.id }).update({ author: cy })
    await row.tags.add('b')
    const sent = await client.post(url, { ...form, author: String(bea.id), tags: ['a', 'c'] })
    expect(conflictsIn(sent.body)).toEqual({ author: ['Bea', 'Cy'], tags: ['A, C', 'B'] })
    await client.post(url, { ...formOf(sent.body), '_keep-author': 'theirs', '_keep-tags': 'mine' })
    expect([(await stored()).authorId, await row.tags.valuesList('slug', { flat: true })]).toEqual([cy.id, ['a', 'c']])
  })

  test('tags that the other added stay when this form did not touch them', async () => {
    await row.tags.add('a')
    const form = await open()
    await row.tags.set(['b', 'c'])
    expect((await client.post(url, { ...form, title: 'Mine' })).status).toBe(302)
    expect(await row.tags.valuesList('slug', { flat: true })).toEqual(['b', 'c'])
  })

  test('a box: cleared by one, left by the other', async () => {
    const form = await open()
    await Book.objects.filter({ id: row.id }).update({ available: false })
    await client.post(url, { ...form, title: 'Mine' })
    expect((await stored()).available).toBe(false)
  })

  test('other faults are told on the way, and the marks stay', async () => {
    const form = await open()
    await Book.objects.filter({ id: row.id }).update({ pages: 99 })
    const wrong = await client.post(url, { ...form, title: '' })
    expect([wrong.status, Object.keys(errorsIn(wrong.body)).sort(), shownIn(wrong.body, 'pages')]).toEqual([
      422,
      ['', 'title'],
      '99',
    ])
    await Book.objects.filter({ id: row.id }).update({ title: 'Theirs' })
    const sent = await client.post(url, { ...formOf(wrong.body), title: 'Mine' })
    expect([sent.status, Object.keys(conflictsIn(sent.body))]).toEqual([409, ['title']])
  })

  test.each(['{', '[]', 'null', '{"marks":5}', '{"marks":{"title":["x","y"]}}', '{"marks":{"__proto__":[1,2]}}'])(
    'marks that somebody wrote by hand (%s) overwrite nothing',
    async (_state) => {
      const form = await open()
      const sent = await client.post(url, { ...form, title: 'Mine', _state })
      expect(sent.status).toBe(409)
      expect((await stored()).title).toBe('Notes')
    },
  )

  test('marks of another row fit nothing', async () => {
    const other = await Book.objects.create({ title: 'Other', slug: 'other', author: ada })
    const { body } = await client.get(`/admin/library/book/${other.id}/change/`)
    const sent = await client.post(url, { ...(await open()), title: 'Mine', _state: formOf(body)._state! })
    expect(sent.status).toBe(409)
  })
})

describe('ADM-26 secrets', () => {
  const author = () => `/admin/library/author/${ada.id}/change/`
  const marksOf = (body: string) => textOf(/name="_state" value="([^"]*)"/.exec(body)![1]!)

  test('one that was changed meanwhile is not overwritten, and neither version is shown', async () => {
    await Author.objects.filter({ id: ada.id }).update({ apiKey: 'sk-first' })
    const _state = marksOf((await client.get(author())).body)
    await Author.objects.filter({ id: ada.id }).update({ apiKey: 'sk-second' })
    const sent = await client.post(author(), { name: 'Ada', apiKey: 'sk-mine', _state })
    expect(Object.keys(conflictsIn(sent.body))).toEqual(['apiKey'])
    expect(sent.body).not.toContain('sk-')
    expect((await Author.objects.get({ id: ada.id })).apiKey).toBe('sk-second')
    // An empty box leaves it as it is now.
    expect((await client.post(author(), { name: 'Ada L.', apiKey: '', _state })).status).toBe(302)
    expect((await Author.objects.get({ id: ada.id })).apiKey).toBe('sk-second')
  })

  test('marks tell nothing: equal secrets of two rows have different ones', async () => {
    const bea = await Author.objects.create({ name: 'Bea', apiKey: 'sk-first' })
    await Author.objects.filter({ id: ada.id }).update({ apiKey: 'sk-first' })
    const marks = async (id: number) =>
      JSON.parse(marksOf((await client.get(`/admin/library/author/${id}/change/`)).body)).marks.apiKey as string[]
    expect((await marks(ada.id))[1]).not.toBe((await marks(bea.id))[1])
  })
})

test('ADM-26 of two who save at once, one is asked', async () => {
  const form = await open()
  const answers = await Promise.all(['One', 'Two', 'Three'].map((title) => client.post(url, { ...form, title })))
  expect(answers.map((answer) => answer.status).sort()).toEqual([302, 409, 409])
})
