/** boolean, json, uuid, choice, binary. */
import { t } from '../../i18n/index.ts'
import { uuid4, uuid7 } from '../../std/crypto.ts'
import { ValidationError, type Validator } from '../../validators.ts'
import { ModelError } from '../errors.ts'
import type { FieldOptions as AnyOptions } from '../models/meta.ts'
import { type Choices, choiceList, type ValuesOf } from './choices.ts'
import { declare, type FieldType } from './descriptor.ts'
import type { Field, FieldOptions, IsKey, IsOptional, Nullable } from './types.ts'

const TRUE = new Set<unknown>([true, 1, 1n, '1', 't', 'true', 'True', 'TRUE', 'on', 'yes'])
const FALSE = new Set<unknown>([false, 0, 0n, '0', 'f', 'false', 'False', 'FALSE', 'off', 'no'])

const booleanType: FieldType = {
  builder: 'boolean',
  kind: 'boolean',
  parse(input) {
    if (TRUE.has(input)) return true
    if (FALSE.has(input)) return false
    throw new ValidationError(t('Enter true or false.'))
  },
}
/** True or false. */
export function boolean<const O extends FieldOptions<boolean>>(
  options?: O,
): Field<Nullable<O, boolean>, IsOptional<O>, 'boolean', IsKey<O>> {
  return declare(booleanType, options)
}

// ---------------------------------------------------------------- uuid

