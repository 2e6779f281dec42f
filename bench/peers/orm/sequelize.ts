/** Sequelize: instances, as its documentation reads rows. */
import { DataTypes, type Model, Op, Sequelize } from 'sequelize'
import type { AuthorRow, BookRow, BookValues, Open } from '../../orm/contract.ts'
import sqlite from './sequelize-driver.ts'

interface Author extends Model<AuthorRow, Omit<AuthorRow, 'id'>>, AuthorRow {
  readonly books: readonly Book[]
}
interface Book extends Model<BookRow, BookValues>, BookRow {
  readonly author: Author
}

export const open: Open = async (database, url) => {
  const options = { logging: false, define: { timestamps: false, underscored: true } }
  const db =
    database === 'sqlite'
      ? new Sequelize({ ...options, dialect: 'sqlite', storage: url, dialectModule: sqlite })
      : new Sequelize(url, options)
  const Authors = db.define<Author>(
    'author',
    { id: { type: DataTypes.INTEGER, primaryKey: true, autoIncrement: true }, name: DataTypes.STRING },
    { tableName: 'library_author' },
  )
  const Books = db.define<Book>(
    'book',
    {
      id: { type: DataTypes.INTEGER, primaryKey: true, autoIncrement: true },
      title: DataTypes.STRING,
      subtitle: DataTypes.STRING,
      isbn: DataTypes.STRING,
      status: DataTypes.STRING,
      pages: DataTypes.INTEGER,
      stock: DataTypes.INTEGER,
      price: DataTypes.DOUBLE,
      summary: DataTypes.TEXT,
      authorId: DataTypes.INTEGER,
    },
    { tableName: 'library_book' },
  )
  Books.belongsTo(Authors, { as: 'author', foreignKey: 'authorId' })
  Authors.hasMany(Books, { as: 'books', foreignKey: 'authorId' })
  return {
    get: (id) => Books.findByPk(id, { rejectOnEmpty: true }),
    hundred: () => Books.findAll({ order: ['id'], limit: 100 }),
    joined: () => Books.findAll({ include: { association: 'author', required: true }, order: ['id'], limit: 100 }),
    prefetched: () => Authors.findAll({ include: { association: 'books', separate: true }, order: ['id'], limit: 50 }),
    insert: async (values) => (await Books.create(values)).id,
    bulk: (values) => Books.bulkCreate(values),
    update: (id, stock) => Books.update({ stock }, { where: { id } }),
    updates: (changes) =>
      db.transaction((transaction) =>
        Promise.all(changes.map(([id, stock]) => Books.update({ stock }, { where: { id }, transaction }))),
      ),
    count: (status, pages) => Books.count({ where: { status, pages: { [Op.gte]: pages } } }),
    close: () => db.close(),
  }
}
