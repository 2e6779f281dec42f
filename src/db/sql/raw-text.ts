/** SQL that the project wrote: what may stand in it, and what a statement of it does. */
import { ProgrammingError, TransactionError } from '../errors.ts'

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
