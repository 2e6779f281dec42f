/** Drizzle: selections for rows and joins, relational queries for children; once built anew each time, once prepared. */
import SqliteDatabase from 'better-sqlite3'
import { and, count, eq, gte, relations, sql } from 'drizzle-orm'
import { drizzle as overSqlite } from 'drizzle-orm/better-sqlite3'
import { drizzle as overPostgres } from 'drizzle-orm/node-postgres'
import * as p from 'drizzle-orm/pg-core'
import * as s from 'drizzle-orm/sqlite-core'
import pg from 'pg'
import type { DatabaseName, Open, Works } from '../../orm/contract.ts'
import { pragmas } from './sqlite.ts'

function sqliteTables() {
  const authors = s.sqliteTable('library_author', { id: s.integer().primaryKey(), name: s.text().notNull() })
  const books = s.sqliteTable('library_book', {
    id: s.integer().primaryKey(),
    title: s.text().notNull(),
    subtitle: s.text().notNull(),
    isbn: s.text().notNull(),
    status: s.text().notNull(),
    pages: s.integer().notNull(),
    stock: s.integer().notNull(),
    price: s.real().notNull(),
    summary: s.text().notNull(),
    authorId: s.integer('author_id').notNull(),
  })
  return { authors, books }
}

function postgresTables() {
  const authors = p.pgTable('library_author', { id: p.serial().primaryKey(), name: p.varchar().notNull() })
  const books = p.pgTable('library_book', {
    id: p.serial().primaryKey(),
    title: p.varchar().notNull(),
    subtitle: p.varchar().notNull(),
    isbn: p.varchar().notNull(),
    status: p.varchar().notNull(),
    pages: p.integer().notNull(),
    stock: p.integer().notNull(),
    price: p.doublePrecision().notNull(),
    summary: p.text().notNull(),
    authorId: p.integer('author_id').notNull(),
  })
  return { authors, books }
}
type Tables = ReturnType<typeof postgresTables>

/** The schema, its relations, and a connection; told to the types as PostgreSQL's, which has the same methods. */
function connect(database: DatabaseName, url: string) {
  const { authors, books } = (database === 'sqlite' ? sqliteTables() : postgresTables()) as Tables
  const schema = {
    authors,
    books,
    authorRelations: relations(authors, ({ many }) => ({ books: many(books) })),
    bookRelations: relations(books, ({ one }) => ({
      author: one(authors, { fields: [books.authorId], references: [authors.id] }),
    })),
  }
  if (database === 'sqlite') {
    const client = pragmas(new SqliteDatabase(url))
    const db = overSqlite({ client, schema }) as unknown as ReturnType<typeof overPostgres<typeof schema>> // the calls made below are the same
    return { db, ...schema, close: async () => void client.close() }
  }
  const client = new pg.Pool({ connectionString: url })
  return { db: overPostgres({ client, schema }), ...schema, close: () => client.end() }
}

const bookColumns = ({ books }: Tables) => ({
  id: books.id,
  title: books.title,
  subtitle: books.subtitle,
  isbn: books.isbn,
  status: books.status,
  pages: books.pages,
  stock: books.stock,
  price: books.price,
  summary: books.summary,
  authorId: books.authorId,
})

/** In a transaction; over better-sqlite3 that takes no function that waits, and the row is not measured. */
function updatesOf(
  database: DatabaseName,
  { db, books }: Pick<ReturnType<typeof connect>, 'db' | 'books'>,
): Works['updates'] {
  if (database === 'sqlite') return undefined
  return (changes) =>
    db.transaction((all) =>
      Promise.all(changes.map(([id, stock]) => all.update(books).set({ stock }).where(eq(books.id, id)))),
    )
}

export const open: Open = async (database, url): Promise<Works> => {
  const { db, authors, books, close } = connect(database, url)
  const withAuthor = { ...bookColumns({ authors, books }), author: { id: authors.id, name: authors.name } }
  return {
    get: async (id) => (await db.select().from(books).where(eq(books.id, id)))[0]!,
    hundred: async () => await db.select().from(books).orderBy(books.id).limit(100),
    joined: async () =>
      await db
        .select(withAuthor)
        .from(books)
        .innerJoin(authors, eq(authors.id, books.authorId))
        .orderBy(books.id)
        .limit(100),
    prefetched: async () => await db.query.authors.findMany({ with: { books: true }, orderBy: authors.id, limit: 50 }),
    insert: async (values) => (await db.insert(books).values(values).returning({ id: books.id }))[0]!.id,
    bulk: async (values) =>
      await db
        .insert(books)
        .values([...values])
        .returning({ id: books.id }),
    update: async (id, stock) => await db.update(books).set({ stock }).where(eq(books.id, id)),
    updates: updatesOf(database, { db, books }),
    async count(status, pages) {
      const where = and(eq(books.status, status), gte(books.pages, pages))
      return (await db.select({ n: count() }).from(books).where(where))[0]!.n
    },
    close,
  }
}

/** Statements are built once and named; rows of a bulk insert are too many to be worth a statement of their own. */
export const openPrepared: Open = async (database, url): Promise<Works> => {
  const { db, authors, books, close } = connect(database, url)
  const withAuthor = { ...bookColumns({ authors, books }), author: { id: authors.id, name: authors.name } }
  const hole = sql.placeholder
  const get = db
    .select()
    .from(books)
    .where(eq(books.id, hole('id')))
    .prepare('get')
  const hundred = db.select().from(books).orderBy(books.id).limit(100).prepare('hundred')
  const joined = db
    .select(withAuthor)
    .from(books)
    .innerJoin(authors, eq(authors.id, books.authorId))
    .orderBy(books.id)
    .limit(100)
    .prepare('joined')
  const prefetched = db.query.authors
    .findMany({ with: { books: true }, orderBy: authors.id, limit: 50 })
    .prepare('prefetched')
  const insert = db
    .insert(books)
    .values({
      title: hole('title'),
      subtitle: hole('subtitle'),
      isbn: hole('isbn'),
      status: hole('status'),
      pages: hole('pages'),
      stock: hole('stock'),
      price: hole('price'),
      summary: hole('summary'),
      authorId: hole('authorId'),
    })
    .returning({ id: books.id })
    .prepare('insert')
  const stock = hole('stock') as unknown as number // a placeholder stands for any value; the types of set() do not say so
  const update = db
    .update(books)
    .set({ stock })
    .where(eq(books.id, hole('id')))
    .prepare('update')
  const counted = db
    .select({ n: count() })
    .from(books)
    .where(and(eq(books.status, hole('status')), gte(books.pages, hole('pages'))))
    .prepare('count')
  // SQLite's prepared statements have methods of their own instead of then().
  const all = <T>(statement: { execute(values?: Record<string, unknown>): Promise<T> }, values?: object): Promise<T> =>
    statement.execute(values as Record<string, unknown>)
  return {
    get: async (id) => (await all(get, { id }))[0]!,
    hundred: () => all(hundred),
    joined: () => all(joined),
    prefetched: () => all(prefetched),
    insert: async (values) => (await all(insert, values))[0]!.id,
    bulk: async (values) =>
      await db
        .insert(books)
        .values([...values])
        .returning({ id: books.id }),
    update: (id, value) => all(update, { id, stock: value }),
    // What was prepared outside of a transaction runs outside of it.
    updates: updatesOf(database, { db, books }),
    count: async (status, pages) => (await all(counted, { status, pages }))[0]!.n,
    close,
  }
}
