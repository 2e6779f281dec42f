import { describe, expect, test } from 'vitest'
import { defineApp, isApp } from '../../src/apps/define.ts'
import { AppError } from '../../src/apps/errors.ts'
import { AppRegistry } from '../../src/apps/registry.ts'
import { finding, runChecks } from '../../src/checks/index.ts'

/** What a model class owes apps: it takes its names. The real ones are tested with the database. */
function model(className: string) {
  const made = class {
    static bound: string[] = []
    static [Symbol.for('nuages.bind')](app: string, key: string): void {
      made.bound.push(`${app}.${key}`)
    }
  }
  return Object.defineProperty(made, 'name', { value: className })
}

const app = (name: string, models: Record<string, any> = {}, more: object = {}) =>
  defineApp({ name, root: import.meta.url, models, ...more })

describe('defineApp', () => {
  test('gives a frozen app that knows its directory and has every field', () => {
    const shop = defineApp({ name: 'shop', root: 'file:///srv/my%20site/shop/app.ts' })
    expect(shop).toEqual({
      name: 'shop',
      root: '/srv/my site/shop',
      verboseName: 'shop',
      requires: [],
      models: {},
      urls: null,
      views: null,
      admin: null,
      tasks: null,
      commands: null,
      checks: [],
      templateTags: null,
      ready: null,
      settings: {},
    })
    expect(Object.isFrozen(shop)).toBe(true)
    expect(isApp(shop)).toBe(true)
    expect([null, {}, { name: 'shop' }, 'shop'].map(isApp)).toEqual([false, false, false, false])
  })

  test('imports nothing by itself', () => {
    const never = () => {
      throw new Error('imported')
    }
    expect(() => app('shop', {}, { views: never, admin: never, tasks: never, checks: never })).not.toThrow()
  })

  test('tells each model its app and name', () => {
    const Book = model('Book')
    const Author = model('Writer')
    app('library', { Book, Author })
    expect([Book.bound, Author.bound]).toEqual([['library.Book'], ['library.Author']])
  })

  test.each(['', 'Shop', '1shop', 'my-shop', 'shop.x', 'x'.repeat(64), '__proto__', null, undefined])(
    '%j is no name for an app',
    (name) => {
      expect(() => app(name as string)).toThrow(AppError)
    },
  )

  test('what is no model is refused by name', () => {
    for (const Book of [undefined, null, {}, class {}, () => 1]) {
      expect(() => app('library', { Book })).toThrow('models.Book of the app library is not a model.')
    }
  })

  test('an app without a place is refused', () => {
    for (const root of [undefined, '', 'shop', 'https://a.com/x.ts']) {
      expect(() => defineApp({ name: 'shop', root: root as string })).toThrow('does not say where it is')
    }
    expect(defineApp({ name: 'shop', root: '/srv/shop' }).root).toBe('/srv/shop')
  })
})

describe('AppRegistry', () => {
  const Book = model('Book')
  const Author = model('Author')
  const library = app('library', { Book, Author })
  const shop = app('shop', { Order: model('Order') })
  const registry = new AppRegistry([library, shop])

  test('keeps apps and models in order', () => {
    expect(registry.apps).toEqual([library, shop])
    expect(registry.models().map((entry) => entry.label)).toEqual(['library.Book', 'library.Author', 'shop.Order'])
    expect(registry.models()[0]).toMatchObject({ app: library, name: 'Book', model: Book })
  })

  test('finds apps and models by name', () => {
    expect(registry.getApp('shop')).toBe(shop)
    expect([registry.hasApp('shop'), registry.hasApp('toString')]).toEqual([true, false])
    expect(registry.model('library.Book')).toBe(Book)
    expect(registry.model('library.book')).toBe(Book)
    expect(registry.appOf(Author as never)).toBe(library)
    expect(registry.appOf(model('Other') as never)).toBeNull()
  })

  test('says what was probably meant', () => {
    expect(() => registry.getApp('libary')).toThrow(AppError)
    try {
      registry.model('library.Bok')
    } catch (error) {
      expect(String(error)).toBe(
        'AppError apps.unknown-model: There is no model "library.Bok".\n' +
          'Did you mean "library.Book"? Models: library.Book, library.Author, shop.Order.',
      )
    }
  })

  test('two apps of one name are an error that names both places', () => {
    const other = defineApp({ name: 'shop', root: '/srv/other' })
    expect(() => new AppRegistry([shop, other])).toThrow(`Two apps are named "shop": ${shop.root} and /srv/other.`)
    expect(() => new AppRegistry([shop, shop])).toThrow(AppError)
  })

  test('one class in two apps, or twice in one, is an error', () => {
    expect(() => new AppRegistry([library, app('second', { Book })])).toThrow(
      'One class is both library.Book and second.Book.',
    )
    expect(() => new AppRegistry([app('library', { Book, Buch: Book })])).toThrow(
      'One class is both library.Book and library.Buch.',
    )
  })

  test('what is no app is refused', () => {
    expect(() => new AppRegistry([undefined as never])).toThrow('undefined is not an app.')
  })

  test('a class named otherwise than its key is not told here: the check of models does (db.E009)', async () => {
    const named = new AppRegistry([app('library', { Book: model('Buch'), Author: model('Author') })])
    expect(await runChecks(await named.checks(), { project: null, deploy: false })).toEqual([])
  })

  test('the checks of apps run too, loaded or listed', async () => {
    const listed = app('a', {}, { checks: [() => [finding('error', 'a.E001', 'listed')]] })
    const loaded = app('b', {}, { checks: async () => ({ default: [() => [finding('error', 'b.E001', 'loaded')]] }) })
    const found = await runChecks(await new AppRegistry([listed, loaded]).checks(), { project: null, deploy: false })
    expect(found.map((one) => one.id)).toEqual(['a.E001', 'b.E001'])
  })
})
