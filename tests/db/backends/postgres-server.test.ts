/** What a server of PostgreSQL owes as every server does, and what it alone does. */
import { atomic, listen, notify, sql, TransactionError } from 'nuages/db'
import { describe, expect, test, vi } from 'vitest'
import { closeDatabases, configureDatabases, database } from '../../../src/db/connections.ts'
import { describeServer, freshServer } from '../../contracts/db-server.ts'
import { Author, Company } from '../query/models.ts'
import { dropSchemas, freshSchemas, POSTGRES_URL } from './postgres.ts'

const schema = await freshSchemas(40)
freshServer(schema, dropSchemas)

describeServer({
  connection: 'SELECT pg_backend_pid()',
  kill: (id) => `SELECT pg_terminate_backend(${id})`,
  readOnly: 'SET SESSION CHARACTERISTICS AS TRANSACTION READ ONLY',
  sleep: (seconds) => `SELECT pg_sleep(${seconds})::text`,
})

describe('transactions', () => {
  test('after what fails without a block of its own nothing more is accepted', async () => {
    await Company.objects.bulkCreate([
      { id: 1, name: 'one' },
      { id: 2, name: 'two' },
    ])
    const broken = atomic(async () => {
      await Company.objects.create({ id: 1, name: 'again' }).catch(() => undefined)
      await Company.objects.create({ id: 3, name: 'three' })
    })
    await expect(broken).rejects.toThrow(TransactionError)
    expect(await Company.objects.count()).toBe(2)
  })

  test('a reference is checked at the commit, and the error names table and column', async () => {
    const work = atomic(async () => {
      const author = await Author.objects.create({ name: 'x', company: 77 })
      expect(author.id).toBeGreaterThan(0)
    })
    await expect(work).rejects.toMatchObject({
      code: 'db.foreign-key-violation',
      constraint: 'foreignKey',
      table: 'library_author',
      columns: ['company_id'],
    })
    expect(await Author.objects.count()).toBe(0)
  })
})

/** The first value of a statement. */
async function value(sql: string, alias = 'default'): Promise<unknown> {
  const db = database(alias)
  const [row] = await db.rows(db.backend.compiler.compile({ t: 'rawStatement', parts: [sql], nodes: [] }), [])
  return row?.[0]
}
const withOptions = (options: Readonly<Record<string, unknown>>) => {
  const { config } = database()
  configureDatabases({ default: { ...config, options: { ...config.options, ...options } } })
}

describe('a pool of one connection', () => {
  test('serves a loop of queries and a block in turns: who waits is served first', async () => {
    withOptions({ poolSize: 1 })
    const order: string[] = []
    const loop = async (): Promise<void> => {
      for (let i = 0; i < 50; i++) await Author.objects.count()
      order.push('loop')
    }
    const block = async (): Promise<void> => {
      await Author.objects.count()
      await atomic(async () => {
        await Author.objects.count()
      })
      order.push('block')
    }
    await Promise.all([loop(), block()])
    expect(order).toEqual(['block', 'loop'])
  })
})

describe('prepared statements', () => {
  test('beyond the limit those used last stay, later ones are prepared, too', async () => {
    withOptions({ statements: 4, poolSize: 1 })
    const prepared = () => value('SELECT count(*)::int FROM pg_prepared_statements')
    for (let round = 0; round < 3; round++) {
      for (let i = 0; i < 9; i++) expect(await value(`SELECT ${i}`)).toBe(i)
      expect(await prepared()).toBe(4)
    }
    expect(await value("SELECT string_agg(statement, ';' ORDER BY prepare_time) FROM pg_prepared_statements")).toMatch(
      /^SELECT 7;SELECT 8;SELECT count\(\*\).*;SELECT string_agg/,
    )
    expect(await value('SELECT 8')).toBe(8)
    await expect(value('SELECT nonsense')).rejects.toMatchObject({ code: 'db.no-such-column' })
    await expect(value('SELECT 1 / 0')).rejects.toMatchObject({ code: 'db.invalid-value' })
    for (let i = 0; i < 9; i++) expect(await value(`SELECT ${i}`)).toBe(i)
  })

  test('one whose table was changed meanwhile is prepared anew', async () => {
    withOptions({ poolSize: 2 })
    await database().exec('CREATE TABLE grown (n integer); INSERT INTO grown VALUES (5)')
    for (let i = 0; i < 3; i++) expect(await value('SELECT n FROM grown')).toBe(5)
    await database().exec('ALTER TABLE grown ALTER COLUMN n TYPE text')
    expect(await value('SELECT n FROM grown')).toBe('5')
    expect(await atomic(() => value('SELECT n FROM grown'))).toBe('5')
  })
})

