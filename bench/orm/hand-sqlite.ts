/** node:sqlite by hand: prepared statements, rows as arrays, nothing asynchronous. */
import { DatabaseSync } from 'node:sqlite'
import type { BookValues, Open } from './contract.ts'
import { columns, grouped, PlainAuthor, PlainBook, type Row, withAuthor } from './hand.ts'

export const open: Open = async (_, file) => {
  const database = new DatabaseSync(file)
  database.exec('PRAGMA synchronous = NORMAL; PRAGMA cache_size = -8000; PRAGMA temp_store = MEMORY')

  function prepared(sql: string): (...params: (string | number)[]) => Row[] {
    const statement = database.prepare(sql)
    statement.setReturnArrays(true)
    return (...params) => statement.all(...params) as unknown as Row[] // arrays: setReturnArrays
  }
  const one = prepared(`SELECT ${columns} FROM library_book b WHERE b.id = ?`)
  const hundred = prepared(`SELECT ${columns} FROM library_book b ORDER BY b.id LIMIT 100`)
  const joined = prepared(
    `SELECT ${columns}, a.id, a.name FROM library_book b JOIN library_author a ON a.id = b.author_id ORDER BY b.id LIMIT 100`,
  )
  const fifty = prepared('SELECT id, name FROM library_author ORDER BY id LIMIT 50')
  const children = prepared(
    `SELECT ${columns} FROM library_book b WHERE b.author_id IN (SELECT value FROM json_each(?))`,
  )
  const count = prepared('SELECT COUNT(*) FROM library_book WHERE status = ? AND pages >= ?')
  const update = database.prepare('UPDATE library_book SET stock = ? WHERE id = ?')
  const insert = database.prepare(
    'INSERT INTO library_book (title, subtitle, isbn, status, pages, stock, price, summary, author_id) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)',
  )
  const insertOne = (v: BookValues): number => {
    const { title, subtitle, isbn, status, pages, stock, price, summary, authorId } = v
    const done = insert.run(title, subtitle, isbn, status, pages, stock, price, summary, authorId)
    return Number(done.lastInsertRowid)
  }

  return {
    get: (id) => new PlainBook(one(id)[0]!),
    hundred: () => hundred().map((row) => new PlainBook(row)),
    joined: () => joined().map(withAuthor),
    prefetched() {
      const authors = fifty().map((row) => new PlainAuthor(row[0], row[1]))
      return grouped(authors, children(JSON.stringify(authors.map(({ id }) => id))))
    },
    insert: insertOne,
    bulk(values) {
      database.exec('BEGIN IMMEDIATE')
      const keys = values.map(insertOne)
      database.exec('COMMIT')
      return keys
    },
    update: (id, stock) => update.run(stock, id).changes,
    count: (status, pages) => count(status, pages)[0]![0],
    close: () => database.close(),
  }
}
