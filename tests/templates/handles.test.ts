/** Typed templates. */
import { expect, expectTypeOf, test } from 'vitest'
import { configureTemplates, list, template } from '../../src/templates/index.ts'

class Book {
  readonly title: string
  constructor(title: string) {
    this.title = title
  }
}

const page = template('books', { books: list(Book), query: String, page: Number, full: Boolean })

test('a typed template renders a response', async () => {
  configureTemplates({ templates: { books: '{{ query }}{{ page }}{% for b in books %}{{ b.title }}{% endfor %}' } })
  const response = await page.render({}, { books: [new Book('A')], query: '<', page: 2, full: true })
  expect(await response.text()).toBe('&lt;2A')
  expect(response.headers.get('content-type')).toBe('text/html; charset=utf-8')
  expect(
    await page.renderText(null, { books: Promise.resolve([new Book('B')]), query: '', page: 1, full: false }),
  ).toBe('1B')
})

test('the response is made by what the project configures', async () => {
  configureTemplates({ templates: { books: 'x' }, respond: (html) => new Response(html, { status: 418 }) })
  const response = await page.render({}, { books: [], query: '', page: 1, full: true })
  expect(response.status).toBe(418)
})

test('the context is typed by the shape', () => {
  type Given = Parameters<typeof page.render>[1]
  expectTypeOf<Given['query']>().toEqualTypeOf<string>()
  expectTypeOf<Given['page']>().toEqualTypeOf<number>()
  expectTypeOf<Given['books']>().toEqualTypeOf<readonly Book[] | PromiseLike<readonly Book[]>>()
  const wrong = () => {
    // @ts-expect-error a name that is missing
    void page.render({}, { books: [], query: '', page: 1 })
    // @ts-expect-error a value of another type
    void page.render({}, { books: [], query: 1, page: 1, full: true })
    // @ts-expect-error a list of something else
    void page.render({}, { books: [new Date()], query: '', page: 1, full: true })
    // @ts-expect-error a name too many
    void page.render({}, { books: [], query: '', page: 1, full: true, extra: 1 })
  }
  expect(wrong).toBeTypeOf('function')
})
