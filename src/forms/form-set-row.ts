/** One form of a set, with what belongs to it: its box to delete, its number, the key of its row. */
import { t } from '../i18n/index.ts'
import { markSafe, type SafeString } from '../std/html.ts'
import { booleanField, integerField } from './fields.ts'
import { type AnyForm, type BoundField, Form } from './form.ts'
import type { SetRules } from './form-set.ts'
import type { Renderable } from './render.ts'
import type { FormInput } from './types.ts'
import { attributesHtml } from './widgets.ts'

/** The names Django gives them. */
const DELETE = 'DELETE'
const ORDER = 'ORDER'
const ticked = booleanField({ label: { toString: () => t('Delete') } })
const place = integerField({ label: { toString: () => t('Order') }, required: false, min: 0 })

interface RowParts {
  /** Null: the form that new ones are made from. */
  readonly index: number | null
  readonly isNew: boolean
  readonly key: { readonly name: string; readonly value: string | null } | undefined
  readonly rules: SetRules
  readonly input: FormInput | null
}

/** Iterating gives the form's fields, then the number and the box. */
export class FormSetRow<Fm extends AnyForm> implements Renderable {
  readonly form: Fm
  readonly index: number | null
  /** Nobody's row yet. */
  readonly isNew: boolean
  readonly #controls: AnyForm
  readonly #key: RowParts['key']

  constructor(form: Fm, { index, isNew, key, rules, input }: RowParts) {
    this.form = form
    this.index = index
    this.isNew = isNew
    this.#key = key
    const fields = { ...(rules.canOrder ? { [ORDER]: place } : {}), ...(rules.canDelete ? { [DELETE]: ticked } : {}) }
    const bind = { prefix: form.prefix, initial: { [ORDER]: isNew || index === null ? null : index + 1 } }
    this.#controls = new Form(fields, {}, input, bind)
  }

  /** The key of the row, as it was sent or shown; null for a new one. */
  get key(): string | null {
    return this.#key?.value ?? null
  }

  /** Whether the box was ticked. */
  get deleted(): boolean {
    return DELETE in this.#controls.fields && this.#controls.raw(DELETE) === true
  }

  /** The number that was written; null for none. */
  get order(): number | null {
    const raw = ORDER in this.#controls.fields ? this.#controls.raw(ORDER) : undefined
    return typeof raw === 'string' && /^\d{1,9}$/.test(raw.trim()) ? Number(raw) : null
  }

  /** Nothing was written. Known after validation. */
  get isBlank(): boolean {
    return this.form.isBlank || (this.#controls.isBound && !this.form.isBound)
  }

  get prefix(): string {
    return this.form.prefix
  }

  hasChanged(): boolean {
    return this.form.hasChanged()
  }

  /** Validates the form, but for one that is taken out. */
  async isValid(): Promise<boolean> {
    if (this.deleted) return true
    if (!this.form.isBound) return this.isFaultless // shown, not read
    const controls = await this.#controls.isValid()
    return (await this.form.isValid()) && controls
  }

  get isFaultless(): boolean {
    return Object.keys(this.errors).length === 0
  }

  get errors(): Readonly<Record<string, readonly string[]>> {
    return { ...this.form.errors, ...this.#controls.errors }
  }

  get nonFieldErrors(): readonly string[] {
    return this.form.nonFieldErrors
  }

  /** The box to take it out; null where the set has none. */
  get deleteBox(): BoundField | null {
    return DELETE in this.#controls.fields ? this.#controls.field(DELETE) : null
  }

  /** The number of its place; null where the set has none. */
  get orderBox(): BoundField | null {
    return ORDER in this.#controls.fields ? this.#controls.field(ORDER) : null
  }

  /** The hidden control that says which row it is. */
  get hidden(): SafeString {
    if (!this.#key) return markSafe('')
    const name = this.prefix + this.#key.name
    return markSafe(
      `<input${attributesHtml({ type: 'hidden', name, id: `id_${name}`, value: this.#key.value ?? '' })}>`,
    )
  }

  *[Symbol.iterator](): Generator<BoundField> {
    yield* this.form
    for (const box of [this.orderBox, this.deleteBox]) if (box) yield box
  }
}
