/**
 * Columns of an UPDATE or upsert, in an order in which each value is of the row as it was. MariaDB assigns all of them at
 * once (session.ts); MySQL goes from left to right, and in an UPDATE of several tables in any order
 * (https://dev.mysql.com/doc/refman/8.4/en/update.html).
 */
import type { SqlExpr } from '../../sql/nodes.ts'

/** A column and what it reads of the row that is changed. */
export interface Assignment {
  readonly column: string
  readonly reads: ReadonlySet<string>
}

/** Columns of the row that is changed in an expression, or in several. */
export function columnsRead(node: unknown, table: string, found = new Set<string>()): Set<string> {
  if (Array.isArray(node)) for (const each of node) columnsRead(each, table, found)
  else if (typeof node === 'object' && node !== null) {
    const { t, table: of, column } = node as Partial<Extract<SqlExpr, { t: 'column' }>>
    if (t === 'column' && (of === null || of === table))
      found.add(column!) // every such node has one
    else for (const each of Object.values(node)) columnsRead(each, table, found)
  }
  return found
}

/**
 * Who reads a column goes before who assigns it. `stuck`: a column that somebody reads after it was assigned in any order;
 * null where there is none.
 * @param several   the statement is of several tables, which MySQL assigns in any order
 */
export function inOrder<T extends Assignment>(
  assignments: readonly T[],
  several = false,
): { readonly ordered: readonly T[]; readonly stuck: string | null } {
  const left = [...assignments]
  const ordered: T[] = []
  let stuck: string | null = null
  while (left.length > 0) {
    const isRead = (each: T) => left.some((other) => other !== each && other.reads.has(each.column))
    const free = left.findIndex((each) => !isRead(each))
    if (free === -1 || (several && left.some(isRead))) stuck ??= left.find(isRead)!.column
    ordered.push(...left.splice(Math.max(0, free), 1))
  }
  return { ordered, stuck }
}
