import fc from 'fast-check'
import { expect, test } from 'vitest'
import { decimalAggregates, decimalKey, decimalOperation } from '../../../src/db/backends/sqlite/decimals.ts'
import { Decimal } from '../../../src/std/decimal.ts'

const decimals = fc
  .tuple(fc.boolean(), fc.bigInt({ min: 0n, max: 10n ** 30n }), fc.integer({ min: 0, max: 20 }))
  .map(([negative, digits, places]) => {
    const text = digits.toString().padStart(places + 1, '0')
    const whole = text.slice(0, text.length - places)
    return `${negative ? '-' : ''}${whole}${places > 0 ? `.${text.slice(-places)}` : ''}`
  })

test('keys sort as the numbers do', () => {
  fc.assert(
    fc.property(decimals, decimals, (a, b) => {
      const [left, right] = [decimalKey(a)!, decimalKey(b)!]
      expect(left < right ? -1 : left > right ? 1 : 0).toBe(new Decimal(a).comparedTo(b))
    }),
    { numRuns: 3000 },
  )
})

test('equal numbers have one key, however they are written', () => {
  expect(new Set(['1.5', '1.50', '01.500', '+1.5', 1.5, '15e-1'].map(decimalKey)).size).toBe(1)
  expect(new Set(['0', '-0', '0.00', 0, '.0'].map(decimalKey)).size).toBe(1)
  expect(decimalKey(9_007_199_254_740_993n)).toBe(decimalKey('9007199254740993'))
  expect(decimalKey(null)).toBeNull()
  expect(decimalKey('not a number')! > decimalKey('9e30')!).toBe(true)
})

test('arithmetic is exact', () => {
  fc.assert(
    fc.property(decimals, decimals, (a, b) => {
      expect(decimalOperation('+', a, b)).toBe(new Decimal(a).plus(b).toFixed())
      expect(decimalOperation('*', a, b)).toBe(new Decimal(a).times(b).toFixed())
    }),
  )
  expect(decimalOperation('/', '1', '0')).toBeNull()
  expect(decimalOperation('-', null, '1')).toBeNull()
  const { start, step, result } = decimalAggregates.avg
  expect(result(['1', '2', null, '4'].reduce(step, start()))).toMatch(/^2\.3{59}$/)
  expect(result(start())).toBeNull()
})
