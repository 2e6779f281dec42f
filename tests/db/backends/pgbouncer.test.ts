/** PostgreSQL behind a pooler of transactions owes what it owes without one. */
import { abortable, atomic, listen, notify } from 'nuages/db'
import { afterAll, afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import { closeDatabases, configureDatabases, database } from '../../../src/db/connections.ts'
import { describeBackend } from '../../contracts/db-backend.ts'
import { Company } from '../query/models.ts'
import { createTables } from '../query/setup.ts'
import { freshBehindPgbouncer, stopPgbouncer } from './pgbouncer.ts'
import { POSTGRES_URL } from './postgres.ts'

const schema = await freshBehindPgbouncer(160)
afterAll(stopPgbouncer)

describeBackend('PostgreSQL behind pgbouncer', schema)

const value = async (sql: string, alias = 'default'): Promise<unknown> => {
  const db = database(alias)
  const [row] = await db.rows(db.backend.compiler.compile({ t: 'rawStatement', parts: [sql], nodes: [] }), [])
  return row![0]
}

describe('settings behind a pooler of transactions', () => {
  beforeEach(async () => {
    const config = schema()
    configureDatabases({
      default: config,
      hurried: { ...config, options: { ...config.options, statementTimeout: '100' } },
      waiting: { ...config, lockTimeout: 300 },
      strict: { ...config, options: { ...config.options, isolation: 'serializable' } },
      direct: { ...config, options: { ...config.options, directUrl: POSTGRES_URL } },
      lost: { ...config, options: { ...config.options, directUrl: 'postgres://postgres@127.0.0.1:1/test' } },
      wild: { ...config, options: { pooler: 'transaction' } },
    })
    await createTables()
  })
  afterEach(closeDatabases)

  test('time zone, schemas, timeout and isolation hold for every statement, and in nobody else’s', async () => {
    const { options } = database().config
    const first = String(options!.searchPath).split(',')[0]!
    for (let round = 0; round < 3; round++) {
      const all = await Promise.all(
        Array.from({ length: 12 }, async (_, i) => [
          await value(`SELECT current_schema() || ' ' || current_setting('timezone') || ${i} * 0`),
          await value("SELECT current_setting('statement_timeout')", 'hurried'),
          await value("SELECT current_setting('transaction_isolation')", 'strict'),
          await value("SELECT current_schema() || ' ' || current_setting('statement_timeout')", 'wild'),
        ]),
      )
      for (const row of all) expect(row).toEqual([`${first} UTC0`, '100ms', 'serializable', 'public 0'])
    }
    await expect(value('SELECT pg_sleep(2)::text', 'hurried')).rejects.toMatchObject({ code: 'db.cancelled' })
    const held = await Company.objects.create({ name: 'held' })
    await atomic(async () => {
      await Company.objects.filter({ id: held.id }).update({ name: 'kept' })
      const late = () => Company.objects.using('waiting').filter({ id: held.id }).update({ name: 'late' })
      await expect(late()).rejects.toMatchObject({ code: 'db.locked' })
      await expect(atomic(late, { using: 'waiting' })).rejects.toMatchObject({ code: 'db.locked' })
    })
    expect(await atomic(() => value("SELECT current_setting('transaction_isolation')"), { using: 'strict' })).toBe(
      'read committed', // the block is another database's
    )
  })

  test('no statement is prepared by name', async () => {
    for (let i = 0; i < 5; i++) await Company.objects.filter({ id: i }).exists()
    expect(await value('SELECT count(*)::int FROM pg_prepared_statements')).toBe(0)
  })

  test('changes of tables go past it where directUrl says how, and nothing else does', async () => {
    const index = 'CREATE INDEX CONCURRENTLY company_name ON library_company (name)'
    await expect(database().exec(index)).rejects.toMatchObject({ code: 'db.invalid-sql' }) // in no transaction
    await database('direct').exec(index)
    const change = (alias: string) => atomic(() => value('SELECT 1', alias), { using: alias, schemaChange: true })
    expect(await change('direct')).toBe(1)
    await expect(change('lost')).rejects.toMatchObject({ code: 'db.cannot-connect' })
    expect(await Company.objects.using('lost').count()).toBe(0)
  })

  test('listen() goes past it, notify() through it', async () => {
    await expect(listen('orders', () => undefined)).rejects.toMatchObject({ code: 'db.not-supported' })
    const heard: string[] = []
    await listen('orders', (payload) => heard.push(payload), { using: 'direct' })
    await notify('orders', 'one')
    await atomic(() => notify('orders', 'two'))
    await vi.waitFor(() => expect(heard).toEqual(['one', 'two']))
  })

  test('a loop over rows keeps one connection as long as it runs', async () => {
    await Company.objects.bulkCreate(Array.from({ length: 30 }, (_, i) => ({ name: `c${i}` })))
    const seen: string[] = []
    for await (const company of Company.objects.orderBy('id').iterator({ chunk: 4 })) {
      seen.push(company.name)
      await Company.objects.filter({ id: company.id }).update({ name: 'seen' })
    }
    expect(seen).toEqual(Array.from({ length: 30 }, (_, i) => `c${i}`))
  })

  test('queries that are stopped at any moment stop nobody else’s, and not the pooler', async () => {
    const config = schema()
    // More connections than the pooler has to the server, so that requests to stop have to wait there.
    configureDatabases({ default: { ...config, options: { ...config.options, poolSize: '12' } } })
    const wait = () => value('SELECT pg_sleep(0.008)::text')
    const failures: unknown[] = []
    const worker = async (times: number, work: (i: number) => Promise<unknown>): Promise<void> => {
      for (let i = 0; i < times; i++) await work(i).catch((error: unknown) => failures.push(error))
    }
    const stopped = async (i: number): Promise<unknown> => {
      const stop = new AbortController()
      setTimeout(() => stop.abort(), 3 + (i % 5))
      const error = await abortable(stop.signal, wait).catch((reason: unknown) => reason as { code: string })
      if ((error as { code?: string }).code !== 'db.aborted' && error !== '') failures.push(error)
      return error
    }
    const stoppers = Array.from({ length: 6 }, () => worker(60, stopped))
    const others = Array.from({ length: 6 }, () => worker(60, (i) => (i % 2 === 0 ? wait() : atomic(wait))))
    await Promise.all([...stoppers, ...others])
    const reasons = failures.map((error) => String(error))
    // That the server has no more connections is nobody's fault here.
    expect(reasons.filter((text) => !text.includes('db.too-many-connections'))).toEqual([])
    expect(await value('SELECT 1')).toBe(1)
  })
})
