/**
 * docs/internals/query.md is true: files, functions, constants and error codes that it names are there, and each stage
 * of its example is what the code gives. A block that differs is printed as it has to be.
 */
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { inspect } from 'node:util'
import { defineApp } from 'nuages'
import type { AnyModel } from 'nuages/db'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { runtimeImports } from '../../../src/checks/imports.ts'
import { mysqlCompiler } from '../../../src/db/backends/mysql/compiler.ts'
import { postgresCompiler } from '../../../src/db/backends/postgres/compiler.ts'
import { sqliteCompiler } from '../../../src/db/backends/sqlite/compiler.ts'
import { closeDatabases, configureDatabases, database, onQuery } from '../../../src/db/internal.ts'
import { type AnyInstance, ROW } from '../../../src/db/models/instance.ts'
import { buildRows } from '../../../src/db/query/build-reads.ts'
import { BuildContext } from '../../../src/db/query/context.ts'
import { type Path, resolvePath } from '../../../src/db/query/paths.ts'
import { planCount } from '../../../src/db/query/plan.ts'
import { Query } from '../../../src/db/query/query.ts'
import { rowsPlan } from '../../../src/db/query/rows.ts'
import { MARK } from '../../../src/db/query/shape.ts'
import { tailOf } from '../../../src/db/query/state.ts'
import { onGenerated } from '../../../src/std/codegen.ts'
import { createTables } from '../../db/query/setup.ts'
import { readPage, root } from '../blocks.ts'
import { Author, Book } from './shelf.ts'

const shelf = defineApp({ name: 'shelf', root: import.meta.url, models: { Author, Book } })
const page = readPage('docs/internals/query.md')
const text = readFileSync(join(root, page.path), 'utf8')
const model = Book as unknown as AnyModel // the class, seen by the query room
const books = () => Book.objects.filter({ author__name: 'x' }).orderBy('title').slice(0, 10)

const generated: string[] = []
const sent: string[] = []
let found: Book[] = []
/** Plans, functions and statements of the first time, and of the same question about another name. */
let first = { plans: 0, functions: 0 }
let again = { plans: 0, functions: 0 }
const count = () => ({ plans: planCount(database('default').backend), functions: generated.length })

beforeAll(async () => {
  configureDatabases({ default: { engine: 'sqlite', url: 'sqlite::memory:' } })
  await createTables('default', shelf)
  const x = await Author.objects.create({ name: 'x' })
  for (const [title, pages] of [
    ['Swing', 120],
    ['Nuages', 90],
  ] as const)
    await Book.objects.create({ title, pages, author: x })
  const stopGenerated = onGenerated((_, source) => generated.push(source))
  const stopQueries = onQuery(({ sql, params }) => sent.push(`${sql}\n${inspect(params)}`))
  const before = count()
  found = await books()
  first = { plans: count().plans - before.plans, functions: count().functions - before.functions }
  const between = count()
  await Book.objects.filter({ author__name: 'y' }).orderBy('title').slice(0, 25)
  again = { plans: count().plans - between.plans, functions: count().functions - between.functions }
  stopQueries()
  onGenerated(stopGenerated)
})
afterAll(() => closeDatabases())

/** A key with its marks in words; models are numbered as they come. */
function readable(key: string): string {
  const words: Record<string, string> = Object.fromEntries(
    Object.entries(MARK).map(([word, mark]) => [mark, `‹${word}›`]),
  )
  // biome-ignore lint/suspicious/noControlCharactersInRegex: the marks
  return key.replace(/^\d+/, '1').replace(/[\x00-\x1f]/g, (mark) => words[mark] ?? '?')
}

const shown = (value: unknown): string => inspect(value, { depth: 9, breakLength: 110, compact: 4 })

function pictured({ steps, columns, rest }: Path): string {
  const hops = steps.flatMap(({ field, hops }) =>
    hops.map(({ from, to, target, many, nullable, direct }) => {
      const names = (fields: typeof from) => fields.map(({ attname }) => attname).join()
      return { relation: field.name, from: names(from), to: `${target.name}.${names(to)}`, direct, many, nullable }
    }),
  )
  return shown({ hops, columns: columns.map((field) => `${field.model.meta.name}.${field.name}`), rest })
}

