/** Form fields: what may be typed into a control, and the value it becomes. */
import type { ErrorMessages } from '../db/fields/types.ts'
import { t } from '../i18n/index.ts'
import { Temporal } from '../std/dates.ts'
import { Decimal } from '../std/decimal.ts'
import { ValidationError, validateEmail, validateUrl } from '../validators.ts'
import type { Attributes, Choice, Label } from './types.ts'
import type { Widget } from './widgets.ts'
import * as widgets from './widgets.ts'

/** Options every field takes. */
export interface FieldOptions<V> {
  /** Default: the field's name in words. */
  readonly label?: Label
  readonly helpText?: Label
  /** Default true. A field not required gives null (text: '') for an empty control. */
  readonly required?: boolean
  readonly initial?: V | null | (() => V | null)
  readonly widget?: Widget
  /** More attributes of the control, such as `autocomplete`. */
  readonly attributes?: Attributes
  /** Run on the cleaned value; throw ValidationError. May be async. */
  readonly validators?: readonly ((value: V) => void | Promise<void>)[]
  readonly disabled?: boolean
  /** Your words by what is wrong: `{ required: 'Tell us your name.', max_length: 'Thirty at most.' }`. */
  readonly errorMessages?: ErrorMessages
}

/** One field of a form. `V` is the value after validation. */
export interface FormField<V = unknown> {
  readonly '~value'?: V
  readonly label: Label | undefined
  readonly helpText: Label | undefined
  readonly required: boolean
  readonly initial: unknown
  /** The initial value may be another each time it is asked for: now, a random key. */
  readonly volatile?: boolean
  /** Its control shows less than the value (seconds): what comes back as it was shown is the value itself. */
  readonly coarse?: boolean
  readonly widget: Widget
  readonly attributes: Attributes
  readonly disabled: boolean
  /** Raw input → value, or ValidationError. Never called for an empty control. */
  parse(raw: unknown): unknown
  /** What an empty control means. */
  readonly empty: unknown
  /** An empty control leaves the initial value: a file that was stored is not sent again. */
  readonly keepsInitial?: boolean
  /** Value → what the control shows. */
  format(value: unknown): string | readonly string[] | null
  /** Read when the form is drawn or validated, so that they may come from the database. */
  choices(): readonly Choice[] | Promise<readonly Choice[]>
  readonly validators: readonly ((value: any) => void | Promise<void>)[] // each field knows its own V
  readonly errorMessages?: ErrorMessages
}

type Parts = Partial<Omit<FormField, 'label'>> & Pick<FormField, 'parse' | 'widget'>

/** The one constructor: builders differ only in their parts. Options are of `any`: nothing here reads their values. */
export function makeField<V>(options: FieldOptions<any>, parts: Parts): FormField<V> {
  const field: Omit<FormField, '~value'> = {
    label: options.label,
    helpText: options.helpText,
    required: options.required ?? true,
    initial: options.initial ?? null,
    volatile: typeof options.initial === 'function',
    empty: null,
    disabled: options.disabled ?? false,
    ...(options.errorMessages && { errorMessages: options.errorMessages }),
    format: (value) => (value === null || value === undefined ? null : String(value)),
    choices: () => [],
    ...parts,
    validators: [...(parts.validators ?? []), ...(options.validators ?? [])],
    widget: options.widget ?? parts.widget,
    attributes: { ...parts.attributes, ...options.attributes },
  }
  return field as FormField<V> // '~value' exists for the compiler only
}

type Value<V, O> = O extends { required: false } ? V | null : V
const invalid = (message: string, kind = 'invalid'): never => {
  throw new ValidationError(message, { kind })
}

export interface TextOptions extends FieldOptions<string> {
  readonly maxLength?: number
  readonly minLength?: number
  /** Remove white space at both ends; default true. */
  readonly trim?: boolean
}

function textual(options: TextOptions, widget: Widget, check?: (value: string) => void): FormField<string> {
  const trim = options.trim ?? true
  return makeField<string>(options, {
    widget,
    empty: '',
    attributes: { maxlength: options.maxLength, minlength: options.minLength },
    parse(raw) {
      if (typeof raw !== 'string') return invalid(t('Enter text.'))
      if (raw.includes('\0')) return invalid(t('Null characters are not allowed.'), 'null_characters_not_allowed')
      // Browsers send line ends as CR LF; one kind is stored.
      const value = (trim ? raw.trim() : raw).replaceAll('\r\n', '\n')
      const length = [...value].length // characters, as people count them; the body's limit bounds the work
      if (options.maxLength !== undefined && length > options.maxLength)
        return invalid(
          t('Use at most {max} characters (this has {length}).', { max: options.maxLength, length }),
          'max_length',
        )
      if (options.minLength !== undefined && length < options.minLength)
        return invalid(
          t('Use at least {min} characters (this has {length}).', { min: options.minLength, length }),
          'min_length',
        )
      if (value !== '') check?.(value)
      return value
    },
  })
}

/** One line of text. An empty control gives '' when not required. */
export const charField = (options: TextOptions = {}): FormField<string> => textual(options, widgets.textInput)
/** Several lines of text. */
export const textField = (options: TextOptions = {}): FormField<string> => textual(options, widgets.textarea)
export const emailField = (options: TextOptions = {}): FormField<string> =>
  textual({ maxLength: 254, ...options }, widgets.emailInput, validateEmail)
