/** Options of fields and models that a database says. */
import type { ColumnSpec, ForeignKeySpec, TableSpec } from '../backends/schema.ts'
import { stringLiteral } from '../migrations/source.ts'
import type { Entry } from './columns.ts'

/** The option `comment` of a column or a table. */
export function commentOf({ comment }: { readonly comment?: string | undefined }): Entry[] {
  return comment === undefined || comment === '' ? [] : [['comment', { text: stringLiteral(comment) }]]
}

/** What the database does itself; `doNothing` where it does nothing, or what no field says. */
export function onDeleteWord(action: ForeignKeySpec['onDelete'], isNull: boolean): string {
  if (action === 'cascade') return 'dbCascade'
  if (action === 'setDefault') return 'dbSetDefault'
  return action === 'setNull' && isNull ? 'dbSetNull' : 'doNothing'
}

/** The type of the column that a reference leads to: a default is a value of that. */
export function keyType(tables: readonly TableSpec[], table: string, column: string): ColumnSpec['type'] | undefined {
  const type = tables.find((each) => each.name === table)?.columns.find((each) => each.name === column)?.type
  return type?.kind === 'auto' ? { kind: 'integer' } : type
}
