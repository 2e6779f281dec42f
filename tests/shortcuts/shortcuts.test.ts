/** render, redirect and getObjectOr404, on a real database. */
import { type HttpResponse, NotFound } from 'nuages/http'
import { getObjectOr404, redirect, render } from 'nuages/shortcuts'
import { beforeEach, expect, expectTypeOf, test } from 'vitest'
import { configureTemplates } from '../../src/templates/index.ts'
import { Author, Book } from '../db/query/models.ts'
import { freshTables, watched } from '../db/query/setup.ts'
import { requestOf } from '../http/support.ts'

freshTables()

beforeEach(async () => {
  const django = await Author.objects.create({ name: 'Django <3' })
  await Book.objects.create({ title: 'Nuages', pages: 120, author: django })
  await Book.objects.create({ title: 'Swing', pages: 80, author: django })
})

const pages = (main: string) => configureTemplates({ templates: { main } })

test('render awaits the query sets that the template uses, and no others', async () => {
  pages('{% for book in books %}{{ forloop.counter }}{{ book.title }} {% endfor %}{{ books|length }}')
  const context = { books: Book.objects.orderBy('title'), unused: Author.objects.all() }
  const { result, sql } = await watched(() => render(requestOf('/'), 'main', context))
  expect(await result.text()).toBe('1Nuages 2Swing 2')
  expect(result.headers.get('content-type')).toBe('text/html; charset=utf-8')
  expect(sql).toHaveLength(1)
})

test('methods of a query set are its own; those that write are not called', async () => {
  pages('{{ books.count }} {{ books.first.title }} {{ books.delete }}{{ book.delete }}{{ book.save }}')
  const book = await Book.objects.get({ title: 'Swing' })
  expect(await (await render(requestOf('/'), 'main', { books: Book.objects.orderBy('title'), book })).text()).toBe(
    '2 Nuages ',
  )
  expect(await Book.objects.count()).toBe(2)
})

test('relations are read in one query for all rows of a loop', async () => {
  pages('{% for book in books %}{{ book.author.name }};{% endfor %}')
  const { result, sql } = await watched(() =>
    render(requestOf('/'), 'main', { books: Book.objects.selectRelated('author') }),
  )
  expect(await result.text()).toBe('Django &lt;3;Django &lt;3;')
  expect(sql).toHaveLength(1)
})

test('a relation that is not loaded is loaded, for all rows at once', async () => {
  pages('{% for book in books %}{{ book.author.name }};{% endfor %}')
  const { result, sql } = await watched(() => render(requestOf('/'), 'main', { books: Book.objects.all() }))
  expect(await result.text()).toBe('Django &lt;3;Django &lt;3;')
  expect(sql).toHaveLength(2)
})

test('render takes a status and headers, and gives the request to the template', async () => {
  pages('{{ request.path }}')
  const response = await render(requestOf('/a/'), 'main', {}, { status: 422, headers: { 'x-y': '1' } })
  expect([response.status, response.headers.get('x-y'), await response.text()]).toEqual([422, '1', '/a/'])
})

test('redirect leads elsewhere', () => {
  expect(redirect('/next/').headers.get('location')).toBe('/next/')
})

test('getObjectOr404 gives the row, with what the query set loads', async () => {
  const book = await getObjectOr404(Book.objects.selectRelated('author'), { title: 'Nuages' })
  expect(book.author.name).toBe('Django <3')
  expectTypeOf(book.title).toEqualTypeOf<string>()
})

test('getObjectOr404 throws NotFound, status 404, where there is no row', async () => {
  const missing = getObjectOr404(Book, { title: 'Nope' })
  await expect(missing).rejects.toBeInstanceOf(NotFound)
  await expect(missing).rejects.toMatchObject({ status: 404 })
})

test('types: misspelt names do not compile, and a response is a response', () => {
  const wrong = () => {
    // @ts-expect-error no such field
    void getObjectOr404(Book.objects, { titel: 'x' })
    // @ts-expect-error no such field
    void getObjectOr404(Book, { titel: 'x' })
    // @ts-expect-error not a number
    void getObjectOr404(Book.objects, { pages: 'x' })
  }
  expect(wrong).toBeTypeOf('function')
  expectTypeOf(render).returns.resolves.toEqualTypeOf<HttpResponse>()
})
