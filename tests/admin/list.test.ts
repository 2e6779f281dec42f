import { beforeEach, describe, expect, test } from 'vitest'
import { Author, Book, Odd, Tag } from './project/library/models.ts'
import { adminSite, as, cells, firstColumn, queriesFor, root, staff, textOf } from './site.ts'

const site = adminSite()
const BOOKS = '/admin/library/book/'

async function makeBooks() {
  const ada = await Author.objects.create({ name: 'Ada Lovelace' })
  const bob = await Author.objects.create({ name: 'Bob O’Brien' })
  await Book.objects.bulkCreate([
    { title: 'Rio de Janeiro', slug: 'rio', author: ada, pages: 300, status: 'out' },
    { title: 'New York', slug: 'york', author: bob, pages: 10, available: false },
    { title: 'York', slug: 'york-old', author: ada, pages: null },
    { title: '100% wool_hat', slug: 'wool', author: bob, pages: 300 },
    { title: '', slug: 'empty', author: bob, pages: 1 },
  ])
  return { ada, bob }
}

let client: Awaited<ReturnType<typeof as>>
beforeEach(async () => {
  client = await as(site, await root())
})
const titles = async (query: string) => firstColumn((await client.get(BOOKS + query)).body)

describe('columns', () => {
  test('show fields, paths, choices, booleans and computed values, awaited or not', async () => {
    await makeBooks()
    const { body } = await client.get(`${BOOKS}?q=rio`)
    expect(cells(body)).toEqual([
      ['Rio de Janeiro', 'Ada Lovelace', '<b>Out</b> now', '300', 'Yes', 'Ri', 'ADA LOVELACE'],
    ])
    expect(
      [...body.matchAll(/<th (?![^>]*class="tick")[^>]*>([\s\S]*?)<\/th>/g)].map(([, head]) => textOf(head!)),
    ).toEqual(['Title', 'Author', 'Status', 'Pages', 'Available', 'Letters', 'Writer'])
  })

  test('a row whose text is empty can be opened all the same', async () => {
    await makeBooks()
    const { body } = await client.get(`${BOOKS}?q=ob&o=title`)
    expect(body).toMatch(/<a href="\/admin\/library\/book\/\d+\/change\/">[^<]*<span/)
  })

  test('a model without a registration shows its rows as text', async () => {
    await Tag.objects.create({ slug: 'sea', label: 'The sea' })
    expect(cells((await client.get('/admin/library/tag/')).body)).toEqual([['The sea']])
  })
})

describe('the search', () => {
  beforeEach(makeBooks)
  test.each([
    ['york', ['New York', 'York']],
    ['new york', ['New York']],
    ['york new', ['New York']],
    ['"new york"', ['New York']],
    ['"york new"', []],
    ['"rio de', ['Rio de Janeiro']],
    ['ADA rio', ['Rio de Janeiro']],
    ['lovelace', ['Rio de Janeiro', 'York']],
    ['O’Brien 10', ['100% wool_hat', 'New York']],
    ['O’Brien 1', ['', '100% wool_hat']],
    ['wool', ['100% wool_hat']],
    ['%', ['100% wool_hat']],
    ['l_h', ['100% wool_hat']],
    ['rio', ['Rio de Janeiro']],
    ['york-ol', []],
    ['york-old', ['York']],
    ['300', ['100% wool_hat', 'Rio de Janeiro']],
    ["' OR 1=1 --", []],
    ['"', ['', '100% wool_hat', 'New York', 'Rio de Janeiro', 'York']],
    ['   ', ['', '100% wool_hat', 'New York', 'Rio de Janeiro', 'York']],
  ])('%s finds %j', async (text, expected) => {
    const found = await titles(`?q=${encodeURIComponent(text)}`)
    expect(found.map((title) => (title === '–' ? '' : title))).toEqual(expected)
  })

  test('shows a row once, however many of its tags fit', async () => {
    const rio = await Book.objects.get({ slug: 'rio' })
    for (const slug of ['sea', 'seaside', 'overseas'])
      await rio.tags.add(await Tag.objects.create({ slug, label: slug }))
    expect(await titles('?q=sea')).toEqual(['Rio de Janeiro'])
    expect((await client.get(`${BOOKS}?q=sea`)).body).toContain('1 row')
  })

  test('a mark ^ finds beginnings only', async () => {
    const found = await client.get('/admin/library/author/?q=lovelace')
    expect(cells(found.body)).toEqual([])
    expect(firstColumn((await client.get('/admin/library/author/?q=ADA')).body)).toEqual(['Ada Lovelace'])
  })
})

