/** Text, numbers and dates in the reader's language. */
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import { addCatalog, clearCatalogs, withLanguage, withTimeZone } from '../../src/i18n/index.ts'
import { Temporal } from '../../src/std/dates.ts'
import { Decimal } from '../../src/std/decimal.ts'
import { rendered } from './render.ts'

beforeEach(() => {
  addCatalog('fr', {
    Welcome: 'Bienvenue',
    '<b>': '<i>',
    'month\u0004May': 'mai',
    'Hello %(name)s': 'Bonjour %(name)s',
    '%(n)s book': ['%(n)s livre', '%(n)s livres'],
    'Lost %(name)s': 'Perdu %(other)s',
    '100%% sure': 'sûr à 100%%',
    'yes,no,maybe': 'oui,non,peut-être',
    '{n} day': ['{n} jour', '{n} jours'],
  })
})
afterEach(() => {
  clearCatalogs()
  vi.useRealTimers()
})

const french = (source: string, context: Record<string, unknown> = {}) =>
  withLanguage('fr', () => rendered(source, context))

describe('translate', () => {
  test.each([
    [
      'a message',
      '{% translate "Welcome" %} {% trans "Welcome" %} {{ _("Welcome") }}',
      'Bienvenue Bienvenue Bienvenue',
    ],
    ['a message from a variable, escaped', '{% translate bold %}', '&lt;i&gt;'],
    ['with a context', '{% translate "May" context "month" %}{% translate "May" context "verb" %}', 'maiMay'],
    ['kept under a name', '{% translate "Welcome" as w %}[{{ w|upper }}]', '[BIENVENUE]'],
    ['before its filters', '{% translate "Welcome"|lower %}', 'bienvenue'],
    ['not at all with noop', '{% translate "Welcome" noop %}', 'Welcome'],
    [
      'in another language for a part',
      '{% language "en" %}{% translate "Welcome" %}{% endlanguage %}{% translate "Welcome" %}',
      'WelcomeBienvenue',
    ],
    ['with the words of filters', '{{ yes|yesno }}', 'oui'],
  ])('%s', async (_, source, expected) => {
    expect(await french(source, { bold: '<b>', yes: true })).toBe(expected)
  })
})

describe('blocktranslate', () => {
  test.each([
    [
      'fills in values, escaped',
      '{% blocktranslate %}Hello {{ name }}{% endblocktranslate %}',
      'Bonjour &lt;Django&gt;',
    ],
    [
      'with names of its own',
      '{% blocktranslate with name="x"|upper %}Hello {{ name }}{% endblocktranslate %}{{ name|safe }}',
      'Bonjour X<Django>',
    ],
    [
      'counts',
      '{% for k in counts %}{% blocktranslate count n=k %}{{ n }} book{% plural %}{{ n }} books{% endblocktranslate %};{% endfor %}',
      '0 livre;1 livre;2 livres;',
    ],
    [
      'falls back where the translation names something else',
      '{% blocktranslate %}Lost {{ name }}{% endblocktranslate %}',
      'Lost &lt;Django&gt;',
    ],
    ['keeps percent signs', '{% blocktranslate %}100% sure{% endblocktranslate %}', 'sûr à 100%'],
    ['takes whole expressions as well', '{% blocktranslate %}At {{ book.title|upper }}{% endblocktranslate %}', 'At A'],
    ['trims', '{% blocktranslate trimmed %}\n  Hello\n  {{ name }}\n{% endblocktranslate %}', 'Bonjour &lt;Django&gt;'],
    [
      'is kept under a name',
      '{% blocktranslate asvar hello %}Hello {{ name }}{% endblocktranslate %}[{{ hello }}]',
      '[Bonjour &lt;Django&gt;]',
    ],
  ])('%s', async (_, source, expected) => {
    expect(await french(source, { name: '<Django>', counts: [0, 1, 2], book: { title: 'a' } })).toBe(expected)
  })
})

