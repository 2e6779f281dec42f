import { type HttpRequest, respond } from 'nuages/http'
import { bindRoutes, createResolver, include, LinkError, reverse, routes, UrlPatternError } from 'nuages/urls'
import { beforeEach, describe, expect, test } from 'vitest'
import { runInRequest, setResolverMatch } from '../../src/http/internal.ts'
import { reverseName } from '../../src/urls/internal.ts'
import { requestOf } from '../http/support.ts'

const library = routes({
  bookList: 'books/',
  bookDetail: 'books/<int:year>/<slug:slug>/',
  files: 'files/<path:path>',
  word: 'word/<word>/',
})

function thrown(fn: () => unknown): LinkError {
  try {
    fn()
  } catch (error) {
    if (error instanceof LinkError) return error
    throw error
  }
  throw new Error('nothing was thrown')
}

describe('a link', () => {
  const root = routes({ home: '', library: include('library/', library) })
  beforeEach(() => void bindRoutes(root))

  test('is the path, with query and hash', () => {
    expect(root.home()).toBe('/')
    expect(library.bookList()).toBe('/library/books/')
    expect(library.bookDetail({ year: 2026, slug: 'nuages' })).toBe('/library/books/2026/nuages/')
    const extra = { query: { page: 2, tag: ['a b', 'c'], none: undefined }, hash: 'notes' }
    expect(library.bookList({}, extra)).toBe('/library/books/?page=2&tag=a+b&tag=c#notes')
  })

  test('is the same from the root table', () => {
    expect(root.library.bookDetail({ year: 1, slug: 'x' })).toBe('/library/books/1/x/')
  })

  test('escapes what cannot stand in a path, and no more', () => {
    expect(library.word({ word: 'a b?#%é' })).toBe('/library/word/a%20b%3F%23%25%C3%A9/')
    expect(library.files({ path: 'a/b c.txt' })).toBe('/library/files/a/b%20c.txt')
    expect(library.word({ word: '\ud800' })).toBe('/library/word/%EF%BF%BD/')
  })

  test('refuses a value its converter would not match, and says which', () => {
    const error = thrown(() => library.word({ word: 'a/b' }))
    expect(error.code).toBe('urls.wrong-parameter')
    expect(error.message).toContain('"a/b" does not fit <str:word> in the link to "library:word"')
    expect(thrown(() => library.bookDetail({ year: -1, slug: 'x' })).code).toBe('urls.wrong-parameter')
    expect(thrown(() => library.bookDetail({ year: 1.5, slug: 'x' })).code).toBe('urls.wrong-parameter')
  })

  test('says which parameter is missing or unknown', () => {
    const missing = thrown(() => reverseName('library:bookDetail', { year: 1 }))
    expect([missing.code, missing.message]).toEqual([
      'urls.missing-parameter',
      '"slug" is missing in the link to "library:bookDetail" (/library/books/<int:year>/<slug:slug>/).',
    ])
    expect(thrown(() => reverseName('library:bookList', { page: 2 })).code).toBe('urls.unknown-parameter')
  })

  test('by name takes parameters by name or in order, and other spellings of the name', () => {
    expect(reverseName('library:bookDetail', [2026, 'nuages'])).toBe('/library/books/2026/nuages/')
    expect(reverseName('library:book-detail', { year: 1, slug: 'a' })).toBe('/library/books/1/a/')
    expect(reverseName('library:book_list')).toBe('/library/books/')
    const typed = reverse as (name: string, params?: object) => string
    expect(typed('library:bookDetail', { year: 1, slug: 'a' })).toBe('/library/books/1/a/')
  })

  test('by a name that is not there says which is meant', () => {
    const error = thrown(() => reverseName('library:bokList'))
    expect([error.code, error.hint]).toEqual(['urls.unknown-name', 'Did you mean "library:bookList"?'])
  })

  test('to a table that is not included says so', () => {
    const other = routes({ page: 'page/' })
    expect(thrown(() => other.page()).code).toBe('urls.not-included')
  })

  test('never begins with two slashes, which would lead to another host', () => {
    const wild = routes({ page: '<path:path>' })
    bindRoutes(wild)
    expect(wild.page({ path: '/evil.com' })).toBe('/%2Fevil.com')
  })
})

