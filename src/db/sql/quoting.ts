/** Names and constants between quotes: whatever is in them stays in them. */
import { ProgrammingError } from '../errors.ts'

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
 * A text between single quotes, its own doubled. Refuses a NUL, which would end the statement there for some databases.
 * @throws ProgrammingError db.invalid-sql
 */
export function quoteText(value: string): string {
  if (value.includes('\0')) {
    throw new ProgrammingError('A constant in SQL has a NUL character.', { code: 'db.invalid-sql' })
  }
  return `'${value.replaceAll("'", "''")}'`
}

/**
 * The path `$."key"[0]`, not yet quoted. Keys are written as JSON strings, so that quotes in them stay inside (CVE-2019-14234).
 * @param fromEnd   how the item at -1, -2 … is said
 */
export function jsonPathText(path: readonly (string | number)[], fromEnd: (index: number) => string): string {
  let text = '$'
  for (const step of path) {
    if (typeof step === 'string') text += `.${JSON.stringify(step)}`
    else {
      const index = Math.trunc(step)
      text += index < 0 ? fromEnd(index) : `[${index}]`
    }
  }
  return text
}
