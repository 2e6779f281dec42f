import { beforeEach, describe, expect, test } from 'vitest'
import { Author, Book, Tag } from './project/library/models.ts'
import { adminSite, as, errorsIn, root, shownIn, staff, textOf } from './site.ts'

const site = adminSite()
let client: Awaited<ReturnType<typeof as>>
beforeEach(async () => {
  client = await as(site, await root())
})

interface Answer {
  readonly rows: { readonly key: string; readonly name: string }[]
  readonly more: boolean
}
const AUTHORS = '/admin/library/author/choices/'
const FOR = 'for=library.book.author'
const many = (name: string, count: number) =>
  Author.objects.bulkCreate(
    Array.from({ length: count }, (_, i) => ({ name: `${name} ${String(i).padStart(3, '0')}` })),
  )

describe('ADM-22 rows found by name', () => {
  test('by the search of their model, page by page, each row once', async () => {
    await many('Ada', 45)
    await many('Bea', 3)
    const names: string[] = []
    for (let page = 1, more = true; more; page++) {
      const answer = (await client.get(`${AUTHORS}?${FOR}&q=ada&page=${page}`)).json<Answer>()
      names.push(...answer.rows.map((row) => row.name))
      more = answer.more
      expect(page).toBeLessThan(5)
    }
    expect(names).toHaveLength(45)
    expect(new Set(names).size).toBe(45)
  })

  test('with nothing typed, the first ones in the order of the list', async () => {
    await many('Ada', 30)
    const { rows, more } = (await client.get(`${AUTHORS}?${FOR}`)).json<Answer>()
    expect([rows.length, rows[0]!.name, more]).toEqual([20, 'Ada 000', true])
  })

  test('names of rows that were chosen, by key', async () => {
    const ada = await Author.objects.create({ name: 'Ada' })
    const answer = await client.get(`${AUTHORS}?${FOR}&key=${ada.id}&key=4711&key=abc&key=%00`)
    expect(answer.json()).toEqual({ rows: [{ key: String(ada.id), name: 'Ada' }], more: false })
  })

  test.each(['page=-1', 'page=1e9', 'page=x', 'q=%00', `q=${'x'.repeat(5000)}`, 'page=51', 'q=%22'])(
    'an answer, and no failure, for ?%s',
    async (query) => {
      const answer = await client.get(`${AUTHORS}?${FOR}&${query}`)
      expect(answer.status).toBe(200)
      expect(answer.json<Answer>().rows).toEqual([])
    },
  )

  test('is kept by no cache', async () => {
    expect((await client.get(`${AUTHORS}?${FOR}`)).headers.get('cache-control')).toContain('no-store')
  })
})

describe('ADM-22 the address is no way to look into other models', () => {
  test.each([
    '',
    'for=',
    'for=library.book',
    'for=library.book.title',
    'for=library.book.tags',
    'for=library.book.authorId',
    'for=library.loan.book',
    'for=library.hidden.name',
    'for=library.nothing.author',
    'for=nothing.book.author',
    'for=library.book.__proto__',
    'for=library.constructor.author',
    'for=accounts.user.groups',
  ])('?%s is not a relation to authors that a form offers', async (query) => {
    await many('Ada', 1)
    const answer = await client.get(`${AUTHORS}?${query}&q=ada`)
    expect(answer.status).toBe(404)
    expect(answer.body).not.toContain('Ada 000')
  })

  test('without the permission to see its rows, nothing is told', async () => {
    await many('Ada', 1)
    const visitor = await as(site, await staff(['library.change_book']))
    const answer = await visitor.get(`${AUTHORS}?${FOR}&q=ada`)
    expect([answer.status, answer.body.includes('Ada 000')]).toEqual([403, false])
  })

  test('nor without the permission to write or filter what refers to them', async () => {
    const visitor = await as(site, await staff(['library.view_author', 'library.view_tag']))
    expect((await visitor.get(`${AUTHORS}?${FOR}`)).status).toBe(403)
    expect((await visitor.get('/admin/library/tag/choices/?for=library.book.tags')).status).toBe(403)
  })

  test('of rows outside the scope, none is found, by name or by key', async () => {
    const ada = await Author.objects.create({ name: 'Ada' })
    const visitor = await as(site, await staff(['library.change_book', 'library.view_author']))
    for (const query of ['q=ada', 'q=', `key=${ada.id}`])
      expect((await visitor.get(`${AUTHORS}?${FOR}&${query}`)).json()).toEqual({ rows: [], more: false })
  })

  test('visitors are sent to the log-in', async () => {
    expect((await site.visitor().get(`${AUTHORS}?${FOR}`)).status).toBe(302)
  })
})

