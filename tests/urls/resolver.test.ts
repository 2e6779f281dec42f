import { type HttpRequest, respond } from 'nuages/http'
import {
  createResolver,
  include,
  listRoutes,
  type RouteResolver,
  registerConverter,
  routes,
  UrlPatternError,
} from 'nuages/urls'
import { describe, expect, test } from 'vitest'

/** A resolver of patterns in order, with views that need nothing. */
function resolverOf(patterns: readonly string[]): RouteResolver {
  const table = Object.fromEntries(patterns.map((pattern, index) => [`r${index}`, pattern]))
  const urls = routes(table as Record<string, string>) as Record<string, { view(view: unknown): unknown }>
  const views = Object.fromEntries(Object.entries(urls).map(([name, route]) => [name, route.view(() => respond(''))]))
  return createResolver(urls, [[urls, views]])
}

const found = (resolver: RouteResolver, path: string) => {
  const match = resolver.match(path)
  return match && [match.name, { ...match.params }]
}

describe('a resolver', () => {
  test('takes the first pattern that matches, in the order written', () => {
    const resolver = resolverOf(['books/new/', 'books/<slug:slug>/', 'books/<int:id>/', 'books/old/', '<path:rest>'])
    expect(found(resolver, '/books/new/')).toEqual(['r0', {}])
    expect(found(resolver, '/books/12/')).toEqual(['r1', { slug: '12' }])
    expect(found(resolver, '/books/old/')).toEqual(['r1', { slug: 'old' }])
    expect(found(resolver, '/books/a b/')).toEqual(['r4', { rest: 'books/a b/' }])
  })

  test('keeps that order where a parameter stands before literal text', () => {
    const resolver = resolverOf([
      '<slug:shop>/about/',
      'a/about/',
      'b/about/',
      'c/about/',
      'd/about/',
      '<slug:shop>/x/',
      'a/x/',
    ])
    expect(found(resolver, '/a/about/')).toEqual(['r0', { shop: 'a' }])
    expect(found(resolver, '/a/x/')).toEqual(['r5', { shop: 'a' }])
  })

  test('gives what a walk through all patterns gives, for 300 routes of every kind', () => {
    const patterns: string[] = []
    for (let app = 0; app < 30; app++) {
      for (const tail of [
        '',
        'new/',
        '<int:id>/',
        '<int:id>/edit/',
        '<slug:slug>/',
        'at/<int:y>/<int:m>/',
        'f/<path:p>',
        'x-<int:n>',
        '<uuid:u>/',
        '<a>/<b>/',
      ]) {
        const lead = app % 10 === 3 ? '<slug:lang>/' : app % 10 === 7 ? '' : `app${app}/`
        patterns.push(`${lead}${tail}`)
      }
    }
    const resolver = resolverOf(patterns)
    const walk = patterns.map((pattern) => ({ pattern, one: resolverOf([pattern]) }))
    const parts = [
      '',
      'new',
      '12',
      'edit',
      'app4',
      'app22',
      'fr',
      'f',
      'at',
      'x-3',
      'a.b',
      'ä',
      '2026',
      '99999999999999999999',
    ]
    let seed = 7
    const next = (n: number) => {
      seed = (seed * 1103515245 + 12345) % 2147483648
      return seed % n
    }
    for (let round = 0; round < 3000; round++) {
      const path = `/${Array.from({ length: next(5) }, () => parts[next(parts.length)]).join('/')}${next(2) ? '/' : ''}`
      const expected = walk.findIndex(({ one }) => one.match(path) !== null)
      expect([path, resolver.match(path)?.name]).toEqual([path, expected === -1 ? undefined : `r${expected}`])
    }
  })

  test('reads integers as numbers, and refuses those a number cannot hold', () => {
    const resolver = resolverOf(['<int:id>/', '<str:text>/'])
    expect(found(resolver, '/007/')).toEqual(['r0', { id: 7 }])
    expect(found(resolver, '/9007199254740991/')).toEqual(['r0', { id: 9007199254740991 }])
    expect(found(resolver, '/9007199254740993/')).toEqual(['r1', { text: '9007199254740993' }])
  })

  test('does not take a line break at the end for the end (CVE-2021-44420)', () => {
    const resolver = resolverOf(['admin', 'admin/', '<slug:s>'])
    expect(found(resolver, '/admin\n')).toBeNull()
    expect(found(resolver, '/admin/\n')).toBeNull()
    expect(found(resolver, '/x\n')).toBeNull()
  })

  test('matches from the first slash to the last sign, case and all', () => {
    const resolver = resolverOf(['books/', 'x.y+z/', 'a(b/'])
    for (const path of ['/Books/', '/books', '//books/', '/books//', 'books/', '', '/xayyz/', '*'])
      expect(found(resolver, path)).toBeNull()
    expect(found(resolver, '/x.y+z/')).toEqual(['r1', {}])
    expect(found(resolver, '/a(b/')).toEqual(['r2', {}])
  })

  test('answers hostile paths at once', () => {
    const resolver = resolverOf(['<slug:a>-<slug:b>', '<path:a>/x/<path:b>/y'])
    const start = process.cpuUsage()
    expect(found(resolver, `/${'-'.repeat(4000)}!`)).toBeNull()
    expect(found(resolver, `/${'-'.repeat(100_000)}!`)).toBeNull()
    expect(found(resolver, `/${'a/x/'.repeat(1000)}`)).toBeNull()
    // No timing is promised; a second is a hundred times what it takes.
    expect(process.cpuUsage(start).user).toBeLessThan(1_000_000)
  })

  test('uses converters of the project, whose refusal lets the next route try', () => {
    registerConverter('weekday' as string, {
      regex: /[a-z]{3}/,
      toValue: (text: string) => {
        const day = ['mon', 'tue', 'wed'].indexOf(text)
        return day === -1 ? undefined : day
      },
      toUrl: (day: unknown) => ['mon', 'tue', 'wed'][day as number] ?? '',
    })
    const resolver = resolverOf(['on/<weekday:day>/', 'on/sun/', 'on/<slug:name>/'])
    expect(found(resolver, '/on/tue/')).toEqual(['r0', { day: 1 }])
    expect(found(resolver, '/on/sun/')).toEqual(['r1', {}])
    expect(found(resolver, '/on/thu/')).toEqual(['r2', { name: 'thu' }])
    expect(() => registerConverter('weekday', { regex: /x/ })).toThrow(UrlPatternError)
    expect(() => registerConverter('any' as never, { regex: /x/i })).toThrow('has flags')
  })

  test('lets a converter with groups of its own stand before other parameters', () => {
    registerConverter('version' as never, { regex: /v(\d+)(?:\.(\d+))?/ })
    expect(found(resolverOf(['<version:v>/<int:id>/']), '/v1.2/7/')).toEqual(['r0', { v: 'v1.2', id: 7 }])
  })
})

