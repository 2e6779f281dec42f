/** Pieces of SQL text for SQLite. */
import type { ColumnType, ScalarKind } from '../../kinds.ts'
import type { FunctionName } from '../../sql/functions.ts'
import { FLOAT_DIGITS } from '../../sql/kinds.ts'
import { scalarKind } from '../refusals.ts'

/** Functions that SQLite writes in its own way; `nuages_…` are ours (functions.ts). */
export const FORMS: Partial<Record<FunctionName, string>> = {
  stdDev: 'nuages_stddev($*)',
  stdDevSample: 'nuages_stddev_samp($*)',
  variance: 'nuages_variance($*)',
  varianceSample: 'nuages_variance_samp($*)',
  anyValue: 'MAX($*)',
  jsonArrayAgg: 'json_group_array($*)',
  jsonObjectAgg: 'json_group_object($*)',
  bitAnd: 'nuages_bit_and($*)',
  bitOr: 'nuages_bit_or($*)',
  bitXor: 'nuages_bit_xor($*)',
  // Without functions of ours, so that a default of a column may use it: any program may insert.
  uuid7:
    "LOWER(PRINTF('%012x', CAST((JULIANDAY('now') - 2440587.5) * 86400000 AS INTEGER)) || '7' || SUBSTR(HEX(RANDOMBLOB(2)), 2) || SUBSTR('89AB', 1 + (RANDOM() & 3), 1) || SUBSTR(HEX(RANDOMBLOB(8)), 2))",
  greatest: 'MAX($*)',
  least: 'MIN($*)',
  left: 'SUBSTR($1, 1, $2)',
  right: 'SUBSTR($1, -$2, $2)',
  lpad: 'nuages_lpad($*)',
  rpad: 'nuages_rpad($*)',
  repeat: 'nuages_repeat($*)',
  reverse: 'nuages_reverse($1)',
  strIndex: 'INSTR($1, $2)',
  chr: 'CHAR($1)',
  ord: "CASE $1 WHEN '' THEN 0 ELSE UNICODE($1) END",
  md5: "nuages_hash('md5', $1)",
  sha1: "nuages_hash('sha1', $1)",
  sha224: "nuages_hash('sha224', $1)",
  sha256: "nuages_hash('sha256', $1)",
  sha384: "nuages_hash('sha384', $1)",
  sha512: "nuages_hash('sha512', $1)",
  jsonContains: 'nuages_json_contains($1, $2)',
  cot: '(1 / TAN($1))',
  // Version 4 as SQLite keeps it: 32 hexadecimal digits.
  uuid4:
    "(LOWER(HEX(RANDOMBLOB(6))) || '4' || SUBSTR(LOWER(HEX(RANDOMBLOB(2))), 2) || SUBSTR('89ab', (RANDOM() & 3) + 1, 1) || SUBSTR(LOWER(HEX(RANDOMBLOB(8))), 2))",
  random: '((RANDOM() / 18446744073709551616.0) + 0.5)',
}

const CASTS: Readonly<Record<ScalarKind, string>> = {
  auto: 'INTEGER',
  char: 'TEXT',
  text: 'TEXT',
  integer: 'INTEGER',
  smallInteger: 'INTEGER',
  bigInteger: 'INTEGER',
  float: 'REAL',
  decimal: 'NUMERIC',
  boolean: 'INTEGER',
  date: '%Y-%m-%d',
  time: '%H:%M:%f',
  duration: 'INTEGER',
  dateTime: '%Y-%m-%d %H:%M:%f',
  json: 'TEXT',
  uuid: 'TEXT',
  binary: 'BLOB',
}

/** The type a cast goes to, or the format of a date that it goes through. */
export function castForm(type: ColumnType): string {
  return type.kind === 'decimal' && (type.maxDigits ?? 0) > FLOAT_DIGITS ? 'TEXT' : CASTS[scalarKind(type.kind)]
}