export const urlField = (options: TextOptions = {}): FormField<string> =>
  textual({ maxLength: 2048, ...options }, widgets.urlInput, validateUrl)
/** Never trimmed, never shown again. */
export const passwordField = (options: TextOptions = {}): FormField<string> =>
  textual({ maxLength: 4096, trim: false, ...options }, widgets.passwordInput)
export const hiddenField = (options: TextOptions = {}): FormField<string> => textual(options, widgets.hiddenInput)

export interface NumberOptions<V> extends FieldOptions<V> {
  readonly min?: number
  readonly max?: number
}

function inRange(value: number | Decimal, { min, max }: { min?: number; max?: number }): void {
  const exact = new Decimal(value)
  if (min !== undefined && exact.lessThan(min)) invalid(t('Enter {min} or more.', { min }), 'min_value')
  if (max !== undefined && exact.greaterThan(max)) invalid(t('Enter {max} or less.', { max }), 'max_value')
}

/** A whole number within ±2^53. */
export function integerField<const O extends NumberOptions<number>>(options: O = {} as O): FormField<Value<number, O>> {
  return makeField<Value<number, O>>(options, {
    widget: widgets.numberInput,
    attributes: { min: options.min, max: options.max },
    parse(raw) {
      const text = String(raw).trim()
      const value = Number(text)
      if (!/^[+-]?\d{1,16}$/.test(text) || !Number.isSafeInteger(value)) return invalid(t('Enter a whole number.'))
      inRange(value, options)
      return value
    },
  })
}

export function floatField<const O extends NumberOptions<number>>(options: O = {} as O): FormField<Value<number, O>> {
  return makeField<Value<number, O>>(options, {
    widget: widgets.decimalInput,
    attributes: { min: options.min, max: options.max },
    parse(raw) {
      const text = String(raw).trim()
      const value = Number(text)
      if (text === '' || text.length > 64 || !Number.isFinite(value) || /^0[xob]/i.test(text))
        return invalid(t('Enter a number.'))
      inRange(value, options)
      return value
    },
  })
}

/** An exact decimal. */
export function decimalField<const O extends NumberOptions<Decimal>>(
  options: O = {} as O,
): FormField<Value<Decimal, O>> {
  return makeField<Value<Decimal, O>>(options, {
    widget: widgets.decimalInput,
    attributes: { min: options.min, max: options.max },
    parse(raw) {
      const text = String(raw).trim()
      if (!/^[+-]?(\d{1,100}(\.\d{0,100})?|\.\d{1,100})$/.test(text)) return invalid(t('Enter a number.'))
      const value = new Decimal(text)
      inRange(value, options)
      return value
    },
  })
}

/** A box: true or false. `required: true` means it must be ticked. */
export function booleanField(options: FieldOptions<boolean> = {}): FormField<boolean> {
  const required = options.required ?? false
  return makeField<boolean>(
    { ...options, required },
    {
      widget: widgets.checkbox,
      empty: false,
      parse: (raw) => (raw === true ? true : required ? invalid(t('Tick this box to go on.'), 'required') : false),
    },
  )
}

export function dateField<const O extends FieldOptions<Temporal.PlainDate>>(
  options: O = {} as O,
): FormField<Value<Temporal.PlainDate, O>> {
  return makeField<Value<Temporal.PlainDate, O>>(options, {
    widget: widgets.dateInput,
    parse(raw) {
      const text = String(raw).trim()
      if (!/^\d{4}-\d{2}-\d{2}$/.test(text)) return invalid(t('Enter a date as year-month-day.'))
      try {
        return Temporal.PlainDate.from(text)
      } catch {
        return invalid(t('There is no such day.'))
      }
    },
  })
}

/** One of several values. Choices: `{ draft: 'Draft' }`, or a list. */
export function choiceField<const C extends Record<string, Label>, const O extends FieldOptions<keyof C & string>>(
  choices: C,
  options: O = {} as O,
): FormField<Value<keyof C & string, O>> {
  const list = Object.entries(choices).map(([value, label]) => ({ value, label }))
  return makeField<Value<keyof C & string, O>>(options, {
    widget: widgets.select,
    choices: () => (options.required === false ? [{ value: '', label: '---------' }, ...list] : list),
    parse: (raw) =>
      list.some((choice) => choice.value === raw)
        ? raw
        : invalid(t('Choose one of the values offered.'), 'invalid_choice'),
  })
}

/** Any number of values. */
export function multipleChoiceField<const C extends Record<string, Label>>(
  choices: C,
  options: FieldOptions<(keyof C & string)[]> = {},
): FormField<(keyof C & string)[]> {
  const list = Object.entries(choices).map(([value, label]) => ({ value, label }))
  return makeField<(keyof C & string)[]>(options, {
    widget: widgets.checkboxList,
    empty: [],
    choices: () => list,
    format: (value) => (value as string[] | null) ?? [],
    parse: (raw) =>
      (raw as unknown[]).every((item) => list.some((choice) => choice.value === item))
        ? raw
        : invalid(t('Choose among the values offered.'), 'invalid_choice'),
  })
}
