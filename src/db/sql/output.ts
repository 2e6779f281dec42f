/** What a compiler writes into: text, and for each placeholder the slot and the encoder of its value. */
import type { Encoder } from '../backends/backend.ts'
import { ProgrammingError, TransactionError } from '../errors.ts'

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

// biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is looked for
const CONTROL = /[\u0000-\u001f\u007f]/

/**
 * An identifier between double quotes, its own doubled. Refuses control characters: a NUL ends the text for SQLite,
 * and aliases made from input were Django's CVE-2022-28346 and its successors.
 * @throws ProgrammingError db.invalid-identifier
 */
export function quoteIdentifier(identifier: string): string {
  if (typeof identifier !== 'string' || identifier === '' || CONTROL.test(identifier) || !identifier.isWellFormed()) {
    throw new ProgrammingError(`${JSON.stringify(identifier)} cannot be the name of a table or column.`, {
      code: 'db.invalid-identifier',
      hint: 'Names are not empty and have no control characters.',
    })
  }
  return `"${identifier.replaceAll('"', '""')}"`
}

/**
 * Text of a `sql` template, as it is; refuses a NUL, which would hide the rest from the database.
 * @throws ProgrammingError db.invalid-sql
 */
export function checkedSql(text: string): string {
  if (text.includes('\0')) {
    throw new ProgrammingError('SQL text has a NUL character.', {
      code: 'db.invalid-sql',
      hint: 'Pass values as ${…}.',
    })
  }
  return text
}

/** Comments, texts and quoted names: nothing in them is a word of SQL. */
export const QUOTED = /--[^\n]*|\/\*[\s\S]*?\*\/|'(?:[^']|'')*'|"(?:[^"]|"")*"/g

/**
 * Statements at the borders of transactions. Sent by themselves they would meet whichever connection is free, and what
 * other requests are told was stored there would go with a rollback. `rollback to` a savepoint stays inside.
 */
const BORDER =
  /^(?:begin\b(?!\s+not\s+atomic)|start\s+transaction\b|(?:commit|end|rollback|abort)\b(?!\s+(?:prepared|(?:(?:work|transaction)\s+)?to)\b)|set\s+(?:session\s+|@@(?:session\.)?)?autocommit\b)/i

/**
 * What a statement of raw text does, told by its words: whether it gives rows, and whether it may write.
 * @param quoted   what a database has for {@link QUOTED}
 * @throws TransactionError db.raw-transaction
 */
export function rawShape(sql: string, quoted: RegExp): { rows: boolean; writes: boolean } {
  const bare = sql.replace(quoted, ' ').trimStart()
  const border = BORDER.exec(bare)
  if (border !== null) {
    throw new TransactionError(`"${border[0]}" begins or ends a transaction, which raw SQL cannot do.`, {
      code: 'db.raw-transaction',
      hint: 'Write atomic(async () => { … }), and setRollback() to undo it: there the statements have one connection.',
    })
  }
  const word = /^\(*\s*([a-z]+)/i.exec(bare)?.[1]?.toLowerCase() ?? ''
  const returning = /\breturning\b/i.test(bare)
  if (word === 'select' || word === 'values' || word === 'explain') return { rows: true, writes: false }
  if (word === 'with') {
    const writes = /\b(insert|update|delete|replace)\b/i.test(bare)
    return { rows: !writes || returning, writes }
  }
  return { rows: word === 'pragma' || returning, writes: true }
}