describe('filters', () => {
  test('narrow by choice, boolean, relation, many-to-many, date and value', async () => {
    const { ada } = await makeBooks()
    const rio = await Book.objects.get({ slug: 'rio' })
    await rio.tags.add(await Tag.objects.create({ slug: 'a/b', label: 'Odd key' }))
    await Book.objects.filter({ slug: 'york' }).update({ publishedAt: new Date() })
    expect(await titles('?status=out')).toEqual(['Rio de Janeiro'])
    expect(await titles('?available=0')).toEqual(['New York'])
    expect(await titles(`?author=${ada.id}`)).toEqual(['Rio de Janeiro', 'York'])
    expect(await titles('?tags=a%2Fb')).toEqual(['Rio de Janeiro'])
    expect(await titles('?publishedAt=today')).toEqual(['New York'])
    expect(await titles('?publishedAt=-')).toHaveLength(4)
    expect(await titles('?pages=300')).toEqual(['100% wool_hat', 'Rio de Janeiro'])
    expect(await titles(`?pages=300&author=${ada.id}`)).toEqual(['Rio de Janeiro'])
  })

  test('work on fields that are named like parameters of the list', async () => {
    await Odd.objects.bulkCreate([
      { q: 'one', o: 1, page: 7 },
      { q: 'two', o: 2, page: 7 },
    ])
    const page = await client.get('/admin/library/odd/?page__exact=7&o__exact=2')
    expect(firstColumn(page.body)).toEqual(['two'])
    expect(page.body).toContain('q__exact=one')
  })

  test('offer no more than can be listed, and still apply', async () => {
    await Author.objects.bulkCreate(Array.from({ length: 301 }, (_, i) => ({ name: `Author ${i}` })))
    const last = await Author.objects.orderBy('id').last()
    await Book.objects.create({ title: 'Found', slug: 'found', author: last! })
    const page = await client.get(`${BOOKS}?author=${last!.id}`)
    expect(firstColumn(page.body)).toEqual(['Found'])
    // A box takes what is not listed; what is in force has its name.
    expect(page.body).toMatch(
      /data-combobox="\/admin\/library\/author\/choices\/\?for=library\.book\.author"[\s\S]*name="author"[^>]* value="\d+"/,
    )
    expect(page.body).toContain('aria-current="true"><span>Author 300</span>')
    expect(page.body).not.toContain('Author 7')
  })
})