const UUID = /^[0-9a-f]{8}-?[0-9a-f]{4}-?[0-9a-f]{4}-?[0-9a-f]{4}-?[0-9a-f]{12}$/
const uuidType: FieldType = {
  builder: 'uuid',
  kind: 'uuid',
  parse(input) {
    const text = typeof input === 'string' && input.length <= 64 ? input.trim().toLowerCase() : ''
    if (!UUID.test(text)) throw new ValidationError(t('Enter a valid UUID.'))
    const hex = text.replaceAll('-', '')
    return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-${hex.slice(12, 16)}-${hex.slice(16, 20)}-${hex.slice(20)}`
  },
  implied: (options) =>
    options.auto === true || options.auto === 7 ? () => uuid7() : options.auto === 4 ? uuid4 : null,
}
/** Options of {@link uuid}. */
export interface UuidOptions extends FieldOptions<string> {
  /** Fill itself: `true` or 7 in order of time (v7), 4 at random. */
  readonly auto?: boolean | 4 | 7
}
/** A UUID, as lower-case text with dashes. `uuid({ primaryKey: true, auto: true })` makes keys in order of time. */
export function uuid<const O extends UuidOptions>(
  options?: O,
): Field<Nullable<O, string>, O extends { readonly auto: 4 | 7 } ? true : IsOptional<O>, 'text', IsKey<O>> {
  return declare(uuidType, options)
}

// ---------------------------------------------------------------- choice

const MIN_CHOICE_LENGTH = 50
function choiceLength(options: AnyOptions): number {
  return typeof options.maxLength === 'number'
    ? options.maxLength
    : Math.max(MIN_CHOICE_LENGTH, ...choiceList(options.choices).map(({ value }) => String(value).length))
}
const choiceType: FieldType = {
  builder: 'choice',
  kind: 'char',
  text: true,
  column: (options) => ({ kind: 'char', maxLength: choiceLength(options) }),
  // Which values are allowed is the bound field's question, as for every field with choices.
  parse(input) {
    if (typeof input === 'string') return input
    if (typeof input === 'number') return String(input)
    throw new ValidationError(t('Select a valid choice.'), { kind: 'invalid_choice' })
  },
  storage: {
    builder: 'char',
    options: ({ choices: _, ...options }) => ({ maxLength: choiceLength({ ...options, choices: _ }), ...options }),
  },
}
/** Options of {@link choice}. */
export interface ChoiceOptions<V> extends Omit<FieldOptions<V>, 'choices'> {
  /** Length of the column; default 50, or the longest choice. */
  readonly maxLength?: number
}
/**
 * One of some texts: `choice({ draft: 'Draft', published: 'Published' }, { default: 'draft' })`. Or in groups, `choice({ Audio: { cd:
 * 'CD', vinyl: 'Vinyl' }, other: 'Other' })`; of a list, `choice(['small', 'large'])`, `choice(Object.values(Size))`; of pairs; of a
 * Map; of a function that gives any of these, which is asked each time. The type is the union of the values.
 */
export function choice<const C extends Choices | (() => Choices), const O extends ChoiceOptions<NoInfer<ValuesOf<C>>>>(
  choices: C,
  options?: O,
): Field<Nullable<O, ValuesOf<C>>, IsOptional<O>, 'choice', IsKey<O>> {
  return declare(choiceType, { ...options, choices })
}

// ---------------------------------------------------------------- json

/** The part of Standard Schema v1 that is used: any validator library's schema fits. */
export interface StandardSchema<Out = unknown> {
  readonly '~standard': {
    readonly version: 1
    readonly vendor: string
    readonly validate: (value: unknown) => unknown
    readonly types?: { readonly input: unknown; readonly output: Out } | undefined
  }
}
type JsonOptions = Omit<
  FieldOptions<unknown>,
  'default' | 'choices' | 'validators' | 'dbDefault' | 'null' | 'primaryKey'
>
/** `default` is of the type in every signature: where a first one says less, a literal in it is read as any text. */
interface JsonNull<T> {
  readonly null: true
  readonly default?: T | null | (() => T | null)
}
type OutputOf<S extends StandardSchema> = NonNullable<S['~standard']['types']>['output']

const MAX_DEPTH = 100
/** A value that JSON can say, to a depth of 100. */
function assertJson(value: unknown, depth: number): void {
  if (value === null || typeof value === 'string' || typeof value === 'boolean') return
  if (typeof value === 'number' && Number.isFinite(value)) return
  if (depth < MAX_DEPTH) {
    if (Array.isArray(value)) {
      for (const item of value) assertJson(item, depth + 1)
      return
    }
    if (typeof value === 'object' && isPlain(value)) {
      for (const item of Object.values(value)) if (item !== undefined) assertJson(item, depth + 1)
      return
    }
  }
  throw new ValidationError(t('Enter a valid JSON value.'))
}
function isPlain(value: object): boolean {
  const prototype: unknown = Object.getPrototypeOf(value)
  return prototype === null || prototype === Object.prototype
}
function checkSchema(schema: StandardSchema, value: unknown): unknown {
  const result = schema['~standard'].validate(value) as
    | { readonly value: unknown; readonly issues?: undefined }
    | { readonly issues: readonly { readonly message: string }[] }
    | Promise<unknown>
  if (result instanceof Promise) {
    throw new ModelError('The schema of a json() field validates asynchronously.', {
      code: 'db.async-schema',
      hint: 'Give it a schema without asynchronous steps: rows are checked while they are saved.',
    })
  }
  if (result.issues !== undefined) throw new ValidationError(result.issues.map((issue) => issue.message))
  return result.value
}
const jsonType: FieldType = {
  builder: 'json',
  kind: 'json',
  parse(input, field) {
    assertJson(input, 0)
    const schema = field.options.schema as StandardSchema | undefined // by the builder
    return schema === undefined ? input : checkSchema(schema, input)
  },
}
/**
 * A JSON value: `json<{ theme: 'light' | 'dark' }>({ default: () => ({ theme: 'light' }) })`, or `json(schema)` with
 * a schema of any Standard Schema library, which also checks what is cleaned.
 */
export const json: {
  <S extends StandardSchema, const O extends JsonOptions & { readonly null?: boolean; readonly default?: unknown }>(
    schema: S,
    options?: O,
  ): Field<Nullable<O, OutputOf<S>>, IsOptional<O>, 'json', false>
  <T>(options: JsonOptions & JsonNull<T>): Field<T | null, true, 'json', false>
  <T>(options?: JsonOptions & { readonly default?: never }): Field<T, false, 'json', false>
  <T>(options: JsonOptions & { readonly default: T | (() => T) }): Field<T, true, 'json', false>
} = (first?: object, second?: object) =>
  declare<never>(jsonType, first !== undefined && '~standard' in first ? { ...second, schema: first } : first)

// ---------------------------------------------------------------- binary

const BASE64 = /^[A-Za-z0-9+/]*={0,2}$/
const binaryType: FieldType = {
  builder: 'binary',
  kind: 'binary',
  parse(input) {
    if (input instanceof Uint8Array) return input
    if (typeof input === 'string' && input.length % 4 === 0 && BASE64.test(input))
      return Uint8Array.from(atob(input), (char) => char.charCodeAt(0))
    throw new ValidationError(t('Enter a file or base64 text.'))
  },
  validators: (options) => {
    const max = options.maxLength
    if (typeof max !== 'number') return []
    const check: Validator<Uint8Array> = (value) => {
      if (value.length > max)
        throw new ValidationError(t('Ensure this has at most {max} bytes.', { max }), { kind: 'max_length' })
    }
    return [check]
  },
  defaults: { editable: false },
}
/** Bytes. Not editable unless told so. */
export function binary<const O extends FieldOptions<Uint8Array> & { readonly maxLength?: number }>(
  options?: O,
): Field<Nullable<O, Uint8Array>, IsOptional<O>, 'binary', IsKey<O>> {
  return declare(binaryType, options)
}
