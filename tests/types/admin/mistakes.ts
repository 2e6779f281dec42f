// Each statement is one mistake; what the compiler says about it is in expected.txt.
import { action, admin } from 'nuages/admin'
import { Count } from 'nuages/db'
import { form, integerField } from 'nuages/forms'
import { Author, Book } from './models.ts'

const number = () => form({ n: integerField() })
const rename = action(Book, { label: 'Rename', run: (rows) => rows.update({ title: 'x' }).then(String) })

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
admin.register(Book, { columns: { words: { value: (book) => book.pages, orderBy: 'pagse' } } })
admin.register(Book, { columns: { words: { value: (book) => book.pages, orderBy: '-author__nam' } } })
admin.register(Author, { columns: { books: { value: Count('boks') } } })
admin.register(Book, { dateHierarchy: 'boght' })
admin.register(Book, { list: ['title', 'status'], editable: ['pages'] })
admin.register(Book, { list: ['title', 'author__name'], editable: ['author__name'] })
admin.register(Author, { actions: [rename] })
admin.register(Book, { actions: [action(Book, { label: '', run: (rows) => rows.filter({ titel: '' }).delete() })] })
admin.register(Book, { actions: [action(Book, { label: '', form: number, run: (_, { values }) => values.m })] })