describe('order and pages', () => {
  const many = (count: number) =>
    Author.objects
      .create({ name: 'A' })
      .then((author) =>
        Book.objects.bulkCreate(
          Array.from({ length: count }, (_, i) => ({ title: `same ${i}`, slug: `s${i}`, author, pages: i % 3 })),
        ),
      )

  test('follow the model’s order, a column’s, and its opposite', async () => {
    await makeBooks()
    expect((await titles(''))[1]).toBe('100% wool_hat')
    expect((await titles('?o=title')).at(-1)).toBe('York')
    expect((await titles('?o=-title'))[0]).toBe('York')
    expect(cells((await client.get(`${BOOKS}?o=author__name`)).body)[0]![1]).toBe('Ada Lovelace')
    // A computed column by its field; one without cannot be sorted.
    expect((await titles('?o=-initials'))[0]).toBe('York')
    const page = (await client.get(BOOKS)).body
    expect(page).toContain('?o=initials')
    expect(page).not.toContain('?o=writer')
  })

  test('rows that are equal never change places between pages', async () => {
    await many(13)
    const seen = new Set<string>()
    for (const page of [1, 2, 3])
      for (const [, id] of (await client.get(`${BOOKS}?o=author__name&page=${page}`)).body.matchAll(
        /book\/(\d+)\/change/g,
      ))
        seen.add(id!)
    expect(seen.size).toBe(13)
  })

  test('the last pages, read from the end, are in the same order', async () => {
    await many(23)
    for (const order of ['title', '-title', 'pages', '-pages', 'author__name']) {
      const all: string[] = []
      for (let page = 1; page <= 5; page++) all.push(...(await titles(`?o=${order}&page=${page}`)))
      expect([order, new Set(all).size]).toEqual([order, 23])
      const column = order.endsWith('title') ? all : null
      if (column) expect(column).toEqual(order === 'title' ? [...column].sort() : [...column].sort().reverse())
    }
  })

  test('links keep search, filters and order; a new filter begins at the first page', async () => {
    await many(13)
    const { body } = await client.get(`${BOOKS}?q=same&o=-pages&page=2&available=1`)
    expect(body).toContain('?q=same&amp;o=-pages&amp;page=3&amp;available=1')
    expect(body).toMatch(/\?q=same&amp;o=-pages&amp;available=1&amp;status=out"/)
    expect(body).toContain('6–10 of 13 rows')
    expect(body).toContain('<input type="hidden" name="available" value="1">')
  })
})

describe('an address that somebody wrote by hand', () => {
  test.each([
    '?page=abc',
    '?page=-3',
    '?page=0',
    '?page=1e999',
    '?page=99999999999999999999',
    '?page=%00',
    '?o=nothing',
    '?o=author__password',
    '?o=..__..',
    '?o=-',
    '?o=--title',
    '?o=__proto__',
    '?status=nothing',
    '?status=constructor',
    '?available=maybe',
    '?author=abc',
    '?author=99999999999999999999999',
    '?author=1.5',
    '?author=%00',
    '?author=-',
    '?tags=%00',
    '?tags=-',
    '?publishedAt=yesterday',
    '?publishedAt=toString',
    '?pages=x',
    '?pages=1e400',
    '?pages=9223372036854775808',
    '?author__password__startswith=a',
    '?q=%00',
    '?q=%ED%A0%80',
    '?q=1&q=2&o=a&o=b&page=1&page=2',
    `?q=${'x'.repeat(3000)}`,
    `?q=${'a '.repeat(500)}`,
    '?q="""',
    '?__proto__=1&constructor=2',
    '?=&&=',
  ])('%s is answered with a list', async (query) => {
    await makeBooks()
    const page = await client.get(BOOKS + query)
    expect(page.status).toBe(200)
    expect(page.body).not.toContain('&lt;script')
  })

  test('a filter that means nothing is not applied and not shown as such', async () => {
    await makeBooks()
    const page = await client.get(`${BOOKS}?author=abc&status=nothing`)
    expect(cells(page.body)).toHaveLength(5)
    expect(page.body).not.toContain('>Clear<')
  })
})

describe('the number of queries', () => {
  test('does not depend on the number of rows', async () => {
    const { ada } = await makeBooks()
    // Session, user, count, rows; one for each filter over rows or values (author, tags, pages), one more to know how
    // large the table of values is; and one for `writer`.
    const few = await queriesFor(() => client.get(BOOKS))
    await Book.objects.bulkCreate(
      Array.from({ length: 200 }, (_, i) => ({ title: `Book ${i}`, slug: `b${i}`, author: ada, pages: 300 })),
    )
    const many = await queriesFor(() => client.get(BOOKS))
    expect(many).toBe(few)
    expect(many).toBeLessThanOrEqual(4 + 4 + 1)
    expect(await queriesFor(() => client.get('/admin/library/tag/'))).toBeLessThanOrEqual(4)
  })

  test('grows by the permissions only for users who are not superusers', async () => {
    const limited = await as(site, await staff(['library.view_tag']))
    expect(await queriesFor(() => limited.get('/admin/library/tag/'))).toBeLessThanOrEqual(6)
    expect(await queriesFor(() => client.get('/admin/'))).toBeLessThanOrEqual(3)
  })
})