/** The parts of a select that this one has. */
function pruned(node: object): object {
  return Object.fromEntries(
    Object.entries(node).filter(
      ([, part]) => part !== null && part !== false && !(Array.isArray(part) && part.length === 0),
    ),
  )
}

/** Nodes without the types of their columns. */
function withoutTypes(node: object): object {
  return JSON.parse(
    JSON.stringify(node, (name, part) => (name === 'type' && typeof part === 'object' ? undefined : part)),
  )
}

/** What the code gives at each stage, by the name of its block. */
const stages: Record<string, () => string> = {
  state: () => {
    const { ops, values, low, high, mode, ordered } = books().state
    return shown({ ops, values, low, high, mode, ordered })
  },
  key: () => {
    const { state } = books()
    return readable(state.key + tailOf(state))
  },
  path: () => pictured(resolvePath(Book.meta, 'author__name')),
  joins: () => {
    const { state } = books()
    const query = new Query(Book.meta, new BuildContext(database('default').features, () => 'UTC')).replay(state, 0)
    return shown(
      [...query.joins.map.values()].map(({ alias, meta, parent, type, uses }) => ({
        alias,
        table: meta.table,
        parent,
        type,
        uses,
      })),
    )
  },
  nodes: () => shown(withoutTypes(pruned(statement()!))),
  sql: () =>
    [
      ['SQLite', sqliteCompiler],
      ['PostgreSQL', postgresCompiler],
      ['MariaDB', mysqlCompiler],
    ]
      .map(([name, compiler]) => {
        const { sql, slots, encoders } = (compiler as typeof sqliteCompiler).compile(statement()!)
        return `${name}\n${broken(sql)}\n  slots ${inspect(slots)}, ${encoders.length} encoders`
      })
      .join('\n\n'),
  plan: () => {
    const { sources, direct, zone, locks } = rowsPlan(model, books().state, database('default'))
    return shown({ sources, direct, zone, locks })
  },
  sent: () => sent[0]!.replace(/^.*$/m, (line) => broken(line)),
  constructor: () => generated[0]!,
  rows: () =>
    found
      .map((book) => {
        const attributes = Object.fromEntries(Object.entries(book))
        return `${shown((book as unknown as AnyInstance)[ROW])} → Book ${shown(attributes)}`
      })
      .join('\n'),
}

function statement() {
  const { state } = books()
  const context = new BuildContext(database('default').features, () => 'UTC')
  return buildRows(Book.meta, state, context, null).statement
}

/** SQL with a clause on each line. */
function broken(sql: string): string {
  return `  ${sql.replace(/ (?=FROM|INNER JOIN|WHERE|ORDER BY|LIMIT)/g, '\n  ')}`
}

describe('the example', () => {
  test('its models are those of the test, its query too', () => {
    const [models, query] = page.blocks.filter((block) => block.language === 'ts').map((block) => block.text)
    expect(models).toBe(readFileSync(join(import.meta.dirname, 'shelf.ts'), 'utf8'))
    const asked = /^const books = \(\) => (.+)$/m.exec(readFileSync(import.meta.filename, 'utf8'))![1]!
    expect(query).toContain(asked)
  })

  test.each(Object.keys(stages))('%s is what the code gives', (name) => {
    expect(page.blocks.find((block) => block.info === name)?.text).toBe(`${stages[name]!()}\n`)
  })

  test('every block of data is one of them', () => {
    const names = page.blocks.filter((block) => block.language === 'text').map((block) => block.info)
    expect(names.filter((name) => name !== 'picture').sort()).toEqual(Object.keys(stages).sort())
  })

  test('is planned once: another value and another length need nothing new', () => {
    expect([first, again]).toEqual([
      { plans: 1, functions: 1 },
      { plans: 0, functions: 0 },
    ])
    expect(sent).toHaveLength(2)
  })
})

const db = join(root, 'src/db')

/** A file that the page names: without a folder, one of query/. */
function fileOf(name: string): string {
  return join(db, name.includes('/') || !existsSync(join(db, 'query', name)) ? name : `query/${name}`)
}

