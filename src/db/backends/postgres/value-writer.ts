/** How PostgreSQL is told values. */
import type { Kind } from '../../kinds.ts'
import { isTextKind, isWholeKind } from '../../sql/kinds.ts'
import type { ParamNode } from '../../sql/nodes.ts'
import type { Output } from '../../sql/output.ts'
import { ValueWriter } from '../../sql/value-writer.ts'
import type { Encoder } from '../backend.ts'
import { bareEncoder } from './declared.ts'
import { likeEncoder, quoteText } from './text.ts'
import { paramType } from './types.ts'
import { postgresEncoder } from './values.ts'

/** Values as this database is given them. */
export class PostgresValueWriter extends ValueWriter {
  override readonly encoder = postgresEncoder
  protected override readonly likeEncoder = likeEncoder
  protected override readonly text = quoteText

  /** Values arrive as texts: what they are is said beside them. */
  protected override encoded(value: unknown, kind: Kind): string {
    if (kind === 'boolean') return this.truth(value === 't')
    if (isWholeKind(kind) || kind === 'float' || kind === 'decimal') return String(value)
    const text = quoteText(String(value))
    return isTextKind(kind) ? text : `${text}::${paramType(kind)}`
  }

  protected override truth(value: boolean): string {
    return value ? 'true' : 'false'
  }

  override mark(slot: number, encoder: Encoder, out: Output): void {
    out.sql += `$${out.numbered(slot, encoder)}`
  }

  protected override encoderOf(node: ParamNode): Encoder {
    return node.declared === undefined ? super.encoderOf(node) : bareEncoder(node.kind)
  }
}

export const postgresValues: PostgresValueWriter = new PostgresValueWriter()
