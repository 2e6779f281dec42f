/** Names of constraints and of what stands behind indexes. */

/** Names longer than this are refused. */
const MAX_NAME = 64

/** A name of at most 64 letters that says what it is of: table, columns, and what. */
export function constraintName(table: string, columns: readonly string[], suffix: string): string {
  const whole = `${table}_${columns.join('_')}_${suffix}`
  if (whole.length <= MAX_NAME) return whole
  // FNV-1a over the whole name, so that two long names stay two.
  let hash = 0x811c9dc5
  for (const letter of whole) hash = Math.imul(hash ^ letter.codePointAt(0)!, 0x01000193) >>> 0
  const end = `_${hash.toString(16).padStart(8, '0')}_${suffix}`
  return whole.slice(0, MAX_NAME - end.length) + end
}
