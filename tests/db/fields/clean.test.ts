import {
  bigInteger,
  binary,
  boolean,
  char,
  choice,
  Decimal,
  date,
  dateTime,
  decimal,
  duration,
  email,
  float,
  integer,
  json,
  slug,
  smallInteger,
  text,
  time,
  url,
  uuid,
} from 'nuages/db'
import { describe, expect, test } from 'vitest'
import { withTimeZone } from '../../../src/i18n/index.ts'
import { Temporal } from '../../../src/std/dates.ts'
import { ValidationError } from '../../../src/validators.ts'
import { bound } from './place.ts'

const day = Temporal.PlainDate.from
const clock = Temporal.PlainTime.from
const span = Temporal.Duration.from

/** declaration, accepted input → value, refused input */
const cases: Record<string, [declaration: unknown, accepted: [unknown, unknown][], refused: unknown[]]> = {
  integer: [
    integer(),
    [
      [' 5 ', 5],
      ['-12', -12],
      ['+3', 3],
      [7, 7],
      [7n, 7],
      ['9007199254740991', 9007199254740991],
    ],
    [
      '1e3',
      '5.0',
      '5.5',
      5.5,
      Number.NaN,
      '0x10',
      '',
      ' ',
      '9007199254740992',
      '9'.repeat(1_000_000),
      true,
      {},
      '1_000',
      '٣',
    ],
  ],
  smallInteger: [smallInteger(), [['-32768', -32768]], ['32768', -32769]],
  'integer with bounds': [integer({ min: 1, max: 9 }), [['9', 9]], ['0', 10]],
  bigInteger: [
    bigInteger(),
    [
      ['9223372036854775807', 9223372036854775807n],
      [5, 5n],
    ],
    ['9223372036854775808', '-9223372036854775809', '1e3', 1.5],
  ],
  float: [
    float(),
    [
      ['1e3', 1000],
      [' .5', 0.5],
      [2, 2],
    ],
    ['1e999', 'Infinity', 'NaN', Number.POSITIVE_INFINITY, '0x10', '1,5', 'x'],
  ],
  decimal: [
    decimal({ maxDigits: 5, decimalPlaces: 2 }),
    [
      ['123.45', new Decimal('123.45')],
      [1, new Decimal(1)],
      ['0', new Decimal(0)],
    ],
    ['1234.5', '1.234', 'x', 'NaN', '1e1000000000', Number.NaN],
  ],
  'decimal with bounds': [
    decimal({ maxDigits: 5, decimalPlaces: 2, min: '0.5' }),
    [['0.5', new Decimal('0.5')]],
    ['0.49'],
  ],
  boolean: [
    boolean(),
    [
      ['true', true],
      ['0', false],
      [1, true],
      ['on', true],
    ],
    ['maybe', 2, {}, null],
  ],
  char: [
    char({ maxLength: 3, minLength: 2 }),
    [
      ['ab', 'ab'],
      ['😀😀😀', '😀😀😀'],
      [12, '12'],
    ],
    ['a', 'abcd', 'a\0', '', {}, ['ab']],
  ],
  text: [text(), [[' x ', ' x ']], ['', null, {}]],
  slug: [slug(), [['a-b_1', 'a-b_1']], ['a b', 'é', 'x'.repeat(51)]],
  email: [email(), [[' a@b.com ', 'a@b.com']], ['a@b', 'a b@c.com', `${'a'.repeat(250)}@b.com`]],
  url: [url(), [['https://example.com/x?y=1', 'https://example.com/x?y=1']], ['javascript:alert(1)', 'example.com']],
  choice: [choice({ draft: 'Draft', published: 'Published' }), [['draft', 'draft']], ['drafft', '', 'toString', null]],
  'choices of numbers': [
    integer({
      choices: [
        [1, 'Low'],
        [2, 'High'],
      ],
    }),
    [['2', 2]],
    ['3'],
  ],
  uuid: [
    uuid(),
    [
      ['0190A5CC-5F0E-7C3A-8000-000000000001', '0190a5cc-5f0e-7c3a-8000-000000000001'],
      ['0190a5cc5f0e7c3a8000000000000001', '0190a5cc-5f0e-7c3a-8000-000000000001'],
    ],
    ['0190a5cc', 5, 'g'.repeat(32)],
  ],
  date: [
    date(),
    [
      ['2026-02-28', day('2026-02-28')],
      [' 2026-2-3 ', day('2026-02-03')],
    ],
    ['2026-02-30', '0000-01-01', '28.2.2026', 20260228, '2026-02-28T10:00'],
  ],
  time: [
    time(),
    [
      ['9:05', clock('09:05')],
      ['23:59:59.123456', clock('23:59:59.123456')],
    ],
    ['24:00', '9', '09:60'],
  ],
  duration: [
    duration(),
    [
      ['PT90M', span('PT90M')],
      ['3 04:05:06.5', span({ days: 3, hours: 4, minutes: 5, seconds: 6, milliseconds: 500 })],
      ['90:00', span({ hours: 0, minutes: 90 })],
      ['-01:00:00', span({ hours: -1 })],
    ],
    ['P', 'x', 'PT', 5],
  ],
  json: [
    json(),
    [
      [{ a: [1, 'x', null, true] }, { a: [1, 'x', null, true] }],
      ['text', 'text'],
    ],
    [Number.NaN, 1n, new Date(), new Map(), { f() {} }],
  ],
  binary: [
    binary(),
    [
      ['AQI=', new Uint8Array([1, 2])],
      [new Uint8Array([3]), new Uint8Array([3])],
    ],
    ['A', 'a b c', 5],
  ],
}

