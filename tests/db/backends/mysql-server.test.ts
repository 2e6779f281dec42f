/** What servers of MariaDB and MySQL owe as every server does, and what they alone do. */
import { atomic, connection, sql, TransactionError } from 'nuages/db'
import { describe, expect, test } from 'vitest'
import { closeDatabases, configureDatabases, database } from '../../../src/db/connections.ts'
import { describeServer, freshServer, rows } from '../../contracts/db-server.ts'
import { Author, Book, Company } from '../query/models.ts'
import { dropDatabases, freshDatabases, MYSQL_URL } from './mysql.ts'

const fresh = await freshDatabases(30)
freshServer(fresh, dropDatabases)

describeServer({
  connection: 'SELECT CONNECTION_ID()',
  kill: (id) => `KILL ${id}`,
  readOnly: 'SET SESSION TRANSACTION READ ONLY',
  sleep: (seconds) => `SELECT SLEEP(${seconds}) FROM information_schema.tables`,
})

describe('transactions', () => {
  test('a reference is checked at once, and the error names table and column', async () => {
    await expect(Author.objects.create({ name: 'x', company: 77 })).rejects.toMatchObject({
      code: 'db.foreign-key-violation',
      constraint: 'foreignKey',
      table: 'library_author',
      columns: ['company_id'],
    })
  })

  test('references that were not checked for a while are at the commit, also those over several columns', async () => {
    const db = database()
    await db.exec('CREATE TABLE "pair" ("a" integer, "b" integer, PRIMARY KEY ("a", "b"))')
    await db.exec(
      'CREATE TABLE "of_pair" ("x" integer, "y" integer, CONSTRAINT "to_pair" FOREIGN KEY ("x", "y") REFERENCES "pair" ("a", "b"))',
    )
    await db.exec('INSERT INTO "pair" VALUES (1, 1), (2, 2)')
    const deferred = (text: string) =>
      atomic(async () => {
        await db.currentBlock()?.connection.deferConstraints?.()
        await db.exec(text)
      })
    // Each column alone is there; the pair is not.
    await expect(deferred('INSERT INTO "of_pair" VALUES (1, 2)')).rejects.toMatchObject({
      code: 'db.foreign-key-violation',
      table: 'of_pair',
      columns: ['x', 'y'],
    })
    expect(await rows('SELECT COUNT(*) FROM "of_pair"')).toEqual([[0]])
    await deferred('INSERT INTO "of_pair" VALUES (2, 3), (3, NULL), (1, 1); INSERT INTO "pair" VALUES (2, 3)')
    expect(await rows('SELECT COUNT(*) FROM "of_pair"')).toEqual([[3]])
  })

  test('TX-01 a procedure that leaves a transaction open is told, and its connection is as before', async () => {
    const writes = "INSERT INTO library_company (name) VALUES ('never told');"
    await database().exec(`CREATE PROCEDURE open_end() BEGIN START TRANSACTION; ${writes} END`)
    await database().exec(`CREATE PROCEDURE open_rows() BEGIN START TRANSACTION; ${writes} SELECT 1 AS one; END`)
    await database().exec(
      `CREATE PROCEDURE open_fail() BEGIN START TRANSACTION; ${writes} SIGNAL SQLSTATE '45000' SET MESSAGE_TEXT = 'no'; END`,
    )
    const told = { code: 'db.not-in-block' }
    await expect(connection().callProcedure('open_end')).rejects.toMatchObject(told)
    await expect(connection().callProcedure('open_rows')).rejects.toMatchObject(told)
    await expect(connection().callProcedure('open_fail')).rejects.toMatchObject({ code: 'db.integrity-error' })
    await expect(sql`call open_end()`.rows()).rejects.toMatchObject(told)
    await expect(sql`call open_fail()`.rows()).rejects.toMatchObject({ code: 'db.integrity-error' })
    await expect((async () => database().exec('CALL open_end()'))()).rejects.toMatchObject(told)
    const states = await Promise.all(Array.from({ length: 12 }, () => sql`select @@in_transaction`.rows()))
    expect(states.flat(2)).toEqual(Array(12).fill(0))
    expect(await Company.objects.count()).toBe(0)
    // In a block it is one statement of it.
    await connection().execute(sql`create procedure closed() insert into library_company (name) values ('kept')`)
    await atomic(() => connection().callProcedure('closed'))
    expect(await Company.objects.count()).toBe(1)
  })

  test('a change of tables in a block is refused: it would commit what was written before', async () => {
    const block = atomic(async () => {
      await Company.objects.create({ name: 'x' })
      await database().exec('CREATE TABLE more (id int)')
    })
    await expect(block).rejects.toThrow(TransactionError)
    await expect(block).rejects.toMatchObject({ code: 'db.ddl-in-block' })
    expect(await Company.objects.count()).toBe(0)
  })
})

