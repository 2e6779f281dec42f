/** Whether every reference of some tables leads to a row: what databases check only at the commit, or never. */
import type { Compiled } from '../backends/backend.ts'
import type { Database } from '../connections.ts'
import type { AnyModel, FieldMeta } from '../models/meta.ts'

/** A row that refers to one that is not there. */
export interface BrokenReference {
  readonly model: AnyModel
  readonly field: FieldMeta
  /** The row's key, as the database has it; a list where it has several columns. */
  readonly pk: unknown
  readonly value: unknown
}

/** The first broken reference of these models' tables, or null. Reads each table once for each relation. */
export async function brokenReference(db: Database, models: Iterable<AnyModel>): Promise<BrokenReference | null> {
  const quote = (name: string) => db.backend.compiler.quote(name)
  for (const model of models) {
    const { meta } = model
    for (const field of meta.fields.values()) {
      const own = field.parts.length > 0 ? field.parts : [field]
      // Some references are meant to lead nowhere; and a many-to-many field has a table of its own.
      if (field.relation === null || own.some(({ column }) => column === null)) continue
      if (field.options.constraint === false || meta.pk.length === 0) continue
      const { target, targets } = field.relation
      const columns = own.map((part) => `a.${quote(part.column!)}`) // asked above
      const keys = meta.pk.map((part) => `a.${quote(part.column!)}`)
      const same = columns.map((column, i) => `b.${quote(targets[i]!.column!)} = ${column}`) // targets are columns
      const known = columns.map((column) => `${column} IS NOT NULL`)
      const sql = `SELECT ${[...keys, ...columns].join(', ')} FROM ${quote(meta.table)} a
        WHERE ${known.join(' AND ')} AND NOT EXISTS
        (SELECT 1 FROM ${quote(target.meta.table)} b WHERE ${same.join(' AND ')}) LIMIT 1`
      const [row] = await db.rows(statement(sql), [])
      if (row === undefined) continue
      const [pk, value] = [row.slice(0, keys.length), row.slice(keys.length)]
      return { model, field, pk: pk.length === 1 ? pk[0] : pk, value: value.length === 1 ? value[0] : value }
    }
  }
  return null
}

/** A statement written here; it has no values. */
function statement(sql: string): Compiled {
  return { sql, slots: [], encoders: [], rows: true, writes: false, bulk: null }
}
