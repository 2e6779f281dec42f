/** Compares results of the ORM vectors: numbers within a millionth, rows in order or as a multiset. */

// Results are JSON of any form.
type Any = any

function number(value: Any): number | null {
  if (typeof value === 'number') return value
  if (typeof value === 'boolean' || typeof value === 'bigint') return Number(value)
  if (typeof value !== 'object' || value === null) return null
  const tagged = value.$decimal ?? value.$float ?? value.$bigint ?? value.$duration
  if (tagged !== undefined) return Number(tagged)
  if ('$datetime' in value) return Date.parse(value.$datetime)
  return '$time' in value ? Date.parse(`1970-01-01T${value.$time}Z`) : null
}

/** Whether two results are the same. */
export function same(got: Any, expected: Any): boolean {
  const a = number(got)
  const b = number(expected)
  if (a !== null && b !== null) return Math.abs(a - b) <= 1e-6 * Math.max(1, Math.abs(b))
  if (Array.isArray(got) && Array.isArray(expected)) {
    return got.length === expected.length && got.every((item, i) => same(item, expected[i]))
  }
  if (typeof got === 'object' && got !== null && typeof expected === 'object' && expected !== null) {
    const keys = Object.keys(expected)
    return keys.length === Object.keys(got).length && keys.every((key) => same(got[key], expected[key]))
  }
  return got === expected
}

/** The same for lists whose order does not matter. */
export function sameBag(got: Any, expected: Any): boolean {
  if (!Array.isArray(got) || !Array.isArray(expected)) return same(got, expected)
  if (got.length !== expected.length) return false
  const left = [...expected]
  return got.every((item) => {
    const at = left.findIndex((other) => same(item, other))
    if (at !== -1) left.splice(at, 1)
    return at !== -1
  })
}
