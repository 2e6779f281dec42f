import { reworded } from '../db/models/error-messages.ts'
import { t } from '../i18n/index.ts'
import { humanize } from '../std/text.ts'
import { ValidationError } from '../validators.ts'
import { FormError } from './errors.ts'
import type { FormField } from './fields.ts'
import { renderForm } from './render.ts'
import type { Choice, FormInput, Label } from './types.ts'

/** Fields by name. */
export type FieldMap = Readonly<Record<string, FormField<any>>> // each field carries its own value type
/** A form of some fields. `any`: values go in and come out, so that no other field map stands for all of them. */
export type AnyForm = Form<any>
/** The values of a valid form. */
export type ValuesOf<F> = { [K in keyof F]: F[K] extends FormField<infer V> ? V : never }

export interface FormOptions<V> {
  /**
   * Rules over several fields, after each field is valid by itself. Throw ValidationError (with `fields` to place the
   * messages), or give the values to use instead.
   */
  readonly clean?: (values: V) => void | V | Promise<void | V>
}
export interface BindOptions {
  /** Shown where nothing was sent. */
  readonly initial?: Readonly<Record<string, unknown>>
  /** Put before every name (`items-0-`), so that several forms fit one page. */
  readonly prefix?: string
  /** A form that comes back as it was shown is valid, `isBlank`, and has no values: an empty row of a form set. */
  readonly emptyPermitted?: boolean
  /** Choices already read, by field: forms of one set read them once. */
  readonly choices?: Map<string, Promise<readonly Choice[]>>
}

/** A form's declaration; bind it to what was sent, or draw it empty. */
export interface FormDefinition<F extends FieldMap> {
  readonly fields: F
  /** The form as first shown. */
  empty(options?: BindOptions): Form<F>
  /** The form with what was sent. */
  bind(input: FormInput, options?: BindOptions): Form<F>
}

/**
 * Declares a form.
 *
 *     const contact = form({ email: emailField(), message: textField({ maxLength: 2000 }) })
 *     const sent = contact.bind(await request.form())
 *     if (await sent.isValid()) sent.values.email
 */
export function form<const F extends FieldMap>(fields: F, options: FormOptions<ValuesOf<F>> = {}): FormDefinition<F> {
  return {
    fields,
    empty: (bind = {}) => new Form(fields, options, null, bind),
    bind: (input, bind = {}) => new Form(fields, options, input, bind),
  }
}

/** One field of one form, ready to draw. */
export class BoundField {
  readonly name: string
  readonly field: FormField
  readonly htmlName: string
  readonly id: string
  readonly errors: readonly string[]
  readonly #form: Form<FieldMap>

  constructor(form: Form<FieldMap>, name: string, field: FormField, prefix: string) {
    this.name = name
    this.field = field
    this.htmlName = prefix + name
    this.id = `id_${prefix}${name}`
    this.errors = form.errors[name] ?? []
    this.#form = form
  }

  get label(): Label {
    return this.field.label ?? humanize(this.name)
  }

  /** The value it has now, and what was sent for it, as they are. */
  get initial(): unknown {
    return this.#form.initial(this.name)
  }
  get raw(): unknown {
    return this.#form.raw(this.name)
  }

  get helpText(): Label | undefined {
    return this.field.helpText
  }