describe('a table included twice', () => {
  const reviews = routes({ review: 'reviews/<int:id>/' })
  const shop = routes({ item: 'items/<slug:slug>/', list: '', reviews: include('r/', reviews) })
  const root = routes({
    home: '',
    main: include('shop/', shop),
    partner: include('<slug:partner>/shop/', shop),
    other: include('<slug:partner>/other/', routes({ page: '' })),
  })
  const view = () => respond('')
  const names = { item: shop.item.view(view), list: shop.list.view(view) }
  const resolver = createResolver(root, [
    [root, { home: root.home.view(view) }],
    [shop, names],
    [reviews, { review: reviews.review.view(view) }],
    [root.other, { page: root.other.page.view(view) }],
  ])
  beforeEach(() => void bindRoutes(root))

  function within<T>(path: string, fn: (request: HttpRequest) => T): T {
    const request = requestOf(path)
    setResolverMatch(request, resolver.match(path))
    return runInRequest(request, () => fn(request))
  }

  test('links to the mount of the current request, with its prefix parameters filled in', () => {
    expect(within('/shop/', () => shop.item({ slug: 'a' }))).toBe('/shop/items/a/')
    expect(within('/acme/shop/', () => shop.item({ slug: 'a' }))).toBe('/acme/shop/items/a/')
    expect(within('/acme/shop/r/reviews/3/', () => shop.item({ slug: 'a' }))).toBe('/acme/shop/items/a/')
    expect(within('/acme/shop/items/x/', () => reviews.review({ id: 3 }))).toBe('/acme/shop/r/reviews/3/')
    expect(within('/acme/shop/items/x/', () => shop.reviews.review({ id: 3 }))).toBe('/acme/shop/r/reviews/3/')
  })

  test('is named as such where no request says which is meant', () => {
    const error = thrown(() => shop.item({ slug: 'a' }))
    expect(error.code).toBe('urls.ambiguous-link')
    expect(error.message).toBe(
      'The route "item" is mounted at /shop/items/<slug:slug>/ and /<slug:partner>/shop/items/<slug:slug>/.',
    )
    expect(within('/', () => thrown(() => shop.item({ slug: 'a' })).code)).toBe('urls.ambiguous-link')
    expect(within('/acme/other/', () => thrown(() => shop.item({ slug: 'a' })).code)).toBe('urls.ambiguous-link')
  })

  test('links from the root table mean one mount, whatever the request', () => {
    expect(root.main.item({ slug: 'a' })).toBe('/shop/items/a/')
    expect(root.partner.item({ partner: 'acme', slug: 'a' })).toBe('/acme/shop/items/a/')
    expect(within('/shop/', () => root.partner.item({ partner: 'acme', slug: 'a' }))).toBe('/acme/shop/items/a/')
    expect(reverseName('partner:reviews:review', { partner: 'acme', id: 1 })).toBe('/acme/shop/r/reviews/1/')
  })

  test('asks for the prefix parameter where no request under it has one', () => {
    const error = thrown(() => reverseName('partner:list'))
    expect([error.code, error.hint]).toEqual([
      'urls.missing-parameter',
      'It belongs to the prefix "<slug:partner>/shop/", which is filled in only within a request under it: pass partner.',
    ])
    // The same name under another prefix is another parameter.
    expect(within('/acme/other/', () => thrown(() => reverseName('partner:list')).code)).toBe('urls.missing-parameter')
    expect(within('/acme/shop/', () => reverseName('partner:list'))).toBe('/acme/shop/')
    expect(within('/acme/shop/', () => reverseName('partner:item', ['x']))).toBe('/acme/shop/items/x/')
    expect(within('/acme/shop/', () => reverseName('partner:item', ['other', 'x']))).toBe('/other/shop/items/x/')
  })

  test('follows the table that resolved the request, when another project was made since', () => {
    const elsewhere = routes({ only: include('elsewhere/', shop) })
    bindRoutes(elsewhere)
    expect(shop.item({ slug: 'a' })).toBe('/elsewhere/items/a/')
    expect(within('/shop/', () => shop.item({ slug: 'a' }))).toBe('/shop/items/a/')
  })
})

describe('a table', () => {
  const refused: Record<string, string> = {
    '/books/': 'begins with a slash',
    '<int:>': 'is not understood',
    '<int: id>': 'is not understood',
    'a/<b': 'is not closed',
    '<a>/<a>/': 'names "a" twice',
    '<__proto__>/': 'is not understood',
  }
  for (const [pattern, words] of Object.entries(refused)) {
    test(`refuses the pattern ${JSON.stringify(pattern)}`, () => {
      expect(() => routes({ x: pattern } as never)).toThrow(UrlPatternError)
      expect(() => routes({ x: pattern } as never)).toThrow(words)
    })
  }

  test('names converters that do not exist once it is bound, with the one that is meant', () => {
    const table = routes({ x: 'x/<itn:id>/' } as never)
    expect(() => bindRoutes(table)).toThrow('uses a converter "itn" that does not exist')
  })

  test('refuses to include what is not a table', () => {
    expect(() => routes({ x: include('x/', undefined) })).toThrow('not a table of routes')
  })
})
