/** Errors show the template's own line. */
import { describe, expect, test } from 'vitest'
import { NuagesError } from '../../src/std/errors.ts'
import { Engine } from '../../src/templates/engine.ts'
import { failure, rendered } from './render.ts'

describe('a template that does not compile says where and why', () => {
  test.each([
    ['an unknown tag', 'a\n{% foo %}', 'templates.unknown-tag', 2, /Did you mean "for"/],
    ['an unknown filter', 'a\n\n{{ x|lowre }}', 'templates.unknown-filter', 3, /Did you mean "lower"/],
    ['an unknown library', '{% load humanise %}', 'templates.unknown-library', 1, /Did you mean "humanize"/],
    ['a tag that is not closed', '\n{% if x %}\n\n{{ y }}', 'templates.unclosed-tag', 2, /elif, else, endif/],
    ['an end without its tag', '{% endif %}', 'templates.unknown-tag', 1, /./],
    ['the wrong end', '{% if x %}\n{% endfor %}', 'templates.unexpected-tag', 2, /Expected elif, else, endif/],
    ['an empty variable tag', 'x {{ }}', 'templates.empty-tag', 1, undefined],
    ['an empty tag', 'x {% %}', 'templates.empty-tag', 1, undefined],
    ['an expression that cannot be read', '{{ a b }}', 'templates.bad-expression', 1, /filters/],
    ['a filter without its argument', '{{ a|cut }}', 'templates.filter-arguments', 1, /value\|cut:argument/],
    ['a filter with an argument too many', '{{ a|upper:1 }}', 'templates.filter-arguments', 1, undefined],
    [
      'a block twice',
      '{% block a %}{% endblock %}{% block a %}{% endblock %}',
      'templates.duplicate-block',
      1,
      undefined,
    ],
    [
      'a partial twice',
      '{% partialdef a %}{% endpartialdef %}{% partialdef a %}{% endpartialdef %}',
      'templates.duplicate-partial',
      1,
      undefined,
    ],
    ['a condition that makes no sense', '{% if a == %}{% endif %}', 'templates.bad-condition', 1, undefined],
    ['a name that cannot be read back', '{% for _x in y %}{% endfor %}', 'templates.bad-variable-name', 1, undefined],
  ])('%s', async (_, source, code, line, hint) => {
    const error = await failure(source)
    expect(error).toMatchObject({ name: 'TemplateSyntaxError', code, line, template: 'main' })
    if (hint !== undefined) expect(error.hint).toMatch(hint)
    expect(error.sourceLine).toBe(source.split('\n')[line - 1])
  })

  test('with the tags still open, innermost first', async () => {
    const error = await failure('{% if a %}\n  {% for b in c %}\n    {% nope %}\n')
    expect(error.message).toBe(
      'There is no tag "nope".\n  in main:3: {% nope %}\n  from main:2: {% for b in c %}\n  from main:1: {% if a %}',
    )
  })
})

