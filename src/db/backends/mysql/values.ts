/**
 * Values between JavaScript and MariaDB or MySQL, kind by kind, stored as Django stores them: instants as datetime(6) in
 * UTC, durations as microseconds, booleans as 0 and 1, UUIDs as 32 hex digits or in the type of their own. NUL, which
 * some collations keep and functions lose, is refused as PostgreSQL does.
 */
import { Decimal } from '../../../std/decimal.ts'
import type { ColumnType, Kind } from '../../kinds.ts'
import type { Decoder, SqlRow } from '../backend.ts'
import { DECODERS, decoderFrom, readBigInteger, readDecimalText } from '../decoders.ts'
import { type Encode, plainEncoder, STRICT_ENCODERS, withoutNul } from '../encoders.ts'
import { jsonLists, jsonTuples, likeEncoders } from '../params.ts'
import { corrupt, scalarKind } from '../refusals.ts'
import type { MysqlField } from './mysql2.ts'

const plain = plainEncoder({ text: (value) => withoutNul('plain', value) })

/** How a value of `kind` is bound; null: any plain value. */
export function mysqlEncoder(kind: Kind | null): Encode {
  return kind === null ? plain : STRICT_ENCODERS[scalarKind(kind)]
}
export const likeEncoder = likeEncoders(mysqlEncoder, true)
export const listEncoder = jsonLists(mysqlEncoder)
export const tupleEncoder = jsonTuples(mysqlEncoder)

/** Sums and quotients of integers come as decimals, which are text. */
function readNumber(value: unknown): unknown {
  return typeof value === 'string' ? Number(value) : value
}
/** Beyond 2^53 exact, as other databases give it. */
function readInteger(value: unknown): unknown {
  const number = readNumber(value)
  if (typeof number !== 'number' || Number.isSafeInteger(number)) return number
  return typeof value === 'string' && /^-?\d+$/.test(value) ? BigInt(value) : number
}
function readBoolean(value: unknown): unknown {
  if (value === null) return null
  const number = Number(value)
  if (number === 1 || number === 0) return number === 1
  throw corrupt('boolean', value)
}
function readDecimal(value: unknown): unknown {
  return typeof value === 'number' ? new Decimal(value) : readDecimalText(value)
}
/** Whole bigints may come as decimals: `5.0000`. */
function readBig(value: unknown): unknown {
  return readBigInteger(typeof value === 'string' && value.includes('.') ? value.replace(/\.0*$/, '') : value)
}
function readBytes(value: unknown): unknown {
  if (value === null) return null
  if (value instanceof Uint8Array) return new Uint8Array(value)
  throw corrupt('binary', value)
}

/** The protocol's number for integers of 64 bits. */
const LONGLONG = 8

/** The driver gives integers beyond 2^53 as text, among other texts: what has no decoder would keep it. Changes the rows. */
export function widen(rows: SqlRow[], fields: readonly MysqlField[]): void {
  for (let i = 0; i < fields.length; i++) {
    if (fields[i]!.columnType !== LONGLONG) continue
    for (const row of rows as unknown[][]) {
      const value = row[i]
      if (typeof value === 'string') row[i] = BigInt(value)
    }
  }
}

const decoder = decoderFrom({
  ...DECODERS,
  integer: readInteger,
  smallInteger: readInteger,
  bigInteger: readBig,
  float: readNumber,
  decimal: readDecimal,
  boolean: readBoolean,
  binary: readBytes,
})

/** How a value of `kind` is read; null where the driver's value is right as it comes. */
export function mysqlDecoder(kind: Kind, type?: ColumnType): Decoder {
  return decoder(scalarKind(kind), type)
}
