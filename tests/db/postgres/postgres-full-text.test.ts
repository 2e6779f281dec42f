/** Full-text search of PostgreSQL beyond what every database has: columns of words, queries, excerpts. */
import { defineApp } from 'nuages'
import { atomic, char, index, Model, text } from 'nuages/db'
import { SearchMatch, SearchRank, SHA1 } from 'nuages/db/functions'
import {
  array,
  dateRange,
  SearchHeadline,
  SearchQuery,
  searchVector,
  TrigramDistance,
  TrigramSimilarity,
  vector,
} from 'nuages/db/postgres'
import { beforeEach, describe, expect, test } from 'vitest'
import { checkModel } from '../../../src/db/checks.ts'
import { configureDatabases, configureRouters, database } from '../../../src/db/internal.ts'
import { detectChanges } from '../../../src/db/migrations/autodetector.ts'
import { modelState } from '../../../src/db/migrations/from-models.ts'
import { MigrationGraph } from '../../../src/db/migrations/graph.ts'
import { renameField } from '../../../src/db/migrations/index.ts'
import { applyToState } from '../../../src/db/migrations/migration.ts'
import type { Operation } from '../../../src/db/migrations/operations/operation.ts'
import { FlagQuestioner } from '../../../src/db/migrations/questioner.ts'
import { renderState } from '../../../src/db/migrations/render.ts'
import { ProjectState } from '../../../src/db/migrations/state.ts'
import { tableSpec } from '../../../src/db/migrations/table-spec.ts'
import { writeMigration } from '../../../src/db/migrations/writer.ts'
import { createTables } from '../query/setup.ts'
import { freshDiary } from './setup.ts'

class Article extends Model<Article>()(
  {
    title: char({ maxLength: 200 }),
    body: text({ default: '' }),
    words: searchVector({ title: 'A', body: 'D' }, { language: 'english' }),
    plain: searchVector(['title', 'body']),
  },
  { indexes: [index(['words'], { method: 'gin' })] },
) {}
const news = defineApp({ root: import.meta.url, name: 'news', models: { Article } })

freshDiary()
beforeEach(async () => {
  await createTables('default', news)
  await Article.objects.bulkCreate([
    { title: 'Playing the guitar', body: 'Lessons of swing, for every hand. A big band plays.' },
    { title: 'Swing', body: 'The guitar of Django Reinhardt, with the left hand.' },
    { title: 'Cooking', body: 'A band of chocolate, a big one, and <script>alert(1)</script>.' },
  ])
})
const titles = async (found: PromiseLike<readonly { title: string }[]>) =>
  (await found).map(({ title }) => title).sort()
const found = (query: SearchQuery) => titles(Article.objects.filter(SearchMatch(['words'], query)))

describe('searchVector()', () => {
  test('keeps the words of a row, by language and weight, whoever writes', async () => {
    expect(await titles(Article.objects.filter({ words__search: 'play' }))).toEqual(['Playing the guitar'])
    expect(await Article.objects.filter({ plain__search: 'play' }).count()).toBe(0) // simple: no stems
    await Article.objects.filter({ title: 'Cooking' }).update({ body: 'played' })
    expect(await Article.objects.filter({ words__search: 'play' }).count()).toBe(2)
    await database().exec("UPDATE news_article SET body = 'nothing'")
    expect(await Article.objects.filter({ words__search: 'play' }).count()).toBe(1)
    const { words } = await Article.objects.get({ title: 'Swing' })
    expect(words).toContain("'swing':1A")
  })

  test('ranks by its weights', async () => {
    const ranked = await Article.objects
      .filter(SearchMatch(['words'], 'swing'))
      .orderBy(SearchRank(['words'], 'swing').desc())
    expect(ranked.map(({ title }) => title)).toEqual(['Swing', 'Playing the guitar'])
  })

  test('is served by its index', async () => {
    const plan = await atomic(async () => {
      await database().exec('SET LOCAL enable_seqscan = off')
      return Article.objects.filter({ words__search: 'swing' }).explain()
    })
    expect(plan).toMatch(/Bitmap Index Scan on news_articl_words_/)
  })

  test('is never written, and names fields', async () => {
    await expect(Article.objects.update({ words: 'x' } as never)).rejects.toThrow()
    expect(() => searchVector([])).toThrow(expect.objectContaining({ code: 'db.bad-search-vector' }))
    expect(() => searchVector(['title'], { language: "x'); --" })).toThrow(
      expect.objectContaining({ code: 'db.bad-language' }),
    )
  })
})

