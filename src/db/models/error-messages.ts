/** A field's own words for values that are refused: its option `errorMessages`. */
import type { FieldOptions } from './meta.ts'

/** The words for a kind of problem; undefined where the field has none. */
export function messageFor({ errorMessages }: FieldOptions, kind: string): string | undefined {
  const own = errorMessages as Readonly<Record<string, unknown>> | undefined // typed by the builder
  return own !== undefined && Object.hasOwn(own, kind) ? String(own[kind]) : undefined
}
