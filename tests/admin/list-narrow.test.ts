/** Counts of filters, dates, and an order of several columns. */
import { beforeEach, describe, expect, test } from 'vitest'
import { Author, Book, Tag } from './project/library/models.ts'
import { adminSite, as, cells, firstColumn, root, staff, textOf } from './site.ts'

const site = adminSite()
const BOOKS = '/admin/library/book/'
let client: Awaited<ReturnType<typeof as>>
let ada: Author
let bob: Author
beforeEach(async () => {
  client = await as(site, await root())
  ada = await Author.objects.create({ name: 'Ada' })
  bob = await Author.objects.create({ name: 'Bob' })
})
const add = (rows: Partial<Record<string, unknown>>[]) =>
  Book.objects.bulkCreate(rows.map((row, i) => ({ title: `t${i}`, slug: `s${i}`, author: ada, ...row })) as never)
const titles = async (query: string) => firstColumn((await client.get(BOOKS + query)).body)

describe('counts of filters (ADM-09)', () => {
  /** Filter → choice → count. */
  function countsIn(html: string): Record<string, Record<string, string>> {
    const found: Record<string, Record<string, string>> = {}
    for (const [, section] of html.matchAll(/<section>\s*(<h2 id="filter[\s\S]*?)<\/section>/g)) {
      const [, label] = /<h2[^>]*>([^<]*)</.exec(section!)!
      found[label!] = Object.fromEntries(
        [...section!.matchAll(/<a [^>]*><span>([^<]*)<\/span>(?: <span class="behind">([^<]*)<\/span>)?/g)].map(
          ([, choice, count]) => [textOf(choice!), count ?? ''],
        ),
      )
    }
    return found
  }

  test('come by themselves, each with the other filters in force and without its own', async () => {
    const sea = await Tag.objects.create({ slug: 'sea', label: 'Sea' })
    const air = await Tag.objects.create({ slug: 'air', label: 'Air' })
    const [first, second] = await add([
      { status: 'out', pages: 10, publishedAt: new Date() },
      { status: 'draft', pages: 10, available: false },
      { status: 'draft', author: bob, title: 'x' },
    ])
    await first!.tags.add(sea, air)
    await second!.tags.add(sea)
    expect((await client.get(BOOKS)).body).not.toContain('class="behind"')
    const { body, status } = await client.get(`${BOOKS}counts/?status=draft`)
    expect(status).toBe(200)
    expect(body).not.toContain('<html')
    expect(countsIn(body)).toMatchObject({
      Status: { All: '3', Draft: '2', '<b>Out</b> now': '1' },
      Available: { All: '2', Yes: '1', No: '1' },
      Author: { All: '2', Ada: '1', Bob: '1' },
      'Published at': { All: '2', Today: '0', None: '2' },
      Tags: { All: '2', Sea: '1', Air: '0' },
      Pages: { All: '2', '10': '1', None: '1' },
    })
    expect(body).toContain('href="?status=draft&amp;author=')
  })

  test('need no script: a link shows the list with them', async () => {
    await add([{}, {}])
    const { body } = await client.get(`${BOOKS}?status=draft`)
    expect(body).toContain(
      '<a href="?status=draft&amp;counts=1" data-counts="/admin/library/book/counts/?status=draft">',
    )
    const counted = (await client.get(`${BOOKS}?status=draft&counts=1`)).body
    expect(countsIn(counted).Status).toEqual({ All: '2', Draft: '2', '<b>Out</b> now': '0' })
    expect(counted).not.toContain('data-counts')
  })

  test('count rows of the scope only, and only for who may see them', async () => {
    const user = await staff(['library.view_author'])
    const limited = await as(site, user)
    expect((await limited.get(`${BOOKS}counts/`)).status).toBe(403)
    expect((await limited.get('/admin/library/author/counts/')).status).toBe(200)
    expect((await site.visitor().get(`${BOOKS}counts/`)).status).toBe(302)
  })

  test('stop where nobody cares; values of a large table are looked for later', async () => {
    const rows = Array.from({ length: 10_050 }, (_, i) => ({
      title: `t${i}`,
      slug: `s${i}`,
      author: ada,
      pages: i % 3,
    }))
    await Book.objects.bulkCreate(rows as never)
    const { body } = await client.get(BOOKS)
    expect(body).toContain('Shown with the counts.')
    expect(body).not.toContain('pages=2"')
    const counts = countsIn((await client.get(`${BOOKS}counts/`)).body)
    expect(counts.Status).toEqual({ All: '10,050', Draft: '10,000+', '<b>Out</b> now': '0' })
    expect(counts.Pages).toEqual({ All: '10,050', '0': '3,350', '1': '3,350', '2': '3,350', None: '0' })
    expect((await client.get(`${BOOKS}?pages=2`)).body).toContain('3,350')
  })
})

describe('dates (ADM-12)', () => {
  const links = (html: string) => {
    const nav = /<nav class="dates"[\s\S]*?<\/nav>/.exec(html)?.[0] ?? ''
    return [...nav.matchAll(/<(?:a href="([^"]*)"|b[^>]*)>([^<]*)</g)].map(([, url, label]) => [label, url ?? null])
  }
  test('years, months and days, where the reader is', async () => {
    await add([
      { publishedAt: new Date('2024-12-31T23:30:00Z') }, // in Paris it is 2025
      { publishedAt: new Date('2024-03-31T10:00:00Z') },
      { publishedAt: new Date('2024-03-31T22:30:00Z') }, // 1 April: summer time began that day
      {},
    ])
    expect(links((await client.get(BOOKS)).body)).toEqual([
      ['2024', '?date=2024'],
      ['2025', '?date=2025'],
    ])
    const year = await client.get(`${BOOKS}?date=2024&q=t`)
    expect(firstColumn(year.body)).toEqual(['t1', 't2'])
    expect(links(year.body)).toEqual([
      ['All dates', '?q=t'],
      ['2024', null],
      ['March', '?date=2024-03&amp;q=t'],
      ['April', '?date=2024-04&amp;q=t'],
    ])
    expect(links((await client.get(`${BOOKS}?date=2024-04`)).body).at(-1)).toEqual(['April 1', '?date=2024-04-01'])
    expect(await titles('?date=2024-03-31')).toEqual(['t1'])
    expect(await titles('?date=2024-04-01')).toEqual(['t2'])
    expect(await titles('?date=2025-01')).toEqual(['t0'])
    for (const period of ['9999', '9999-12', '9999-12-31']) expect(await titles(`?date=${period}`)).toEqual([])
  })

  test.each(['2024-13', '2024-02-30', '0000', '99999', '2024-1', 'x', '', '2024-01-01-01', '-2024'])(
    'the period %j is none',
    async (period) => {
      await add([{ publishedAt: new Date() }])
      const page = await client.get(`${BOOKS}?date=${encodeURIComponent(period)}`)
      expect([page.status, cells(page.body).length]).toEqual([200, 1])
      expect(page.body).not.toContain('>Clear<')
    },
  )

  test('of a large table are those between the first and the last', async () => {
    const rows = Array.from({ length: 2100 }, (_, i) => ({
      title: `t${i}`,
      slug: `s${i}`,
      author: ada,
      publishedAt: new Date(Date.UTC(i === 0 ? 2020 : 2023, 5, 1)),
    }))
    await Book.objects.bulkCreate(rows as never)
    const years = links((await client.get(BOOKS)).body).map(([label]) => label)
    expect(years).toEqual(['2020', '2021', '2022', '2023'])
  })
})

describe('an order of several columns (ADM-11)', () => {
  beforeEach(() =>
    add([
      { title: 'a', pages: 1, author: bob },
      { title: 'b', pages: 2 },
      { title: 'c', pages: 1 },
      { title: 'd', pages: 2, author: bob },
    ]),
  )
  test('follows the columns in turn', async () => {
    expect(await titles('?o=pages,-title')).toEqual(['c', 'a', 'd', 'b'])
    expect(await titles('?o=-pages,author__name')).toEqual(['b', 'd', 'c', 'a'])
    expect(await titles('?o=nothing,pages,pages,-pages,title')).toEqual(['a', 'c', 'b', 'd'])
  })

  test('tells each column’s place, and leads to more, to fewer and to the opposite', async () => {
    const { body } = await client.get(`${BOOKS}?o=pages,-title`)
    const head = (name: string) =>
      [...body.matchAll(/<th [^>]*>[\s\S]*?<\/th>/g)].map(([th]) => th).find((th) => th.includes(name))!
    expect(head('Pages')).toContain('aria-sort="ascending"')
    expect(textOf(head('Pages'))).toMatch(/Priority 1/)
    expect(textOf(head('Title'))).toMatch(/Priority 2/)
    expect(head('Pages')).toContain('href="?o=-pages%2C-title"')
    expect(head('Title')).toContain('href="?o=pages%2Ctitle"')
    expect(head('Title')).toContain('href="?o=pages"')
    expect(head('Status')).toContain('href="?o=status"')
    expect(head('Status')).toContain('href="?o=pages%2C-title%2Cstatus"')
    expect(head('Writer')).not.toContain('href')
  })
})

describe('columns of the database', () => {
  test('are computed with one query each, and sort', async () => {
    await Author.objects.create({ name: 'Cem' })
    await add([{ pages: 5, author: bob }, { pages: 9, author: bob }, { pages: 7 }])
    const list = async (query = '') => cells((await client.get(`/admin/library/author/${query}`)).body)
    expect((await list()).map(([name, , ...computed]) => [name, ...computed])).toEqual([
      ['Ada', '1', '7'],
      ['Bob', '2', '9'],
      ['Cem', '0', 'no pages'],
    ])
    expect((await list('?o=-bookCount')).map((row) => row[0])).toEqual(['Bob', 'Ada', 'Cem'])
    const { engine } = site.project.settings.databases.default! // PostgreSQL has nulls last, the others first
    const sorted = (await list('?o=longest,bookCount')).map((row) => row[0])
    expect(sorted.filter((name) => name !== 'Cem')).toEqual(['Ada', 'Bob'])
    expect(sorted.indexOf('Cem')).toBe(/^(postgres|pglite)$/.test(engine) ? 2 : 0)
    expect((await list('?q=b')).map((row) => row[2])).toEqual(['2'])
  })
})

describe('all rows on one page (ADM-13)', () => {
  test('are offered where they are few', async () => {
    await add(Array.from({ length: 12 }, () => ({})).map((_, i) => ({ title: `r${String(i).padStart(2, '0')}` })))
    expect((await client.get(BOOKS)).body).toContain('href="?all=1"')
    expect(await titles('?all=1')).toHaveLength(12)
    expect(await titles('?all=1&q=r0')).toHaveLength(10)
    expect((await client.get(`${BOOKS}?all=1`)).body).toContain('Show pages')
  })
})
