/**
 * The ORM on SQLite against node:sqlite by hand: prepared statements, rows as arrays, objects made by a class. Both work
 * on one file; the hand's functions are synchronous. See README.md.
 */
import { DatabaseSync } from 'node:sqlite'
import { atomic } from 'nuages/db'
import { bookValues, startSite } from './lib/database.ts'
import { readOptions } from './lib/options.ts'
import { cpuOf, interleave, timesFor } from './lib/pairs.ts'
import { compared, type Row as Line, type Marks, report } from './lib/report.ts'
import { Author, Book } from './site/library/models.ts'

const { pairs, sample, only } = readOptions()
const { project, file } = await startSite()

// -------------------------------------------------------------------- by hand

type Row = any[] // as the driver gives it
type Value = string | number
const database = new DatabaseSync(file)
database.exec('PRAGMA synchronous = NORMAL; PRAGMA cache_size = -8000; PRAGMA temp_store = MEMORY')

function prepared(sql: string): (...params: Value[]) => Row[] {
  const statement = database.prepare(sql)
  statement.setReturnArrays(true)
  return (...params) => statement.all(...params) as unknown as Row[]
}
const columns = 'b.id, title, subtitle, isbn, status, pages, stock, price, summary, author_id'
const one = prepared(`SELECT ${columns} FROM library_book b WHERE b.id = ?`)
const hundred = prepared(`SELECT ${columns} FROM library_book b ORDER BY b.id LIMIT 100`)
const joined = prepared(
  `SELECT ${columns}, a.id, a.name FROM library_book b JOIN library_author a ON a.id = b.author_id ORDER BY b.id LIMIT 100`,
)
const fifty = prepared('SELECT id, name FROM library_author ORDER BY id LIMIT 50')
const children = prepared(`SELECT ${columns} FROM library_book b WHERE author_id IN (SELECT value FROM json_each(?))`)
const insert = database.prepare(
  'INSERT INTO library_book (title, subtitle, isbn, status, pages, stock, price, summary, author_id) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)',
)
const update = database.prepare('UPDATE library_book SET stock = ? WHERE id = ?')
const count = prepared('SELECT COUNT(*) FROM library_book WHERE status = ? AND pages >= ?')

class PlainAuthor {
  id: number
  name: string
  books: PlainBook[] = []
  constructor(id: number, name: string) {
    this.id = id
    this.name = name
  }
}
class PlainBook {
  id: number
  title: string
  subtitle: string
  isbn: string
  status: string
  pages: number
  stock: number
  price: number
  summary: string
  authorId: number
  author: PlainAuthor | null = null
  constructor(r: Row) {
    this.id = r[0]
    this.title = r[1]
    this.subtitle = r[2]
    this.isbn = r[3]
    this.status = r[4]
    this.pages = r[5]
    this.stock = r[6]
    this.price = r[7]
    this.summary = r[8]
    this.authorId = r[9]
  }
}

function joinedByHand(): PlainBook[] {
  return joined().map((row) => {
    const book = new PlainBook(row)
    book.author = new PlainAuthor(row[10], row[11])
    return book
  })
}

function prefetchedByHand(): PlainAuthor[] {
  const authors = fifty().map((row) => new PlainAuthor(row[0], row[1]))
  const byKey = new Map(authors.map((author) => [author.id, author]))
  for (const row of children(JSON.stringify([...byKey.keys()]))) {
    const book = new PlainBook(row)
    byKey.get(book.authorId)!.books.push(book)
  }
  return authors
}

function insertByHand(v: (typeof thousand)[number]): number {
  const { lastInsertRowid } = insert.run(
    v.title,
    v.subtitle,
    v.isbn,
    v.status,
    v.pages,
    v.stock,
    v.price,
    v.summary,
    v.author,
  )
  return Number(lastInsertRowid)
}

const thousand = Array.from({ length: 1000 }, (_, i) => ({ ...bookValues(i), author: 1 + (i % 100) }))

function bulkByHand(): void {
  database.exec('BEGIN IMMEDIATE')
  for (const values of thousand) insertByHand(values)
  database.exec('ROLLBACK')
}

// -------------------------------------------------------------------- by the ORM

class Undo extends Error {}
async function bulkByOrm(): Promise<void> {
  const work = atomic(async () => {
    await Book.objects.bulkCreate(thousand)
    throw new Undo()
  })
  await work.catch((error: unknown) => {
    if (!(error instanceof Undo)) throw error
  })
}

/** Rows are written to a table that is as large for both sides. */
function forgetInserted(): void {
  database.exec('DELETE FROM library_book WHERE id > 1000')
}

interface Subject extends Marks {
  readonly name: string
  readonly ours: (i: number) => Promise<unknown>
  readonly hand: (i: number) => unknown
  readonly after?: () => void
}

const subjects: readonly Subject[] = [
  {
    name: 'get by pk',
    ours: (i) => Book.objects.get({ id: 1 + (i % 1000) }),
    hand: (i) => new PlainBook(one(1 + (i % 1000))[0]!),
    mark: 2.5,
    goal: 1.6,
  },
  {
    name: '100 rows of 10 columns',
    ours: () => Book.objects.orderBy('id').slice(0, 100).list(),
    hand: () => hundred().map((row) => new PlainBook(row)),
    mark: 1.5,
    goal: 1.25,
  },
  {
    name: '100 rows, joined relation',
    ours: () => Book.objects.selectRelated('author').orderBy('id').slice(0, 100).list(),
    hand: joinedByHand,
    goal: 1.25,
  },
  {
    name: '50 parents, 10 children each',
    ours: () => Author.objects.prefetchRelated('books').orderBy('id').slice(0, 50).list(),
    hand: prefetchedByHand,
    goal: 1.25,
  },
  {
    name: 'insert one',
    ours: (i) => Book.objects.create(thousand[i % 1000]!),
    hand: (i) => insertByHand(thousand[i % 1000]!),
    after: forgetInserted,
  },
  { name: 'bulk insert 1,000', ours: bulkByOrm, hand: bulkByHand, goal: 1.3 },
  {
    name: 'update by pk',
    ours: (i) => Book.objects.filter({ id: 1 + (i % 1000) }).update({ stock: i % 20 }),
    hand: (i) => update.run(i % 20, 1 + (i % 1000)),
  },
  {
    name: 'filtered count',
    ours: (i) => Book.objects.filter({ status: 'new', pages__gte: i % 400 }).count(),
    hand: (i) => count('new', i % 400)[0]![0],
  },
]

const lines: Line[] = []
for (const { name, ours, hand, after, ...marks } of subjects) {
  if (!name.includes(only)) continue
  // The faster side decides; the first round warms up what the second one measures.
  let times = 1
  for (const milliseconds of [sample * 2, sample]) times = await timesFor(hand, milliseconds)
  await timesFor(ours, sample * 4)
  after?.()
  const side = (work: (i: number) => unknown) => async () => {
    const cost = await cpuOf(work, times)
    after?.()
    return cost
  }
  lines.push(compared(name, await interleave(side(ours), side(hand), pairs), marks))
}
database.close()
await project.close()
report(
  'orm',
  lines,
  `CPU microseconds an operation on SQLite (WAL, a file), one operation after another, each awaited on both sides; ${pairs} interleaved pairs of about ${sample} ms by hand.`,
)
