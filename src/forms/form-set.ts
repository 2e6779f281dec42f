/** Form sets: several forms of one kind on one page, with empty ones to add by. */
import { tn } from '../i18n/index.ts'
import { markSafe, type SafeString } from '../std/html.ts'
import { isFileLike } from '../storage/source.ts'
import { ValidationError } from '../validators.ts'
import { FormError } from './errors.ts'
import type { AnyForm, BindOptions, FieldMap, Form, FormDefinition, ValuesOf } from './form.ts'
import { FormSetRow } from './form-set-row.ts'
import { type Management, managementHtml, PREFIX, readManagement } from './management.ts'
import { renderFormSet } from './render-set.ts'
import type { Choice, FormInput } from './types.ts'

/** How many forms a set has, and what can be done to them. */
export interface FormSetOptions {
  /** Put before every name: `legs` makes `legs-0-name`. Default: `form`. */
  readonly prefix?: string
  /** Empty forms shown beside those that are there; default 1. What is left empty is no error. */
  readonly extra?: number
  /** Fewer forms than these are refused; as many are shown. Default 0. */
  readonly min?: number
  /** More forms than these are refused, unless there were as many before; default 1,000. */
  readonly max?: number
  /** Never read more forms than these, whatever was sent; default `max` + 1,000. */
  readonly absoluteMax?: number
  /** A box at each form that takes it out; default false. */
  readonly canDelete?: boolean
  /** A number at each form that says its place; default false. */
  readonly canOrder?: boolean
}

/** The options with every default filled in. */
export type SetRules = Required<Omit<FormSetOptions, 'prefix'>>

/** @throws FormError form.bad-limits for numbers that no set can have */
export function rulesOf(options: FormSetOptions): SetRules {
  const { extra = 1, min = 0, max = 1000, canDelete = false, canOrder = false } = options
  const absoluteMax = options.absoluteMax ?? max + 1000
  for (const [name, value] of Object.entries({ extra, min, max, absoluteMax }))
    if (!Number.isSafeInteger(value) || value < 0)
      throw new FormError(`The option ${name} of a form set is ${value}.`, {
        code: 'form.bad-limits',
        hint: 'Give a whole number, 0 or more.',
      })
  if (min > max || max > absoluteMax)
    throw new FormError(`A form set cannot have from ${min} to ${max} forms and read ${absoluteMax} at most.`, {
      code: 'form.bad-limits',
      hint: 'min is at most max, and max at most absoluteMax.',
    })
  return { extra, min, max, absoluteMax, canDelete, canOrder }
}

/** What a set is made of. */
export interface SetParts<Fm extends AnyForm> {
  readonly prefix: string
  readonly rules: SetRules
  readonly isBound: boolean
  readonly rows: readonly FormSetRow<Fm>[]
  readonly emptyRow: FormSetRow<Fm>
  readonly management: Management
}

/** What a set asks of whoever makes its forms. */
export interface FormSource<Fm> {
  /** The form of one row; `index` null: the one that new rows are made from. */
  make(bind: BindOptions & { readonly prefix: string }, index: number | null): Fm | Promise<Fm>
  /** How many rows are there before anybody adds one. */
  readonly initial: number
  /** The name of the hidden control with a row's key, and the key of each row; none for forms without rows. */
  readonly key?: { readonly name: string; readonly of: (index: number) => string | null }
  /** Whether what was sent for a number is read at all; default true. */
  readonly reads?: (index: number) => boolean
}

/** A form set, bound to what was sent or as first shown. */
export class FormSet<Fm extends AnyForm> implements Iterable<FormSetRow<Fm>> {
  readonly prefix: string
  readonly rules: SetRules
  readonly isBound: boolean
  /** The forms, in the order of the page, with what belongs to each: its box, its number, its key. */
  readonly rows: readonly FormSetRow<Fm>[]
  /** The form to make new ones from: its names have `__prefix__` where the number goes. */
  readonly emptyRow: FormSetRow<Fm>
  /** Messages about the set as a whole. */
  readonly nonFormErrors: string[] = []
  readonly #management: Management
  #validated: Promise<boolean> | null = null