describe('an error while rendering', () => {
  class Refused extends NuagesError {}
  const context = () => ({
    book: {
      title() {
        throw new Refused('not today', { code: 'test.refused', status: 403, hint: 'Come tomorrow.' })
      },
    },
  })

  test('is placed on the line, keeps its cause, hint and status', async () => {
    const error = await failure('one\ntwo\n  {{ book.title }}', context)
    expect(error).toMatchObject({
      name: 'TemplateRenderError',
      code: 'templates.render-failed',
      line: 3,
      sourceLine: '  {{ book.title }}',
      status: 403,
      hint: 'Come tomorrow.',
    })
    expect(error.cause).toBeInstanceOf(Refused)
    expect(error.message).toBe('Rendering failed: not today\n  in main:3: {{ book.title }}')
  })

  test('names the way through includes, blocks and parents', async () => {
    const templates = {
      main: '{% extends "base" %}\n{% block body %}\n{% include "row" %}{% endblock %}',
      base: 'x\n\n{% block body %}{% endblock %}',
      row: '\n\n\n{{ book.title }}',
    }
    const error = await failure(templates, context)
    expect([error.template, error.line]).toEqual(['row', 4])
    expect(error.trace.map((at: any) => `${at.template}:${at.line}`)).toEqual(['main:3', 'base:3', 'main:1'])
  })

  test('is placed in asynchronous pages too', async () => {
    const error = await failure('\n{{ p }}\n{{ book.title }}', () => ({ ...context(), p: Promise.resolve(1) }))
    expect(error.line).toBe(3)
  })

  test('inside the body of a tag is placed on its own line', async () => {
    const error = await failure('{% spaceless %}\n\n{{ book.title }}{% endspaceless %}', context)
    expect(error.line).toBe(3)
  })

  test.each([
    ['what cannot be looped over', '{% for x in n %}{% endfor %}', 'templates.not-iterable'],
    ['what cannot be unpacked', '{% for a, b in list %}{% endfor %}', 'templates.cannot-unpack'],
    ['block.super with nothing above', '{% block a %}{{ block.super }}{% endblock %}', 'templates.no-super'],
    ['a template that includes itself for ever', '{% include "main" %}', 'templates.include-depth'],
    ['a partial that is not there', '{% partial nope %}', 'templates.unknown-partial'],
  ])('%s', async (_, source, code) => {
    expect((await failure(source, { n: 3, list: [[1, 2, 3]] })).code).toBe(code)
  })

  test('a template that is missing is named, with where it was looked for', async () => {
    const error = await failure('\n{% include "nope.html" %}')
    expect(error).toMatchObject({
      name: 'TemplateDoesNotExist',
      code: 'templates.not-found',
      templateName: 'nope.html',
      line: 2,
    })
    expect(error.hint).toContain('memory:nope.html')
  })

  test('a missing global says what to configure', async () => {
    const error = await failure('{% url "home" %}')
    expect(error.cause).toMatchObject({ code: 'templates.missing-global' })
  })
})

describe('strict mode', () => {
  const strict = { strict: true }
  class Book {
    title = 'Nuages'
    get pages() {
      return 7
    }
    note: string | null = null
  }

  test('an unknown variable is an error that names the nearest', async () => {
    const error = await failure('a\n{{ bok.title }}', { book: new Book() }, strict)
    expect(error).toMatchObject({ name: 'UnknownVariableError', code: 'templates.unknown-variable', line: 2 })
    expect(error.hint).toBe('Did you mean "book"? Known here: book.')
  })

  test('an unknown attribute too, from the names of the object', async () => {
    const error = await failure('{% for b in books %}{{ b.titel }}{% endfor %}', { books: [new Book()] }, strict)
    expect(error.reason).toBe('"b.titel" has no value: there is no "titel" in it.')
    expect(error.hint).toMatch(/Did you mean "title"\? Known here: note, pages, title\./)
  })

  test('in filters, includes and arguments; not where a default is given, nor in conditions and loops', async () => {
    expect((await failure('{{ nope|upper }}', {}, strict)).code).toBe('templates.unknown-variable')
    expect((await failure('{{ "a"|cut:nope }}', {}, strict)).code).toBe('templates.unknown-variable')
    const fine =
      '{{ nope|default:"-" }}{% if nope %}x{% endif %}{% for x in nope %}{% endfor %}{{ book.note }}{{ book.title }}{% firstof nope "f" %}'
    expect(await rendered(fine, { book: new Book() }, strict)).toBe('-Nuagesf')
  })

  test('null on the way is a value, not a mistake', async () => {
    expect(await rendered('[{{ book.author.name }}]', { book: { author: null } }, strict)).toBe('[]')
  })
})

test('without strict mode a missing variable is what the engine says', async () => {
  expect(await rendered('[{{ nope }}{{ a.b.c }}{{ nope|upper }}]')).toBe('[]')
  expect(await rendered('[{{ nope }} {{ nope|upper }} {{ nope|default:"d" }}]', {}, { stringIfInvalid: '??' })).toBe(
    '[?? ?? d]'.replace('d', '??'),
  )
})

test('the line is right in generated code whatever stands before', () => {
  const source = `${'{{ a }}{% if a %}\n{{ a }}{% else %}{% endif %}\n'.repeat(50)}{{ boom }}`
  const engine = new Engine({ templates: { main: source } })
  const boom = () => {
    throw new Error('x')
  }
  expect(() => engine.render('main', { a: 1, boom })).toThrow(/main:101/)
})
