/** Values on their way into text: those of DDL as constants, those of statements as placeholders with their encoders. */
import type { Encoder } from '../backends/backend.ts'
import type { Encode } from '../backends/encoders.ts'
import { DataError } from '../errors.ts'
import type { Kind } from '../kinds.ts'
import type { ParamNode } from './nodes.ts'
import type { Output } from './output.ts'
import { likePattern, type PatternForm } from './patterns.ts'

/** How a database is told values. */
export abstract class ValueWriter {
  /** The encoder of a kind; null: any plain value. */
  abstract readonly encoder: (kind: Kind | null) => Encode
  /** The encoder of a value that becomes a pattern. */
  protected abstract readonly likeEncoder: (form: PatternForm, kind: Kind | null) => Encode
  /** A text as a constant. */
  protected abstract readonly text: (value: string) => string

  /** A value as text, for DDL. */
  literal(value: unknown, kind: Kind): string {
    if (value === null || value === undefined) return 'NULL'
    return this.encoded(this.encoder(kind)(value), kind)
  }

  /** The same of a value that is encoded. */
  protected encoded(value: unknown, _kind: Kind): string {
    if (value instanceof Uint8Array) return `X'${Buffer.from(value).toString('hex')}'`
    return typeof value === 'number' || typeof value === 'bigint' ? String(value) : this.text(String(value))
  }

  /** A constant of the tree. */
  constant(value: string | number | boolean | null): string {
    if (value === null) return 'NULL'
    if (typeof value === 'string') return this.text(value)
    if (typeof value === 'boolean') return this.truth(value)
    if (!Number.isFinite(value)) throw new DataError(`${value} cannot be written in SQL.`, { code: 'db.invalid-value' })
    return String(value)
  }

  protected truth(value: boolean): string {
    return value ? 'TRUE' : 'FALSE'
  }

  /** A placeholder and nothing around it; in DDL the value itself. */
  placeholder(node: ParamNode, out: Output): void {
    if (out.values !== null) {
      const value = out.values[node.slot]
      if (node.like !== undefined) out.sql += this.literal(likePattern(String(value), node.like), 'text')
      else out.sql += this.literal(value, node.kind ?? plainKind(value))
    } else
      this.mark(node.slot, node.like === undefined ? this.encoderOf(node) : this.likeEncoder(node.like, node.kind), out)
  }

  /** What stands for a value that is sent. */
  mark(slot: number, encoder: Encoder, out: Output): void {
    out.placeholder('?', slot, encoder)
  }

  protected encoderOf(node: ParamNode): Encoder {
    return this.encoder(node.kind)
  }

  /** The members of a list, in DDL. */
  members(node: ParamNode, kind: Kind, out: Output, around: (item: string) => string = (item) => item): void {
    const values = out.values![node.slot] as readonly unknown[] // a list param has an array
    out.sql += `(${values.map((value) => around(this.literal(value, kind))).join(', ')})`
  }
}

/** The kind of a value that came without one: what JavaScript calls it. */
function plainKind(value: unknown): Kind {
  if (typeof value === 'number') return Number.isInteger(value) ? 'integer' : 'float'
  if (typeof value === 'bigint') return 'bigInteger'
  return typeof value === 'boolean' ? 'boolean' : 'text'
}