describe('numbers and dates', () => {
  const context = {
    price: 1234.5,
    whole: 1234567,
    exact: new Decimal('0.10000000000000000000000001'),
    at: new Date(Date.UTC(2026, 0, 31, 23, 30)),
    day: Temporal.PlainDate.from('2026-01-31'),
    time: Temporal.PlainTime.from('16:05'),
  }
  test.each([
    ['en', '{{ price }} {{ whole }} {{ exact }}', '1234.5 1234567 0.10000000000000000000000001'],
    ['fr', '{{ price }} {{ whole }} {{ exact }}', '1234,5 1234567 0,10000000000000000000000001'],
    ['fr', '{{ price|floatformat:"2g" }} {{ price|floatformat:"2u" }}', '1\u00a0234,50 1234.50'],
    ['de', '{% load humanize %}{{ whole|intcomma }} {{ price|floatformat:2 }}', '1.234.567 1234,50'],
    ['en', '{{ at }} / {{ day }} / {{ time }}', 'Feb. 1, 2026, 12:30 a.m. / Jan. 31, 2026 / 4:05 p.m.'],
    ['fr', '{{ at }} / {{ day }} / {{ time }}', '1 février 2026 00:30 / 31 janvier 2026 / 16:05'],
    ['fr', '{{ day|date:"SHORT_DATE_FORMAT" }} {{ at|time }} {{ at|date:"H:i" }}', '31/01/2026 00:30 00:30'],
    [
      'fr',
      '{% localize off %}{{ price }}{% endlocalize %} {{ price|unlocalize }} {% localize off %}{{ price|localize }}{% endlocalize %}',
      '1234.5 1234.5 1234,5',
    ],
    [
      'en',
      '{% timezone "America/New_York" %}{{ at|date:"H:i" }}{% endtimezone %} {{ at|utc|date:"H:i e" }} {{ at|timezone:"Asia/Tokyo"|date:"G" }}',
      '18:30 23:30 UTC 8',
    ],
    ['en', '{% get_current_timezone as z %}{{ z }} {% get_current_language as l %}{{ l }}', 'Europe/Paris en'],
    ['en', '{{ day|date:"H" }}{{ time|date:"Y" }}{{ "text"|date }}{{ bad|date }}', ''],
  ])('%s: %s', async (language, source, expected) => {
    expect(await withLanguage(language, () => withTimeZone('Europe/Paris', () => rendered(source, context)))).toBe(
      expected,
    )
  })

  test("formats are the project's to change, by language", async () => {
    const options = { formats: { fr: { DATE_FORMAT: 'Y-m-d', USE_THOUSAND_SEPARATOR: true } } }
    expect(await withLanguage('fr-CA', () => rendered('{{ day }} {{ whole }}', context, options))).toBe(
      '2026-01-31 1\u00a0234\u00a0567',
    )
  })

  test('times since and until, and days by name', async () => {
    vi.useFakeTimers({ now: Date.UTC(2026, 1, 2, 12), toFake: ['Date'] })
    const times = {
      at: new Date(Date.UTC(2026, 0, 31, 9)),
      next: new Date(Date.UTC(2026, 1, 3, 12)),
      day: Temporal.PlainDate.from('2026-02-01'),
    }
    expect(await rendered('{{ at|timesince }}; {{ next|timeuntil }}; {{ at|timesince:next }}', times)).toBe(
      '2\u00a0days, 3\u00a0hours; 1\u00a0day; 3\u00a0days, 3\u00a0hours',
    )
    expect(await rendered('{% load humanize %}{{ day|naturalday }} {{ at|naturaltime }}', times)).toBe(
      'yesterday 2\u00a0days, 3\u00a0hours ago',
    )
    expect(await french('{{ next|timeuntil }}', times)).toBe('1\u00a0jour')
    expect(await rendered('{{ day|timesince:at }}{{ at|timesince:day }}{{ "x"|timesince }}', times)).toBe('')
  })
})
