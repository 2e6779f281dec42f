/** Fields as data: for the migration writer, and to tell whether two fields are the same on disk. */
import type { AnyModel, FieldDeconstruction, FieldMeta, FieldOptions, SwappableTarget } from '../models/meta.ts'
import type { BoundField } from './bound.ts'
import type { Descriptor } from './descriptor.ts'

/** A class that the project may replace carries the label of the original under this key: `auth.User`. */
export const SWAPPABLE: unique symbol = Symbol.for('nuages.swappable')

/** Options that neither a table nor a historical model depends on. */
const BESIDE = new Set([
  'blank',
  'editable',
  'secret',
  'choices',
  'validators',
  'errorMessages',
  'uniqueForDate',
  'uniqueForMonth',
  'uniqueForYear',
  'verboseName',
  'helpText',
  'min',
  'max',
  'minLength',
  'schema',
  'protocol',
  'symmetrical',
  'limitChoicesTo',
  'renamedFrom',
])

/** The field as its builder would be called again. Null for reverse relations, which have no place on disk. */
export function deconstruct(field: BoundField): FieldDeconstruction | null {
  const { descriptor, relation } = field
  const options = onDisk(descriptor.options)
  if (relation === null) return deconstructType(descriptor)
  if (relation.type === 'reverse' || relation.type === 'reverseOne') return null
  const { through: _, ...rest } = options
  const through =
    relation.through === null || relation.through.auto ? {} : { through: reference(relation.through.model) }
  // What set() was given belongs to the model, as defaults that are functions.
  const onDelete = relation.setTo === null ? {} : { onDelete: 'set' }
  return {
    builder: field.builder,
    args: withOptions([reference(relation.target)], { ...rest, ...onDelete, ...through }),
  }
}

/** A declaration without a relation. */
export function deconstructType({ type, options, builder }: Descriptor): FieldDeconstruction {
  const storage = type!.storage
  if (storage !== undefined && 'args' in storage) return { builder: storage.builder, args: storage.args(options) }
  const result = onDisk(storage === undefined ? options : storage.options(options))
  const defaults = type!.defaults ?? {}
  const own = Object.fromEntries(Object.entries(result).filter(([name, value]) => defaults[name] !== value))
  return { builder: storage?.builder ?? builder, args: withOptions([], own) }
}

/** `library.Book`, or the marker of a class that the project may replace. */
function reference(model: AnyModel): string | SwappableTarget {
  const original = (model as { readonly [SWAPPABLE]?: string })[SWAPPABLE]
  return original === undefined ? model.meta.concrete.meta.label : { swappable: original } // migrations know tables
}
/** Options whose `false` says nothing. */
const FLAGS = new Set(['positive', 'null', 'unique', 'primaryKey', 'autoNow', 'autoNowAdd', 'auto'])
/** The options that a table or a historical model depends on. */
export function onDisk(options: FieldOptions): Record<string, unknown> {
  return Object.fromEntries(
    Object.entries(options).filter(
      ([name, value]) => value !== undefined && !BESIDE.has(name) && !(value === false && FLAGS.has(name)),
    ),
  )
}
function withOptions(args: readonly unknown[], options: FieldOptions): readonly unknown[] {
  return Object.keys(options).length === 0 ? args : [...args, options]
}

/** Whether two fields are the same on disk and in historical models. Functions count as equal: they are not recorded. */
export function sameField(a: FieldMeta, b: FieldMeta): boolean {
  const [left, right] = [a.deconstruct(), b.deconstruct()]
  return left === null || right === null
    ? left === right
    : sameValue([left.builder, left.args], [right.builder, right.args])
}

function sameValue(a: unknown, b: unknown): boolean {
  if (Object.is(a, b) || (typeof a === 'function' && typeof b === 'function')) return true
  if (typeof a !== 'object' || typeof b !== 'object' || a === null || b === null) return false
  const prototype: unknown = Object.getPrototypeOf(a)
  if (prototype !== Object.getPrototypeOf(b)) return false
  if (!Array.isArray(a) && prototype !== Object.prototype) return String(a) === String(b) // dates, decimals
  const [left, right] = [Object.entries(a), new Map(Object.entries(b))]
  return left.length === right.size && left.every(([key, value]) => right.has(key) && sameValue(value, right.get(key)))
}