describe('createResolver', () => {
  const app = routes({ list: '', detail: '<int:id>/' })
  const root = routes({ home: '', app: include('app/', app) })
  const view = () => respond('')

  test('lists every route without its view, and every view bound elsewhere, at once', () => {
    const views = { list: app.detail.view(view), detail: view }
    expect(() => createResolver(root, [[app, views]])).toThrow(/"home" \(\/\) has no view/)
    expect(() => createResolver(root, [[app, views]])).toThrow(/exported as "list" is bound to another route, "detail"/)
    expect(() => createResolver(root, [[app, views]])).toThrow(/the view of "app:detail" is not bound to it/)
  })

  test('lists routes in order, with guards', () => {
    const onlyStaff = (request: HttpRequest) => request
    const resolver = createResolver(root, [
      [root, { home: root.home.view(view) }],
      [
        app,
        {
          list: app.list.view(view),
          detail: app.detail.view(onlyStaff, async function detail() {
            return respond('')
          }),
        },
      ],
    ])
    expect(resolver.routes()).toEqual([
      { name: 'home', pattern: '/', params: [], view: 'view' },
      { name: 'app:list', pattern: '/app/', params: [], view: 'view' },
      { name: 'app:detail', pattern: '/app/<int:id>/', params: ['id'], view: 'onlyStaff → detail' },
    ])
    expect(listRoutes(root).map(({ name }) => name)).toEqual(['home', 'app:list', 'app:detail'])
    expect(resolver.match('/app/3/')?.namespaces).toEqual(['app'])
  })
})

describe('a bound view', () => {
  const urls = routes({ page: 'page/' })
  test('is a new function each time: one view serves several routes', () => {
    const view = () => respond('x')
    const bound = urls.page.view(view)
    expect(bound).not.toBe(view)
    expect([bound.route, bound.guard, bound.name]).toEqual(['page/', undefined, 'view'])
  })

  test('asks its guard first, which may answer instead, now or later', async () => {
    const request = {} as never
    const order: string[] = []
    const view = () => {
      order.push('view')
      return respond('view')
    }
    const refuse = urls.page.view(() => respond('no'), view)
    expect(await (await refuse(request, {})).text()).toBe('no')
    const later = urls.page.view(async () => respond('later'), view)
    expect(await (await later(request, {})).text()).toBe('later')
    expect(order).toEqual([])
    expect(await (await urls.page.view((r) => r, view)(request, {})).text()).toBe('view')
    expect(await (await urls.page.view(async (r) => r, view)(request, {})).text()).toBe('view')
  })

  test('refuses what is not a function', () => {
    expect(() => urls.page.view(undefined as never)).toThrow('is not a function')
  })
})
