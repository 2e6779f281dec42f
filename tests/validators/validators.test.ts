import { describe, expect, test } from 'vitest'
import { addCatalog, clearCatalogs, tLazy, withLanguage } from '../../src/i18n/index.ts'
import { Temporal } from '../../src/std/dates.ts'
import { Decimal } from '../../src/std/decimal.ts'
import {
  decimalDigits,
  integerList,
  maxLength,
  maxValue,
  minValue,
  regex,
  step,
  ValidationError,
  validateEmail,
  validateInteger,
  validateIp,
  validateIpv6,
  validateSlug,
  validateUnicodeSlug,
  validateUrl,
} from '../../src/validators.ts'

const refuses = (validate: (value: any) => void, value: unknown): boolean => {
  try {
    validate(value)
    return false
  } catch (error) {
    expect(error).toBeInstanceOf(ValidationError)
    return true
  }
}

describe('hostile input', () => {
  // Work is bounded by the caps, not by the input: each of these is a CVE of Django's (2023-36053, 2024-56374 …).
  const n = 200_000
  test.each<[string, (value: unknown) => void, string]>([
    ['an address whose domain has many labels', validateEmail, `a@${'a.'.repeat(n)}`],
    ['an address of one long label', validateEmail, `a@${'a'.repeat(n)}`],
    ['an address with a long local part', validateEmail, `${'a.'.repeat(n)}@b.com`],
    ['an address whose quotes never end', validateEmail, `"${'\\"'.repeat(n)}@b.com`],
    ['an address whose domain expands when normalised', validateEmail, `a@${'\uFDFA'.repeat(n)}`],
    ['a URL with many labels', validateUrl, `http://${'a.'.repeat(n)}com`],
    ['a URL with many dashes', validateUrl, `http://${'-'.repeat(n)}`],
    ['a URL with a long user', validateUrl, `http://${'a:'.repeat(n)}@b.com`],
    ['an IPv6 address of zeros', validateIpv6, `::${'0'.repeat(n)}`],
    ['an IPv6 address of many groups', validateIp, '1:'.repeat(n)],
    ['an IPv6 address with a long scope', validateIpv6, `fe80::1%${'a'.repeat(n)}`],
    ['a number of many digits', validateInteger, '9'.repeat(n)],
    ['text for an exponential pattern', regex(/^(a+)+$/), `${'a'.repeat(n)}!`],
    ['a decimal of a gigabyte', decimalDigits({ maxDigits: 10, decimalPlaces: 2 }), '1e1000000000'],
    ['a decimal of many digits', decimalDigits({ maxDigits: 10, decimalPlaces: 2 }), '1'.repeat(n)],
  ])('%s is refused', (_, validate, value) => {
    expect(refuses(validate, value)).toBe(true)
  })

  test.each<[string, (value: unknown) => void, string]>([
    ['an address', validateEmail, 'a@b.com'],
    ['a local address', validateEmail, 'a@localhost'],
    ['a URL', validateUrl, 'http://b.com'],
    ['a URL with a path', validateUrl, 'http://b.com/a'],
    ['a slug', validateSlug, 'abc'],
    ['a Unicode slug', validateUnicodeSlug, 'é'],
    ['an integer', validateInteger, '12'],
    ['a list of integers', integerList(), '1,2'],
    ['an address of the network', validateIp, '127.0.0.1'],
    ['text of a pattern', regex(/^[a-z]+$/), 'abc'],
  ])('%s does not end in a line break', (_, validate, value) => {
    expect(refuses(validate, value)).toBe(false)
    for (const end of ['\n', '\r', '\u2028', '\0']) expect(refuses(validate, value + end)).toBe(true)
  })

  test('javascript: and data: are no URLs', () => {
    for (const value of [
      'javascript:alert(1)',
      'javascript://b.com/%0aalert(1)',
      'data:text/html,x',
      ' http://b.com',
      'http://b.com\\@c.com',
    ]) {
      expect(refuses(validateUrl, value), value).toBe(true)
    }
  })

  test('what is no text is refused, not turned into some', () => {
    for (const value of [null, undefined, 5, {}, ['a@b.com'], { toString: () => 'a@b.com' }]) {
      expect(refuses(validateEmail, value)).toBe(true)
      expect(refuses(validateUrl, value)).toBe(true)
    }
  })
})

