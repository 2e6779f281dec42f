/** Attributes of instances as values of a row: one function for each list of columns, generated once. */
import { compileFunction } from '../../std/codegen.ts'
import type { AnyInstance } from '../models/instance.ts'

/** Puts attributes into `out`, from index `at` on; null for what is undefined. */
export type ReadAttributes = (instance: AnyInstance, out: unknown[], at: number) => void

/** An attribute, and what makes a value for the row of it where that is not the same. Null is not converted. */
export interface ReadAttribute {
  readonly attname: string
  readonly convert: ((value: unknown) => unknown) | null
  /** What stands for null of an attribute that is converted. */
  readonly nothing?: '' | undefined
}

/** Makes what reads these attributes. `label`: for stack traces. */
export function makeRead(attributes: readonly ReadAttribute[], label: string): ReadAttributes {
  const names: Record<string, unknown> = {}
  const steps = attributes.map(({ attname, convert, nothing = null }, i) => {
    const value = `self[${JSON.stringify(attname)}] ?? null`
    if (convert === null) return `out[at + ${i}] = ${value}`
    names[`c${i}`] = convert
    return `v = ${value}; out[at + ${i}] = v === null ? ${JSON.stringify(nothing)} : c${i}(v)`
  })
  const body = `return (self, out, at) => { let v\n${steps.join('\n')} }`
  const make = compileFunction(Object.keys(names), body, label)
  if (make !== null) return make(...Object.values(names)) as ReadAttributes // as generated above
  return (instance, out, at) => {
    for (const [i, { attname, convert, nothing = null }] of attributes.entries()) {
      const value = instance[attname] ?? null
      out[at + i] = convert === null ? value : value === null ? nothing : convert(value)
    }
  }
}
