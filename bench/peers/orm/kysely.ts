/** Kysely: columns named, relations joined or read by a second query and put together by hand, as its recipes show. */
import SqliteDatabase from 'better-sqlite3'
import { type Generated, Kysely, PostgresDialect, SqliteDialect } from 'kysely'
import pg from 'pg'
import type { BookRow, BookValues, Open, Works } from '../../orm/contract.ts'
import { pragmas } from './sqlite.ts'

interface Tables {
  library_author: { id: Generated<number>; name: string }
  library_book: Omit<BookValues, 'authorId'> & { id: Generated<number>; author_id: number }
}

const columns = [
  'b.id',
  'b.title',
  'b.subtitle',
  'b.isbn',
  'b.status',
  'b.pages',
  'b.stock',
  'b.price',
  'b.summary',
  'b.author_id as authorId',
] as const

const written = ({ authorId, ...others }: BookValues) => ({ ...others, author_id: authorId })

export const open: Open = async (database, url): Promise<Works<ReturnType<typeof written>>> => {
  const dialect =
    database === 'sqlite'
      ? new SqliteDialect({ database: pragmas(new SqliteDatabase(url)) })
      : new PostgresDialect({ pool: new pg.Pool({ connectionString: url }) })
  const db = new Kysely<Tables>({ dialect })
  const books = () => db.selectFrom('library_book as b').select(columns)
  return {
    written,
    get: (id) => books().where('b.id', '=', id).executeTakeFirstOrThrow(),
    hundred: () => books().orderBy('b.id').limit(100).execute(),
    async joined() {
      const rows = await books()
        .innerJoin('library_author as a', 'a.id', 'b.author_id')
        .select(['a.id as authorKey', 'a.name as authorName'])
        .orderBy('b.id')
        .limit(100)
        .execute()
      return rows.map(({ authorKey, authorName, ...book }) => ({
        ...book,
        author: { id: authorKey, name: authorName },
      }))
    },
    async prefetched() {
      const found = await db.selectFrom('library_author').select(['id', 'name']).orderBy('id').limit(50).execute()
      const authors = found.map(({ id, name }) => ({ id, name, books: [] as BookRow[] }))
      const byKey = new Map(authors.map((author) => [author.id, author]))
      for (const book of await books()
        .where('b.author_id', 'in', [...byKey.keys()])
        .execute())
        byKey.get(book.authorId)!.books.push(book)
      return authors
    },
    async insert(values) {
      const query = db.insertInto('library_book').values(values)
      return (await query.returning('id').executeTakeFirstOrThrow()).id
    },
    bulk: (values) =>
      db
        .insertInto('library_book')
        .values([...values])
        .returning('id')
        .execute(),
    update: (id, stock) => db.updateTable('library_book').set({ stock }).where('id', '=', id).executeTakeFirst(),
    updates: (changes) =>
      db
        .transaction()
        .execute((all) =>
          Promise.all(
            changes.map(([id, stock]) =>
              all.updateTable('library_book').set({ stock }).where('id', '=', id).executeTakeFirst(),
            ),
          ),
        ),
    async count(status, pages) {
      const query = db.selectFrom('library_book').select((e) => e.fn.countAll().as('n'))
      return Number((await query.where('status', '=', status).where('pages', '>=', pages).executeTakeFirstOrThrow()).n)
    },
    close: () => db.destroy(),
  }
}
