/** Names of constraints that say what they are of, and fit. */

/** The name of a constraint of a table, of these columns, ending in what it is. */
export type ConstraintNamer = (table: string, columns: readonly string[], suffix: string) => string

/** @param longest   letters that the server takes: it refuses more, or cuts them, and two names may then be one */
export function constraintNames(longest: number): ConstraintNamer {
  return (table, columns, suffix) => {
    const whole = `${table}_${columns.join('_')}_${suffix}`
    if (whole.length <= longest) return whole
    // FNV-1a over the whole name, so that two long names stay two.
    let hash = 0x811c9dc5
    for (const letter of whole) hash = Math.imul(hash ^ letter.codePointAt(0)!, 0x01000193) >>> 0
    const end = `_${hash.toString(16).padStart(8, '0')}_${suffix}`
    return whole.slice(0, longest - end.length) + end
  }
}
