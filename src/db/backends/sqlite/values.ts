/**
 * Values between JavaScript and SQLite, kind by kind, stored as Django stores them: instants as UTC text, booleans as
 * 0/1, UUIDs as 32 hex digits, durations as microseconds, decimals as text that the column's affinity turns into a
 * number up to 15 digits and keeps as it is beyond.
 */
import { Decimal } from '../../../std/decimal.ts'
import type { ColumnType, Kind } from '../../kinds.ts'
import type { Decoder } from '../backend.ts'
import { DECODERS, decoderFrom, readDecimalText } from '../decoders.ts'
import { ENCODERS, type Encode, plainEncoder } from '../encoders.ts'
import { jsonLists, jsonTuples, likeEncoders } from '../params.ts'
import { corrupt, scalarKind } from '../refusals.ts'

const plain = plainEncoder()

/** How a value of `kind` is bound; null: any plain value. */
export function sqliteEncoder(kind: Kind | null): Encode {
  return kind === null ? plain : ENCODERS[scalarKind(kind)]
}
export const likeEncoder = likeEncoders(sqliteEncoder, true)
export const listEncoder = jsonLists(sqliteEncoder)
export const tupleEncoder = jsonTuples(sqliteEncoder)

function readBoolean(value: unknown): unknown {
  if (value === 1) return true
  if (value === 0) return false
  if (value === null) return null
  if (value === 1n || value === 0n) return value === 1n
  throw corrupt('boolean', value)
}
/** A float of up to 15 digits back to the decimal it was, as Django reads it; text is exact. */
function readDecimal(value: unknown): unknown {
  if (typeof value !== 'number') return readDecimalText(value)
  return new Decimal(Number.isInteger(value) ? value : value.toPrecision(15))
}

const decoder = decoderFrom({ ...DECODERS, decimal: readDecimal, boolean: readBoolean })

/** How a value of `kind` is read; null where the driver's value is right as it comes. */
export function sqliteDecoder(kind: Kind, type?: ColumnType): Decoder {
  return decoder(scalarKind(kind), type)
}
