/** Choices as they may be written, and as one list. */
import { humanize } from '../../std/text.ts'
import type { FieldMeta } from '../models/meta.ts'
import type { Label } from './types.ts'

/**
 * Values with labels: a record, whose values may be groups of such; a list of texts, which are their own labels as words, or of
 * pairs; a Map.
 */
export type Choices =
  | Readonly<Record<string, Label | Readonly<Record<string, Label>>>>
  | readonly (string | readonly [value: string, label: Label])[]
  | ReadonlyMap<string, Label>

/** The values of choices, or of what a function gives, as a union. */
export type ValuesOf<C> = C extends () => infer Given ? ValuesIn<Given> : ValuesIn<C>
type ValuesIn<C> = C extends readonly (infer E)[]
  ? E extends readonly [infer V extends string, unknown]
    ? V
    : Extract<E, string>
  : C extends ReadonlyMap<infer K extends string, unknown>
    ? K
    : { [K in keyof C & string]: IsGroup<C[K]> extends true ? keyof C[K] & string : K }[keyof C & string]
/** Objects with a toString() of their own are labels, as those of classes are. */
type IsGroup<L> = L extends Readonly<Record<string, Label>> ? ('toString' extends keyof L ? false : true) : false

type Choice = NonNullable<FieldMeta['choices']>[number]

/** Every choice in order. A function is asked each time; so are labels, which speak the language of the moment. */
export function choiceList(given: unknown): readonly Choice[] {
  const declared: unknown = typeof given === 'function' ? given() : given
  const entries = declared instanceof Map ? [...declared] : declared
  if (Array.isArray(entries)) return entries.map(listed)
  return Object.entries(entries as Readonly<Record<string, unknown>>).flatMap(([value, label]): Choice[] => {
    if (!isGroup(label)) return [{ value, label: String(label) }]
    return Object.entries(label).map(([inner, text]) => ({ value: inner, label: String(text), group: value }))
  })
}

function listed(item: string | readonly [string | number, unknown]): Choice {
  return typeof item === 'string' ? { value: item, label: humanize(item) } : { value: item[0], label: String(item[1]) }
}

/** A label may be an object as well (`tLazy`): of a class, or with a toString() of its own. */
function isGroup(label: unknown): label is Readonly<Record<string, unknown>> {
  return (
    typeof label === 'object' &&
    label !== null &&
    Object.getPrototypeOf(label) === Object.prototype &&
    !Object.hasOwn(label, 'toString')
  )
}
