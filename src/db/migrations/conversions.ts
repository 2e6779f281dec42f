/** Changes of a column's type: values keep what they mean, or the change is refused. */
import { converts } from '../convertible.ts'
import type { Kind } from '../kinds.ts'
import { MigrationError } from './errors.ts'
import type { TablePair } from './table-changes.ts'

/** Whether a column holds a value in any row; false where there is no such column. */
export type HoldsValues = (table: string, column: string) => Promise<boolean>

/**
 * Old histories may say what means nothing, of tables that were empty or are made anew by them: only values can lose theirs.
 * @throws MigrationError migrations.no-conversion for a column whose values would have no meaning after the change
 */
export async function assertConvertible(pairs: readonly TablePair[], holds: HoldsValues): Promise<void> {
  for (const { was, is, renamed } of pairs) {
    for (const { name, type: from, generated } of was.spec.columns) {
      const now = is.spec.columns.find((column) => column.name === (renamed[name] ?? name))
      if (now === undefined || generated !== undefined || now.generated !== undefined) continue
      if (converts(from, now.type) || !(await holds(was.spec.name, name))) continue
      throw noConversion(`${is.spec.name}.${now.name}`, from.kind, now.type.kind)
    }
  }
}

/** @param where   the field or column */
export function noConversion(where: string, from: Kind, to: Kind): MigrationError {
  return new MigrationError(`${where} cannot change from ${from} to ${to}: what it holds has no meaning as that.`, {
    code: 'migrations.no-conversion',
    hint:
      'Where the values may go, write removeField and addField. To keep them add a field of another name, fill it by ' +
      'runCode, then remove the old one; or convert by runSql, with this operation as its `state`.',
  })
}
