/** References that lead nowhere, after they were not checked for a while. */
import { quoteIdentifier } from '../../sql/quoting.ts'
import { rowsOf, type Session } from './session.ts'

const REFERENCES = `SELECT k.constraint_name, k.table_name, k.column_name, k.referenced_table_name, k.referenced_column_name
  FROM information_schema.key_column_usage k
  WHERE k.table_schema = DATABASE() AND k.referenced_table_schema = DATABASE()
  ORDER BY k.table_name, k.constraint_name, k.ordinal_position`

/** A reference of some row, over one column or several, that leads to none. */
export interface Broken {
  readonly table: string
  readonly columns: readonly string[]
}
type Reference = Broken & { readonly target: string; readonly pairs: readonly (readonly [from: string, to: string])[] }

async function references(session: Session): Promise<Iterable<Reference>> {
  const found = new Map<string, Reference>()
  for (const row of rowsOf(await session.query(REFERENCES))) {
    const [name, table, column, target, key] = row as [string, string, string, string, string]
    const id = JSON.stringify([table, name])
    const { columns = [], pairs = [] } = found.get(id) ?? {}
    const pair = [`a.${quoteIdentifier(column)}`, `b.${quoteIdentifier(key)}`] as const
    found.set(id, { table, target, columns: [...columns, column], pairs: [...pairs, pair] })
  }
  return found.values()
}

/**
 * The first broken reference of the database; null where there is none. Reads every table that refers to another. A
 * reference over several columns with a null among them leads nowhere on purpose.
 */
export async function brokenReference(session: Session): Promise<Broken | null> {
  for (const { table, columns, target, pairs } of await references(session)) {
    const known = pairs.map(([from]) => `${from} IS NOT NULL`).join(' AND ')
    const same = pairs.map(([from, to]) => `${from} = ${to}`).join(' AND ')
    const found = await session.query(
      `SELECT 1 FROM ${quoteIdentifier(table)} a LEFT JOIN ${quoteIdentifier(target)} b ON ${same} ` +
        `WHERE ${known} AND ${pairs[0]![1]} IS NULL LIMIT 1`,
    )
    if (rowsOf(found).length > 0) return { table, columns }
  }
  return null
}
