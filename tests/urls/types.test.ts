/**
 * What compiles and what does not. The lines below `@ts-expect-error` are checked by `npm run types`: one that compiles
 * is an error there. The cyclic and the 300-route projects are in tests/types.
 */
import { type HttpRequest, redirect, respond } from 'nuages/http'
import { type Guard, include, type ParamsOf, routes, type ViewsFor } from 'nuages/urls'
import { expect, expectTypeOf, test } from 'vitest'

const library = routes({
  bookList: 'books/',
  bookDetail: 'books/<int:year>/<slug:slug>/',
  plain: 'x/<name>/',
})
const root = routes({ home: '', library: include('library/', library), shop: include('<slug:shop>/', library) })

interface StaffRequest extends HttpRequest {
  readonly badge: number
}
const staff: Guard<StaffRequest> = (request) => request as StaffRequest

test('parameters are typed by their converters', () => {
  expectTypeOf<ParamsOf<'books/<int:year>/<slug:slug>/'>>().toEqualTypeOf<{ year: number; slug: string }>()
  expectTypeOf<ParamsOf<'<name>/<path:rest>'>>().toEqualTypeOf<{ name: string; rest: string }>()
  expectTypeOf<ParamsOf<'books/'>>().toEqualTypeOf<{}>()
  const calls = () => {
    library.bookDetail({ year: 2026, slug: 'x' }, { query: { page: 1 }, hash: 'a' })
    library.bookList()
    root.shop.bookDetail({ shop: 's', year: 1, slug: 'x' })
    // @ts-expect-error a converter that does not exist
    routes({ bad: 'x/<itn:year>/' })
    // @ts-expect-error a name that does not exist
    library.bookDetial({ year: 1, slug: 's' })
    // @ts-expect-error a parameter is missing
    library.bookDetail({ year: 1 })
    // @ts-expect-error a parameter of another type
    library.bookDetail({ year: '1', slug: 's' })
    // @ts-expect-error a parameter that is not in the pattern
    library.bookDetail({ year: 1, slug: 's', extra: 1 })
    // @ts-expect-error parameters are missing
    library.bookDetail()
    // @ts-expect-error the prefix has a parameter
    root.shop.bookList()
  }
  expect(calls).toBeTypeOf('function')
})

test('views have their parameters without annotations, and guards narrow the request', () => {
  library.bookDetail.view((_request, { year, slug }) => {
    expectTypeOf(year).toEqualTypeOf<number>()
    expectTypeOf(slug).toEqualTypeOf<string>()
    return respond(slug)
  })
  library.bookDetail.view(staff, async (request) => respond(String(request.badge)))
  library.bookList.view(async () => new Response('any web response'))
  library.bookList.view(async () =>
    redirect(library.bookDetail({ year: 1, slug: 'links and views never form a cycle' })),
  )
  // @ts-expect-error a parameter that is not in the pattern
  library.bookDetail.view(async (_request, { yaer }) => respond(String(yaer)))
  // @ts-expect-error without the guard it is a plain request
  library.bookDetail.view(async (request) => respond(String(request.badge)))
  // @ts-expect-error text is not a response
  library.bookDetail.view(async () => 'text')
  // @ts-expect-error the route has no year
  library.bookList.view(async (_request, params: { year: number }) => respond(String(params.year)))
})

test('every route asks for its view, bound to it', () => {
  const bookList = library.bookList.view(() => respond(''))
  const bookDetail = library.bookDetail.view(() => respond(''))
  const plain = library.plain.view(() => respond(''))
  const views: ViewsFor<typeof library> = { bookList, bookDetail, plain }
  // @ts-expect-error one is missing
  const missing: ViewsFor<typeof library> = { bookList, bookDetail }
  // @ts-expect-error one is bound to another route
  const swapped: ViewsFor<typeof library> = { bookList, bookDetail: bookList, plain }
  expect([views, missing, swapped]).toHaveLength(3)
})
