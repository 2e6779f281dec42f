/** Indexes for searching and columns of vectors, read back from the database as the models that made them. */
import { mkdirSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { defineApp } from 'nuages'
import { type AnyModel, char, generated, index, integer, Model, sql, text } from 'nuages/db'
import { searchVector, vector } from 'nuages/db/postgres'
import { afterAll, expect, test } from 'vitest'
import { captureOutput } from '../../../src/cli/index.ts'
import inspectdb from '../../../src/db/commands/inspectdb.ts'
import { database } from '../../../src/db/internal.ts'
import { modelState } from '../../../src/db/migrations/from-models.ts'
import { engine } from '../backends/fresh.ts'
import { createTables, freshTables } from '../query/setup.ts'

class Article extends Model<Article>()(
  { title: char({ maxLength: 200 }), body: text() },
  { indexes: [index(['title', 'body'], { method: 'fulltext', language: 'english' })] },
) {}
class Song extends Model<Song>()(
  { sound: vector({ dimensions: 3 }), mood: vector({ dimensions: 4, null: true }) },
  {
    indexes: [
      index(['sound'], { method: 'hnsw', opclasses: ['vector_cosine_ops'], with: { m: 8 } }),
      index(['mood'], { method: 'ivfflat', with: { lists: 2 } }), // by its method's own operator class, which nobody need name
    ],
  },
) {}
class Page extends Model<Page>()(
  {
    title: char({ maxLength: 200 }),
    theBody: text({ null: true, dbColumn: 'The "Body"' }),
    words: searchVector({ title: 'A', theBody: 'C' }, { language: 'english' }),
    heading: searchVector({ title: 'B' }),
    allWords: searchVector(['title', 'theBody'], { dbColumn: 'ALL words' }),
    length: generated(sql`char_length(title)`, { output: integer({ null: true }) }),
    odd: generated(sql`to_tsvector('simple', upper(title))`, {
      output: text({ null: true, dbType: { postgres: 'tsvector' } }),
    }),
  },
  { indexes: [index(['words'], { method: 'gin' })] },
) {}
const pages = defineApp({ root: import.meta.url, name: 'pages', models: { Page } })
const news = defineApp({ root: import.meta.url, name: 'news', models: { Article } })
const music = defineApp({ root: import.meta.url, name: 'music', models: { Song } })

freshTables(news)
const folder = join(import.meta.dirname, '.written')
afterAll(() => rmSync(folder, { recursive: true, force: true }))

/** The state of the model that inspectdb writes for a table. */
async function inspected(table: string): Promise<unknown> {
  const out = captureOutput()
  const options = { database: 'default', managed: true, views: false, app: 'read' }
  await inspectdb.run({ args: { tables: [table] }, options, out, project: { apps: { apps: [] }, user: null } } as never) // it reads no more
  mkdirSync(folder, { recursive: true })
  const file = join(folder, `${table}.ts`)
  const door = (path: string) => pathToFileURL(join(import.meta.dirname, '../../../src', path)).href
  writeFileSync(
    file,
    out.text
      .replace("'nuages/db'", `'${door('db/index.ts')}'`)
      .replace("'nuages/db/postgres'", `'${door('db/postgres/index.ts')}'`),
  )
  const models = (await import(/* @vite-ignore */ pathToFileURL(file).href)) as Record<string, AnyModel>
  const [[name, model]] = Object.entries(models) as [[string, AnyModel]] // one class
  defineApp({ root: import.meta.url, name: `read_${table}`, models: { [name]: model } as never }) // a model of a file
  const { fields, options: declared } = modelState(model)
  return { fields, indexes: declared.indexes }
}
const stateOf = (model: AnyModel) => {
  const { fields, options } = modelState(model)
  return { fields, indexes: options.indexes }
}

test('MDB-08 a full-text index comes back as it was declared', async () => {
  const { fields, indexes } = stateOf(Article)
  // MariaDB reduces no words, and keeps no language.
  const kept = engine.name === 'MariaDB' ? indexes?.map(({ language: _, ...rest }) => rest) : indexes
  expect(await inspected('news_article')).toEqual({ fields, indexes: kept })
})

if (engine.name === 'PostgreSQL' || engine.name === 'PGlite')
  test('MDB-08 columns of words, and their indexes, come back as they were declared', async () => {
    await createTables('default', pages)
    const [{ fields, indexes }, own] = [(await inspected('pages_page')) as ReturnType<typeof stateOf>, stateOf(Page)]
    const texts = ['length', 'odd'] // as the server writes them
    const said = (of: typeof fields) => Object.entries(of).filter(([name]) => !texts.includes(name))
    expect(said(fields)).toEqual(said(own.fields))
    expect(indexes).toEqual(own.indexes)
    for (const name of texts) expect(JSON.stringify(fields)).toContain(`"${name}"`)
  })

// The extension is not on every server; PGlite brings it.
if (engine.name === 'PGlite')
  test('MDB-08 vectors and their indexes come back as they were declared', async () => {
    await database().exec('CREATE EXTENSION IF NOT EXISTS vector SCHEMA public')
    await createTables('default', music)
    expect(await inspected('music_song')).toEqual(stateOf(Song))
  })
