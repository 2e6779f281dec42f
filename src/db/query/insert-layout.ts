/** What an insert names: columns with values, those the database fills, and values that fields set by themselves. */
import { type AnyInstance, ROW } from '../models/instance.ts'
import type { FieldMeta, ModelMeta } from '../models/meta.ts'
import type { InsertNode } from '../sql/nodes.ts'
import { makeRead, type ReadAttributes } from './attributes.ts'
import { initialState } from './state.ts'
import { computedField } from './written-fields.ts'

const hooked = new WeakMap<ModelMeta, readonly FieldMeta[]>()

/** Fields that set themselves before a write (autoNow, autoNowAdd). */
export function fillBeforeWrite(
  instance: AnyInstance,
  meta: ModelMeta,
  adding: boolean,
  only?: readonly FieldMeta[],
): void {
  let fields = hooked.get(meta)
  if (fields === undefined) {
    fields = meta.columns.filter((field) => field.preSave !== null)
    hooked.set(meta, fields)
  }
  for (const field of fields) {
    if (only !== undefined && !only.includes(field)) continue
    // Left out by only() or defer(): what the column keeps is not known, and stays.
    const known = Object.hasOwn(instance, field.attname)
    const value = field.preSave!(known ? instance[field.attname] : undefined, adding)
    if (known || value !== undefined) instance[field.attname] = value
  }
}

/** The columns of one insert: those it names and those the database fills, as indexes into `meta.columns`. */
export interface InsertLayout {
  readonly key: string
  readonly indexes: readonly number[]
  /** The columns it names. */
  readonly fields: readonly FieldMeta[]
  readonly filled: readonly number[]
  /** The column among those filled that counts rows; null where none does. */
  readonly number: FieldMeta | null
  /** Their attributes, as they are. */
  readonly read: ReadAttributes
}
/** Layouts of a model by which of its generated columns have values, one bit each. */
const layouts = new WeakMap<
  ModelMeta,
  { readonly generated: readonly number[]; readonly byBits: Map<number, InsertLayout> }
>()

/** What an insert of this instance names: all columns but those the database fills. The same object for the same columns. */
export function insertLayout(instance: AnyInstance, meta: ModelMeta): InsertLayout {
  let known = layouts.get(meta)
  if (known === undefined) {
    known = { generated: meta.columns.flatMap((field, i) => (field.generated ? [i] : [])), byBits: new Map() }
    layouts.set(meta, known)
  }
  const { generated, byBits } = known
  let bits = 0
  for (let i = 0; i < generated.length; i++) {
    const field = meta.columns[generated[i]!]!
    const value = instance[field.attname]
    if (field.computed !== null) {
      // A copy of a row has the value that was computed for the other one.
      if (value !== null && value !== undefined && instance[ROW] === null) throw computedField(field)
      bits += 2 ** i
    } else if (value === undefined || (value === null && !fieldKeepsNull(field))) bits += 2 ** i
  }
  let layout = byBits.get(bits)
  if (layout === undefined) {
    const filled = generated.filter((_, i) => Math.floor(bits / 2 ** i) % 2 === 1)
    const indexes = meta.columns.flatMap((_, i) => (filled.includes(i) ? [] : [i]))
    const fields = indexes.map((i) => meta.columns[i]!)
    const number = filled.map((i) => meta.columns[i]!).find(({ kind }) => kind === 'auto') ?? null
    const read = makeRead(
      fields.map(({ attname }) => ({ attname, convert: null })),
      `values of a new ${meta.label}`,
    )
    layout = { key: `${keyOfModel(meta)}+${indexes.join(',')}`, indexes, fields, filled, number, read }
    byBits.set(bits, layout)
  }
  return layout
}

/** A default of the database is for values that are not there; null is one, where the column may be null. */
function fieldKeepsNull(field: FieldMeta): boolean {
  return field.null && field.options.dbDefault !== undefined
}

const keys = new WeakMap<ModelMeta, string>()

/** The start of a model's plan keys. */
export function keyOfModel(meta: ModelMeta): string {
  let key = keys.get(meta)
  if (key === undefined) {
    key = initialState(meta.model).key
    keys.set(meta, key)
  }
  return key
}

/** What a bulk insert's compiler has to know of its columns. */
export function bulkOf(fields: readonly FieldMeta[], count: number): NonNullable<InsertNode['bulk']> {
  const kinds = fields.map((field) => field.kind)
  if (!fields.some((field) => field.type?.declared !== undefined)) return { count, kinds }
  return { count, kinds, declared: fields.map((field) => field.type?.declared?.postgres) }
}