  protected constructor(parts: SetParts<Fm>) {
    this.prefix = parts.prefix
    this.rules = parts.rules
    this.isBound = parts.isBound
    this.rows = parts.rows
    this.emptyRow = parts.emptyRow
    this.#management = parts.management
  }

  /** How its page has to send it: files make it multipart. */
  get enctype(): AnyForm['enctype'] {
    return this.emptyRow.form.enctype
  }

  /** Validates every form once; false for a set nothing was sent to. */
  isValid(): Promise<boolean> {
    this.#validated ??= this.#validate()
    return this.#validated
  }

  get forms(): readonly Fm[] {
    return this.rows.map((row) => row.form)
  }

  /** The rows that stay: neither deleted nor left empty, in the order that was asked for. */
  get kept(): readonly FormSetRow<Fm>[] {
    const kept = this.rows.filter((row) => !row.deleted && !row.isBlank)
    if (!this.rules.canOrder) return kept
    return kept.toSorted((one, other) => (one.order ?? Infinity) - (other.order ?? Infinity) || 0)
  }

  /** The rows to take out. */
  get deleted(): readonly FormSetRow<Fm>[] {
    return this.rows.filter((row) => row.deleted)
  }

  /** Whether anything was written, ordered or deleted. */
  hasChanged(): boolean {
    return this.rows.some((row) => row.deleted || row.hasChanged())
  }

  /** Adds a message found elsewhere. */
  addError(message: string): void {
    this.nonFormErrors.push(message)
  }

  /** The hidden controls that say how many forms are sent; a page has them once for each set. */
  get management(): SafeString {
    return markSafe(managementHtml(this.prefix, this.#management))
  }

  *[Symbol.iterator](): Generator<FormSetRow<Fm>> {
    yield* this.rows
  }

  /** Everything: management, errors, each form in a fieldset, and the empty one in a `<template>`. */
  [Symbol.for('nuages.html')](): string {
    return renderFormSet(this)
  }

  /** Rows that are not on the page, but count. */
  protected get others(): number {
    return 0
  }

  /** Rules over the set, once its forms are valid by themselves. */
  protected async checkTogether(): Promise<void> {}

  /** Puts what a rule throws above the forms. */
  protected async guard(rule: () => Promise<void>): Promise<void> {
    try {
      await rule()
    } catch (error) {
      if (!(error instanceof ValidationError)) throw error
      for (const message of [...error.messages, ...Object.values(error.fields).flat()]) this.addError(message)
    }
  }

  async #validate(): Promise<boolean> {
    if (!this.isBound) return false
    const { problem } = this.#management
    if (problem) this.addError(problem)
    let valid = true
    await this.emptyRow.form.prepare()
    for (const row of this.rows) if (!(await row.isValid())) valid = false
    this.#count()
    if (valid) await this.checkTogether()
    return this.nonFormErrors.length === 0 && this.rows.every((row) => row.deleted || row.isFaultless)
  }

  #count(): void {
    const { min, max } = this.rules
    if (this.#management.problem) return
    const count = this.rows.filter((row) => !row.deleted && !(row.isNew && row.isBlank)).length + this.others
    const before = this.rows.filter((row) => !row.isNew).length + this.others
    // What was there before is not refused: whoever comes to change one of too many would be stuck.
    if (count > Math.max(max, before))
      this.addError(tn('Please submit at most {n} form.', 'Please submit at most {n} forms.', max))
    if (count < min) this.addError(tn('Please submit at least {n} form.', 'Please submit at least {n} forms.', min))
  }
}

/** Makes the forms of a set: those that were sent, or those of the rows, and the empty ones. */
export async function setParts<Fm extends AnyForm>(
  prefix: string,
  rules: SetRules,
  input: FormInput | null,
  source: FormSource<Fm>,
): Promise<SetParts<Fm>> {
  const { initial } = source
  const choices = new Map<string, Promise<readonly Choice[]>>()
  const make = async (index: number | null) => {
    const value = index === null ? null : (source.key?.of(index) ?? null)
    const isNew = index === null || (source.key ? value === null : index >= initial)
    // Of new ones, as many as there must be are not optional.
    const emptyPermitted = isNew && (index === null || index >= rules.min)
    const form = await source.make({ prefix: `${prefix}-${index ?? PREFIX}-`, choices, emptyPermitted }, index)
    const key = source.key && { name: source.key.name, value }
    return new FormSetRow(form, { index, isNew, key, rules, input: index === null ? null : input })
  }
  const emptyRow = await make(null)
  const names = [...Object.keys(emptyRow.form.fields), ...(source.key ? [source.key.name] : []), 'DELETE']
  // A form that was removed from the page leaves a gap in the numbers; numbers without forms cost nothing.
  const isSent = (name: string) => input!.has(name) || isFileLike(input!.files?.get(name))
  const wasSent = (index: number) => names.some((name) => isSent(`${prefix}-${index}-${name}`))

  const sent = input && readManagement(input, prefix, rules)
  const shown = Math.max(initial, Math.min(Math.max(initial, rules.min) + rules.extra, rules.max))
  const total = sent ? sent.total : shown
  const rows: FormSetRow<Fm>[] = []
  for (let index = 0; index < total; index++)
    if (!input || index < initial || (wasSent(index) && (source.reads?.(index) ?? true))) rows.push(await make(index))
  const { min, max } = rules
  const management = {
    total,
    initial: rows.filter((row) => !row.isNew).length,
    min,
    max,
    problem: sent?.problem ?? null,
  }
  return { prefix, rules, isBound: input !== null, rows, emptyRow, management }
}

/** A form set's declaration. */
export interface FormSetDefinition<F extends FieldMap> {
  readonly prefix: string
  /** The set as first shown: `initial` are the values of forms that are there. */
  empty(options?: SetBindOptions<F>): Promise<PlainFormSet<F>>
  /** The set with what was sent. */
  bind(input: FormInput, options?: SetBindOptions<F>): Promise<PlainFormSet<F>>
}
/** What is shown first. */
export interface SetBindOptions<F extends FieldMap> {
  readonly initial?: readonly Partial<ValuesOf<F>>[]
  readonly prefix?: string
}
/** Rules over a set whose forms are valid. */
export interface PlainSetOptions<F extends FieldMap> extends FormSetOptions {
  /** Throw ValidationError for what is wrong with the forms together. */
  readonly clean?: (values: readonly ValuesOf<F>[]) => void | Promise<void>
}

/** A set of forms that belong to no rows. */
export class PlainFormSet<F extends FieldMap> extends FormSet<Form<F>> {
  readonly #clean: PlainSetOptions<F>['clean']
  constructor(parts: SetParts<Form<F>>, clean: PlainSetOptions<F>['clean']) {
    super(parts)
    this.#clean = clean
  }

