/** MikroORM: reads without an identity map, writes without a unit of work, a fork for each as for a request. */
import { type MikroORM as Core, defineEntity, type OptionalProps, p } from '@mikro-orm/core'
import { MikroORM as Postgres } from '@mikro-orm/postgresql'
import { MikroORM as Sqlite } from '@mikro-orm/sqlite'
import type { BookValues, Open, Works } from '../../orm/contract.ts'

const AuthorSchema = defineEntity({
  name: 'Author',
  tableName: 'library_author',
  properties: {
    id: p.integer().primary(),
    name: p.string(),
    books: () => p.oneToMany(Book).mappedBy('author'),
  },
})
class Author extends AuthorSchema.class {}
AuthorSchema.setClass(Author)

const BookSchema = defineEntity({
  name: 'Book',
  tableName: 'library_book',
  properties: {
    id: p.integer().primary(),
    title: p.string(),
    subtitle: p.string(),
    isbn: p.string(),
    status: p.string(),
    pages: p.integer(),
    stock: p.integer(),
    price: p.float(),
    summary: p.text(),
    author: () => p.manyToOne(Author),
  },
})
class Book extends BookSchema.class {
  declare [OptionalProps]?: 'authorId'
  get authorId(): number {
    return this.author.id
  }
}
BookSchema.setClass(Book)

const written = ({ authorId, ...others }: BookValues) => ({ ...others, author: authorId })

export const open: Open = async (database, url): Promise<Works<ReturnType<typeof written>>> => {
  const entities = [Author, Book]
  const orm: Core =
    database === 'sqlite'
      ? await Sqlite.init({ dbName: url, entities })
      : await Postgres.init({ clientUrl: url, entities })
  const fast = { disableIdentityMap: true } as const
  const first = { ...fast, orderBy: { id: 'asc' } } as const
  return {
    written,
    get: (id) => orm.em.fork().findOneOrFail(Book, id, fast),
    hundred: () => orm.em.fork().find(Book, {}, { ...first, limit: 100 }),
    joined: () => orm.em.fork().find(Book, {}, { ...first, limit: 100, populate: ['author'], strategy: 'joined' }),
    prefetched: () =>
      orm.em.fork().find(Author, {}, { ...first, limit: 50, populate: ['books'], strategy: 'select-in' }),
    insert: (values) => orm.em.fork().insert(Book, values),
    bulk: (values) => orm.em.fork().insertMany(Book, [...values]),
    update: (id, stock) => orm.em.fork().nativeUpdate(Book, { id }, { stock }),
    updates: (changes) =>
      orm.em
        .fork()
        .transactional((all) => Promise.all(changes.map(([id, stock]) => all.nativeUpdate(Book, { id }, { stock })))),
    count: (status, pages) => orm.em.fork().count(Book, { status, pages: { $gte: pages } }),
    close: () => orm.close(),
  }
}
