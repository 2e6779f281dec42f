/** References that lead nowhere, after they were not checked for a while. */
import { quoteIdentifier } from '../../sql/output.ts'
import { rowsOf, type Session } from './session.ts'

const REFERENCES = `SELECT k.table_name, k.column_name, k.referenced_table_name, k.referenced_column_name
  FROM information_schema.key_column_usage k
  WHERE k.table_schema = DATABASE() AND k.referenced_table_schema = DATABASE()`

/** The first broken reference of the database; null where there is none. Reads every table that refers to another. */
export async function brokenReference(session: Session): Promise<{ table: string; column: string } | null> {
  for (const row of rowsOf(await session.query(REFERENCES))) {
    const [table, column, target, key] = row as [string, string, string, string]
    const [from, to] = [quoteIdentifier(column), quoteIdentifier(key)]
    const found = await session.query(
      `SELECT 1 FROM ${quoteIdentifier(table)} a LEFT JOIN ${quoteIdentifier(target)} b ON a.${from} = b.${to} ` +
        `WHERE a.${from} IS NOT NULL AND b.${to} IS NULL LIMIT 1`,
    )
    if (rowsOf(found).length > 0) return { table, column }
  }
  return null
}
