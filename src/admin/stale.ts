/**
 * Stale saves: what a form was made from, and who changed what since.
 *
 * A form carries a mark for each field: of the value stored and of what its control showed. Both are keyed hashes, so
 * that a secret's mark tells nothing. When the form comes back, within the transaction that saves it, a field is
 *
 * - as it was, or changed by one side only: it is saved, or left as the other wrote it (they merge),
 * - changed by both to the same: nothing to do,
 * - changed by both, differently: a conflict. Nothing is saved before somebody decides.
 *
 * Values are compared, not a version of the row, so that changes elsewhere in it are no conflict, and a model needs no
 * column for it. A many-to-many field is one value. A form without marks, which no page of the admin makes, is saved as
 * it is: whoever writes such a request says what the row shall be.
 */
import type { FieldMeta } from '../db/models/meta.ts'
import type { FormField, FormInput, ModelForm } from '../forms/index.ts'
import { sign } from '../signing/index.ts'
import { keyOf, modelOf } from './keys.ts'

/** The name of the hidden control that carries the marks. */
export const STATE = '_state'
/** The marks of what the page of a conflict showed as theirs. */
export const SEEN = '_seen'
/** `_keep-title`: `mine` or `theirs`. */
export const KEEP = '_keep-'
/** Mine, in every field. */
export const OVERWRITE = '_overwrite'

/** A field's marks: of what its control showed, of what was stored. */
type Marks = readonly [shown: string, stored: string]
/** What a form was made from. */
export interface FormState {
  /** When, in milliseconds. */
  readonly at: number
  readonly marks: ReadonlyMap<string, Marks>
}

const MARK_LENGTH = 16
function mark(place: string, text: string | null): string {
  if (text === null) return '-'
  const signed = sign(text, { salt: `nuages.admin.stale:${place}` })
  return signed.slice(signed.lastIndexOf(':') + 1).slice(0, MARK_LENGTH)
}

/** A stored value as exact text: what no control shows (milliseconds, trailing spaces) counts too. */
function storedText(value: unknown): string | null {
  if (value === null || value === undefined) return null
  if (Array.isArray(value)) return JSON.stringify(value.map(String).sort())
  if (value instanceof Date) return String(value.getTime())
  if (typeof value === 'object' && Object.getPrototypeOf(value) === Object.prototype) return JSON.stringify(value)
  return String(value)
}

function shownText(value: unknown): string {
  if (value === null || value === undefined) return ''
  return Array.isArray(value) ? value.map(String).sort().join('\n') : String(value).replaceAll('\r\n', '\n')
}

const metaOf = (form: ModelForm<object>, name: string): FieldMeta | undefined => form.model.meta.fields.get(name)
/** JSON may be a list, whose order counts; of related rows it does not. */
const stored = (form: ModelForm<object>, name: string): string | null =>
  metaOf(form, name)?.kind === 'json' ? JSON.stringify(form.initial(name) ?? null) : storedText(form.initial(name))

/** What the form of a row is made from. Read it before the form is validated, which writes into the row. */
export function stateOf(form: ModelForm<object>, row: object): FormState {
  const marks = new Map<string, Marks>()
  const place = placeOf(row)
  for (const name of Object.keys(form.fields)) {
    const shown = shownText(form.fields[name]!.format(form.initial(name)))
    marks.set(name, [mark(`${place}:${name}:shown`, shown), mark(`${place}:${name}`, stored(form, name))])
  }
  return { at: Date.now(), marks }
}

const placeOf = (row: object): string => `${modelOf(row).meta.label}:${keyOf(row)}`

/** As the page carries it. */
export function writeState({ at, marks }: FormState): string {
  return JSON.stringify({ at, marks: Object.fromEntries(marks) })
}

/** What a page carried; null when it carried nothing. Unreadable marks fit no value: every difference is a conflict. */
export function readState(input: FormInput, name: string): FormState | null {
  const text = input.get(name)
  if (typeof text !== 'string' || text === '') return null
  const marks = new Map<string, Marks>()
  let at = 0
  try {
    const parsed = JSON.parse(text) as { at?: unknown; marks?: unknown } | null
    if (typeof parsed?.at === 'number') at = parsed.at
    for (const [field, pair] of Object.entries(parsed?.marks ?? {}))
      if (Array.isArray(pair)) marks.set(field, [String(pair[0]), String(pair[1])])
  } catch {
    // Somebody wrote it by hand.
  }
  return { at, marks }
}

/** How the fields of a form that was sent stand to the row as it is now. */
export interface Comparison {
  /** Changed by somebody else, not by this form, or decided so: they stay as they are. */
  readonly theirs: readonly string[]
  /** Changed by both, differently, and not decided. */
  readonly conflicts: readonly string[]
  /** The row as it is now. */
  readonly now: FormState
  /** What to carry when the form is shown again: an open conflict stays one. */
  readonly next: FormState
}

/** Compares a form that was sent with the row it is bound to, as it is now. */
export function compare(form: ModelForm<object>, row: object, input: FormInput): Comparison {
  const now = stateOf(form, row)
  const { prefix } = form
  const before = readState(input, prefix + STATE)
  if (before === null) return { theirs: [], conflicts: [], now, next: now }
  const seen = readState(input, prefix + SEEN)
  const place = placeOf(row)
  const theirs: string[] = []
  const conflicts: string[] = []
  for (const [name, marks] of now.marks) {
    const was = before.marks.get(name)
    if (was?.[1] === marks[1]) continue
    const texts = sentTexts(form, name)
    const marked = texts.map((text) => mark(`${place}:${name}:shown`, text))
    const isSecret = form.fields[name]!.widget.showsValue === false
    if (isSecret ? texts[0] === '' : marked.includes(was?.[0] ?? '')) theirs.push(name)
    else if (!isSecret && marked.includes(marks[0])) continue
    else {
      const decision = seen?.marks.get(name)?.[1] === marks[1] ? decided(input, prefix, name) : null
      if (decision === 'theirs') theirs.push(name)
      else if (decision === null) conflicts.push(name)
    }
  }
  if (conflicts.length === 0) return { theirs, conflicts, now, next: now }
  const marks = new Map(now.marks)
  for (const name of conflicts) marks.set(name, before.marks.get(name) ?? ['', ''])
  return { theirs, conflicts, now, next: { at: before.at, marks } }
}

function decided(input: FormInput, prefix: string, name: string): 'mine' | 'theirs' | null {
  if (input.has(OVERWRITE)) return 'mine'
  const choice = input.get(`${KEEP}${prefix}${name}`)
  return choice === 'mine' || choice === 'theirs' ? choice : null
}

/** What was sent for a field: as it came, and as its control would show it (a browser drops the seconds of 10:00:00). */
function sentTexts(form: ModelForm<object>, name: string): string[] {
  const field = form.fields[name]!
  const raw = form.raw(name)
  const texts = [shownText(raw)]
  if (texts[0] === '' || field.widget.showsValue === false) return texts
  try {
    texts.push(shownText(field.format(field.parse(raw))))
  } catch {
    // Not a value: it was typed.
  }
  return texts
}

/** A field that stays as it is stored, whatever was sent. */
export function settled(field: FormField, value: unknown): FormField {
  const shown = field.format(value)
  return {
    ...field,
    empty: value,
    widget: { ...field.widget, read: () => shown ?? '' },
    parse: () => value,
    // What is stored may be kept, though this user could not choose it.
    validators: [],
  }
}
