/** forUpdate() (TX-08). Who waits for whom is tested against a server, in tests/db/backends. */
import { atomic, Count, QueryUsageError } from 'nuages/db'
import { expect, test } from 'vitest'
import { database } from '../../../src/db/internal.ts'
import { Author, Book, Company } from './models.ts'
import { freshTables, watched } from './setup.ts'

freshTables()

/** MySQL locks more rows than it deletes, so that workers meet. */
const QUEUE = { retries: 20 }

const name = () => database('default').backend.name
const sqlOf = async (work: () => PromiseLike<unknown>) =>
  (await watched(() => atomic(async () => await work()))).sql.at(-1)!
const tailOf = (sql: string) => / FOR .*$/.exec(sql)?.[0] ?? ''

test('TX-08: locks the rows themselves, or those of relations read along', async () => {
  const company = await Company.objects.create({ name: 'x' })
  const author = await Author.objects.create({ name: 'A', company })
  await Book.objects.create({ title: 'B', author })
  const books = () => Book.objects.selectRelated('author')
  const tails = [
    tailOf(await sqlOf(() => books().forUpdate())),
    tailOf(await sqlOf(() => books().forUpdate({ of: ['self', 'author'] }))),
    tailOf(await sqlOf(() => books().forUpdate({ of: ['author'], skipLocked: true }))),
    tailOf(await sqlOf(() => Book.objects.forUpdate({ noKey: true, noWait: true }))),
  ]
  const expected: Record<string, string[]> = {
    sqlite: ['', '', '', ''],
    postgres: [
      ' FOR UPDATE OF "t0"',
      ' FOR UPDATE OF "t0", "t1"',
      ' FOR UPDATE OF "t1" SKIP LOCKED',
      ' FOR NO KEY UPDATE OF "t0" NOWAIT',
    ],
  }
  if (expected[name()] !== undefined) expect(tails).toEqual(expected[name()])
})

test('TX-08: refuses relations that are not read, or may have no row', async () => {
  const refused = (work: () => PromiseLike<unknown>, message: string) =>
    expect(atomic(async () => await work())).rejects.toMatchObject({
      code: 'db.lock-of',
      message: expect.stringContaining(message),
    })
  await refused(() => Book.objects.forUpdate({ of: ['author'] }), 'not read by selectRelated')
  await refused(() => Book.objects.selectRelated('editor').forUpdate({ of: ['editor'] }), 'may be no row')
  const edited = Book.objects.filter({ editor__isnull: false, editor__name: 'x' })
  expect(
    await atomic(() =>
      edited
        .selectRelated('editor')
        .forUpdate({ of: ['editor'] })
        .list(),
    ),
  ).toEqual([])
  expect(() => Book.objects.forUpdate({ noWait: true, skipLocked: true })).toThrow(QueryUsageError)
  expect(() => Book.objects.forUpdate({ of: [] })).toThrow(QueryUsageError)
})

test('TX-08: refuses rows that are no rows of a table, on every database', async () => {
  const code = 'db.lock-not-rows'
  await expect(atomic(() => Book.objects.distinct().forUpdate().list())).rejects.toMatchObject({ code })
  const counted = Author.objects.annotate({ n: Count('books') })
  await expect(atomic(() => counted.forUpdate().list())).rejects.toMatchObject({ code })
})

test('a queue: some workers take rows, none of them twice', async () => {
  await Company.objects.bulkCreate(Array.from({ length: 12 }, (_, i) => ({ name: `${i}` })))
  const done: string[] = []
  const worker = async (): Promise<void> => {
    for (;;) {
      const some = await atomic(async () => {
        const jobs = await Company.objects.orderBy('id').forUpdate({ skipLocked: true }).slice(0, 3)
        await Company.objects.filter({ id__in: jobs.map(({ id }) => id) }).delete()
        return jobs
      }, QUEUE)
      if (some.length === 0) return
      done.push(...some.map((job) => job.name))
    }
  }
  await Promise.all([worker(), worker(), worker()])
  expect(done.length).toBe(12)
  expect(new Set(done).size).toBe(12)
})