  /** The values of the forms that stay, in the order asked for. @throws FormError form.not-validated */
  get values(): ValuesOf<F>[] {
    return this.kept.map((row) => row.form.values)
  }

  protected override async checkTogether(): Promise<void> {
    await this.guard(async () => this.#clean?.(this.values))
  }
}

/**
 * Declares a set of forms.
 *
 *     const stops = formSet(stopForm, { prefix: 'stops', extra: 2, canDelete: true })
 *     const sent = await stops.bind(await request.form())
 *     if (await sent.isValid()) for (const { name } of sent.values) …
 */
export function formSet<const F extends FieldMap>(
  definition: FormDefinition<F>,
  options: PlainSetOptions<F> = {},
): FormSetDefinition<F> {
  const rules = rulesOf(options)
  const prefix = options.prefix ?? 'form'
  const make = async (input: FormInput | null, { initial = [], ...bind }: SetBindOptions<F>) => {
    const parts = await setParts<Form<F>>(bind.prefix ?? prefix, rules, input, {
      initial: initial.length,
      make: (each, index) => {
        const first = index === null ? undefined : initial[index]
        const options = { ...each, ...(first ? { initial: first as Record<string, unknown> } : {}) } // values by name
        return input && index !== null ? definition.bind(input, options) : definition.empty(options)
      },
    })
    const set = new PlainFormSet<F>(parts, options.clean)
    if (!input) for (const row of [...set.rows, set.emptyRow]) await row.form.prepare()
    return set
  }
  return { prefix, empty: (bind = {}) => make(null, bind), bind: (input, bind = {}) => make(input, bind) }
}
