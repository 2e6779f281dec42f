import { check, createModel, fields, migration, unique, userModel } from 'nuages/db/migrations'

export default migration({
  dependencies: [userModel],
  operations: [
    createModel(
      'Author',
      {
        id: fields.autoId(),
        name: fields.char({ maxLength: 80 }),
        website: fields.url({ default: '' }),
        apiKey: fields.char({ maxLength: 80, default: '' }),
        owner: fields.foreignKey(userModel, { null: true, onDelete: 'setNull' }),
      },
      { ordering: ['name'] },
    ),
    createModel(
      'Tag',
      {
        slug: fields.char({ maxLength: 40, primaryKey: true }),
        label: fields.char({ maxLength: 80 }),
      },
      { ordering: ['slug'] },
    ),
    createModel(
      'Book',
      {
        id: fields.autoId(),
        title: fields.char({ maxLength: 200 }),
        slug: fields.slug({ unique: true }),
        author: fields.foreignKey('library.Author', { onDelete: 'cascade' }),
        status: fields.char({ maxLength: 50, default: 'draft' }),
        pages: fields.integer({ null: true }),
        price: fields.decimal({ maxDigits: 8, decimalPlaces: 2, null: true }),
        available: fields.boolean({ default: true }),
        publishedAt: fields.dateTime({ null: true }),
        notes: fields.text({ default: '' }),
        extra: fields.json({ null: true }),
        tags: fields.manyToMany('library.Tag'),
        createdAt: fields.dateTime(),
      },
      {
        ordering: ['title'],
        constraints: [
          unique(['author', 'title'], { name: 'library_book_author_id_title_e8635dfc_uniq' }),
          check({ pages__lte: 5000 }, { name: 'book_pages_sane' }),
        ],
      },
    ),
    createModel('Loan', {
      id: fields.autoId(),
      book: fields.foreignKey('library.Book', { onDelete: 'protect' }),
      reader: fields.char({ maxLength: 80 }),
    }),
    createModel(
      'Seat',
      {
        row: fields.char({ maxLength: 10 }),
        number: fields.integer(),
        note: fields.char({ maxLength: 80, default: '' }),
      },
      { primaryKey: ['row', 'number'] },
    ),
    createModel('Odd', {
      id: fields.autoId(),
      q: fields.char({ maxLength: 20 }),
      o: fields.integer(),
      page: fields.integer(),
    }),
    createModel('Hidden', {
      id: fields.autoId(),
      name: fields.char({ maxLength: 20 }),
    }),
  ],
})