describe('limits', () => {
  test('compare numbers, big integers, decimals, dates and Temporal values', () => {
    expect(refuses(minValue(10n), 10n)).toBe(false)
    expect(refuses(maxValue(10), 2n ** 64n)).toBe(true)
    expect(refuses(minValue(10), 10n)).toBe(false)
    expect(refuses(maxValue(new Decimal('0.1')), new Decimal('0.10000000000000000000000001'))).toBe(true)
    expect(refuses(maxValue(1), new Decimal('1'))).toBe(false)
    expect(refuses(minValue(new Date(5)), new Date(4))).toBe(true)
    expect(refuses(minValue(new Date(5)), new Date(5))).toBe(false)
    expect(refuses(minValue(Temporal.PlainDate.from('2024-01-10')), Temporal.PlainDate.from('2024-01-09'))).toBe(true)
    expect(refuses(maxValue(Temporal.PlainDate.from('2024-01-10')), Temporal.PlainDate.from('2024-01-10'))).toBe(false)
  })

  test('refuse what has no order', () => {
    expect(refuses(minValue(0), Number.NaN)).toBe(true)
    expect(refuses(maxValue(0), Number.NaN)).toBe(true)
  })

  test('may be found when asked', () => {
    let limit = 1
    const validate = maxValue(() => limit)
    expect(refuses(validate, 2)).toBe(true)
    limit = 2
    expect(refuses(validate, 2)).toBe(false)
  })

  test('step counts from its offset, exactly', () => {
    expect(refuses(step(0.1), 0.7)).toBe(false)
    expect(refuses(step(5, 1), 11)).toBe(false)
    expect(refuses(step(5, 1), 10)).toBe(true)
    expect(refuses(step(5), 'x')).toBe(true)
  })
})

test('a pattern with the g flag gives the same answer each time', () => {
  const validate = regex(/a/g)
  expect([1, 2, 3].map(() => refuses(validate, 'a'))).toEqual([false, false, false])
})

describe('ValidationError', () => {
  test('has a stable code, status 400, and messages', () => {
    const error = new ValidationError('Too long.', { kind: 'max_length' })
    expect(error).toMatchObject({
      code: 'validators.invalid',
      status: 400,
      kind: 'max_length',
      messages: ['Too long.'],
      fields: {},
    })
    expect(error.message).toBe('Too long.')
  })

  test('takes several messages, or messages by field', () => {
    expect(new ValidationError(['A.', 'B.']).messages).toEqual(['A.', 'B.'])
    const error = new ValidationError({ end: ['Before the start.'], title: 'Missing.' })
    expect(error.messages).toEqual([])
    expect({ ...error.fields }).toEqual({ end: ['Before the start.'], title: ['Missing.'] })
    expect(error.message).toBe('end: Before the start. title: Missing.')
  })

  test('a field named __proto__ is a field', () => {
    const error = new ValidationError(JSON.parse('{"__proto__": ["x"]}'))
    expect(Object.keys(error.fields)).toEqual(['__proto__'])
    expect(({} as any)[0]).toBeUndefined()
  })

  test('speaks the language of the moment it is thrown', () => {
    addCatalog('fr', {
      'Ensure this value has at most {limit} character (it has {length}).': [
        'Au plus {limit} caractère (il y en a {length}).',
        'Au plus {limit} caractères (il y en a {length}).',
      ],
      Lazy: 'Paresseux',
    })
    try {
      const message = (limit: number) =>
        withLanguage('fr', () => {
          try {
            maxLength(limit)('abcdef')
          } catch (error) {
            return (error as ValidationError).messages[0]
          }
        })
      expect(message(1)).toBe('Au plus 1 caractère (il y en a 6).')
      expect(message(5)).toBe('Au plus 5 caractères (il y en a 6).')
      expect(withLanguage('fr', () => new ValidationError(tLazy('Lazy')).messages)).toEqual(['Paresseux'])
    } finally {
      clearCatalogs()
    }
  })
})
