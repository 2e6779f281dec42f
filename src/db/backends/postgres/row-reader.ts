/** Rows from the bytes of DataRow messages: numbers and booleans from their digits, without a text in between. */
import type { SqlRow } from '../backend.ts'
import { BOOL, FLOAT4, FLOAT8, INT2, INT4, INT8, OID, wholeNumber } from './values.ts'

/** How a column is read. */
const AS_TEXT = 0
const AS_INTEGER = 1
const AS_WHOLE = 2
const AS_FLOAT = 3
const AS_BOOLEAN = 4

/** A column as RowDescription tells it. */
export interface Described {
  readonly name: string
  readonly dataTypeID: number
}

/** The columns of a statement's rows. */
export interface Columns {
  readonly fields: readonly Described[]
  /** How each is read. */
  readonly ways: Uint8Array
}

export const NO_COLUMNS: Columns = Object.freeze({ fields: [], ways: new Uint8Array(0) })

export function readColumns(fields: readonly Described[]): Columns {
  return { fields, ways: Uint8Array.from(fields, ({ dataTypeID }) => wayOf(dataTypeID)) }
}

function wayOf(type: number): number {
  switch (type) {
    case INT2:
    case INT4:
    case OID:
      return AS_INTEGER
    case INT8:
      return AS_WHOLE
    case FLOAT4:
    case FLOAT8:
      return AS_FLOAT
    case BOOL:
      return AS_BOOLEAN
    default:
      return AS_TEXT
  }
}

/**
 * One row, https://www.postgresql.org/docs/current/protocol-message-formats.html (DataRow): for each column the length of
 * its text, -1 for null, and the text.
 * @param at   where the message's number of columns is
 */
export function readRow(bytes: Buffer, at: number, { ways }: Columns): SqlRow {
  const width = ways.length
  const row: unknown[] = new Array(width)
  let start = at + 2
  for (let i = 0; i < width; i++) {
    const length = int32(bytes, start)
    start += 4
    if (length === -1) {
      row[i] = null
      continue
    }
    const end = start + length
    switch (ways[i]) {
      case AS_TEXT:
        row[i] = bytes.toString('utf8', start, end)
        break
      case AS_INTEGER:
        row[i] = integer(bytes, start, end)
        break
      case AS_WHOLE:
        row[i] = length <= SAFE_DIGITS ? integer(bytes, start, end) : wholeNumber(bytes.toString('latin1', start, end))
        break
      case AS_FLOAT:
        row[i] = float(bytes, start, end)
        break
      default:
        row[i] = bytes[start] === LETTER_T
    }
    start = end
  }
  return row
}

/** A number of four bytes, the highest first. */
export function int32(bytes: Uint8Array, at: number): number {
  return (bytes[at]! << 24) | (bytes[at + 1]! << 16) | (bytes[at + 2]! << 8) | bytes[at + 3]!
}

const LETTER_T = 0x74
const MINUS = 0x2d
const DOT = 0x2e
const ZERO = 0x30
/** Digits of whole numbers that a double holds exactly, whatever they are. */
const SAFE_DIGITS = 15

function integer(bytes: Uint8Array, start: number, end: number): number {
  const isNegative = bytes[start] === MINUS
  let value = 0
  for (let at = isNegative ? start + 1 : start; at < end; at++) value = value * 10 + (bytes[at]! - ZERO)
  return isNegative ? -value : value
}

const POWERS = Array.from({ length: SAFE_DIGITS + 1 }, (_, i) => 10 ** i)

/**
 * A decimal of few digits is a quotient of two numbers that doubles hold exactly, and division rounds correctly: the
 * nearest double, as Number() finds it (Clinger, How to Read Floating Point Numbers Accurately, 1990). The rest is for
 * Number(): exponents, long ones, NaN, Infinity.
 */
function float(bytes: Buffer, start: number, end: number): number {
  const isNegative = bytes[start] === MINUS
  let value = 0
  let point = -1
  let at = isNegative ? start + 1 : start
  for (let last = at + SAFE_DIGITS; at < end; at++) {
    const digit = bytes[at]! - ZERO
    if (digit === DOT - ZERO && point === -1) {
      point = at
      last++
    } else if (digit >= 0 && digit <= 9 && at < last) value = value * 10 + digit
    else return Number(bytes.toString('latin1', start, end))
  }
  if (point !== -1) value /= POWERS[end - point - 1]!
  return isNegative ? -value : value
}
