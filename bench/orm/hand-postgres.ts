/** `pg` by hand: one connection, named statements, rows as arrays, objects built by hand. Nothing is pipelined. */
import { Client } from '../lib/pg.ts'
import type { BookValues, Open } from './contract.ts'
import { columns, grouped, PlainAuthor, PlainBook, type Row, withAuthor } from './hand.ts'

const written = 'title, subtitle, isbn, status, pages, stock, price, summary, author_id'
const valuesOf = (v: BookValues): unknown[] => [
  v.title,
  v.subtitle,
  v.isbn,
  v.status,
  v.pages,
  v.stock,
  v.price,
  v.summary,
  v.authorId,
]

export const open: Open = (_, url) => openPg(url, false)

/** The same, and queries are sent before the answers to those ahead of them are there. */
export const openPipelined: Open = (_, url) => openPg(url, true)

const openPg = async (url: string, pipeline: boolean) => {
  const client = new Client({ connectionString: url, pipeline })
  await client.connect()
  let statements = 0
  function prepared(text: string): (values: unknown[]) => Promise<Row[]> {
    const name = `s${++statements}`
    return async (values) => (await client.query({ name, text, values, rowMode: 'array' })).rows
  }
  const one = prepared(`SELECT ${columns} FROM library_book b WHERE b.id = $1`)
  const hundred = prepared(`SELECT ${columns} FROM library_book b ORDER BY b.id LIMIT 100`)
  const joined = prepared(
    `SELECT ${columns}, a.id, a.name FROM library_book b JOIN library_author a ON a.id = b.author_id ORDER BY b.id LIMIT 100`,
  )
  const fifty = prepared('SELECT id, name FROM library_author ORDER BY id LIMIT 50')
  const children = prepared(`SELECT ${columns} FROM library_book b WHERE b.author_id = ANY($1)`)
  const count = prepared('SELECT COUNT(*)::int FROM library_book WHERE status = $1 AND pages >= $2')
  const insert = prepared(
    `INSERT INTO library_book (${written}) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9) RETURNING id`,
  )
  const bulk = prepared(
    `INSERT INTO library_book (${written}) SELECT * FROM unnest($1::text[], $2::text[], $3::text[], $4::text[], $5::int[], $6::int[], $7::float8[], $8::text[], $9::int[]) RETURNING id`,
  )
  const update = { name: 'update', text: 'UPDATE library_book SET stock = $1 WHERE id = $2' }

  return {
    get: async (id: number) => new PlainBook((await one([id]))[0]!),
    hundred: async () => (await hundred([])).map((row) => new PlainBook(row)),
    joined: async () => (await joined([])).map(withAuthor),
    async prefetched() {
      const authors = (await fifty([])).map((row) => new PlainAuthor(row[0], row[1]))
      return grouped(authors, await children([authors.map(({ id }) => id)]))
    },
    insert: async (values: BookValues) => (await insert(valuesOf(values)))[0]![0],
    async bulk(books: readonly BookValues[]) {
      const lists: unknown[][] = [[], [], [], [], [], [], [], [], []]
      for (const book of books) for (const [i, value] of valuesOf(book).entries()) lists[i]!.push(value)
      return (await bulk(lists)).map((row) => row[0])
    },
    update: async (id: number, stock: number) => (await client.query({ ...update, values: [stock, id] })).rowCount,
    async updates(changes: readonly (readonly [id: number, stock: number])[]) {
      const sent = [
        client.query('BEGIN'),
        ...changes.map(([id, stock]) => client.query({ ...update, values: [stock, id] })),
      ]
      await Promise.all([...sent, client.query('COMMIT')])
    },
    count: async (status: string, pages: number) => (await count([status, pages]))[0]![0],
    close: () => client.end(),
  }
}
