import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { dirname, join, relative } from 'node:path'
import { expect, test } from 'vitest'
import { sqlitePath } from '../../../src/db/backends/sqlite/open.ts'
import { configureDatabases, createDatabase, database, databaseAliases, using } from '../../../src/db/connections.ts'
import type { OperationalError } from '../../../src/db/errors.ts'
import { onQuery, type QueryEvent } from '../../../src/db/query-log.ts'
import { atomic } from '../../../src/db/transactions.ts'
import { add, freshDatabase, freshPath, names, sqlOf } from '../transactions/databases.ts'

const problemOf = async (path: string): Promise<OperationalError> => {
  const db = createDatabase('default', { engine: 'sqlite', url: `sqlite:${path}` })
  try {
    await db.exec('SELECT 1')
  } catch (error) {
    return error as OperationalError // what the test looks at
  }
  throw new Error('opened')
}

test('a missing folder, a folder instead of a file, and a file of another kind each say which path and what to do', async () => {
  const missing = await problemOf(join(dirname(freshPath()), 'nowhere', 'db.sqlite3'))
  expect(missing).toMatchObject({ code: 'db.cannot-open', hint: expect.stringContaining('mkdir -p') })
  expect(missing.message).toContain('nowhere')

  const folder = freshPath()
  mkdirSync(folder)
  expect(await problemOf(folder)).toMatchObject({ code: 'db.cannot-open', message: `${folder} is not a file.` })

  const text = freshPath()
  writeFileSync(text, 'these are my notes, not a database')
  expect(await problemOf(text)).toMatchObject({ code: 'db.not-a-database', message: expect.stringContaining(text) })
  expect(readFileSync(text, 'utf8')).toBe('these are my notes, not a database')
})

test('an empty file becomes a database', async () => {
  const path = freshPath()
  writeFileSync(path, '')
  await freshDatabase({ path })
  await add('a')
  expect(await names()).toEqual(['a'])
})

test('a damaged file is reported as damaged', async () => {
  const path = freshPath()
  const db = await freshDatabase({ path })
  await add('a')
  await db.close()
  const bytes = readFileSync(path)
  bytes.fill(0x5a, 100)
  writeFileSync(path, bytes)
  await expect(async () => names(createDatabase('default', db.config))).rejects.toMatchObject({ code: 'db.corrupt' })
})

test('URLs of every form lead to their path', () => {
  const path = (url: string, root = '/srv/app') => sqlitePath({ engine: 'sqlite', url, root })
  expect(path('sqlite::memory:')).toBe(':memory:')
  expect(path('sqlite:./db.sqlite3')).toBe('/srv/app/db.sqlite3')
  expect(path('sqlite:db.sqlite3')).toBe('/srv/app/db.sqlite3')
  expect(path('sqlite:/var/lib/a b.sqlite3')).toBe('/var/lib/a b.sqlite3')
  expect(path('sqlite:///var/lib/a%20b.sqlite3')).toBe('/var/lib/a b.sqlite3')
  expect(path('file:///var/x.db')).toBe('/var/x.db')
  for (const url of ['sqlite:', 'sqlite:%', 'sqlite:a%00b']) {
    expect(() => path(url)).toThrow(expect.objectContaining({ code: 'db.invalid-url' }))
  }
  expect(relative(process.cwd(), sqlitePath({ engine: 'sqlite', url: 'sqlite:here.db' }))).toBe('here.db')
})

test('an unknown alias or engine names what there is', () => {
  configureDatabases({
    default: { engine: 'sqlite', url: 'sqlite::memory:' },
    replica: { engine: 'sqlite', url: 'sqlite::memory:' },
  })
  expect(databaseAliases()).toEqual(['default', 'replica'])
  expect(() => database('replika')).toThrow(
    expect.objectContaining({ code: 'db.unknown-database', hint: expect.stringContaining('"replica"') }),
  )
  expect(using('replica', () => database().alias)).toBe('replica')
  expect(() => configureDatabases({ default: { engine: 'oracle', url: '' } })).toThrow(
    expect.objectContaining({ code: 'db.unknown-engine' }),
  )
})

test('using() runs a query it is given, not its caller', async () => {
  await freshDatabase()
  const lazy = { then: (resolve: (alias: string) => void) => resolve(database().alias) }
  configureDatabases({
    default: { engine: 'sqlite', url: 'sqlite::memory:' },
    other: { engine: 'sqlite', url: 'sqlite::memory:' },
  })
  expect(await using('other', () => lazy as PromiseLike<string>)).toBe('other')
})

