/** Tags and filters of one's own. */
import { describe, expect, test } from 'vitest'
import { html, markSafe } from '../../src/std/html.ts'
import { Engine } from '../../src/templates/engine.ts'
import {
  defineBlockTag,
  defineFilter,
  defineTag,
  registerFilter,
  registerLibrary,
  registerTag,
} from '../../src/templates/library.ts'
import { failure, rendered } from './render.ts'

const libraries = {
  people: {
    filters: {
      initials: defineFilter(
        (name: string) =>
          name
            .split(' ')
            .map((word) => word[0])
            .join(''),
        { text: true },
      ),
      repeat: defineFilter((value: string, times: number) => value.repeat(times), { text: true, isSafe: true }),
      kind: defineFilter((value) => typeof value, { argument: 'none' }),
      bold: defineFilter(
        (value, _none, { autoescape, safe }) => markSafe(`<b>${autoescape && !safe ? html`${value}` : value}</b>`),
        { argument: 'none' },
      ),
    },
    tags: {
      add: defineTag((_context, a: number, b: number) => a + b),
      link: defineTag(
        (_context, text: string, options: { to?: string } = {}) => html`<a href="${options.to ?? '#'}">${text}</a>`,
      ),
      raw: defineTag((_context, text: string) => text),
      type: defineTag((_context, value: unknown) => typeof value),
      whoami: defineTag(
        (context) => `${(context.request as { user: string } | null)?.user} ${context.get('x')} ${context.autoescape}`,
      ),
      card: defineTag((context, title: string) => context.render('card', { title })),
      twice: defineBlockTag((_context, render) => `${render()}${render()}`),
      unless: defineBlockTag((_context, render, condition: boolean) => (condition ? '' : render())),
      wrap: defineBlockTag(
        (_context, render, options: { tag: string }) => `<${options.tag}>${render()}</${options.tag}>`,
      ),
    },
  },
}

describe('loaded', () => {
  test.each([
    ['a filter', '{{ name|initials }}', 'DR'],
    ['a filter with an argument', '{{ "ab"|repeat:3 }} {{ "<"|repeat:2 }} {{ bad|repeat:2 }}', 'ababab << &lt;&lt;'],
    ['a filter that gets the value as it is', '{{ n|kind }} {{ list|kind }}', 'number object'],
    [
      'a filter that asks about escaping',
      '{{ bad|bold }}{% autoescape off %}{{ bad|bold }}{% endautoescape %}',
      '<b>&lt;</b><b><</b>',
    ],
    ['a tag with values', '{% add n 2 %}', '5'],
    ['a tag whose value is kept', '{% add n 2 as sum %}{{ sum }}{{ sum }}', '55'],
    [
      'a tag with HTML and a keyword argument',
      '{% link bad to="/x" %}{% link "t" %}',
      '<a href="/x">&lt;</a><a href="#">t</a>',
    ],
    ['a tag whose text is escaped', '{% raw bad %}{% raw "<" %}', '&lt;&lt;'],
    ['a tag that gets quoted text as a string', '{% type "a" %}{% type 1 %}', 'stringnumber'],
    ['a tag that asks about its place', '{% with x="in" %}{% whoami %}{% endwith %}', 'django in true'],
    ['a tag that renders a template', '{% card bad %}', '<h1>&lt;</h1>'],
    ['a tag with a body', '{% twice %}{{ name }};{% endtwice %}', 'Django Reinhardt;Django Reinhardt;'],
    ['a tag that may leave its body out', '{% unless n %}no{% endunless %}{% unless zero %}yes{% endunless %}', 'yes'],
    ['a tag with a body and keywords', '{% wrap tag="p" %}{{ bad }}{% endwrap %}', '<p>&lt;</p>'],
  ])('%s', async (_, source, expected) => {
    const context = { name: 'Django Reinhardt', n: 3, zero: 0, bad: '<', list: [] }
    expect(
      await rendered(
        { main: `{% load people %}${source}`, card: '<h1>{{ title }}{{ name }}</h1>' },
        context,
        { libraries },
        { user: 'django' },
      ),
    ).toBe(expected)
  })

  test('by name from a library, and only that', async () => {
    expect(await rendered('{% load initials from people %}{{ "a b"|initials }}', {}, { libraries })).toBe('ab')
    expect((await failure('{% load initials from people %}{% add 1 2 %}', {}, { libraries })).code).toBe(
      'templates.unknown-tag',
    )
    expect((await failure('{% load constructor from people %}', {}, { libraries })).code).toBe(
      'templates.unknown-library',
    )
  })

  test('in the template that loads it, not in those it includes', async () => {
    const error = await failure(
      { main: '{% load people %}{% include "part" %}', part: '{{ 1|kind }}' },
      {},
      { libraries },
    )
    expect([error.code, error.template]).toEqual(['templates.unknown-filter', 'part'])
  })
})

test('a registered library is known to every engine', async () => {
  registerLibrary('test_registered', {
    filters: { shout: defineFilter((s: string) => `${s.toUpperCase()}!`, { text: true, argument: 'none' }) },
  })
  expect(await rendered('{% load test_registered %}{{ "a"|shout }}')).toBe('A!')
})

test('a registered tag or filter needs no load', async () => {
  registerTag(
    'test_hello',
    defineTag(() => 'hello'),
  )
  registerFilter(
    'test_question',
    defineFilter((s: string) => `${s}?`, { text: true, argument: 'none' }),
  )
  expect(await rendered('{% test_hello %}{{ "x"|test_question }}')).toBe('hellox?')
})

test('names that cannot be written are refused', () => {
  for (const name of ['', 'a b', 'a"', '{%', '__proto__ x']) {
    expect(() => registerLibrary(name, {})).toThrow(/cannot name/)
  }
})

test('what a tag throws is placed on its line', async () => {
  const broken = { l: { tags: { broken: defineTag(() => JSON.parse('{')) } } }
  expect((await failure('{% load l %}\n\n{% broken %}', {}, { libraries: broken })).line).toBe(3)
})

test('types: the function says what it takes', () => {
  const filter = defineFilter((value: number, by: number) => value * by)
  expect(filter.argument).toBe('required')
  expect(defineFilter((value: number) => value).argument).toBe('optional')
  const engine = new Engine({
    libraries: { l: { filters: { times: filter } } },
    templates: { main: '{% load l %}{{ 2|times:3 }}' },
  })
  expect(engine.render('main')).toBe('6')
  // @ts-expect-error a filter is made by defineFilter
  registerLibrary('test_wrong', { filters: { wrong: (value: string) => value } })
})
