/** The engine: where templates are found, what they are given, when they are compiled anew. */
import { mkdirSync, mkdtempSync, realpathSync, rmSync, symlinkSync, utimesSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { canGenerate, onGenerated } from '../../src/std/codegen.ts'
import { configureTemplates, Engine, renderTemplate, TemplateDoesNotExist } from '../../src/templates/index.ts'

let root: string
beforeAll(() => {
  root = realpathSync(mkdtempSync(join(tmpdir(), 'nuages-templates-')))
  mkdirSync(join(root, 'project/shop'), { recursive: true })
  mkdirSync(join(root, 'app/shop'), { recursive: true })
  writeFileSync(join(root, 'project/shop/list.html'), 'project list')
  writeFileSync(join(root, 'app/shop/list.html'), 'app list')
  writeFileSync(join(root, 'app/shop/detail.html'), 'app detail {{ x }}')
  writeFileSync(join(root, 'secret.html'), 'secret')
  symlinkSync(join(root, 'secret.html'), join(root, 'app/link.html'))
})
afterAll(() => rmSync(root, { recursive: true, force: true }))

const engineOf = (options = {}) => new Engine({ dirs: [join(root, 'project'), join(root, 'app')], ...options })

describe('templates in folders', () => {
  test('are found in the first folder that has them', () => {
    expect(engineOf().render('shop/list.html')).toBe('project list')
    expect(engineOf().render('shop/detail.html', { x: 1 })).toBe('app detail 1')
  })

  test('are never outside: names with .., absolute ones, backslashes, NUL, links that lead out (CVE-2021-33203)', () => {
    const names = [
      '../secret.html',
      'shop/../../secret.html',
      join(root, 'secret.html'),
      '..\\secret.html',
      'link.html',
      'a\0b',
      '',
      '.',
      './shop/list.html',
      'shop//list.html',
      'C:/x',
      'shop',
    ]
    for (const name of names) {
      expect(() => engineOf().render(name), JSON.stringify(name)).toThrow(TemplateDoesNotExist)
    }
    for (const source of ['{% include name %}', '{% extends name %}']) {
      const engine = engineOf({ templates: { main: source } })
      expect(() => engine.render('main', { name: '/../secret.html' })).toThrow(TemplateDoesNotExist)
      expect(() => engine.render('main', { name: '../secret.html' })).toThrow(/leads outside/)
    }
  })

  test('that are missing are named with the places', () => {
    try {
      engineOf().render('nope.html')
      expect.unreachable()
    } catch (error) {
      expect(error).toMatchObject({
        templateName: 'nope.html',
        tried: [join(root, 'project/nope.html'), join(root, 'app/nope.html')],
      })
    }
  })

  if (canGenerate())
    test('are kept once compiled', () => {
      const engine = engineOf()
      const made: string[] = []
      const before = onGenerated((label) => made.push(label))
      try {
        engine.render('shop/detail.html', { x: 1 })
        engine.render('shop/detail.html', { x: 2 })
      } finally {
        onGenerated(before)
      }
      expect(made).toEqual(['shop/detail.html: body'])
    })

  test('that change are compiled anew in development, and new ones seen, in parents and includes too', () => {
    const dir = join(root, 'dev')
    mkdirSync(dir)
    const write = (name: string, text: string, at: number) => {
      writeFileSync(join(dir, name), text)
      utimesSync(join(dir, name), at, at)
    }
    write('base.html', '1{% block a %}{% endblock %}', 1000)
    write('page.html', '{% extends "base.html" %}{% block a %}{% include "part.html" %}{% endblock %}', 1000)
    write('part.html', 'part', 1000)
    const development = new Engine({ dirs: [join(root, 'new'), dir], debug: true })
    const production = new Engine({ dirs: [dir] })
    expect([development.render('page.html'), production.render('page.html')]).toEqual(['1part', '1part'])
    write('base.html', '2{% block a %}{% endblock %}', 2000)
    write('part.html', 'PART', 2000)
    expect([development.render('page.html'), production.render('page.html')]).toEqual(['2PART', '1part'])
    mkdirSync(join(root, 'new'))
    writeFileSync(join(root, 'new/part.html'), 'new')
    expect(development.render('page.html')).toBe('2new')
    expect(development.load('page.html')).toBe(development.load('page.html'))
  })
})

describe('templates in memory', () => {
  test('are own keys only', () => {
    const engine = new Engine({ templates: { a: 'A' } })
    expect(engine.render('a')).toBe('A')
    for (const name of ['constructor', 'toString', '__proto__'])
      expect(() => engine.render(name)).toThrow(TemplateDoesNotExist)
  })

  test('of several names the first that exists', () => {
    expect(new Engine({ templates: { b: 'B' } }).render(['a', 'b'])).toBe('B')
    expect(() => new Engine({ templates: {} }).render(['a', 'b'])).toThrow(/"a, b"/)
  })
})

describe('what templates are given', () => {
  test('context processors, the request, then what the view gives', () => {
    const request = { path: '/x' }
    const engine = new Engine({
      templates: { main: '{{ site }} {{ who }} {{ request.path }} {{ n }}' },
      processors: [(r) => ({ site: 'Atlas', who: (r as typeof request).path, n: 1 }), () => ({ n: 2 })],
    })
    expect(engine.render('main', { site: 'Mine' }, request)).toBe('Mine /x /x 2')
  })

  test('url, static and the token, by the functions of the globals', () => {
    const calls: unknown[] = []
    const engine = new Engine({
      templates: {
        main: '{% url "shop:item" id=3 slug="a b" %} {% url name 1 "x" as link %}{{ link }} {% static "a.css" %} {% csrf_token %}',
      },
      globals: {
        url: (name, parameters, request) => {
          calls.push([name, parameters, request])
          return '/u?a=1&b=2'
        },
        static: (path) => `/s/${path}`,
        csrfToken: (request) => (request as { token: string }).token,
      },
    })
    const request = { token: 'a"b' }
    expect(engine.render('main', { name: 'home' }, request)).toBe(
      '/u?a=1&amp;b=2 /u?a=1&amp;b=2 /s/a.css <input type="hidden" name="csrfmiddlewaretoken" value="a&quot;b">',
    )
    expect(calls).toEqual([
      ['shop:item', { id: 3, slug: 'a b' }, request],
      ['home', [1, 'x'], request],
    ])
  })

  test('no token field where there is no token', () => {
    expect(
      new Engine({ templates: { main: '[{% csrf_token %}]' }, globals: { csrfToken: () => null } }).render('main'),
    ).toBe('[]')
  })

  test('fragments from the cache, by name and what they vary on', async () => {
    const kept = new Map<string, string>()
    let misses = 0
    const cache = {
      get: (key: string) => kept.get(key),
      set: (key: string, value: string) => {
        misses++
        kept.set(key, value)
      },
    }
    const engine = new Engine({
      templates: { main: '{% cache 60 part a b %}{{ n }}{% endcache %}' },
      globals: { cache },
    })
    expect(engine.render('main', { a: 'ab', b: 'c', n: '<1' })).toBe('&lt;1')
    expect(engine.render('main', { a: 'ab', b: 'c', n: 2 })).toBe('&lt;1')
    expect(engine.render('main', { a: 'a', b: 'bc', n: 3 })).toBe('3')
    expect(misses).toBe(2)
    const later = { get: async (key: string) => kept.get(key), set: async () => {} }
    const remote = new Engine({
      templates: { main: '{% cache 60 part a b %}{{ n }}{% endcache %}' },
      globals: { cache: later },
    })
    expect(await remote.render('main', { a: 'ab', b: 'c', n: 4 })).toBe('&lt;1')
  })
})

test("the project's engine renders by name, and says when it was not configured", async () => {
  configureTemplates({ templates: { hello: 'Hello {{ name }}' } })
  expect(await renderTemplate('hello', { name: 'Django' })).toBe('Hello Django')
})

test('check() gives the syntax error of a template, or null', () => {
  const engine = new Engine({ templates: { good: '{{ a }}', bad: '{% if %}' } })
  expect(engine.check('good')).toBeNull()
  expect(engine.check('bad')).toMatchObject({ code: 'templates.bad-condition', line: 1 })
  expect([engine.has('good'), engine.has('nope')]).toEqual([true, false])
})

if (canGenerate())
  test('generated code can be read', () => {
    const seen: string[] = []
    const before = onGenerated((_label, source) => seen.push(source))
    try {
      new Engine({ templates: { main: '{% for x in list %}<li>{{ x.name }}{% endfor %}' } }).render('main', {
        list: [],
      })
    } finally {
      onGenerated(before)
    }
    expect(seen[0]).toContain('o += "<li>" + escaped(')
  })
