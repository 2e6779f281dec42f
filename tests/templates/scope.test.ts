/** Which names a template knows where, and how templates are made of others. */
import { describe, expect, test } from 'vitest'
import { rendered } from './render.ts'

const list = (...items: unknown[]) => ({ list: items })

describe('names', () => {
  test.each([
    [
      'of a loop end with it',
      '{{ x }}{% for x in list %}{{ x }}{% endfor %}{{ x }}',
      { ...list(1, 2), x: 'o' },
      'o12o',
    ],
    ['of a with end with it', '{% with a=1 b=2 %}{{ a }}{{ b }}{% endwith %}{{ a }}', {}, '12'],
    ['of one with do not see one another', '{% with a=b b=a %}{{ a }}{{ b }}{% endwith %}', { a: 1, b: 2 }, '21'],
    [
      'set in a loop last until it ends',
      '{% for x in list %}{{ y }}{% firstof x as y %}{% endfor %}{{ y }}',
      list(1, 2),
      '1',
    ],
    ['set in an if last beyond it', '{% if 1 %}{% firstof "s" as y %}{% endif %}{{ y }}', {}, 's'],
    [
      'set conditionally are those outside otherwise',
      '{% if 0 %}{% firstof "s" as y %}{% endif %}{{ y }}',
      { y: 'outer' },
      'outer',
    ],
    [
      'set within filter and spaceless last beyond',
      '{% spaceless %}{% firstof "s" as y %}{% endspaceless %}{{ y }}',
      {},
      's',
    ],
    [
      'of a loop may be set anew in it',
      '{% for x in list %}{{ x }}{% firstof "n" as x %}{{ x }}{% endfor %}',
      list(1, 2),
      '1n2n',
    ],
    [
      'of loops within loops',
      '{% for x in list %}{% for x in x %}{{ x }}{% endfor %};{% endfor %}',
      list('ab', 'c'),
      'ab;c;',
    ],
    [
      'forloop knows its parent',
      '{% for x in list %}{% for y in x %}{{ forloop.parentloop.counter }}{{ forloop.counter }} {% endfor %}{% endfor %}',
      list('ab', 'c'),
      '11 12 21 ',
    ],
    [
      'forloop as a value',
      '{% for x in list %}{% with l=forloop %}{{ l.counter }}{{ l.first }}{{ l.last }} {% endwith %}{% endfor %}',
      list(1, 2),
      '1truefalse 2falsetrue ',
    ],
    [
      'forloop outside loops is a variable like any other',
      '{{ forloop.counter }}',
      { forloop: { counter: 'mine' } },
      'mine',
    ],
    [
      'that JavaScript has taken',
      '{% for class in list %}{{ class }}{{ new }}{% endfor %}{% with var=1 %}{{ var }}{% endwith %}',
      { ...list(1), new: 'n' },
      '1n1',
    ],
  ])('%s', async (_, source, context, expected) => {
    expect(await rendered(source, context)).toBe(expected)
  })
})

describe('include', () => {
  const row = '{{ x }}{{ forloop.counter }}{% firstof "leak" as leaked %}'
  test.each([
    ['sees all names in scope, forloop too', '{% for x in list %}{% include "row" %}{% endfor %}', 'a1b2'],
    ['leaves no names behind', '{% include "row" %}{{ leaked }}', ''],
    ['with given names adds them', '{% include "row" with x="w" %}', 'w'],
    ['with only knows nothing else', '{% for x in list %}{% include "row" only %}{% endfor %}', ''],
    ['of a variable name', '{% include name with x=1 %}', '1'],
    ['of the first name that exists', '{% include names with x=2 %}', '2'],
    ['of a name made by a filter', '{% include "r"|add:"ow" with x=3 %}', '3'],
    [
      'keeps autoescape off',
      '{% autoescape off %}{% include "row" with x=html %}{% endautoescape %}{% include "row" with x=html %}',
      '<b>&lt;b&gt;',
    ],
    ['starts cycles anew', '{% for x in list %}{% include "cycle" %}{% endfor %}', 'oneone'],
  ])('%s', async (_, main, expected) => {
    const templates = { main, row, cycle: '{% cycle "one" "two" %}' }
    expect(await rendered(templates, { ...list('a', 'b'), name: 'row', names: ['nope', 'row'], html: '<b>' })).toBe(
      expected,
    )
  })
})

