/**
 * How a column's values are read, written and compared: what its kind says to the backend, and what its field adds (a class
 * of the project's own, digits of a decimal, keys for instances). Decided once for each column, or for each place in a shape.
 */
import type { Backend, Decoder, Encoder } from '../backends/backend.ts'
import type { ColumnType, Kind } from '../kinds.ts'
import type { FieldMeta } from '../models/meta.ts'
import type { SqlExpr } from '../sql/nodes.ts'
import type { BuildContext, SlotOptions } from './context.ts'
import { eachConverter, keyConverter } from './converters.ts'
import { fitting, rounding } from './fit.ts'

/** Reads a column; null where the row's value is right as it comes. */
export function columnDecoder(backend: Backend, kind: Kind, type: ColumnType | undefined): Decoder {
  const decode = backend.decoder(kind, type)
  const fromDb = type?.conversion?.fromDb
  if (fromDb === undefined) return decode
  return decode === null ? fromDb : (value) => fromDb(decode(value))
}

/** Writes a column. */
export function columnEncoder(backend: Backend, field: FieldMeta): Encoder {
  const encode = backend.encoder(field.kind)
  const toDb = chained(field.type?.conversion?.toDb ?? null, rounding(field))
  if (toDb === null) return encode
  return encode === null || encode === undefined ? toDb : (value) => encode(toDb(value))
}

const PLAIN: SlotOptions = Object.freeze({})

type Convert = (value: unknown) => unknown

function chained(first: Convert | null, second: Convert | null): Convert | null {
  if (first === null || second === null) return first ?? second
  return (value) => second(first(value))
}

/** What a value that is written becomes before its kind's encoder: what is stored of a class's own, a decimal that fits. */
export function writtenConversion(field: FieldMeta): Convert | null {
  return chained(field.type?.conversion?.toDb ?? null, fitting(field))
}

/** How a value that is written into a field finds its slot: keys for instances, stored values for a class's own. */
export function writtenSlot(field: FieldMeta): SlotOptions {
  if (field.relation !== null) return { convert: keyConverter(field) }
  const convert = writtenConversion(field)
  return convert === null ? PLAIN : { convert, nothing: field.type?.conversion?.nothing }
}

/** The same for a value that a column is compared with. */
export function comparedSlot(node: SqlExpr, relation: FieldMeta | null): SlotOptions {
  if (relation !== null) return { convert: keyConverter(relation) }
  const conversion = node.t === 'column' ? node.type?.conversion : undefined
  return conversion === undefined ? PLAIN : { convert: conversion.toDb }
}

/** The same for a list of such values. */
export function listedSlot(node: SqlExpr, relation: FieldMeta | null): SlotOptions {
  const { convert } = comparedSlot(node, relation)
  return { list: true, convert: convert === undefined || convert === null ? null : eachConverter(convert) }
}

/** What a column is set to, where it is computed: of a type that no kind has, as one of that type. */
export function assigned({ type }: FieldMeta, value: SqlExpr, { features }: BuildContext): SqlExpr {
  if (type?.declared?.[features.vendor] === undefined || (value.t !== 'case' && value.t !== 'function')) return value
  return features.vendor === 'postgres' ? { t: 'cast', of: value, type } : value
}
