// Every way to write an option that is right.
import { type AdminOptions, action, admin, inline } from 'nuages/admin'
import { Count } from 'nuages/db'
import { dateField, form, integerField, modelForm } from 'nuages/forms'
import { html } from 'nuages/html'
import { Author, Book, Letter, Page, Publisher } from './models.ts'

admin.register(Publisher)
admin.register(Author, {})
admin.register(Book, {
  list: ['title', 'author', 'author__name', 'author__publisher__name', 'authorId', '__str__', 'words', 'cover'],
  links: ['title', 'words'],
  filters: ['status', 'author__publisher', 'related'],
  search: ['title', '^author__name', '=status', 'related__title'],
  ordering: ['-author__name', 'title', 'id'],
  fields: ['title', 'author', 'related', 'words', 'meta'],
  readonly: ['pages', 'words'],
  columns: {
    words: { label: 'Words', value: (book) => book.notes.split(' ').length, orderBy: 'pages' },
    cover: { value: async (book) => html`<b>${(await book.author).name}</b>` },
  },
  perPage: 50,
  scope: ({ user }) => ({ author__name: user.email }),
})

// What is done to the selected rows: typed by the model and by the form.
const rename = action(Book, {
  label: 'Rename',
  confirm: 'Rename {n} books?',
  permission: 'library.rename_book',
  form: () => form({ on: dateField(), copies: integerField({ required: false }) }),
  async run(rows, { request, values, count }) {
    const total: number = count + (values.copies ?? 0) + values.on.year
    await rows.filter({ author__name: request.user.email }).update({ title: `${total}` })
    return `${total} books`
  },
})
const draft = action(Book, {
  label: 'Draft',
  danger: true,
  run: (rows) => rows.update({ status: 'draft' }).then(String),
})

admin.register(Author, {
  list: ['name', 'bookCount', 'first'],
  editable: [],
  columns: {
    bookCount: { label: 'Books', value: Count('books'), empty: 'none' },
    first: { value: (author) => author.name[0], orderBy: '-publisher__name' },
  },
})
admin.register(Book, {
  list: ['title', 'status'],
  editable: ['status'],
  actions: [rename, draft],
  dateHierarchy: 'bought',
})

admin.register(Publisher, {
  inlines: [
    inline(Author),
    inline(Author, { layout: 'stacked', fields: ['name'], readonly: [], max: 3, canDelete: false }),
  ],
})
admin.register(Author, {
  inlines: [
    inline(Letter, {
      fkName: 'sender',
      fields: ['subject', 'reader', 'length'],
      columns: { length: { value: (letter) => letter.subject.length } },
      ordering: ['-subject', 'reader__name'],
      inlines: [inline(Page, { layout: 'stacked', extra: 0 })],
    }),
    inline(Letter, { fkName: 'reader', showChangeLink: true, title: 'Received' }),
    inline(Book),
  ],
})
admin.register(Book, { inlines: [inline(Letter)] })

admin.register(Book, {
  fieldsets: [
    { fields: ['title', ['status', 'pages']] },
    { title: 'More', description: 'Rarely needed.', collapsed: true, fields: ['notes', 'related', 'words'] },
  ],
  readonly: ['words'],
  columns: { words: { value: (book) => book.notes.length } },
  saveAsNew: true,
  viewOnSite: (book) => (book.status === 'draft' ? null : `/books/${book.id}/`),
})
admin.register(Author, { viewOnSite: false })

// Options of one's own, kept apart: what a name stands for is then checked when the project starts.
export const later: AdminOptions<Book> = { perPage: 10 }

// Forms of a model: columns, relations to one row and to many, never methods.
export const bookForm = modelForm(Book, {
  fields: ['title', 'status', 'author', 'related', 'meta'],
  labels: { related: 'See also' },
  disabled: ['status'],
})
