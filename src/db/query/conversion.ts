/** Values of fields that the project made, on their way to a backend and back: decided once for each column. */
import type { Backend, Decoder, Encoder } from '../backends/backend.ts'
import type { ColumnType, Kind } from '../kinds.ts'
import type { FieldMeta } from '../models/meta.ts'
import type { SqlExpr } from '../sql/nodes.ts'
import type { SlotOptions } from './context.ts'
import { eachConverter, keyConverter } from './convert.ts'

/** Reads a column; null where the row's value is right as it comes. */
export function columnDecoder(backend: Backend, kind: Kind, type: ColumnType | undefined): Decoder {
  const decode = backend.decoder(kind, type)
  const fromDb = type?.conversion?.fromDb
  if (fromDb === undefined) return decode
  return decode === null ? fromDb : (value) => fromDb(decode(value))
}

/** Writes a column. */
export function columnEncoder(backend: Backend, { kind, type }: FieldMeta): Encoder {
  const encode = backend.encoder(kind)
  const toDb = type?.conversion?.toDb
  if (toDb === undefined) return encode
  return encode === null || encode === undefined ? toDb : (value) => encode(toDb(value))
}

const PLAIN: SlotOptions = Object.freeze({})

/** How a value that is written into a field finds its slot: keys for instances, stored values for a class's own. */
export function writtenSlot(field: FieldMeta): SlotOptions {
  if (field.relation !== null) return { convert: keyConverter(field) }
  const { conversion } = field.type ?? {}
  return conversion === undefined ? PLAIN : { convert: conversion.toDb }
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
