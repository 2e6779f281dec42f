/** Generated code and the interpreter are one engine: random templates give the same output or the same error. */
import { execFileSync } from 'node:child_process'
import fc from 'fast-check'
import { expect, test, vi } from 'vitest'
import { Engine } from '../../src/templates/engine.ts'

// Processes are started: on a busy machine each takes seconds.
vi.setConfig({ testTimeout: 120_000 })

const names = [
  'a',
  'b',
  'list',
  'pairs',
  'book',
  'book.title',
  'book.author.name',
  'nope',
  'forloop.counter',
  'forloop.first',
  'forloop.parentloop.counter0',
  'promise',
  'fn',
  'html',
  'list.0',
  'map.k',
]
const filters = [
  '',
  '|upper',
  '|default:"d"',
  '|length',
  '|join:"-"',
  '|safe',
  '|first',
  '|add:1',
  '|escape',
  '|default_if_none:b',
  '|truncatechars:3',
  '|yesno',
  '|slice:":2"',
  '|floatformat',
  '|linebreaksbr',
]
const operators = ['==', '!=', '<', '>', '<=', '>=', 'in', 'not in', 'is', 'is not', 'and', 'or']

const value = fc.tuple(fc.constantFrom(...names), fc.constantFrom(...filters)).map((parts) => parts.join(''))
const condition = fc.oneof(
  value,
  fc.tuple(value, fc.constantFrom(...operators), value).map((parts) => parts.join(' ')),
  value.map((one) => `not ${one}`),
)

const { body } = fc.letrec<{ body: string; node: string }>((tie) => {
  const inner = tie('body')
  return {
    body: fc.array(tie('node'), { maxLength: 4 }).map((nodes) => nodes.join('')),
    node: fc.oneof(
      { maxDepth: 4 },
      fc.constantFrom(
        'text ',
        '<b>',
        '\n',
        '{# c #}',
        '{% cycle "x" "y" %}',
        '{% cycle a b as c %}{{ c }}',
        '{% include "part" %}',
        '{% include "part" with a=b only %}',
        '{% partial piece %}',
        '{% resetcycle %}',
        '{% firstof nope a as s %}{{ s }}',
      ),
      value.map((one) => `{{ ${one} }}`),
      fc.tuple(condition, inner, inner).map(([test, yes, no]) => `{% if ${test} %}${yes}{% else %}${no}{% endif %}`),
      inner.map((one) => `{% for x in list %}{{ x }}${one}{% empty %}e{% endfor %}`),
      inner.map((one) => `{% for k, v in pairs reversed %}{{ k }}{{ v }}${one}{% endfor %}`),
      fc.tuple(value, inner).map(([one, rest]) => `{% with a=${one} b=a %}{{ a }}${rest}{% endwith %}`),
      inner.map((one) => `{% autoescape off %}${one}{{ html }}{% endautoescape %}`),
      inner.map((one) => `{% filter upper %}${one}{% endfilter %}`),
      inner.map((one) => `{% spaceless %}<i> ${one} </i>{% endspaceless %}`),
      fc.tuple(inner, inner).map(([one, two]) => `{% ifchanged %}${one}{% else %}${two}{% endifchanged %}`),
      fc.tuple(value, inner).map(([one, two]) => `{% ifchanged ${one} %}${two}{% endifchanged %}`),
      value.map(
        (one) => `{% regroup list by length as groups %}{% for g in groups %}{{ g.grouper }}{{ ${one} }}{% endfor %}`,
      ),
      value.map((one) => `{% blocktranslate with v=${one} %}[{{ v }}]{% endblocktranslate %}`),
    ),
  }
})

const context = () => ({
  a: 'A<',
  b: 2,
  list: ['x', 'yy', 'z&'],
  pairs: [
    [1, 'one'],
    ['<2>', null],
  ],
  book: { title: 'T & t', author: Promise.resolve({ name: 'Django' }) },
  promise: Promise.resolve('later'),
  fn: () => 'called',
  html: '<i>',
  map: new Map([['k', 'v']]),
})

async function outcome(engine: Engine): Promise<string> {
  try {
    return await engine.render('main', context())
  } catch (error) {
    return `error ${(error as Error).message}`
  }
}

const PIECE = '{% resetcycle %}'
for (const strict of [false, true]) {
  test(`random templates agree${strict ? ' in strict mode' : ''}`, async () => {
    await fc.assert(
      fc.asyncProperty(body, body, fc.boolean(), async (main, block, extending) => {
        const defined = '{% partialdef piece %}({{ a }}{{ x }}){% endpartialdef %}{% cycle "c" "d" %}'
        const templates = {
          main: extending
            ? `{% extends "base" %}${defined}{% block one %}${main}{{ block.super }}{% endblock %}`
            : `${defined}${main}`,
          base: `<{% block one %}${block.replaceAll('{% partial piece %}', '').replaceAll(PIECE, '')}{% endblock %}>`,
          part: '[{{ a }}{{ forloop.counter }}{{ x }}]',
        }
        const generated = await outcome(new Engine({ templates, strict }))
        const interpreted = await outcome(new Engine({ templates, strict, generateCode: false }))
        // Names in reach are known to both, in another order.
        const same = (text: string) => text.replace(/Known here: .*|Did you mean .*/g, '')
        expect(same(interpreted)).toBe(same(generated))
        expect(generated).not.toMatch(
          /std\.bad-generated-code|is not a function|is not defined|before initialization|Assignment to constant/,
        )
      }),
      { numRuns: 400 },
    )
  })
}

test('no output of a value is unescaped unless the template says so', async () => {
  await fc.assert(
    fc.asyncProperty(value, fc.string(), async (expression, text) => {
      if (/safe|html|title/.test(expression)) return
      const hostile = `<img src=x onerror="${text}">`
      const engine = new Engine({ templates: { main: `{{ ${expression.replace(/^[\w.]+/, 'hostile')} }}` } })
      expect(await engine.render('main', { hostile, b: hostile })).not.toContain('<img')
    }),
    { numRuns: 300 },
  )
})

test('where evaluation is forbidden, templates render all the same', () => {
  const script = `
    import { canGenerate } from './src/std/codegen.ts'
    import { Engine } from './src/templates/engine.ts'
    const templates = {
      base: '<{% block a %}base{% endblock %}>',
      main: '{% extends "base" %}{% block a %}{% for x in list %}{{ forloop.counter }}{{ x|upper }}{% endfor %}{{ block.super }}{% endblock %}',
    }
    const engine = new Engine({ templates })
    console.log(canGenerate(), engine.render('main', { list: ['a', '&'] }), await engine.render('main', { list: Promise.resolve(['b']) }))
  `
  const args = ['--disallow-code-generation-from-strings', '--input-type=module-typescript', '--eval', script]
  expect(
    execFileSync(process.execPath, args, { cwd: new URL('../..', import.meta.url), encoding: 'utf8' }).trim(),
  ).toBe('false <1A2&amp;base> <1Bbase>')
})
