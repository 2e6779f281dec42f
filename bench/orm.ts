/**
 * The ORM on SQLite against node:sqlite by hand: prepared statements, rows as arrays, objects made by a class. Pairs
 * are interleaved; the ratio is the median of 21, with the second lowest and second highest.
 * Run: `node --conditions nuages-source bench/orm.ts`.
 *
 * On a shared machine of 2 cores, Node 24.21, others at work on it (microseconds, one operation after another):
 * get by key 2.7 → 3.3 (1.22 x), 100 rows of 10 columns 57 → 59 (1.03 x), 100 rows with a joined relation 70 → 74
 * (1.05 x), 50 x 10 prefetched 333 → 429 (1.28 x), 1,000 rows inserted 1,235 → 2,295 (1.86 x, of which model
 * instances are a third).
 */
import { rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { defineApp } from 'nuages'
import { atomic, char, foreignKey, integer, Model, reverse, text } from 'nuages/db'
import { closeDatabases, configureDatabases, database } from '../src/db/internal.ts'
import { tableSpec } from '../src/db/migrations/schema.ts'

class Author extends Model<Author>()({
  name: char({ maxLength: 50 }),
  books: () => reverse(Book, 'author'),
}) {}
class Book extends Model<Book>()({
  title: char({ maxLength: 100 }),
  pages: integer(),
  status: char({ maxLength: 10 }),
  a: integer(),
  b: integer(),
  c: text(),
  d: char({ maxLength: 20 }),
  e: integer(),
  author: () => foreignKey(Author, { onDelete: 'cascade' }),
}) {}
defineApp({ name: 'bench', root: import.meta.url, models: { Author, Book } })

const file = join(tmpdir(), 'nuages-bench-orm.sqlite3')
for (const end of ['', '-wal', '-shm']) rmSync(file + end, { force: true })
configureDatabases({ default: { engine: 'sqlite', url: `sqlite:${file}` } })
const db = database()
for (const { meta } of [Author, Book]) {
  for (const sql of db.backend.schema.createTable(tableSpec(db.backend, meta))) await db.exec(sql)
}
const values = Array.from({ length: 1000 }, (_, i) => ({
  title: `t${i}`,
  pages: i,
  status: 'x',
  a: 1,
  b: 2,
  c: 'text',
  d: 'd',
  e: 3,
  author: 1 + (i % 100),
}))
await Author.objects.bulkCreate(Array.from({ length: 100 }, (_, i) => ({ name: `a${i}` })))
await Book.objects.bulkCreate(values)

// -------------------------------------------------------------------- by hand

type Row = any[] // as the driver gives it
const raw = new DatabaseSync(file)
raw.exec('PRAGMA synchronous = NORMAL')
function prepared(sql: string): (...params: (string | number)[]) => Row[] {
  const statement = raw.prepare(sql)
  statement.setReturnArrays(true)
  return (...params) => statement.all(...params) as unknown as Row[]
}
const columns = 'b.id, title, pages, status, a, b, c, d, e, author_id'
const one = prepared(`SELECT ${columns} FROM bench_book b WHERE b.id = ?`)
const many = prepared(`SELECT ${columns} FROM bench_book b ORDER BY b.id LIMIT ?`)
const joined = prepared(
  `SELECT ${columns}, x.id, x.name FROM bench_book b JOIN bench_author x ON x.id = b.author_id ORDER BY b.id LIMIT ?`,
)
const authors = prepared('SELECT id, name FROM bench_author ORDER BY id LIMIT ?')
const children = prepared(`SELECT ${columns} FROM bench_book b WHERE author_id IN (SELECT value FROM json_each(?))`)
const insert = raw.prepare(
  'INSERT INTO bench_book (title, pages, status, a, b, c, d, e, author_id) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)',
)

class BareAuthor {
  id: number
  name: string
  books: BareBook[] = []
  constructor(r: Row, at: number) {
    this.id = r[at]
    this.name = r[at + 1]
  }
}
class BareBook {
  id: number
  title: string
  pages: number
  status: string
  a: number
  b: number
  c: string
  d: string
  e: number
  authorId: number
  author: BareAuthor | null = null
  constructor(r: Row) {
    this.id = r[0]
    this.title = r[1]
    this.pages = r[2]
    this.status = r[3]
    this.a = r[4]
    this.b = r[5]
    this.c = r[6]
    this.d = r[7]
    this.e = r[8]
    this.authorId = r[9]
  }
}

async function prefetchByHand(): Promise<BareAuthor[]> {
  const list = authors(50).map((row) => new BareAuthor(row, 0))
  const byKey = new Map(list.map((author) => [author.id, author]))
  for (const row of children(JSON.stringify([...byKey.keys()]))) {
    const book = new BareBook(row)
    byKey.get(book.authorId)!.books.push(book)
  }
  return list
}
async function joinedByHand(): Promise<BareBook[]> {
  return joined(100).map((row) => {
    const book = new BareBook(row)
    book.author = new BareAuthor(row, 10)
    return book
  })
}
async function insertByHand(): Promise<void> {
  raw.exec('BEGIN IMMEDIATE')
  for (const v of values) insert.run(v.title, v.pages, v.status, v.a, v.b, v.c, v.d, v.e, v.author)
  raw.exec('ROLLBACK')
}
class Undo extends Error {}
async function insertByOrm(): Promise<void> {
  const work = atomic(async () => {
    await Book.objects.bulkCreate(values)
    throw new Undo()
  })
  await work.catch((error: unknown) => {
    if (!(error instanceof Undo)) throw error
  })
}

// -------------------------------------------------------------------- pairs

async function microseconds(work: (i: number) => Promise<unknown>, times: number): Promise<number> {
  const start = process.hrtime.bigint()
  for (let i = 0; i < times; i++) await work(1 + (i % 1000))
  return Number(process.hrtime.bigint() - start) / times / 1000
}

async function pair(
  name: string,
  times: number,
  byHand: (i: number) => Promise<unknown>,
  orm: (i: number) => Promise<unknown>,
): Promise<void> {
  for (let i = 0; i < 3; i++) {
    await microseconds(byHand, times)
    await microseconds(orm, times)
  }
  const samples: { bare: number; ours: number; ratio: number }[] = []
  for (let i = 0; i < 21; i++) {
    const bare = await microseconds(byHand, times)
    const ours = await microseconds(orm, times)
    samples.push({ bare, ours, ratio: ours / bare })
  }
  const sorted = (key: 'bare' | 'ours' | 'ratio') => samples.map((sample) => sample[key]).sort((a, b) => a - b)
  const ratios = sorted('ratio')
  const text = (value: number) => value.toFixed(2).padStart(9)
  console.log(
    `${name.padEnd(20)}${text(sorted('bare')[10]!)} us ${text(sorted('ours')[10]!)} us   ${ratios[10]!.toFixed(2)} x (${ratios[1]!.toFixed(2)}-${ratios[19]!.toFixed(2)})`,
  )
}

await pair(
  'get by key',
  5000,
  async (i) => new BareBook(one(i)[0]!),
  (i) => Book.objects.get({ id: i }),
)
await pair(
  '100 rows',
  300,
  async () => many(100).map((row) => new BareBook(row)),
  () => Book.objects.orderBy('id').slice(0, 100).list(),
)
await pair('100 rows, joined', 300, joinedByHand, () =>
  Book.objects.selectRelated('author').orderBy('id').slice(0, 100).list(),
)
await pair('50 x 10, prefetched', 100, prefetchByHand, () =>
  Author.objects.prefetchRelated('books').orderBy('id').slice(0, 50).list(),
)
await pair('1,000 inserted', 10, insertByHand, insertByOrm)
raw.close()
await closeDatabases()