describe('ADM-21 many related rows', () => {
  let row: Book
  let url: string
  beforeEach(async () => {
    await many('Ada', 101)
    await Tag.objects.bulkCreate(Array.from({ length: 101 }, (_, i) => ({ slug: `t ${i}`, label: `Tag ${i}` })))
    row = await Book.objects.create({
      title: 'Notes',
      slug: 'notes',
      author: await Author.objects.get({ name: 'Ada 007' }),
    })
    await row.tags.add('t 1', 't 2')
    url = `/admin/library/book/${row.id}/change/`
  })
  const sent = (values: Record<string, unknown>) => ({
    ...{ title: 'Notes', slug: 'notes', status: 'draft', author: String(row.authorId), available: 'on' },
    ...values,
  })

  test('are a search that knows the names of those chosen, and a box for keys without a script', async () => {
    const { body } = await client.get(url)
    expect(shownIn(body, 'author')).toBe(String(row.authorId))
    expect(body).toMatch(/<output[^>]*>Ada 007<\/output>/)
    expect(body).toMatch(/<output[^>]*>Tag 1, Tag 2<\/output>/)
    expect(textOf(/data-names="([^"]*)"/.exec(body)![1]!)).toBe(`{"${row.authorId}":"Ada 007"}`)
    expect(body).not.toContain('Ada 008')
    expect(body.length).toBeLessThan(30_000)
  })

  test('keys with spaces and commas survive', async () => {
    const { body } = await client.get(url)
    expect(shownIn(body, 'tags__keys')).toBe('["t 1","t 2"]')
    const saved = await client.post(url, sent({ tags__keys: '["t 2","t 30"]' }))
    expect([saved.status, await row.tags.valuesList('slug', { flat: true })]).toEqual([302, ['t 2', 't 30']])
    for (const tags__keys of ['["t 2"', '[{}]', '[["t 2"]]', '[null]'])
      expect(errorsIn((await client.post(url, sent({ tags__keys }))).body).tags).toBeTruthy()
    await client.post(url, sent({ tags__keys: '' }))
    expect(await row.tags.count()).toBe(0)
  })

  test('of those this user may not know of, no key is told, and none is lost', async () => {
    const { body } = await (await as(site, await staff(['library.change_book', 'library.view_author']))).get(url)
    expect(body).not.toContain('Ada 007')
  })
})

describe('ADM-21 links beside a relation', () => {
  test('add a row and open the one chosen, for those who may', async () => {
    const ada = await Author.objects.create({ name: 'Ada' })
    const row = await Book.objects.create({ title: 'Notes', slug: 'notes', author: ada })
    const url = `/admin/library/book/${row.id}/change/`
    const { body } = await client.get(url)
    expect(body).toMatch(/<a[^>]*href="\/admin\/library\/author\/add\/"[^>]*data-related-add/)
    expect(body).toMatch(new RegExp(`<a[^>]*href="/admin/library/author/${ada.id}/change/"[^>]*data-related-open`))
    const visitor = await as(site, await staff(['library.change_book']))
    const plain = (await visitor.get(url)).body
    expect(plain).not.toContain('data-related-add')
    expect(plain).not.toContain('data-related-open')
  })

  test('a row added in a window of its own is handed over', async () => {
    const done = await client.post('/admin/library/author/add/?_popup=1-2-3-4', { name: '"><script>x' })
    expect(done.status).toBe(200)
    const { id } = await Author.objects.get({ name: '"><script>x' })
    expect(done.body).toContain(`data-token="1-2-3-4" data-key="${id}"`)
    expect(done.body).not.toContain('<script>x')
    const wrong = await client.post('/admin/library/author/add/?_popup=1', { name: '' })
    expect(wrong.status).toBe(422)
  })
})
