/** TypeORM: repositories; a query builder where `take` with a join would cost a second query. */
import { DataSource, EntitySchema, MoreThanOrEqual } from 'typeorm'
import type { AuthorRow, BookRow, Open } from '../../orm/contract.ts'
import { pragmas } from './sqlite.ts'

interface Book extends BookRow {
  author: Author
}
interface Author extends AuthorRow {
  books: Book[]
}

const AuthorEntity = new EntitySchema<Author>({
  name: 'Author',
  tableName: 'library_author',
  columns: { id: { type: 'int', primary: true, generated: true }, name: { type: 'varchar' } },
  relations: { books: { type: 'one-to-many', target: 'Book', inverseSide: 'author' } },
})
const BookEntity = new EntitySchema<Book>({
  name: 'Book',
  tableName: 'library_book',
  columns: {
    id: { type: 'int', primary: true, generated: true },
    title: { type: 'varchar' },
    subtitle: { type: 'varchar' },
    isbn: { type: 'varchar' },
    status: { type: 'varchar' },
    pages: { type: 'int' },
    stock: { type: 'int' },
    price: { type: 'float' },
    summary: { type: 'text' },
    authorId: { type: 'int', name: 'author_id' },
  },
  relations: {
    author: { type: 'many-to-one', target: 'Author', joinColumn: { name: 'author_id' }, inverseSide: 'books' },
  },
})

export const open: Open = async (database, url) => {
  const entities = [AuthorEntity, BookEntity]
  const source = await new DataSource(
    database === 'sqlite'
      ? { type: 'better-sqlite3', database: url, entities, prepareDatabase: (own) => void pragmas(own) }
      : { type: 'postgres', url, entities },
  ).initialize()
  const books = source.getRepository(BookEntity)
  const authors = source.getRepository(AuthorEntity)
  return {
    get: (id) => books.findOneByOrFail({ id }),
    hundred: () => books.find({ order: { id: 'ASC' }, take: 100 }),
    joined: () =>
      books.createQueryBuilder('b').innerJoinAndSelect('b.author', 'a').orderBy('b.id').limit(100).getMany(),
    prefetched: () => authors.find({ relations: { books: true }, order: { id: 'ASC' }, take: 50 }),
    insert: async (values) => (await books.insert({ ...values })).identifiers[0]!.id,
    bulk: (values) => books.insert(values.map((each) => ({ ...each }))), // it writes keys into what it is given
    update: (id, stock) => books.update({ id }, { stock }),
    updates: (changes) =>
      source.transaction((all) => Promise.all(changes.map(([id, stock]) => all.update(BookEntity, { id }, { stock })))),
    count: (status, pages) => books.countBy({ status, pages: MoreThanOrEqual(pages) }),
    close: () => source.destroy(),
  }
}
