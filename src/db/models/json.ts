/** Instances as JSON and in logs. Secret fields are in neither. */
import { Temporal } from '../../std/dates.ts'
import { Decimal } from '../../std/decimal.ts'
import { toBase64 } from '../../std/json.ts'
import type { AnyInstance } from './instance.ts'
import type { AnyModel, ModelMeta } from './meta.ts'

/** Attributes that may be shown, by field name: columns in order, then what a query added (annotations). */
function shown(instance: AnyInstance, meta: ModelMeta): [string, unknown][] {
  const pairs: [string, unknown][] = []
  for (const field of meta.fields.values()) {
    const { parts } = field
    if (field.secret || parts.length === 0 || !parts.every(({ attname }) => Object.hasOwn(instance, attname))) continue
    pairs.push([field.name, instance[field.attname]])
  }
  for (const [name, value] of Object.entries(instance)) {
    if (!meta.byAttname.has(name) && typeof value !== 'function') pairs.push([name, value])
  }
  return pairs
}

/** For JSON.stringify: instants as ISO with Z, decimals and bigints as strings, bytes in base64, relations as keys. */
export function instanceToJson(instance: AnyInstance): Record<string, unknown> {
  const { meta } = instance.constructor as unknown as AnyModel // every instance's class is a model
  return Object.fromEntries(shown(instance, meta).map(([name, value]) => [name, toJson(value)]))
}
function toJson(value: unknown): unknown {
  if (typeof value === 'bigint' || Decimal.isDecimal(value)) return String(value)
  if (value instanceof Date) return Number.isNaN(value.getTime()) ? null : value.toISOString()
  if (value instanceof Uint8Array) return toBase64(value)
  // As others write it: JSON.stringify would, too.
  if (value instanceof Temporal.Instant) return value.toString()
  return value
}
/** For logs and the console: `Book { id: 3, title: 'x', author: 7 }`. */
export function inspectInstance(instance: AnyInstance, inspect: (value: unknown) => string): string {
  const { meta } = instance.constructor as unknown as AnyModel // as above
  const parts = shown(instance, meta).map(([name, value]) => `${name}: ${inspect(value)}`)
  return `${meta.name} { ${parts.join(', ')} }`
}
