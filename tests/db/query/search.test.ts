/** Full-text search: the same words on every database. */

import fc from 'fast-check'
import { defineApp } from 'nuages'
import { char, foreignKey, index, Model, reverse, text } from 'nuages/db'
import { SearchMatch, SearchRank } from 'nuages/db/functions'
import { beforeEach, describe, expect, test } from 'vitest'
import { database } from '../../../src/db/internal.ts'
import { freshTables } from './setup.ts'

class Writer extends Model<Writer>()(
  { name: char({ maxLength: 100 }), articles: () => reverse(Article, 'writer') },
  { indexes: [index(['name'], { method: 'fulltext', name: 'writer_search' })] },
) {}
class Article extends Model<Article>()(
  {
    title: char({ maxLength: 200 }),
    body: text({ blank: true }),
    note: char({ maxLength: 100, default: '' }),
    writer: () => foreignKey(Writer, { onDelete: 'cascade' }),
  },
  {
    indexes: [
      index(['title', 'body'], { method: 'fulltext', name: 'article_search' }),
      index(['title'], { method: 'fulltext', name: 'article_title_search' }),
      index(['body'], { method: 'fulltext', name: 'article_body_search' }),
    ],
  },
) {}
const news = defineApp({ root: import.meta.url, name: 'news', models: { Writer, Article } })

freshTables(news)

let writer: Writer
beforeEach(async () => {
  writer = await Writer.objects.create({ name: 'Django Reinhardt' })
  const rows = [
    ['Swing guitar', 'The gypsy plays jazz every night'],
    ['Swing orchestra', 'Brass and strings, no guitar at all'],
    ['Jazz guitar lessons', 'Chords for beginners'],
    ['Big band', 'Guitar swing, the other way round'],
    ['Crème brûlée', 'Caramel on cream'],
  ] as const
  for (const [title, body] of rows) await Article.objects.create({ title, body, writer })
})

const titles = (found: readonly { title: string }[]) => found.map(({ title }) => title).sort()
const isPostgres = () => database('default').features.vendor === 'postgres'

describe('the lookup search', () => {
  test.each([
    ['swing guitar', ['Swing guitar']],
    ['SWING', ['Swing guitar', 'Swing orchestra']],
    ['guitar -jazz', ['Swing guitar']],
    ['swing or jazz', ['Jazz guitar lessons', 'Swing guitar', 'Swing orchestra']],
    ['orchestra or jazz guitar', ['Jazz guitar lessons', 'Swing orchestra']],
    ['"swing guitar"', ['Swing guitar']],
    ['"guitar swing"', []],
    ['guitar -"jazz guitar"', ['Swing guitar']],
    ['', []],
    ['   ', []],
    ['-jazz', []],
    ['swing or -jazz', ['Swing guitar', 'Swing orchestra']],
    ['crème', ['Crème brûlée']],
    ['nothing', []],
  ])('%s finds %j', async (words, expected) => {
    expect(titles(await Article.objects.filter({ title__search: words }))).toEqual(expected)
  })

  test('it follows relations, and exclude() keeps what it does not find', async () => {
    expect(await Article.objects.filter({ writer__name__search: 'reinhardt' }).count()).toBe(5)
    expect(await Article.objects.filter({ writer__name__search: 'grappelli' }).count()).toBe(0)
    expect(titles(await Article.objects.exclude({ title__search: 'guitar' }))).toEqual([
      'Big band',
      'Crème brûlée',
      'Swing orchestra',
    ])
    expect(await Writer.objects.filter({ articles__title__search: 'swing' }).distinct().count()).toBe(1)
  })

  test('it finds what was changed, and not what was before', async () => {
    const article = await Article.objects.get({ title: 'Big band' })
    article.title = 'Small combo'
    await article.save()
    expect(await Article.objects.filter({ title__search: 'band' }).count()).toBe(0)
    expect(await Article.objects.filter({ title__search: 'combo' }).count()).toBe(1)
    await Article.objects.filter({ title: 'Small combo' }).update({ title: 'Trio' })
    expect(await Article.objects.filter({ title__search: 'trio' }).count()).toBe(1)
    await Article.objects.filter({ title: 'Trio' }).delete()
    expect(await Article.objects.filter({ title__search: 'trio' }).count()).toBe(0)
  })

  test('a value that is no text is refused', async () => {
    await expect(Article.objects.filter({ title__search: 5 as never })).rejects.toMatchObject({
      code: 'db.invalid-value',
      status: 400,
    })
  })

  test('without an index the error names the one to declare; PostgreSQL searches all the same', async () => {
    const found = Article.objects.filter({ note__search: 'x' })
    if (isPostgres()) expect(await found).toEqual([])
    else
      await expect(found).rejects.toMatchObject({
        code: 'db.no-search-index',
        hint: expect.stringContaining("index(['note'], { method: 'fulltext' })"),
      })
  })

  test('of names from outside the same holds', async () => {
    const found = async () => titles(await Article.objects.dynamic({ title__search: 'swing guitar' }))
    expect(await found()).toEqual(['Swing guitar'])
    const note = () => Article.objects.dynamic({ note__search: 'swing' })
    if (isPostgres()) expect(await note()).toEqual([])
    else expect(note).toThrow(expect.objectContaining({ code: 'db.no-search-index' }))
  })
})

