/**
 * Hostile input (CVE classes of Django). Inputs are so large that anything but linear time would run into the limit of
 * the test, which is what fails it.
 */
import { describe, expect, test } from 'vitest'
import { Engine } from '../../src/templates/engine.ts'
import { stripTags } from '../../src/templates/filters/html.ts'
import { titleCase, wrapWords } from '../../src/templates/filters/text.ts'
import { truncateChars, truncateHtml, truncateWords } from '../../src/templates/filters/truncate.ts'
import { urlize } from '../../src/templates/filters/urlize.ts'
import { tokenize } from '../../src/templates/lexer.ts'
import { smartSplit } from '../../src/templates/parser/split.ts'
import { applied } from './vectors.ts'

const N = 500_000

describe('truncating HTML (CVE-2019-14232, CVE-2023-43665, CVE-2024-27351, CVE-2026-1285)', () => {
  test.each(['<', '&', '<p>', '</p>', '</a>', '<a ', '&#x', '<p', '>', '<p></i>', 'a<b '])('%s repeated', (piece) => {
    const text = piece.repeat(N)
    truncateHtml(text, 100_000, 'words')
    truncateHtml(text, 100_000, 'chars')
    expect(truncateHtml(text, 1, 'words').length).toBeLessThanOrEqual(text.length + 10)
  })

  test('many open tags, then many ends of others', () => {
    const text = '<a>'.repeat(N / 4) + '</b>'.repeat(N / 4) + ' x y'
    expect(truncateHtml(text, 1, 'words').endsWith('</a>')).toBe(true)
  })
})

describe('removing tags (CVE-2019-14233, CVE-2024-53907, CVE-2025-32873)', () => {
  test.each(['<', '&#x', '<a ', '<!', '<!--', '</', '<a>', '<a "', "<a '", '<<a>', '>', '<?', '<a href="'])(
    '%s repeated',
    (piece) => {
      expect(stripTags(piece.repeat(N)).length).toBeLessThanOrEqual(piece.length * N)
      expect(stripTags(`${piece.repeat(N)}>`).length).toBeLessThanOrEqual(piece.length * N + 1)
    },
  )

  test('tags in tags are removed too, up to fifty deep', () => {
    expect(stripTags('<<b>script>alert(1)<<b>/script>')).not.toContain('<script')
    stripTags('<'.repeat(N) + '>'.repeat(N))
  })
})

describe('finding addresses (CVE-2024-38875, CVE-2024-41990, CVE-2024-41991, CVE-2024-45230)', () => {
  test.each([
    `${'('.repeat(N)}x.com${')'.repeat(N)}`,
    '['.repeat(N),
    `x.com${';'.repeat(N)}`,
    '&:'.repeat(N),
    `http://${'é'.repeat(N)}`,
    `a@${'a.'.repeat(N)}`,
    `${'@'.repeat(N)}.`,
    'www.'.repeat(N),
    `x.com${'&gt;'.repeat(N)}`,
    `${'.com'.repeat(N)}`,
    `http://x.com/?${'a=&'.repeat(N)}`,
  ])('%#', (text) => {
    expect(urlize(text, { autoescape: true, nofollow: true }).length).toBeGreaterThan(0)
  })
})

describe('wrapping, splitting, grouping and padding', () => {
  test('words and spaces without end (CVE-2025-26699)', () => {
    expect(wrapWords('a'.repeat(N), 10)).toBe('a'.repeat(N))
    wrapWords(' '.repeat(N), 10)
    wrapWords('a '.repeat(N), 3)
    wrapWords('\n'.repeat(N), 10)
    truncateWords(' '.repeat(N), 5)
    truncateChars('\u0301'.repeat(N), 5)
    titleCase("a'".repeat(N))
    applied('wordcount', ' '.repeat(N))
    applied('linebreaks', '\n'.repeat(N))
    applied('slugify', '-'.repeat(N))
  })

  test('digits without end (CVE-2024-24680)', () => {
    expect(String(applied('intcomma', '1'.repeat(N))).length).toBe(N + Math.floor((N - 1) / 3))
  })

  test('numbers that would take the memory (CVE-2019-6975, CVE-2024-41989)', () => {
    expect(String(applied('floatformat', '1e200000000', 2)).length).toBeLessThan(300)
    expect(String(applied('floatformat', '1.5', 100_000)).length).toBeLessThan(300)
    expect(String(applied('ljust', 'a', 1_000_000_000)).length).toBe(10_000)
    expect(applied('stringformat', 1, '999999999d')).toBe('')
    expect(String(applied('filesizeformat', '9'.repeat(N)))).toBe('0\u00a0bytes')
  })

  test('nested lists', () => {
    let nested: unknown[] = ['x']
    for (let i = 0; i < 5000; i++) nested = ['x', nested]
    expect(String(applied('unordered_list', nested)).length).toBeLessThan(100_000)
  })
})

describe('templates themselves', () => {
  test('a text full of openers is read in one pass', () => {
    for (const piece of ['{{', '{%', '{#', '{', '{{ a %}', '{%"']) {
      expect(tokenize(piece.repeat(N)).length).toBeGreaterThan(0)
      tokenize(`${piece.repeat(N)}\n}}%}#}`)
    }
    smartSplit('"'.repeat(N))
    smartSplit(`'a" `.repeat(N))
  })

  test('nesting and conditions are bounded', () => {
    const engine = new Engine({
      templates: { deep: '{% if a %}'.repeat(1000), nots: `{% if ${'not '.repeat(5000)}a %}{% endif %}` },
    })
    expect(engine.check('deep')).toMatchObject({ code: 'templates.nesting' })
    expect(engine.check('nots')).toMatchObject({ code: 'templates.bad-condition' })
  })

  test('input never becomes code: quotes, line breaks and comments in every place a template has', async () => {
    const { rendered } = await import('./render.ts')
    const nasty = `\`"'\\ \${1} */ // \u2028\u2029 </script>`
    expect(await rendered(nasty)).toBe(nasty)
    expect(await rendered({ main: '{% block "a`b\\" %}x{% endblock %}' })).toBe('x')
    expect(await rendered('{{ a.b|default:"x`\\"y" }}', {})).toBe('x`"y')
    expect(await rendered({ main: '{% include name %}', 'a\n`"b': 'ok' }, { name: 'a\n`"b' })).toBe('ok')
  })
})
