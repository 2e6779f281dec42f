// Every way to write an option that is right.
import { type AdminOptions, admin } from 'nuages/admin'
import { html } from 'nuages/html'
import { Author, Book, Publisher } from './models.ts'

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

// Options of one's own, kept apart: what a name stands for is then checked when the project starts.
export const later: AdminOptions<Book> = { perPage: 10 }
