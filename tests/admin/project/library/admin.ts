import { admin } from 'nuages/admin'
import { Author, Book, Hidden, Odd, Seat } from './models.ts'

admin.register(Author, {
  list: ['name', 'website'],
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
  perPage: 5,
})

admin.register(Odd, { list: ['q', 'o', 'page'], filters: ['q', 'o', 'page'] })
admin.register(Seat, { list: ['__str__', 'note'] })
admin.unregister(Hidden)