/** Whether a file declares a name: at its top, or as a method. */
function declaresIn(file: string, name: string): boolean {
  const at = `(?:class|function\\*?|const|let|interface|type) ${name}\\b`
  const method = `^ +(?:(?:private|protected|public|override|static|async) |\\*)*#?${name}(?:<[^(]*>)?\\(`
  return new RegExp(`${at}|${method}`, 'm').test(readFileSync(file, 'utf8'))
}

/** Rows of tables whose first cell is a file and whose second has names in it. */
const rows = text.split('\n').flatMap((line) => {
  const [, file, names] = /^\| `([\w./-]+\.ts)` \| ((?:`[\w$]+`(?:, )?)+) \|/.exec(line) ?? []
  return file === undefined ? [] : [{ file, names: [...names!.matchAll(/`([^`]+)`/g)].map(([, name]) => name!), line }]
})

describe('what the page names is there', () => {
  test('files', () => {
    const names = [...text.matchAll(/`((?:[\w-]+\/)*[\w-]+\.ts)`/g)].map(([, name]) => name!)
    expect(names.length).toBeGreaterThan(60)
    expect(names.filter((name) => !existsSync(fileOf(name)))).toEqual([])
  })

  test('every row of a table about files names what is in them', () => {
    const lines = text.split('\n').filter((line) => /^\| `[\w./-]+\.ts` \|/.test(line))
    expect(lines.filter((line) => !rows.some((row) => row.line === line))).toEqual([])
  })

  test.each(rows)('$file: $names', ({ file, names }) => {
    expect(names.filter((name) => !declaresIn(fileOf(file), name))).toEqual([])
  })

  test('constants have the values it says', () => {
    const said = rows.flatMap(({ file, line }) =>
      [...line.matchAll(/`([A-Z_]+)` \((\d+)\)/g)].map(([, name, value]) => ({ file, name, value: value! })),
    )
    expect(said.length).toBeGreaterThan(5)
    const wrong = said.filter(({ file, name, value }) => {
      const found = new RegExp(`const ${name} = ([\\d_]+)`).exec(readFileSync(fileOf(file), 'utf8'))?.[1]
      return found?.replaceAll('_', '') !== value
    })
    expect(wrong).toEqual([])
  })

  test('codes of errors', () => {
    const reference = readFileSync(join(root, 'docs/reference/errors.md'), 'utf8')
    const codes = [...text.matchAll(/`(db\.[a-z-]+)`/g)].map(([, code]) => code!)
    expect(codes.length).toBeGreaterThan(15)
    expect(codes.filter((code) => !reference.includes(code))).toEqual([])
  })
})

describe('the floor plan of db/', () => {
  const plan = readFileSync(join(root, 'src/README.md'), 'utf8').split('## db/')[1]!

  test('names every place', () => {
    const places = readdirSync(db, { withFileTypes: true }).map((entry) =>
      entry.isDirectory() ? `${entry.name}/` : entry.name,
    )
    const doors = new Set(['index.ts', 'internal.ts'])
    expect(places.filter((place) => !doors.has(place) && !plan.includes(`\`${place}\``))).toEqual([])
  })

  test('names files of query/ that are there', () => {
    const names = [...plan.split('In `query/`')[1]!.matchAll(/`((?:\w+\/)?[\w-]+\.ts)`/g)].map(([, name]) => name!)
    expect(names.length).toBeGreaterThan(20)
    expect(names.filter((name) => !existsSync(fileOf(name)))).toEqual([])
  })

  test('its arrows are those of the imports', () => {
    const into = (from: string, to: string) =>
      runtimeImports(join(root, 'src'))
        .filter(({ from: file, to: other }) => file.startsWith(join(db, from)) && other.startsWith(join(db, to)))
        .map(({ to: other }) => other.slice(join(db, to).length + 1))
    const few = /^(?:errors|shape|nodes|search|search-query|search-text|raw)\.ts$/
    for (const room of ['expressions', 'functions', 'fields'])
      expect(into(room, 'query').filter((file) => !few.test(file))).toEqual([])
    expect([...into('backends', 'query'), ...into('backends', 'models'), ...into('sql', 'models')]).toEqual([])
    expect(new Set(into('sql', 'query'))).toEqual(new Set(['errors.ts']))
    expect(into('models', 'query')).toEqual([])
  })
})