describe('blocks', () => {
  const base = '<{% block a %}base{% endblock %}|{% block b %}{% block c %}inner{% endblock %}{% endblock %}>'
  const middle = '{% extends "base" %}{% block a %}[{{ block.super }}]{% endblock %}'
  test.each([
    ['of the base stand where nothing replaces them', '{% extends "base" %}', '<base|inner>'],
    ['are replaced', '{% extends "base" %}{% block a %}mine{% endblock %}', '<mine|inner>'],
    ['within blocks are replaced', '{% extends "base" %}{% block c %}mine{% endblock %}', '<base|mine>'],
    [
      'call those above, over several levels',
      '{% extends "middle" %}{% block a %}({{ block.super }}{{ block.super }}){% endblock %}',
      '<([base][base])|inner>',
    ],
    ['know their name', '{% extends "base" %}{% block a %}{{ block.name }}{% endblock %}', '<a|inner>'],
    [
      'pass block.super to filters',
      '{% extends "base" %}{% block a %}{{ block.super|upper }}{% endblock %}',
      '<BASE|inner>',
    ],
    [
      'leave out what stands outside them',
      'a{# c #}\n{% extends "base" %}text{{ x }}{% block a %}{% endblock %}',
      '<|inner>',
    ],
    [
      'see the names of the loop around them',
      '{% extends "loop" %}{% block row %}{{ x }}{{ forloop.counter }}{{ block.super }};{% endblock %}',
      'a1(a);b2(b);',
    ],
    ['keep their cycles through a loop', '{% extends "loop" %}{% block row %}{% cycle "o" "e" %}{% endblock %}', 'oe'],
    [
      'keep the names they set to themselves',
      '{% extends "base" %}{% block a %}{% firstof "s" as y %}{{ y }}{% endblock %}{% block c %}{{ y }}{% endblock %}',
      '<s|>',
    ],
    ['of a parent that a variable names', '{% extends parent %}{% block a %}v{% endblock %}', '<v|inner>'],
    [
      'have a tag before them in the parent only',
      '{% extends "includes" %}{% block a %}x{% endblock %}',
      'included:base|x',
    ],
  ])('%s', async (_, main, expected) => {
    const templates = {
      main,
      base,
      middle,
      loop: '{% for x in list %}{% block row %}({{ x }}){% endblock %}{% endfor %}',
      includes: '{% include "part" %}|{% block a %}{% endblock %}',
      part: 'included:{% block a %}base{% endblock %}',
    }
    expect(await rendered(templates, { ...list('a', 'b'), parent: 'base', x: 'X' })).toBe(expected)
  })

  test('a template may extend one of the same name in the next place', async () => {
    const engines = await import('../../src/templates/engine.ts')
    const { memoryLoader } = await import('../../src/templates/loaders/memory.ts')
    const app = { ...memoryLoader({ 'admin.html': 'app[{% block a %}app{% endblock %}]' }) }
    const inner = {
      find: (name: string, skip: ReadonlySet<string>) => {
        const found = app.find(name, new Set())
        return found === null || skip.has('app') ? null : { ...found, origin: 'app' }
      },
      places: app.places,
    }
    const engine = new engines.Engine({
      templates: { 'admin.html': '{% extends "admin.html" %}{% block a %}mine+{{ block.super }}{% endblock %}' },
      loaders: [inner],
    })
    expect(engine.render('admin.html')).toBe('app[mine+app]')
  })
})

describe('partials', () => {
  const card = '{% partialdef card %}[{{ x }}{{ forloop.counter }}]{% endpartialdef card %}'
  test.each([
    [
      'are written where they are used',
      `${card}{% partial card %}{% for x in list %}{% partial card %}{% endfor %}`,
      '[][a1][b2]',
    ],
    [
      'are written in place when inline',
      '{% partialdef a inline %}<{{ y }}>{% endpartialdef %}{% partial a %}',
      '<y><y>',
    ],
    ['may be used before they are defined', `{% partial card %}${card}`, '[]'],
    [
      'may be used in blocks of the same template',
      `{% extends "base" %}${card}{% block a %}{% partial card %}{% endblock %}`,
      '<[]>',
    ],
    ['may be included from elsewhere', '{% include "other#card" with x="i" %}', '(i)'],
  ])('%s', async (_, main, expected) => {
    const templates = {
      main,
      base: '<{% block a %}{% endblock %}>',
      other: 'whole{% partialdef card %}({{ x }}){% endpartialdef %}',
    }
    expect(await rendered(templates, { ...list('a', 'b'), y: 'y' })).toBe(expected)
  })

  test('render alone by name, as an answer to a request for a piece of a page', async () => {
    const { Engine } = await import('../../src/templates/engine.ts')
    const engine = new Engine({
      templates: { page: 'page {% partialdef row inline %}<tr>{{ x }}</tr>{% endpartialdef %}' },
    })
    expect(engine.render('page#row', { x: 1 })).toBe('<tr>1</tr>')
    expect(engine.render('page', { x: 1 })).toBe('page <tr>1</tr>')
    expect(() => engine.render('page#nope')).toThrow(/does not exist/)
  })
})

describe('relative names', () => {
  test('are seen from the template that has them', async () => {
    const templates = {
      main: '{% include "a/b/page" %}',
      'a/b/page': '{% include "./part" %}{% include "../part" %}{% include name %}',
      'a/b/part': 'near',
      'a/part': 'above',
    }
    expect(await rendered(templates, { name: '../../a/b/./part' })).toBe('nearabovenear')
  })
})