describe('SearchQuery', () => {
  test('plain, phrase, prefix, raw and websearch', async () => {
    expect(await found(new SearchQuery('guitar hand', { type: 'plain' }))).toEqual(['Playing the guitar', 'Swing'])
    expect(await found(new SearchQuery('big band', { type: 'phrase' }))).toEqual(['Playing the guitar'])
    expect(await found(new SearchQuery('djan rein', { type: 'prefix' }))).toEqual(['Swing'])
    expect(await found(new SearchQuery('swing & !lesson', { type: 'raw' }))).toEqual(['Swing'])
    expect(await found(new SearchQuery('django or chocolate'))).toEqual(['Cooking', 'Swing'])
    const german = new SearchQuery('plays', { type: 'plain', language: 'german' })
    expect(await found(german)).toEqual([])
  })

  test('and, or, not; put together in any depth', async () => {
    const band = new SearchQuery('band')
    const guitar = new SearchQuery('guitar')
    expect(await found(band.and(guitar))).toEqual(['Playing the guitar'])
    expect(await found(band.or(guitar))).toHaveLength(3)
    expect(await found(guitar.and(band.not()))).toEqual(['Swing'])
    expect(await found(band.or(guitar).and(new SearchQuery('chocolate').or(new SearchQuery('django'))))).toEqual([
      'Cooking',
      'Swing',
    ])
  })

  test('what is typed is never an operator, but in raw ones, where a fault is the caller’s', async () => {
    for (const type of ['websearch', 'plain', 'phrase', 'prefix'] as const) {
      for (const typed of ["' & | ! ( :*", "a'b\\c", '\0', '', '<->', "') OR 1=1 --"])
        expect(Array.isArray(await found(new SearchQuery(typed, { type })))).toBe(true)
    }
    await expect(found(new SearchQuery('a &', { type: 'raw' }))).rejects.toMatchObject({
      code: 'db.invalid-value',
      status: 400,
    })
    expect(() => new SearchQuery(7 as never)).toThrow(expect.objectContaining({ code: 'db.invalid-value' }))
    expect(() => new SearchQuery('x', { type: 'none' as never })).toThrow(
      expect.objectContaining({ code: 'db.invalid-value' }),
    )
  })

  test('SEC-10 a text of a megabyte costs no more than a short one', async () => {
    const start = performance.now()
    for (const type of ['websearch', 'plain', 'phrase', 'prefix'] as const) {
      for (const piece of ['x ', 'x,', '\u{1f3b8}x ']) {
        const query = new SearchQuery(piece.repeat(100_000), { type })
        expect(await found(query)).toEqual([])
      }
    }
    expect(performance.now() - start).toBeLessThan(10_000) // minutes, and an error at the end of the server's stack
  })

  test('over fields without such a column, and in ranks', async () => {
    const query = new SearchQuery('band')
    const rows = await Article.objects
      .annotate({
        rank: SearchRank(['title', 'body'], query, { language: 'english', weights: { title: 1, body: 0.1 } }),
      })
      .filter(SearchMatch(['title', 'body'], query, { language: 'english' }))
    expect(rows).toHaveLength(2)
    for (const { rank } of rows) expect(rank).toBeGreaterThan(0)
  })
})

test('SearchHeadline marks what was found', async () => {
  const [row] = await Article.objects.filter({ title: 'Swing' }).annotate({
    whole: SearchHeadline('body', 'guitar', { start: '[', stop: '"]', highlightAll: true }),
    some: SearchHeadline('body', new SearchQuery('hand'), { language: 'english', maxWords: 3, minWords: 1 }),
    of: SearchHeadline('title', 'swings', { language: 'english' }),
  })
  expect(row!.whole).toBe('The [guitar"] of Django Reinhardt, with the left hand.')
  expect(row!.some).toContain('<b>hand</b>')
  expect(row!.of).toBe('<b>Swing</b>')
})

test('other databases say that it is PostgreSQL’s', async () => {
  configureDatabases({ default: { engine: 'sqlite', url: 'sqlite::memory:' } })
  const code = 'db.no-sql-here'
  await expect(found(new SearchQuery('x'))).rejects.toMatchObject({ code })
  await expect(Article.objects.annotate({ x: SearchHeadline('body', 'x') }).list()).rejects.toMatchObject({ code })
  await expect(createTables('default', news)).rejects.toMatchObject({ code: 'db.unsupported-kind' })
})

