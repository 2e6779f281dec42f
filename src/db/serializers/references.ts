/** Whether every reference of some tables leads to a row: what databases check only at the commit, or never. */
import type { Compiled } from '../backends/backend.ts'
import type { Database } from '../connections.ts'
import type { AnyModel, FieldMeta } from '../models/meta.ts'

/** A row that refers to one that is not there. */
export interface BrokenReference {
  readonly model: AnyModel
  readonly field: FieldMeta
  /** The row's key, as the database has it. */
  readonly pk: unknown
  readonly value: unknown
}

/** The first broken reference of these models' tables, or null. Reads each table once for each relation. */
export async function brokenReference(db: Database, models: Iterable<AnyModel>): Promise<BrokenReference | null> {
  const quote = (name: string) => db.backend.compiler.quote(name)
  for (const model of models) {
    const { meta } = model
    for (const field of meta.columns) {
      if (field.relation === null || meta.pk.length === 0) continue
      const { targets } = field.relation
      const target = field.relation.target.meta
      // Over several columns it is the database's own check; and some references are meant to lead nowhere.
      if (targets.length !== 1 || field.options.constraint === false) continue
      const column = `a.${quote(field.column!)}`
      const sql = `SELECT a.${quote(meta.pk[0]!.column!)}, ${column} FROM ${quote(meta.table)} a
        WHERE ${column} IS NOT NULL AND NOT EXISTS
        (SELECT 1 FROM ${quote(target.table)} b WHERE b.${quote(targets[0]!.column!)} = ${column}) LIMIT 1`
      const [row] = await db.rows(statement(sql), [])
      if (row !== undefined) return { model, field, pk: row[0], value: row[1] }
    }
  }
  return null
}

/** A statement written here; it has no values. */
function statement(sql: string): Compiled {
  return { sql, slots: [], encoders: [], rows: true, bigints: true, writes: false, bulk: null }
}
