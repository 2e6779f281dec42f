// Each statement is one mistake; what the compiler says about it is in expected.txt.
import { admin } from 'nuages/admin'
import { Author, Book } from './models.ts'

admin.register(Book, { list: ['title', 'author__nam'] })
admin.register(Book, { list: ['title', 'words'] })
admin.register(Book, { list: ['wrods'], columns: { words: { value: (book) => book.pages } } })
admin.register(Book, { search: ['titel'] })
admin.register(Book, { search: ['^titel'] })
admin.register(Book, { filters: ['status', 'author__publisher__nme'] })
admin.register(Book, { ordering: ['-titel'] })
admin.register(Book, { fields: ['titel'] })
admin.register(Author, { fields: ['name', 'books'] })
admin.register(Book, { fields: ['authorId'] })
admin.register(Book, { readonly: ['statsu'] })
admin.register(Book, { list: ['title'], links: ['pages'] })
admin.register(Book, { columns: { words: { value: (book) => book.notse } } })
admin.register(Book, { lists: ['title'] })
admin.register(Book, { perPage: '50' })
admin.register(Book, { scope: ({ user }) => ({ author: user.nmae }) })
admin.register({ name: 'Book' }, {})