  /** What the control shows: what was sent, even when it is wrong, else the initial value. */
  get value(): string | readonly string[] | null {
    if (this.field.widget.showsValue === false) return null
    const raw = this.#form.raw(this.name)
    if (raw === undefined) return this.field.format(this.#form.initial(this.name))
    return Array.isArray(raw) ? raw.map(String) : raw === null ? null : String(raw)
  }

  get choices(): readonly Choice[] {
    return this.#form.choicesOf(this.name)
  }

  /** Whether a browser should ask for a value. */
  get required(): boolean {
    return this.field.required && !this.#form.emptyPermitted
  }

  /** Sent back beside the control, to know what it showed: null where that is known without. */
  get remembered(): { readonly name: string; readonly value: string } | null {
    if (!this.field.volatile || !this.#form.emptyPermitted || this.field.widget.showsValue === false) return null
    const name = `initial-${this.htmlName}`
    return { name, value: asText(this.#form.shownFirst(this.name)) }
  }
}

/** Browsers send line ends as CR LF. */
const asText = (value: unknown): string => plain(value).replaceAll('\r\n', '\n')
const plain = (value: unknown): string =>
  value === null || value === undefined
    ? ''
    : Array.isArray(value)
      ? value.map(String).sort().join('\n')
      : String(value)

/** A form bound to input, or empty. */
export class Form<F extends FieldMap> {
  readonly fields: F
  readonly isBound: boolean
  readonly prefix: string
  /** Messages by field; '' holds those of the form as a whole. */
  readonly errors: Record<string, string[]> = {}
  readonly emptyPermitted: boolean
  /** After validation: nothing was written into a form that may be empty. */
  isBlank = false
  readonly #shared: Map<string, Promise<readonly Choice[]>> | undefined
  readonly #options: FormOptions<ValuesOf<F>>
  readonly #input: FormInput | null
  readonly #initial: Readonly<Record<string, unknown>>
  readonly #choices = new Map<string, readonly Choice[]>()
  readonly #kept = new Set<string>()
  #values: ValuesOf<F> | null = null
  #validated: Promise<boolean> | null = null

  constructor(fields: F, options: FormOptions<ValuesOf<F>>, input: FormInput | null, bind: BindOptions) {
    this.fields = fields
    this.isBound = input !== null
    this.prefix = bind.prefix ?? ''
    this.emptyPermitted = bind.emptyPermitted ?? false
    this.#shared = bind.choices
    this.#options = options
    this.#input = input
    this.#initial = bind.initial ?? {}
  }

  /** Validates once; false for a form nothing was sent to. */
  isValid(): Promise<boolean> {
    this.#validated ??= this.#validate()
    return this.#validated
  }

  /** @throws FormError form.not-validated before `await isValid()` gave true */
  get values(): ValuesOf<F> {
    if (this.#values === null)
      throw new FormError('The values of this form were read, but it is not known to be valid.', {
        code: 'form.not-validated',
        hint: 'Read them after `if (await form.isValid())`.',
      })
    return this.#values
  }

  get nonFieldErrors(): readonly string[] {
    return this.errors[''] ?? []
  }

  /** Adds a message found elsewhere, such as "wrong password". `name` null: about the whole form. */
  addError(name: (keyof F & string) | null, message: string): void {
    this.errors[name ?? ''] = [...(this.errors[name ?? ''] ?? []), message]
  }

  /** How its page has to send it: `<form method="post" enctype="{{ form.enctype }}">`. Files make it multipart. */
  get enctype(): 'multipart/form-data' | 'application/x-www-form-urlencoded' {
    const isMultipart = Object.values(this.fields).some(({ widget }) => widget.multipart === true)
    return isMultipart ? 'multipart/form-data' : 'application/x-www-form-urlencoded'
  }

  /** Loads what drawing needs: choices from the database. Called by `isValid()`, and by `empty()` of a model form. */
  async prepare(): Promise<this> {
    await Promise.all(
      Object.entries(this.fields).map(async ([name, field]) => {
        if (!this.#choices.has(name)) this.#choices.set(name, await this.#readChoices(name, field))
      }),
    )
    return this
  }

  #readChoices(name: string, field: FormField): readonly Choice[] | Promise<readonly Choice[]> {
    if (!this.#shared) return field.choices()
    let found = this.#shared.get(name)
    if (!found) {
      found = Promise.resolve(field.choices())
      this.#shared.set(name, found)
    }
    return found
  }

  /** Whether anything came back otherwise than it was shown. What was not sent at all is as it was. */
  hasChanged(): boolean {
    return Object.keys(this.fields).some((name) => this.#isChanged(name))
  }

  #isChanged(name: string): boolean {
    const sent = this.sentText(name)
    if (sent === undefined) return false
    return sent !== (this.fields[name]!.widget.showsValue === false ? '' : this.shownText(name))
  }

  /** What was sent for a field as one text, to compare with {@link shownText}; undefined when nothing was. */
  sentText(name: string): string | undefined {
    const raw = this.raw(name)
    return raw === undefined ? undefined : asText(raw)
  }

  /** What the control shows before anybody writes into it, as one text. */
  shownText(name: string): string {
    const text = asText(this.shownFirst(name))
    if (this.fields[name]!.widget.type !== 'checkbox') return text
    return String(text === 'true' || text === 'on')
  }

  /** What was sent for a field is not read: it stays as it is. For what somebody else changed in the meantime. */
  keepInitial(name: keyof F & string): void {
    this.#kept.add(name)
  }

  /** What the control showed before anybody wrote into it. */
  shownFirst(name: string): string | readonly string[] | null {
    const field = this.fields[name]!
    const sent = field.volatile ? this.#input?.get(`initial-${this.prefix}${name}`) : undefined
    return typeof sent === 'string' ? sent : field.format(this.initial(name))
  }

  /** @throws FormError form.unknown-field */
  field(name: keyof F & string): BoundField {
    const field = this.fields[name]
    if (!field)
      throw new FormError(`This form has no field "${name}".`, {
        code: 'form.unknown-field',
        hint: `Fields: ${Object.keys(this.fields).join(', ')}.`,
      })
    return new BoundField(this as unknown as Form<FieldMap>, name, field, this.prefix) // only reads names and values
  }

  *[Symbol.iterator](): Generator<BoundField> {
    for (const name of Object.keys(this.fields)) yield this.field(name)
  }

  /** What was sent for a field; undefined when nothing was. */
  raw(name: string): unknown {
    const field = this.fields[name]!
    return this.#input === null || field.disabled || this.#kept.has(name)
      ? undefined
      : field.widget.read(this.#input, this.prefix + name)
  }

  initial(name: string): unknown {
    const value = name in this.#initial ? this.#initial[name] : this.fields[name]!.initial
    return typeof value === 'function' ? value() : value
  }

  /** @throws FormError form.not-prepared for choices that come from the database, before {@link prepare} */
  choicesOf(name: string): readonly Choice[] {
    const known = this.#choices.get(name)
    if (known !== undefined) return known
    const choices = this.fields[name]!.choices()
    if (!(choices instanceof Promise)) return choices
    choices.catch(() => {}) // what follows is what the caller is told
    throw new FormError(`The choices of "${name}" come from the database and were not read before the form is drawn.`, {
      code: 'form.not-prepared',
      hint: 'Write `await form.prepare()` before rendering; isValid() does it too.',
    })
  }

  /**
   * The fields with labels, help and errors, accessible; without the `<form>` and its button.
   * @throws FormError form.not-prepared where choices come from the database: call `prepare()` first
   */
  [Symbol.for('nuages.html')](): string {
    return renderForm(this)
  }

  async #validate(): Promise<boolean> {
    if (this.#input === null) return false
    await this.prepare()
    if (this.emptyPermitted && !this.hasChanged()) {
      this.isBlank = true
      return Object.keys(this.errors).length === 0
    }
    const values: Record<string, unknown> = {}
    for (const [name, field] of Object.entries(this.fields)) {
      try {
        values[name] = await this.#clean(name, field)
      } catch (error) {
        this.#collect(error instanceof ValidationError ? reworded(error, field) : error, name)
      }
    }
    try {
      if (Object.keys(this.errors).length > 0) await this.checkRest(values)
      else {
        const cleaned = await this.#options.clean?.(values as ValuesOf<F>) // every field was cleaned above
        this.#values = (cleaned ?? values) as ValuesOf<F>
      }
    } catch (error) {
      this.#collect(error, '')
    }
    return Object.keys(this.errors).length === 0
  }

  /** What else can be told where some fields are wrong: `values` holds the others. */
  protected async checkRest(_values: Readonly<Record<string, unknown>>): Promise<void> {}

  async #clean(name: string, field: FormField): Promise<unknown> {
    if (field.disabled || this.#kept.has(name)) return this.initial(name)
    const raw = this.raw(name)
    const isEmpty =
      raw === undefined ||
      raw === null ||
      (typeof raw === 'string' && raw.trim() === '' && !field.widget.type.startsWith('password')) ||
      raw === '' ||
      (Array.isArray(raw) && raw.length === 0)
    if (isEmpty) {
      const kept = field.keepsInitial ? (this.initial(name) ?? null) : null
      if (kept !== null) return kept
      if (field.required) throw new ValidationError(t('This field is required.'), { kind: 'required' })
      return field.empty
    }
    const parsed = field.parse(raw)
    const value = field.coarse === true && this.#isAsShown(name, parsed) ? this.initial(name) : parsed
    for (const validate of field.validators) await validate(value)
    return value
  }

  /** Compared as the control would show it: browsers leave out seconds that are 0. */
  #isAsShown(name: string, value: unknown): boolean {
    const { format, volatile } = this.fields[name]!
    const initial = volatile === true && !(name in this.#initial) ? null : this.initial(name)
    return initial !== null && initial !== undefined && format(initial) === format(value)
  }

  #collect(error: unknown, name: string): void {
    if (!(error instanceof ValidationError)) throw error
    const named = Object.entries(error.fields ?? {})
    for (const [field, messages] of named)
      for (const message of messages) this.addError((field in this.fields ? field : '') as keyof F & string, message)
    if (named.length === 0) for (const message of error.messages) this.addError(name as keyof F & string, message)
  }
}
