import { Count } from 'nuages/db'
import { expect, test, vi } from 'vitest'
import { Author, Book, Company } from './models.ts'
import { freshTables } from './setup.ts'

// As where code may not be made from text: the closures run.
vi.mock('../../../src/std/codegen.ts', () => ({
  canGenerate: () => false,
  compileFunction: () => null,
  onGenerated: () => null,
}))

freshTables()

test('rows are the same where code cannot be generated', async () => {
  const company = await Company.objects.create({ name: 'Selmer' })
  const author = await Author.objects.create({ name: 'Django', company })
  await Book.objects.create({
    title: 'Nuages',
    author,
    price: '1.50',
    publishedAt: new Date(0),
    settings: { langs: ['fr'] },
  })
  const [book] = await Book.objects.selectRelated('author__company', 'editor').annotate({ n: Count('chapters') })
  expect(book).toBeInstanceOf(Book)
  expect(Object.keys(book!)).toEqual([
    'id',
    'title',
    'pages',
    'status',
    'price',
    'publishedAt',
    'visible',
    'settings',
    'authorId',
    'editorId',
    'n',
  ])
  expect([book!.n, book!.visible, book!.publishedAt, book!.settings, String(book!.price)]).toEqual([
    0,
    true,
    new Date(0),
    { langs: ['fr'] },
    '1.5',
  ])
  expect([book!.author.company!.name, book!.editor]).toEqual(['Selmer', null])
  expect(await Book.objects.values('title', 'visible', 'author__name')).toEqual([
    { title: 'Nuages', visible: true, author__name: 'Django' },
  ])
  expect(await Book.objects.valuesList('visible', 'editor')).toEqual([[true, null]])
  expect(await Book.objects.valuesList('publishedAt', { flat: true })).toEqual([new Date(0)])
  expect(await Book.objects.valuesList('title', { flat: true })).toEqual(['Nuages'])
  const [owner] = await Author.objects.prefetchRelated('books')
  expect(owner!.books.items.map(({ title }) => title)).toEqual(['Nuages'])
  expect(await owner!.books.items[0]!.author).toBe(owner)
  book!.pages = 3
  await book!.save()
  expect((await Book.objects.get({ id: book!.id })).pages).toBe(3)
})
