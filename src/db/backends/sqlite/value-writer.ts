/** How SQLite is told values. */
import type { Kind } from '../../kinds.ts'
import { FLOAT_DIGITS } from '../../sql/kinds.ts'
import { quoteText } from '../../sql/quoting.ts'
import { ValueWriter } from '../../sql/value-writer.ts'
import { likeEncoder, sqliteEncoder } from './values.ts'

/** Values as this database is given them. */
export class SqliteValueWriter extends ValueWriter {
  override readonly encoder = sqliteEncoder
  protected override readonly likeEncoder = likeEncoder
  protected override readonly text = quoteText

  protected override encoded(value: unknown, kind: Kind): string {
    // Beyond 15 digits a number in SQL would be read as a float.
    const exact = kind === 'decimal' && String(value).replace(/\D/g, '').length <= FLOAT_DIGITS
    return exact ? String(value) : super.encoded(value, kind)
  }

  protected override truth(value: boolean): string {
    return value ? '1' : '0'
  }
}

export const sqliteValues: SqliteValueWriter = new SqliteValueWriter()