describe('TX-09 isolation', () => {
  const level = () => value('SHOW transaction_isolation')
  test('is the database’s, or the block’s', async () => {
    expect(await level()).toBe('read committed')
    expect(await atomic(level, { isolation: 'repeatable read' })).toBe('repeatable read')
    withOptions({ isolation: 'serializable' })
    expect(await level()).toBe('serializable')
    expect(await atomic(level)).toBe('serializable')
    expect(await atomic(level, { isolation: 'read committed' })).toBe('read committed')
  })

  test('serializable blocks that disturb each other: one is told, and done again', async () => {
    await Company.objects.create({ name: 'a' })
    const all = Promise.withResolvers<void>()
    let read = 0
    let runs = 0
    const count = () =>
      atomic(
        async () => {
          runs++
          const found = await Company.objects.count()
          if (++read === 2) all.resolve()
          await all.promise
          await Company.objects.create({ name: `one of ${found + 1}` })
        },
        { isolation: 'serializable', retries: 5 },
      )
    await Promise.all([count(), count()])
    expect(runs).toBeGreaterThan(2)
    expect(await Company.objects.orderBy('name').valuesList('name', { flat: true })).toEqual([
      'a',
      'one of 2',
      'one of 3',
    ])
  })
})

describe('TX-10 connections', () => {
  const pid = () => value('SELECT pg_backend_pid()')
  test('live as long as maxAge says', async () => {
    withOptions({ maxAge: 1, poolSize: 1 })
    const first = await pid()
    expect(await pid()).toBe(first)
    await expect.poll(pid, { timeout: 5000, interval: 100 }).not.toBe(first)
  })

  test('are tried before they are used, where healthCheck asks for it', async () => {
    const { config } = database()
    configureDatabases({
      default: { ...config, options: { ...config.options, poolSize: '1', healthCheck: '0' } },
      other: config,
    })
    const first = await pid()
    expect(await pid()).toBe(first)
    await database('other').exec(`SELECT pg_terminate_backend(${first})`)
    expect(await pid()).not.toBe(first)
  })

  test.each([
    [{ poolSize: 'many' }, 'poolSize'],
    [{ pooler: 'statement' }, 'pooler'],
    [{ isolation: 'total' }, 'isolation'],
    [{ maxAge: -1 }, 'maxAge'],
  ])('an option that cannot be is told: %o', async (options, name) => {
    withOptions(options)
    await expect(value('SELECT 1')).rejects.toMatchObject({
      code: 'db.invalid-option',
      message: expect.stringContaining(name),
    })
  })
})

