/** What a compiler writes into: text, and for each placeholder the slot and the encoder of its value. */
import type { Encoder } from '../backends/backend.ts'

/** One statement being compiled. */
export class Output {
  sql = ''
  readonly slots: number[] = []
  readonly encoders: Encoder[] = []
  /** Set while compiling text for DDL, where values become literals; null for statements. */
  readonly values: readonly unknown[] | null

  constructor(values: readonly unknown[] | null = null) {
    this.values = values
  }

  /**
   * The number of a value's placeholder, from 1, for databases that count them: a value that stands twice has one, so
   * that the database sees that both are the same (in SELECT and GROUP BY, for instance).
   */
  numbered(slot: number, encoder: Encoder): number {
    const known = this.slots.findIndex((other, i) => other === slot && this.encoders[i] === encoder)
    if (known !== -1) return known + 1
    this.slots.push(slot)
    this.encoders.push(encoder)
    return this.slots.length
  }

  /** Adds the placeholder of a value. */
  placeholder(text: string, slot: number, encoder: Encoder): void {
    this.sql += text
    this.slots.push(slot)
    this.encoders.push(encoder)
  }
}