test('a query that starts when awaited runs inside the block that gives it', async () => {
  const db = await freshDatabase()
  const lazy = { then: (resolve: (inside: boolean) => void) => resolve(db.currentBlock() !== null) }
  expect(await atomic(() => lazy as PromiseLike<boolean>)).toBe(true)
})

test('a full disk undoes the block, and the database works on when there is room again', async () => {
  const db = await freshDatabase()
  await add('kept')
  await db.exec('PRAGMA max_page_count = 8')
  const block = atomic(async () => {
    await add('lost')
    await db.exec(`INSERT INTO item (name) VALUES (hex(randomblob(50000)))`)
  })
  await expect(block).rejects.toMatchObject({ code: 'db.disk-full' })
  await db.exec('PRAGMA max_page_count = 100000')
  await add('after')
  expect(await names()).toEqual(['kept', 'after'])
})

test('what raw statements say decides whether they read or write; the reader cannot write', async () => {
  const db = await freshDatabase()
  const compile = (text: string) => db.backend.compiler.compile({ t: 'rawStatement', parts: [text], nodes: [] })
  const shapes: readonly [string, boolean, boolean][] = [
    ['SELECT 1', true, false],
    ['  -- a comment\n/* and another */ select 1', true, false],
    ["WITH x AS (SELECT 'delete') SELECT * FROM x", true, false],
    ["WITH x AS (SELECT 1) INSERT INTO item (name) SELECT 'w' FROM x", false, true],
    ["INSERT INTO item (name) VALUES ('r') RETURNING id", true, true],
    ['PRAGMA user_version', true, true],
    ['VALUES (1)', true, false],
    ['EXPLAIN QUERY PLAN SELECT 1', true, false],
    ['UPDATE item SET number = 1', false, true],
  ]
  for (const [text, rows, writes] of shapes) {
    expect(compile(text), text).toMatchObject({ rows, writes })
    await (rows ? db.rows(compile(text), []) : db.run(compile(text), []))
  }
  await expect(async () => db.rows({ ...sqlOf(db).clear, writes: false }, [])).rejects.toMatchObject({
    code: 'db.read-only',
  })
  expect((await names()).sort()).toEqual(['r', 'w'])
})

test('integers beyond 2^53 of raw SQL come as bigint instead of rounded', async () => {
  const db = await freshDatabase()
  const statement = db.backend.compiler.compile({
    t: 'rawStatement',
    parts: ['SELECT 9007199254740993, 5, 1.5, NULL'],
    nodes: [],
  })
  expect(await db.rows(statement, [])).toEqual([[9_007_199_254_740_993n, 5, 1.5, null]])
})

test('listeners hear of every statement, with rows, time and errors, until they leave', async () => {
  const db = await freshDatabase()
  const heard: QueryEvent[] = []
  const leave = onQuery((event) => heard.push(event))
  await add('a')
  await names()
  await atomic(() => add('a')).catch(() => undefined)
  for await (const _ of db.iterate(sqlOf(db).all, [])) break
  leave()
  await names()
  expect(heard.map(({ alias, sql, rows, error }) => [alias, sql.split(' ')[0], rows, error === undefined])).toEqual([
    ['default', 'INSERT', 1, true],
    ['default', 'SELECT', 1, true],
    ['default', 'INSERT', 0, false],
    ['default', 'SELECT', 1, true],
  ])
  expect(heard[0]!.params).toEqual(['a', 1])
  expect(heard.every((event) => event.milliseconds >= 0)).toBe(true)
})

test('errors carry the statement, but not its values', async () => {
  await freshDatabase()
  await add('secret-value')
  const error = await add('secret-value').then(
    () => null,
    (reason) => reason,
  )
  expect(error.sql).toContain('INSERT INTO "item"')
  expect(JSON.stringify([error.message, error.sql, error.hint, error.stack])).not.toContain('secret-value')
  expect(error.cause).toBeInstanceOf(Error)
})

test('prepared statements are kept up to a limit, used ones longest', async () => {
  const { SqliteConnection } = await import('../../../src/db/backends/sqlite/connection.ts')
  const connection = new SqliteConnection(':memory:', 10)
  const hot = connection.prepare('SELECT 0')
  for (let n = 1; n < 200; n++) {
    connection.prepare(`SELECT ${n}`)
    expect(connection.prepare('SELECT 0')).toBe(hot)
    expect(connection.preparedCount).toBeLessThanOrEqual(10)
  }
  connection.close()
})
