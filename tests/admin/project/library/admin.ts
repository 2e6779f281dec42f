import { admin } from 'nuages/admin'
import { Count, Max } from 'nuages/db'
import { burn, draft, list, odd, publish } from './actions.ts'
import { Author, Book, Hidden, Loan, Odd, Seat } from './models.ts'

admin.register(Author, {
  list: ['name', 'website', 'bookCount', 'longest'],
  columns: {
    bookCount: { label: 'Books', value: Count('books') },
    longest: { value: Max('books__pages'), empty: 'no pages' },
  },
  search: ['^name'],
  fields: ['name', 'website', 'apiKey', 'owner'],
  scope: ({ user }) => (user.isSuperuser ? {} : { owner: user.id }),
})

admin.register(Book, {
  list: ['title', 'author__name', 'status', 'pages', 'available', 'initials', 'writer'],
  filters: ['status', 'available', 'author', 'publishedAt', 'tags', 'pages'],
  search: ['title', '=slug', 'author__name', 'tags__label', 'pages'],
  readonly: ['createdAt', 'initials'],
  columns: {
    initials: { label: 'Letters', value: (book) => book.title.slice(0, 2), orderBy: 'slug' },
    writer: { value: async (book) => (await book.author).name.toUpperCase() },
  },
  actions: [draft, publish, list, burn, odd],
  dateHierarchy: 'publishedAt',
  perPage: 5,
})

admin.register(Odd, { list: ['q', 'o', 'page'], filters: ['q', 'o', 'page'] })
admin.register(Seat, { list: ['__str__', 'note'], editable: ['note'] })
admin.register(Loan, {
  list: ['__str__', 'reader', 'book', 'author'],
  editable: ['reader', 'book'],
  columns: {
    author: {
      value: async (loan) => (await (await loan.book).author).website,
      orderBy: '-book__author__name',
      empty: 'nobody',
    },
  },
})
admin.unregister(Hidden)
