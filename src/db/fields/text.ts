/** Text: char, text, slug, email, url. */
import { t } from '../../i18n/index.ts'
import {
  maxLength,
  minLength,
  ValidationError,
  type Validator,
  validateEmail,
  validateNoNulls,
  validateSlug,
  validateUrl,
} from '../../validators.ts'
import type { FieldOptions as AnyOptions } from '../models/meta.ts'
import { declare, type FieldType, numberOption } from './descriptor.ts'
import type { Field, IsKey, IsOptionalText, Nullable, TextOptions } from './types.ts'

/** Text as it is, numbers and booleans written out. */
function readText(input: unknown): string {
  if (typeof input === 'string') return input
  if (typeof input === 'number' || typeof input === 'bigint' || typeof input === 'boolean') return String(input)
  throw new ValidationError(t('Enter text.'))
}
/** Longest text looked at where a field has no limit of its own: 64 Mi characters, a cap for hostile input. */
const MAX_TEXT = 64 * 1024 * 1024

function lengths(options: AnyOptions): Validator[] {
  const found: Validator[] = [validateNoNulls]
  const [min, max] = [numberOption(options, 'minLength'), numberOption(options, 'maxLength')]
  found.unshift(maxLength(max ?? MAX_TEXT)) // first: the others look at every character
  if (min !== undefined) found.push(minLength(min))
  return found
}
const implied = (options: AnyOptions) => (options.blank === true && options.null !== true ? () => '' : null)

const charType: FieldType = {
  builder: 'char',
  kind: 'char',
  text: true,
  column: (options) => ({ kind: 'char', maxLength: numberOption(options, 'maxLength') ?? 255 }),
  parse: readText,
  validators: lengths,
  implied,
}
const textType: FieldType = { ...charType, builder: 'text', kind: 'text', column: () => ({ kind: 'text' }) }
const trimmed = (input: unknown) => readText(input).trim()
const special = (builder: string, max: number, validator: Validator, defaults: AnyOptions = {}): FieldType => ({
  ...charType,
  builder,
  parse: trimmed,
  validators: (options) => [...lengths(options), validator],
  defaults: { maxLength: max, ...defaults },
})
/** `''` is no address, but may be stored where the field may be blank. */
const unlessEmpty =
  (validator: Validator): Validator =>
  (value) => {
    if (value !== '') validator(value)
  }
const slugType = special('slug', 50, unlessEmpty(validateSlug), { index: true })
const emailType = special('email', 254, unlessEmpty(validateEmail))
const urlType = special('url', 200, unlessEmpty(validateUrl))

/** Text of at most `maxLength` characters. */
export function char<const O extends TextOptions & { readonly maxLength: number }>(
  options: O,
): Field<Nullable<O, string>, IsOptionalText<O>, 'text', IsKey<O>> {
  return declare(charType, options)
}
/** Text of any length. */
export function text<const O extends TextOptions>(
  options?: O,
): Field<Nullable<O, string>, IsOptionalText<O>, 'text', IsKey<O>> {
  return declare(textType, options)
}
/** Letters, digits, `-` and `_`, for URLs; at most 50 characters unless told otherwise; indexed. */
export function slug<const O extends TextOptions>(
  options?: O,
): Field<Nullable<O, string>, IsOptionalText<O>, 'text', IsKey<O>> {
  return declare(slugType, options)
}
/** An e-mail address; at most 254 characters. Cleaning removes spaces around it and keeps its case. */
export function email<const O extends TextOptions>(
  options?: O,
): Field<Nullable<O, string>, IsOptionalText<O>, 'text', IsKey<O>> {
  return declare(emailType, options)
}
/** An absolute http, https or ftp URL; at most 200 characters unless told otherwise. */
export function url<const O extends TextOptions>(
  options?: O,
): Field<Nullable<O, string>, IsOptionalText<O>, 'text', IsKey<O>> {
  return declare(urlType, options)
}
