/** What a new instance starts with: one function for each model, generated the first time it is asked for. */
import { compileFunction } from '../../std/codegen.ts'
import { assignKey } from './accessors.ts'
import { unknownAttribute } from './attributes.ts'
import type { AnyInstance } from './instance.ts'
import type { FieldMeta, ModelMeta } from './meta.ts'

/** What an instance is made from: values by the names of its fields. */
export type Values = Readonly<Record<string, unknown>>

/** Gives columns what was given for them, their default, or null; gives how many of the values it took. */
type FillColumns = (instance: AnyInstance, values: Values) => number

const NONE: Values = Object.freeze({})

/**
 * Makes what gives a new instance of a model its attributes, in `meta.columns` order.
 * @throws ModelError for a name that is no attribute, and for what a relation does not take
 */
export function makeFill(meta: ModelMeta): (instance: AnyInstance, values: Values | undefined) => void {
  const fillColumns = generated(meta) ?? ((instance, values) => fillInTurn(instance, meta.columns, values))
  return (instance, values = NONE) => {
    const taken = fillColumns(instance, values)
    // Names are looked up one by one only when some are not plain columns.
    if (taken !== Object.keys(values).length || !isPlain(values)) assignRest(instance, meta, values)
  }
}

function isPlain(values: Values): boolean {
  const prototype: unknown = Object.getPrototypeOf(values)
  return prototype === Object.prototype || prototype === null
}

/** {@link fillInTurn} of one model, written out. */
function generated(meta: ModelMeta): FillColumns | null {
  const names: Record<string, unknown> = { assignKey }
  const steps = meta.columns.map((field, i) => {
    const own = `self[${JSON.stringify(field.attname)}]`
    names[`f${i}`] = field
    let start = 'null'
    if (field.hasDefault) start = `f${i}.getDefault()`
    else if (field.options.dbDefault !== undefined) start = 'undefined'
    let take = `${own} = v`
    if (field.relation !== null) take = `{ ${own} = null; assignKey(self, f${i}, v) }`
    else if (field.coerce !== null) take = `${own} = v === null ? null : f${i}.coerce(v)`
    return `v = values[${JSON.stringify(field.name)}]; if (v === undefined) ${own} = ${start}; else { taken++; ${take} }`
  })
  const body = `return (self, values) => { let v, taken = 0\n${steps.join('\n')}\nreturn taken }`
  const make = compileFunction(Object.keys(names), body, `new ${meta.label}`)
  return make === null ? null : (make(...Object.values(names)) as FillColumns) // as generated above
}

function fillInTurn(instance: AnyInstance, columns: readonly FieldMeta[], values: Values): number {
  let taken = 0
  for (const field of columns) {
    const { attname } = field
    const value = values[field.name]
    if (value === undefined) {
      // What the database will give is not known yet; null would be a value.
      if (field.hasDefault) instance[attname] = field.getDefault()
      else instance[attname] = field.options.dbDefault === undefined ? null : undefined
      continue
    }
    taken++
    if (field.relation !== null) {
      instance[attname] = null
      assignKey(instance, field, value)
    } else instance[attname] = field.coerce === null || value === null ? value : field.coerce(value)
  }
  return taken
}

/** Relations, raw keys (`authorId`), and names that are no attributes at all. */
function assignRest(instance: AnyInstance, meta: ModelMeta, values: Values): void {
  const { fields, byAttname } = meta
  for (const name of Object.keys(values)) {
    const value = values[name]
    if (value === undefined) continue
    const field = fields.get(name) ?? byAttname.get(name)
    if (field === undefined || (field.parts.length === 0 && field.relation!.type !== 'reverseOne'))
      throw unknownAttribute(meta, name, field)
    if (field.relation === null) continue
    if (field.parts.length === 0) instance[name] = value
    else assignKey(instance, field, value)
  }
}