describe('SearchMatch and SearchRank', () => {
  test('words may be found in any of the fields', async () => {
    const found = await Article.objects.filter(SearchMatch(['title', 'body'], 'swing guitar'))
    expect(titles(found)).toEqual(['Big band', 'Swing guitar', 'Swing orchestra'])
  })

  test('weights say which field counts most', async () => {
    const order = async (title: number, body: number) => {
      const rows = await Article.objects
        .filter(SearchMatch(['title', 'body'], 'guitar'))
        .annotate({ rank: SearchRank(['title', 'body'], 'guitar', { weights: { title, body } }) })
        .orderBy('-rank')
      return rows.map((row) => row.title)
    }
    expect((await order(10, 0.1)).slice(0, 2).sort()).toEqual(['Jazz guitar lessons', 'Swing guitar'])
    expect((await order(0.1, 10)).slice(0, 2).sort()).toEqual(['Big band', 'Swing orchestra'])
  })

  test('the rank of a row that is not found is 0', async () => {
    const rows = await Article.objects.annotate({ rank: SearchRank(['title'], 'orchestra') }).orderBy('-rank', 'id')
    expect(rows[0]?.title).toBe('Swing orchestra')
    expect(rows[0]?.rank).toBeGreaterThan(0)
    expect(rows.slice(1).map((row) => row.rank)).toEqual([0, 0, 0, 0])
  })

  test('a language that is none is refused before it reaches SQL', () => {
    const language = "english'); DROP TABLE news_article; --"
    expect(() => SearchMatch(['title'], 'x', { language })).toThrow(
      expect.objectContaining({ code: 'db.bad-language' }),
    )
    expect(() => SearchRank(['title'], 'x', { weights: { title: Number.NaN } })).toThrow(
      expect.objectContaining({ code: 'db.invalid-value' }),
    )
  })
})

test('SEC-10 a text of a megabyte costs no more than a short one', async () => {
  const start = performance.now()
  for (const piece of ['x ', 'x,', '"', '-', 'a-', '\u{1f3b8} ', 'or x ', '"x ']) {
    const text = piece.repeat(500_000)
    expect(await Article.objects.filter(SearchMatch(['title', 'body'], text)).count()).toBe(0)
    expect(await Article.objects.dynamic({ title__search: text }).count()).toBe(0)
  }
  expect(performance.now() - start).toBeLessThan(10_000)
})

test('no text that people type is an error', async () => {
  const special = fc.constantFrom(
    '"',
    '-',
    '+',
    '*',
    '(',
    ')',
    '~',
    '<',
    '>',
    '@',
    "'",
    '\\',
    ':',
    '&',
    '|',
    '!',
    '^',
    '{',
    '}',
  )
  const word = fc.constantFrom(
    'or',
    'OR',
    'AND',
    'NOT',
    'NEAR',
    'swing',
    'title',
    '\0',
    '\ud800',
    '%',
    '_',
    'é',
    '日本',
    '1.5',
    'a@b.c',
  )
  const typed = fc.array(fc.oneof(special, word, fc.constant(' '), fc.string()), { maxLength: 12 })
  await fc.assert(
    fc.asyncProperty(typed, async (parts) => {
      const words = parts.join('')
      await Article.objects.filter({ title__search: words })
      await Article.objects.filter(SearchMatch(['title', 'body'], words)).orderBy(SearchRank(['title'], words).desc())
    }),
    { numRuns: 60 },
  )
})
