/** How MariaDB and MySQL are told values. */
import type { Kind } from '../../kinds.ts'
import { ValueWriter } from '../../sql/value-writer.ts'
import { keptText } from './text.ts'
import { likeEncoder, mysqlEncoder } from './values.ts'

/** Values as this database is given them. */
export class MysqlValueWriter extends ValueWriter {
  override readonly encoder = mysqlEncoder
  protected override readonly likeEncoder = likeEncoder
  protected override readonly text = keptText

  protected override encoded(value: unknown, kind: Kind): string {
    return kind === 'decimal' ? String(value) : super.encoded(value, kind)
  }
}

export const mysqlValues: MysqlValueWriter = new MysqlValueWriter()
