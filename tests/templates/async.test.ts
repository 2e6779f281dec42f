/** Rendering is synchronous until something must be awaited. */
import { describe, expect, test } from 'vitest'
import { Engine } from '../../src/templates/engine.ts'
import { defineBlockTag, defineFilter, defineTag } from '../../src/templates/library.ts'
import { rendered } from './render.ts'

/** Like a query set: lazy, iterable only when awaited, with methods; counts how often it asks. */
class Rows {
  asked = 0
  readonly items: readonly unknown[]
  constructor(items: readonly unknown[]) {
    this.items = items
  }
  then<R>(resolve: (rows: readonly unknown[]) => R, reject?: (error: unknown) => R) {
    this.asked++
    return Promise.resolve(this.items).then(resolve, reject)
  }
  get count() {
    return async () => this.items.length
  }
  first() {
    return Promise.resolve(this.items[0])
  }
}

test('a page without anything to await is text, not a promise', () => {
  const engine = new Engine({ templates: { main: 'Hello {{ name }}' } })
  expect(engine.render('main', { name: 'Django' })).toBe('Hello Django')
})

test('a page with a query set is a promise, and the template then starts asynchronously', async () => {
  const engine = new Engine({ templates: { main: '{{ before }}{% for x in rows %}{{ x }}{% endfor %}' } })
  let calls = 0
  const context = () => ({ before: () => `${++calls};`, rows: new Rows(['a', 'b']) })
  const first = engine.render('main', context())
  expect(first).toBeInstanceOf(Promise)
  expect(await first).toBe('2;ab') // tried, then rendered again from the start
  expect(await engine.render('main', context())).toBe('3;ab')
})

describe('awaited', () => {
  test.each([
    [
      'in a loop, with all of forloop',
      '{% for x in rows %}{{ forloop.counter }}/{{ forloop.length }}{{ x }}{% if not forloop.last %},{% endif %}{% endfor %}',
      '1/2a,2/2b',
    ],
    ['in a loop, reversed', '{% for x in rows reversed %}{{ x }}{% endfor %}', 'ba'],
    ['in a loop that is empty', '{% for x in none %}{{ x }}{% empty %}nothing{% endfor %}', 'nothing'],
    ['before a filter', '{{ rows|length }} {{ rows|join:"-" }}', '2 a-b'],
    ['in a condition', '{% if rows %}yes{% endif %}{% if none %}no{% endif %}', 'yes'],
    ['as an argument', '{{ "x"|default:promise }}{{ nothing|default:promise }}', 'xvalue'],
    ['when written', '{{ promise }}', 'value'],
    ['escaped when written', '{{ html }}', '&lt;b&gt;'],
    ['on the way of a path', '{{ relation.name }} {{ relation.author.name }}', 'Book Django'],
    ['from a method of a query set', '{{ rows.count }} {{ rows.first }}', '2 a'],
    ['by index', '{{ rows.0 }}{{ rows.1 }}', 'ab'],
    ['after a with', '{% with r=rows %}{{ r.count }}{% for x in r %}{{ x }}{% endfor %}{% endwith %}', '2ab'],
    ['in an included template', '{% include "row" with list=rows %}!', '[ab]!'],
    [
      'in a block',
      '{% extends "base" %}{% block body %}{% for x in rows %}{{ x }}{% endfor %}{{ block.super }}{% endblock %}',
      '<abvalue>',
    ],
    ['from async iterables', '{% for x in stream %}{{ x }}{{ forloop.revcounter0 }}{% endfor %}', '1120'],
    [
      'in regroup',
      '{% regroup pairs by kind as groups %}{% for g in groups %}{{ g.grouper }}:{{ g.list|length }};{% endfor %}',
      'a:2;b:1;',
    ],
    [
      'within filter and spaceless',
      '{% filter upper %}{{ promise }}{% endfilter %}{% spaceless %}<a> {{ promise }} <b> </b>{% endspaceless %}',
      'VALUE<a> value <b></b>',
    ],
    ['in a cycle', '{% for i in "abc" %}{% cycle promise "x" %}{% endfor %}', 'valuexvalue'],
    ['in translated text', '{% blocktranslate with v=promise %}[{{ v }}]{% endblocktranslate %}', '[value]'],
  ])('%s', async (_, main, expected) => {
    const templates = {
      main,
      row: '[{% for x in list %}{{ x }}{% endfor %}]',
      base: '<{% block body %}{{ promise }}{% endblock %}>',
    }
    const context = () => ({
      rows: new Rows(['a', 'b']),
      none: new Rows([]),
      promise: Promise.resolve('value'),
      html: Promise.resolve('<b>'),
      nothing: null,
      relation: Promise.resolve({ name: 'Book', author: Promise.resolve({ name: 'Django' }) }),
      pairs: new Rows([{ kind: 'a' }, { kind: 'a' }, { kind: Promise.resolve('b') }]),
      stream: {
        async *[Symbol.asyncIterator]() {
          yield 1
          yield 2
        },
      },
    })
    expect(await rendered(templates, context)).toBe(expected)
  })
})

test('a query set used several times on a page is asked once', async () => {
  const rows = new Rows(['a'])
  const engine = new Engine({
    templates: {
      main: '{% if rows %}{% for x in rows %}{{ x }}{% endfor %}{{ rows|length }}{% endif %}{% include "b" %}',
      b: '{{ rows.0 }}',
    },
  })
  expect(await engine.render('main', { rows })).toBe('a1a')
  expect(rows.asked).toBe(1)
})

test("filters and tags of one's own may be asynchronous", async () => {
  const libraries = {
    slow: {
      filters: { later: defineFilter(async (value: string) => `${value}!`, { argument: 'none' }) },
      tags: {
        fetch: defineTag(async (_context, what: string) => `got ${what}`),
        box: defineBlockTag(async (_context, render, title: string) => `<${title}>${await render()}</${title}>`),
      },
    },
  }
  const source =
    '{% load slow %}{{ "a"|later|later }} {% fetch "b" %} {% fetch "c" as c %}{{ c }} {% box "p" %}{{ "<"|later }}{% endbox %}'
  expect(await rendered(source, {}, { libraries })).toBe('a!! got b got c <p>&lt;!</p>')
})

test('a promise that fails names the line, and one that nobody reads does no harm', async () => {
  const context = () => ({ bad: Promise.reject(new Error('no connection')), use: (async () => 'x')() })
  await expect(rendered('\n{{ bad }}', context)).rejects.toMatchObject({ line: 2, cause: { message: 'no connection' } })
  const unread = () => ({ make: () => Promise.reject(new Error('unread')), other: Promise.resolve('fine') })
  expect(
    await rendered('{% with b=bad %}{% endwith %}{{ other }}', () => ({
      ...unread(),
      bad: Promise.reject(new Error('unread')),
    })),
  ).toBe('fine')
})

test('two renderings at once do not mix', async () => {
  const engine = new Engine({ templates: { main: '{% for x in rows %}{% cycle "a" "b" %}{{ x }}{{ p }}{% endfor %}' } })
  const one = (n: number) =>
    engine.render('main', { rows: new Rows([n, n, n]), p: new Promise((done) => setTimeout(done, n % 3, 'p')) })
  const pages = await Promise.all([1, 2, 3, 4, 5, 6].map(one))
  expect(pages).toEqual([1, 2, 3, 4, 5, 6].map((n) => `a${n}pb${n}pa${n}p`))
})