test('changes by a list of keys look rows up by their index, however many there are', async () => {
  await Company.objects.bulkCreate(Array.from({ length: 3000 }, (_, i) => ({ name: `c${i}` })))
  const id = { t: 'column', table: null, column: 'id', kind: 'auto' } as const
  const where = { t: 'in', left: id, right: { t: 'param', slot: 0, kind: 'auto', list: true } } as const
  const table = 'library_company'
  const set = [{ column: 'name', value: { t: 'literal', value: 'x' } }] as const
  for (const statement of [{ t: 'delete', table, where } as const, { t: 'update', table, set, where } as const]) {
    const compiled = database().backend.compiler.compile(statement)
    const explain = { ...compiled, sql: `EXPLAIN ${compiled.sql}`, rows: true, writes: false }
    const plan = await database().rows(explain, [[1, 2, 3]])
    expect(plan.find((row) => row[2] === table)![3]).toBe('eq_ref')
    expect((await database().run(compiled, [[1, 2, 3]])).changes).toBe(statement.t === 'delete' ? 3 : 0)
  }
  const ids = Array.from({ length: 3000 }, (_, i) => i + 1)
  expect(await Company.objects.filter({ id__in: ids }).update({ name: 'y' })).toBe(2997)
  expect(await Company.objects.filter({ id__in: ids }).update({ name: 'y' })).toBe(2997) // matched, not changed
})

describe('a session', () => {
  test('speaks UTC and utf8mb4, is strict, and takes a backslash as a letter', async () => {
    const [row] = await rows("SELECT @@time_zone, @@character_set_connection, @@sql_mode, 'a\\b'")
    expect(row).toEqual(['+00:00', 'utf8mb4', expect.stringMatching(/NO_BACKSLASH_ESCAPES.*STRICT_ALL_TABLES/), 'a\\b'])
    await expect(Company.objects.create({ name: 'x'.repeat(300) })).rejects.toMatchObject({ code: 'db.invalid-value' })
  })

  test('constants with backslashes and quotes stay inside their quotes, whatever the mode of the session', async () => {
    const value = "\\' OR 1=1 -- \\"
    const { compiler } = database().backend
    for (const mode of ['', 'NO_BACKSLASH_ESCAPES']) {
      await atomic(async () => {
        await database().exec(`SET SESSION sql_mode = '${mode}'`)
        expect(await rows(`SELECT ${compiler.literal(value, 'text')}`)).toEqual([[value]])
        await database().exec(
          "SET SESSION sql_mode = 'ANSI_QUOTES,PIPES_AS_CONCAT,NO_BACKSLASH_ESCAPES,STRICT_ALL_TABLES'",
        )
      })
    }
    const company = await Company.objects.create({ name: value })
    expect(await Company.objects.filter({ name__endswith: '-- \\' }).valuesList('id', { flat: true })).toEqual([
      company.id,
    ])
  })

  test('contains tells capitals apart and icontains does not, whatever the collation of the table', async () => {
    await database().exec('ALTER DATABASE CHARACTER SET utf8mb4 COLLATE utf8mb4_general_ci')
    await closeDatabases() // for sessions that know of it
    await database().exec('ALTER TABLE library_company CONVERT TO CHARACTER SET utf8mb4 COLLATE utf8mb4_general_ci')
    await Company.objects.create({ name: 'Café Noir' })
    const found = async (where: object): Promise<boolean> => Company.objects.filter(where).exists()
    expect(await found({ name__contains: 'Noir' })).toBe(true)
    expect(await found({ name__contains: 'noir' })).toBe(false)
    expect(await found({ name__icontains: 'NOIR' })).toBe(true)
    expect(await found({ name__icontains: 'CAFE' })).toBe(false)
    expect(await found({ name__iexact: 'café noir' })).toBe(true)
    expect(await found({ name__regex: 'Caf. n' })).toBe(false)
    expect(await found({ name__iregex: 'Caf. n' })).toBe(true)
    // Equality is the table's own: as in Django, this collation takes capitals and accents as alike.
    expect(await found({ name: 'CAFE NOIR' })).toBe(true)
    expect(await found({ name__in: ['CAFE NOIR'] })).toBe(true)
  })

  test('values are stored as Django stores them', async () => {
    const author = await Author.objects.create({ name: 'x' })
    await Book.objects.create({
      title: 'n',
      author,
      price: '1.50',
      publishedAt: new Date('2024-02-29T12:30:15.050Z'),
      settings: { langs: ['fr'] },
    })
    const stored = await rows(
      'SELECT CAST(price AS CHAR), CAST(published_at AS CHAR), settings, visible FROM library_book',
    )
    expect(stored).toEqual([['1.50', '2024-02-29 12:30:15.050000', '{"langs":["fr"]}', 1]])
  })
})

describe('a database that cannot be opened', () => {
  const { host } = new URL(MYSQL_URL)
  test.each([
    ['mysql://root@127.0.0.1:1/test', 'db.cannot-connect'],
    [`mysql://root@${host}/there_is_none`, 'db.no-such-database'],
    [`mysql://nobody_here:secret@${host}/test`, 'db.access-denied'],
    [`mysql://root@${host}/test?poolSize=none`, 'db.invalid-option'],
    [`mysql://root@${host}/test?isolation=chaos`, 'db.invalid-option'],
  ])('%s', async (text, code) => {
    const [url, query] = text.split('?') as [string, string?]
    const options = Object.fromEntries(new URLSearchParams(query))
    configureDatabases({ default: { engine: 'mysql', url, options } })
    const error = await Promise.resolve(Company.objects.count()).then(
      () => null,
      (reason) => reason,
    )
    expect(error).toMatchObject({ code })
    expect(String(error)).not.toContain('secret')
  })
})
