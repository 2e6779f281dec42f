/** An instance against its row: which columns changed, and what its row is after a write. */
import type { Backend, Decoder, Encoder } from '../backends/backend.ts'
import type { Database } from '../connections.ts'
import { DataError } from '../errors.ts'
import { Expression } from '../expressions/expression.ts'
import { ALIAS, type AnyInstance, ROW } from '../models/instance.ts'
import type { FieldMeta, ModelMeta } from '../models/meta.ts'
import { makeRead, type ReadAttributes } from './attributes.ts'
import { columnDecoder, columnEncoder } from './column-values.ts'

/** How a model's columns are read and written, in `meta.columns` order. */
export interface Codec {
  readonly decoders: readonly Decoder[]
  readonly encoders: readonly Encoder[]
  /** An instance's columns as a row would hold them. */
  readonly read: ReadAttributes
}

const codecs = new WeakMap<Backend, WeakMap<ModelMeta, Codec>>()

export function codecOf(meta: ModelMeta, { backend }: Database): Codec {
  let known = codecs.get(backend)
  if (known === undefined) {
    known = new WeakMap()
    codecs.set(backend, known)
  }
  let codec = known.get(meta)
  if (codec === undefined) {
    const decoders = meta.columns.map((field) => columnDecoder(backend, field.kind!, field.type ?? undefined))
    const encoders = meta.columns.map((field) => columnEncoder(backend, field))
    // Without a decoder the row holds the value as it is; the encoder only checks it.
    const attributes = meta.columns.map(({ attname }, i) => ({
      attname,
      convert: decoders[i] === null ? null : (encoders[i] ?? null),
    }))
    codec = { decoders, encoders, read: makeRead(attributes, `row of ${meta.label}`) }
    known.set(meta, codec)
  }
  return codec
}

/** Whether an instance has no row yet in a database's eyes. */
export function isNew(instance: AnyInstance): boolean {
  return instance[ROW] === null
}

/** Columns whose attribute is not what the row says; indexes into `meta.columns`. */
export function changedColumns(instance: AnyInstance, meta: ModelMeta, codec: Codec): number[] {
  const row = instance[ROW]!
  const { columns } = meta
  const changed: number[] = []
  for (let i = 0; i < columns.length; i++) {
    // Left out by only() or defer(), and not written since.
    if (row[i] === undefined && !Object.hasOwn(instance, columns[i]!.attname)) continue
    if (isChanged(instance[columns[i]!.attname] ?? null, row[i], i, codec)) changed.push(i)
  }
  return changed
}

function isChanged(value: unknown, raw: unknown, i: number, { decoders, encoders }: Codec): boolean {
  const decoder = decoders[i]!
  // A JSON null is read as null, as an empty column is: neither was changed.
  if (value === null && decoder !== null && raw !== null && raw !== undefined) return decoder(raw) !== null
  if (decoder === null || value === null || raw === null || raw === undefined) return value !== (raw ?? null)
  if (value instanceof Expression) return true
  // Both as they would be written: what the row holds may be finer (microseconds) or spelled otherwise (JSON).
  const encode = encoders[i] ?? ((same: unknown) => same)
  const before = encode(decoder(raw))
  try {
    return !sameBytes(encode(value), before)
  } catch (error) {
    // No value of the column: not the one it has. The statement refuses it, with the field's name.
    if (error instanceof DataError) return true
    throw error
  }
}

function sameBytes(a: unknown, b: unknown): boolean {
  if (!(a instanceof Uint8Array) || !(b instanceof Uint8Array)) return a === b
  return a.length === b.length && a.every((byte, i) => byte === b[i])
}

/** The attribute as a column of the row would hold it. */
export function encoded(instance: AnyInstance, field: FieldMeta, i: number, codec: Codec): unknown {
  const value = instance[field.attname] ?? null
  // Without a decoder the row holds the value as it is; the encoder only checks it.
  if (codec.decoders[i] === null) return value
  const encode = codec.encoders[i]
  return value === null || encode === null || encode === undefined ? value : encode(value)
}

/** Takes what the database filled in. */
export function takeGenerated(
  instance: AnyInstance,
  meta: ModelMeta,
  codec: Codec,
  filled: readonly number[],
  row: readonly unknown[],
): void {
  for (let at = 0; at < filled.length; at++) {
    const i = filled[at]!
    const raw = row[at]
    const decode = codec.decoders[i]!
    instance[meta.columns[i]!.attname] = raw === null || decode === null ? raw : decode(raw)
  }
}

/** Notes the row as it is now in the database. */
export function written(instance: AnyInstance, meta: ModelMeta, codec: Codec, db: Database): void {
  const row: unknown[] = new Array(meta.columns.length)
  codec.read(instance, row, 0)
  instance[ROW] = row
  instance[ALIAS] = db.alias
}
