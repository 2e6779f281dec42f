/** Checks that are written as SQL, as lookups where they are simple enough: comparisons with constants, joined by AND. */

const COMPARE: Readonly<Record<string, string>> = { '>=': 'gte', '<=': 'lte', '>': 'gt', '<': 'lt', '=': '' }
const PART = /^\(*\s*"?((?:[^"]|"")+?)"?(?:::[a-z ]+|\))*\s*(>=|<=|<>|!=|>|<|=|IS NOT NULL|IS NULL)\s*(.*?)\s*\)*$/is

/**
 * The condition of a check, by field; null where it says more than lookups do here.
 * @param fieldOf   the field of a column, and whether its values are numbers
 */
export function readCheck(
  sql: string,
  fieldOf: (column: string) => { readonly name: string; readonly isNumber: boolean } | null,
): Readonly<Record<string, unknown>> | null {
  if (/\bOR\b|\bNOT\s*\(|\bLIKE\b|\bBETWEEN\b|\bANY\b|\bCASE\b|'.*\bAND\b.*'/i.test(sql)) return null
  const found: Record<string, unknown> = {}
  for (const text of sql.split(/\bAND\b/i)) {
    const match = PART.exec(text.trim())
    if (match === null) return null
    const [, column, operator, right] = match as unknown as [string, string, string, string]
    const field = fieldOf(column.replaceAll('""', '"').replace(/^"|"$/g, ''))
    if (field === null) return null
    const word = operator.toUpperCase()
    if (word.startsWith('IS')) {
      if (right !== '') return null
      found[`${field.name}__isnull`] = word === 'IS NULL'
      continue
    }
    const number = /^\(?'?(-?\d+(?:\.\d+)?)'?\)?(?:::[a-z ]+)?$/i.exec(right)
    const suffix = COMPARE[operator]
    if (number === null || suffix === undefined || !field.isNumber) return null
    const value = Number(number[1])
    if (!Number.isSafeInteger(value) && !right.includes('.')) return null
    found[suffix === '' ? field.name : `${field.name}__${suffix}`] = value
  }
  return Object.keys(found).length === 0 ? null : found
}
