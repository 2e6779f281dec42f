/** What is PGlite's own: folders, one connection for everybody, extensions. */
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { atomic } from 'nuages/db'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import type { DatabaseConfig } from '../../../src/db/backends/backend.ts'
import { closeDatabases, configureDatabases, database } from '../../../src/db/connections.ts'
import { Company } from '../query/models.ts'
import { createTables } from '../query/setup.ts'
import { dropPglite, freshPglite } from './pglite.ts'

describe('the one connection', () => {
  let schema: () => DatabaseConfig
  beforeAll(async () => {
    schema = await freshPglite(40)
  })
  beforeEach(async () => {
    const config = schema()
    configureDatabases({ default: config, hurried: { ...config, lockTimeout: 100 } })
    await createTables()
  })
  afterEach(closeDatabases)
  afterAll(dropPglite)

  test('a loop over rows outside a block sees its moment, and lets others write between its chunks', async () => {
    await Company.objects.bulkCreate(Array.from({ length: 20 }, (_, i) => ({ name: `c${i}` })))
    const seen: string[] = []
    for await (const company of Company.objects.orderBy('id').iterator({ chunk: 3 })) {
      seen.push(company.name)
      await Company.objects.create({ name: `copy of ${company.name}` })
      await atomic(() => Company.objects.filter({ id: company.id }).update({ name: 'seen' }))
    }
    expect(seen).toEqual(Array.from({ length: 20 }, (_, i) => `c${i}`))
    expect(await Company.objects.filter({ name: 'seen' }).count()).toBe(20)
  })

  test('statements wait for a block, in the order they came', async () => {
    const gate = Promise.withResolvers<void>()
    const inside = Promise.withResolvers<void>()
    const block = atomic(async () => {
      await Company.objects.create({ name: 'in the block' })
      inside.resolve()
      await gate.promise
      await Company.objects.create({ name: 'in the block, too' })
    })
    await inside.promise
    const after = Promise.all(Array.from({ length: 5 }, () => Company.objects.count()))
    gate.resolve()
    await block
    expect(await after).toEqual([2, 2, 2, 2, 2])
  })

  test('who waits too long is told who has it', async () => {
    const gate = Promise.withResolvers<void>()
    const inside = Promise.withResolvers<void>()
    const block = atomic(() => {
      inside.resolve()
      return gate.promise
    })
    await inside.promise
    await expect(Company.objects.using('hurried').count()).rejects.toMatchObject({
      code: 'db.lock-timeout',
      holder: expect.stringContaining('pglite-server.test.ts'),
    })
    gate.resolve()
    await block
    expect(await Company.objects.using('hurried').count()).toBe(0)
  })

  test('a statement that failed can be sent again, in a block and outside of one', async () => {
    const rows = (sql: string) =>
      database().rows(database().backend.compiler.compile({ t: 'rawStatement', parts: [sql], nodes: [] }), [])
    for (let i = 0; i < 3; i++) {
      await expect(rows('SELECT 1 / 0')).rejects.toMatchObject({ code: 'db.invalid-value' })
      await expect(rows('SELECT nothing FROM nowhere')).rejects.toMatchObject({ code: 'db.no-such-table' })
      await expect(atomic(() => rows('SELECT 1 / 0'))).rejects.toMatchObject({ code: 'db.invalid-value' })
    }
    expect(await rows('SELECT 1')).toEqual([[1]])
  })
})

describe('a folder', () => {
  let root: string
  beforeAll(() => {
    root = mkdtempSync(join(tmpdir(), 'pglite '))
  })
  afterEach(closeDatabases)
  afterAll(() => rmSync(root, { recursive: true }))
  const config = (options = {}): DatabaseConfig => ({ engine: 'pglite', url: 'pglite:./data', root, options })

  test('keeps what was committed; its databases share it; another process is turned away', async () => {
    configureDatabases({
      default: config({ extensions: 'pg_trgm,vector' }),
      archive: config({ searchPath: 'archive' }),
    })
    await createTables()
    await database().exec('CREATE EXTENSION pg_trgm; CREATE EXTENSION vector; CREATE SCHEMA archive')
    await Company.objects.create({ name: 'kept' })
    await createTables('archive')
    await Company.objects.using('archive').create({ name: 'archived' })
    expect(await Company.objects.count()).toBe(1)
    const rows = await database().rows(
      database().backend.compiler.compile({
        t: 'rawStatement',
        parts: ["SELECT SIMILARITY('nuages', 'nuage') > 0.5, '[1,2]'::vector <-> '[1,3]'"],
        nodes: [],
      }),
      [],
    )
    expect(rows).toEqual([[true, 1]])
    await closeDatabases()
    expect(existsSync(join(root, 'data.pid'))).toBe(false)

    // Another process has it.
    const other = spawn(process.execPath, ['--eval', 'setInterval(() => undefined, 1000)'])
    try {
      writeFileSync(join(root, 'data.pid'), String(other.pid))
      await expect(Company.objects.count()).rejects.toMatchObject({
        code: 'db.in-use',
        message: expect.stringContaining(`process ${other.pid}`),
      })
    } finally {
      other.kill('SIGKILL')
      await once(other, 'exit')
    }
    // That process has died without giving it back.
    configureDatabases({ default: config(), archive: config({ searchPath: 'archive' }) })
    expect(await Company.objects.valuesList('name', { flat: true })).toEqual(['kept'])
    expect(await Company.objects.using('archive').valuesList('name', { flat: true })).toEqual(['archived'])
  }, 60_000) // the server starts twice, and flushes its files

  test('that cannot be made, an extension there is none of, a URL without a path: each is told', async () => {
    configureDatabases({
      nowhere: { engine: 'pglite', url: `pglite:${root}/there/is/none` },
      nameless: { engine: 'pglite', url: 'pglite:' },
      extended: { engine: 'pglite', url: 'pglite::memory:', options: { extensions: '../pg_trgm' } },
    })
    await expect(database('nowhere').exec('SELECT 1')).rejects.toMatchObject({ code: 'db.cannot-open' })
    await expect(database('nameless').exec('SELECT 1')).rejects.toMatchObject({ code: 'db.invalid-url' })
    await expect(database('extended').exec('SELECT 1')).rejects.toMatchObject({ code: 'db.unknown-extension' })
  })
})