describe.each(Object.entries(cases))('%s', (_, [declaration, accepted, refused]) => {
  const field = bound(declaration)
  test.each(accepted)('reads %o', (input, value) => {
    expect(field.clean(input)).toEqual(value)
  })
  test.each(refused.map((input) => [input]))('refuses %o', (input) => {
    expect(() => field.clean(input)).toThrow(ValidationError)
  })
})

describe('dateTime', () => {
  const field = bound(dateTime())
  const read = (input: unknown) => (field.clean(input) as Date).toISOString()
  test('reads text with an offset as that instant', () => {
    expect(read('2026-07-01T12:00:00Z')).toBe('2026-07-01T12:00:00.000Z')
    expect(read('2026-07-01 12:00:00.5+02:00')).toBe('2026-07-01T10:00:00.500Z')
    expect(read('2026-07-01 12:00-0530')).toBe('2026-07-01T17:30:00.000Z')
  })
  test('reads text without one in the current time zone', () => {
    withTimeZone('Europe/Paris', () => {
      expect(read('2026-07-01T12:00')).toBe('2026-07-01T10:00:00.000Z')
      expect(read('2026-01-01')).toBe('2025-12-31T23:00:00.000Z')
    })
  })
  test.each([
    '2026-02-30 10:00',
    'tomorrow',
    5,
    new Date(Number.NaN),
    '2026-07-01T12:00+25:00',
    `2026-07-01T12:00${' '.repeat(99)}`,
  ])('refuses %o', (input) => {
    expect(() => field.clean(input)).toThrow(ValidationError)
  })
})

describe('empty input', () => {
  test('is null where that is allowed', () => {
    expect(bound(integer({ null: true })).clean('')).toBeNull()
    expect(bound(integer({ null: true })).clean(null)).toBeNull()
    expect(bound(text({ null: true })).clean('')).toBeNull()
  })
  test('is the empty text where that is allowed, and the default then', () => {
    const field = bound(char({ maxLength: 9, blank: true }))
    expect(field.clean('')).toBe('')
    expect(field.getDefault()).toBe('')
    expect(bound(email({ blank: true })).clean('  ')).toBe('')
  })
  test('says what kind of nothing is refused', () => {
    expect(() => bound(integer()).clean(null)).toThrow(expect.objectContaining({ kind: 'null' }))
    expect(() => bound(text()).clean('')).toThrow(expect.objectContaining({ kind: 'blank' }))
  })
})

describe('json with a schema', () => {
  const schema = {
    '~standard': {
      version: 1 as const,
      vendor: 'test',
      validate: (value: unknown) =>
        typeof value === 'object' && value !== null && 'isbn' in value
          ? { value }
          : { issues: [{ message: 'isbn is missing' }] },
    },
  }
  test('checks what is cleaned', () => {
    const field = bound(json(schema, { null: true }))
    expect(field.clean({ isbn: 'x' })).toEqual({ isbn: 'x' })
    expect(() => field.clean({})).toThrow('isbn is missing')
    expect(field.null).toBe(true)
  })
})

test('validators of the project run after the field’s own', () => {
  const field = bound(
    integer({
      validators: [
        (value) => {
          if (value % 2) throw new ValidationError('Even numbers only.')
        },
      ],
    }),
  )
  expect(field.clean('4')).toBe(4)
  expect(() => field.clean('3')).toThrow('Even numbers only.')
})