describe('reads of a moment', () => {
  test('may share a connection; each has its own outcome', async () => {
    withOptions({ poolSize: 3 })
    await Company.objects.bulkCreate(Array.from({ length: 40 }, (_, i) => ({ id: i + 1, name: `c${i + 1}` })))
    for (let i = 0; i < 10; i++) await Company.objects.get({ id: 1 })
    const found = await Promise.allSettled(Array.from({ length: 45 }, (_, i) => Company.objects.get({ id: i + 1 })))
    expect(found.map((each) => (each.status === 'fulfilled' ? each.value.name : each.reason.code))).toEqual(
      Array.from({ length: 45 }, (_, i) => (i < 40 ? `c${i + 1}` : 'db.does-not-exist')),
    )
  })

  test('in a block they are sent at once; what comes behind one that fails fails, too', async () => {
    await atomic(async () => {
      await Promise.all(Array.from({ length: 40 }, (_, i) => Company.objects.create({ id: i + 1, name: `c${i}` })))
      const counts = await Promise.all([
        Company.objects.count(),
        Company.objects.filter({ id__lte: 10 }).delete(),
        Company.objects.count(),
        atomic(() => Company.objects.create({ id: 100, name: 'inner' })),
        Company.objects.count(),
      ])
      expect([counts[0], counts[2], counts[4]]).toEqual([40, 30, 31])
    })
    const results: string[] = []
    const outcome = (work: PromiseLike<unknown>) =>
      work.then(
        () => results.push('done'),
        (error: { code: string }) => results.push(error.code),
      )
    const broken = atomic(() =>
      Promise.all([
        outcome(Company.objects.create({ id: 200, name: 'before' })),
        outcome(Company.objects.create({ id: 20, name: 'twice' })),
        outcome(Company.objects.create({ id: 201, name: 'behind' })),
      ]),
    )
    await expect(broken).rejects.toMatchObject({
      code: 'db.broken-transaction',
    })
    expect(results).toEqual(['done', 'db.unique-violation', 'db.broken-transaction'])
    expect(await Company.objects.count()).toBe(31)
  })

  test('one that fails leaves the others alone', async () => {
    const half = (n: number) =>
      database().rows(
        database().backend.compiler.compile({
          t: 'rawStatement',
          parts: ['SELECT 10 / (', '::int)'],
          nodes: [{ t: 'param', slot: 0, kind: 'integer' }],
        }),
        [n],
      )
    for (let i = 0; i < 5; i++) await half(1)
    const results = await Promise.allSettled([5, 0, 2, 0, 1].map(half))
    expect(results.map((each) => (each.status === 'fulfilled' ? each.value[0]![0] : each.reason.code))).toEqual([
      2,
      'db.invalid-value',
      5,
      'db.invalid-value',
      10,
    ])
  })
})

describe('listen()', () => {
  test('is heard again after its connection was lost, and says so; who starts meanwhile waits', async () => {
    const heard: string[] = []
    let again = 0
    await listen('lost orders', (payload) => heard.push(payload), { onReconnect: () => again++ })
    await database('slow').exec(
      'SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE query = \'LISTEN "lost orders"\'',
    )
    await vi.waitFor(() => expect(again).toBe(1), { timeout: 5000 })
    await listen('later', (payload) => heard.push(payload))
    await notify('lost orders', 'after')
    await notify('later', 'too')
    await vi.waitFor(() => expect(heard).toEqual(['after', 'too']), { timeout: 5000 })
  })

  test('without a server it fails at once', async () => {
    configureDatabases({ default: { engine: 'postgres', url: 'postgres://postgres@127.0.0.1:1/test' } })
    await expect(listen('orders', () => undefined)).rejects.toMatchObject({ code: 'db.cannot-connect' })
  })
})

describe('a database that cannot be opened', () => {
  test.each([
    ['postgres://postgres@127.0.0.1:1/test', 'db.cannot-connect'],
    ['postgres://postgres@127.0.0.1:5432/there_is_none', 'db.no-such-database'],
  ])('%s', async (url, code) => {
    configureDatabases({
      default: { engine: 'postgres', url: url.replace('127.0.0.1:5432', new URL(POSTGRES_URL).host) },
    })
    await expect(Company.objects.count()).rejects.toMatchObject({ code })
  })
})

test('start-up options of a URL come before ours: dates are read as the session writes them', async () => {
  const url = `${POSTGRES_URL}?options=${encodeURIComponent('-c DateStyle=SQL,DMY -c TimeZone=Asia/Tokyo -c work_mem=7MB')}`
  for (const options of [{}, { pooler: 'session', directUrl: url }]) {
    configureDatabases({ default: { engine: 'postgres', url, options } })
    const [row] =
      await sql`select current_setting('DateStyle'), current_setting('TimeZone'), current_setting('work_mem')`.rows()
    expect(row).toEqual(['ISO, YMD', 'UTC', '7MB'])
    await closeDatabases()
  }
})