test('a migration file reads back as the same model, and a renamed field is renamed inside', async () => {
  const state = new ProjectState([modelState(Article)])
  const changes = async (from: ProjectState, to: ProjectState): Promise<Operation[]> => {
    const questioner = new FlagQuestioner({ noRenames: true })
    const drafts = await detectChanges({ from, to, graph: new MigrationGraph([]), questioner, at: new Date(0) })
    return drafts.flatMap((draft) => draft.operations)
  }
  const operations = await changes(new ProjectState(), state)
  const written = writeMigration({ operations })
  expect(written).toContain("fn('searchVector', 'simple', [[null, F('title'), F('body')]])")
  const apply = (list: readonly Operation[], from: ProjectState) =>
    list.reduce((now, each) => applyToState({ app: 'news', name: 'x', file: null, operations: list }, each, now), from)
  const made = apply(operations, new ProjectState())
  expect(await changes(made, state)).toEqual([])
  const renamed = apply([renameField('Article', 'title', 'heading')], made)
  expect(JSON.stringify(renamed.get('news.Article').fields.words)).toContain('heading')
  // The table that the history makes is searched as the model's.
  await database().exec('DROP TABLE news_article')
  const spec = tableSpec(database().backend, renderState(made).get('news.Article').meta)
  for (const sql of database().backend.schema.createTable(spec)) await database().exec(sql)
  await Article.objects.create({ title: 'Playing' })
  expect(await Article.objects.filter({ words__search: 'plays' }).count()).toBe(1)
})

describe('extensions that are missing', () => {
  /** A schema of its own sees no function of another. */
  const alone = (work: () => unknown): Promise<unknown> =>
    atomic(async () => {
      await database().exec("SELECT SET_CONFIG('search_path', CURRENT_SCHEMA(), true)")
      return work()
    })
  test.each([
    ['pg_trgm', () => Article.objects.filter({ title__trigramSimilar: 'x' }).count()],
    ['pg_trgm', () => Article.objects.orderBy(TrigramSimilarity('title', 'x').desc()).list()],
    ['pg_trgm', () => Article.objects.orderBy(TrigramDistance('title', 'x').asc()).list()],
    ['unaccent', () => Article.objects.filter({ title__unaccent__contains: 'x' }).count()],
    ['pgcrypto', () => Article.objects.annotate({ x: SHA1('title') }).list()],
    ['vector', () => database().exec('CREATE TABLE sounds (sound vector(3))')],
    ['vector', () => database().exec('CREATE INDEX ON news_article USING hnsw (title)')],
    ['pg_trgm', () => database().exec('CREATE INDEX ON news_article USING gin (title gin_trgm_ops)')],
    ['btree_gin', () => database().exec('CREATE INDEX ON news_article USING gin (title)')],
  ])('the error names %s and the operation', async (name, work) => {
    await expect(alone(work)).rejects.toMatchObject({
      code: 'db.missing-extension',
      message: expect.stringContaining(`"${name}"`),
      hint: expect.stringContaining(`createExtension('${name}')`),
    })
  })
  test('one that the server does not have is told apart', async () => {
    await expect(database().exec('CREATE EXTENSION nothing_of_ours')).rejects.toMatchObject({
      code: 'db.missing-extension',
      message: 'The server has no extension "nothing_of_ours" that it could install.',
    })
  })
})

test('db.E022, db.W002: a database that is not PostgreSQL has no columns for them', async () => {
  class Plan extends Model<Plan>()({
    tags: array(char({ maxLength: 9 }), { blank: true }),
    days: dateRange({ null: true }),
    words: searchVector(['name']),
    sound: vector({ dimensions: 3, null: true }),
    name: char({ maxLength: 9 }),
  }) {}
  defineApp({ root: import.meta.url, name: 'plans', models: { Plan } })
  expect(checkModel(Plan)).toEqual([])
  configureDatabases({ default: { engine: 'sqlite', url: 'sqlite::memory:' } })
  expect(checkModel(Plan).map(({ id, object }) => [id, object])).toEqual([
    ['db.E022', 'plans.Plan.tags'],
    ['db.E022', 'plans.Plan.days'],
    ['db.E022', 'plans.Plan.words'],
    ['db.W002', 'plans.Plan.sound'],
  ])
  configureRouters([{ allowMigrate: (_alias, app) => app !== 'plans' }])
  expect(checkModel(Plan)).toEqual([])
  configureRouters([])
})
