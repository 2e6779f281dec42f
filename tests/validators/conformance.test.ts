import { expect, test } from 'vitest'
import {
  decimalDigits,
  email,
  fileExtension,
  integerList,
  maxLength,
  maxValue,
  minLength,
  minValue,
  regex,
  step,
  url,
  ValidationError,
  validateEmail,
  validateInteger,
  validateIp,
  validateIpv4,
  validateIpv6,
  validateNoNulls,
  validateSlug,
  validateUnicodeSlug,
  validateUrl,
} from '../../src/validators.ts'
import { mismatches, type Row, rows } from '../conformance/rows.ts'

// One validator per kind of row, made from its options.
const make: Record<string, (options: any) => (value: any) => void> = {
  email: ({ allowlist }) => (allowlist === undefined ? validateEmail : email({ allowlist })),
  url: ({ schemes }) => (schemes === undefined ? validateUrl : url({ schemes })),
  slug: () => validateSlug,
  unicode_slug: () => validateUnicodeSlug,
  ipv4: () => validateIpv4,
  ipv6: () => validateIpv6,
  ipv46: () => validateIp,
  comma_separated_integers: () => integerList(),
  int_list: ({ allow_negative }) => integerList({ allowNegative: allow_negative }),
  integer: () => validateInteger,
  max_value: ({ limit }) => maxValue(limit),
  min_value: ({ limit }) => minValue(limit),
  max_length: ({ limit }) => maxLength(limit),
  min_length: ({ limit }) => minLength(limit),
  decimal: ({ max_digits, decimal_places }) => decimalDigits({ maxDigits: max_digits, decimalPlaces: decimal_places }),
  file_extension: ({ allowed }) => fileExtension(allowed),
  no_nulls: () => validateNoNulls,
  regex: ({ pattern, inverse, code, message }) => regex(new RegExp(pattern), { inverse, kind: code, message }),
  step: ({ limit }) => step(limit),
}

// A decimal counts its digits as they are written, so it is passed as text.
const untag = (value: any) =>
  typeof value === 'object' && value !== null && '$decimal' in value ? value.$decimal : value

function outcome({ kind, input }: Row): unknown {
  try {
    make[kind]!(input.options)(untag(input.value))
    return { ok: true }
  } catch (error) {
    if (!(error instanceof ValidationError)) throw error
    return { errors: [{ code: error.kind, message: error.messages[0] }] }
  }
}

test.each(Object.keys(make))("%s accepts and refuses what Django's does, in the same words", (kind) => {
  const all = rows('validators', kind)
  expect(all.length).toBeGreaterThan(0)
  expect(mismatches(all, outcome)).toEqual([])
})

test('every kind of row is run', () => {
  expect(new Set(rows('validators').map((row) => row.kind))).toEqual(new Set(Object.keys(make)))
})
