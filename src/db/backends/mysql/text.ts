/** Pieces of SQL text for MariaDB and MySQL. */
import type { FunctionName } from '../../sql/functions.ts'
import { jsonPathText, quoteText as quoteStandard } from '../../sql/quoting.ts'

/** A UUID: the first twelve digits, the version, random digits. */
function uuid(first: string, version: number): string {
  const digits = 'SUBSTR(HEX(RANDOM_BYTES(2)), 2)'
  return `LOWER(CONCAT(${first}, '-${version}', ${digits}, '-', SUBSTR('89ab', 1 + FLOOR(RAND() * 4), 1), ${digits}, '-', HEX(RANDOM_BYTES(6))))`
}

/** Functions that they write in their own way. */
export const FORMS: Partial<Record<FunctionName, string>> = {
  anyValue: 'MAX($*)', // MariaDB has no ANY_VALUE
  length: 'CHAR_LENGTH($1)',
  strIndex: 'INSTR($1, $2)',
  // Through UTF-32, where a character is its number.
  chr: 'CONVERT(CHAR($1 USING utf32) USING utf8mb4)',
  ord: 'ORD(CONVERT($1 USING utf32))',
  sha224: 'SHA2($1, 224)',
  sha256: 'SHA2($1, 256)',
  sha384: 'SHA2($1, 384)',
  sha512: 'SHA2($1, 512)',
  random: 'RAND()',
  stringAgg: "GROUP_CONCAT($* SEPARATOR '')",
  jsonArrayAgg: "CONCAT('[', GROUP_CONCAT($* SEPARATOR ','), ']')", // of parts: json.ts
  jsonObjectAgg: "CONCAT('{', GROUP_CONCAT($* SEPARATOR ','), '}')",
  // Over no rows they would be 0, or all bits; and they have no sign.
  bitAnd: 'IF(COUNT($1) = 0, NULL, CAST(BIT_AND($1) AS SIGNED))',
  bitOr: 'IF(COUNT($1) = 0, NULL, CAST(BIT_OR($1) AS SIGNED))',
  bitXor: 'IF(COUNT($1) = 0, NULL, CAST(BIT_XOR($1) AS SIGNED))',
  uuid4: uuid("CONCAT(HEX(RANDOM_BYTES(4)), '-', HEX(RANDOM_BYTES(2)))", 4),
  uuid7: uuid("INSERT(LPAD(HEX(FLOOR(UNIX_TIMESTAMP(NOW(3)) * 1000)), 12, '0'), 9, 0, '-')", 7),
  jsonContains: 'JSON_CONTAINS($1, $2)',
}

/**
 * Text between single quotes. With a backslash it is written in hexadecimal, which means the same whether or not the
 * session takes backslashes as escapes: behind one, a quote could end the text elsewhere than we think.
 * @throws ProgrammingError db.invalid-sql for a NUL
 */
function quoteText(value: string): string {
  const quoted = quoteStandard(value)
  return value.includes('\\') ? `_utf8mb4 X'${Buffer.from(value, 'utf8').toString('hex')}'` : quoted
}

/**
 * As {@link quoteText}, for what tables keep (defaults, checks, generated columns): MariaDB keeps a constant as the text
 * it was, and reads its backslashes as escapes when it opens the table.
 */
export function keptText(value: string): string {
  return value.includes('\\')
    ? `CONVERT(UNHEX('${Buffer.from(value, 'utf8').toString('hex')}') USING utf8mb4)`
    : quoteText(value)
}

/** A path into JSON as a quoted constant. */
export function jsonPathLiteral(path: readonly (string | number)[]): string {
  return keptText(jsonPathText(path, (index) => (index === -1 ? '[last]' : `[last-${-index - 1}]`)))
}
