/** Columns that hold several values: arrays of PostgreSQL. */
import { t } from '../../i18n/index.ts'
import { ValidationError } from '../../validators.ts'
import { ModelError } from '../errors.ts'
import type { FieldOptions as AnyOptions, FieldMeta } from '../models/meta.ts'
import { choiceList } from './choices.ts'
import { deconstructType, onDisk } from './deconstruct.ts'
import { Descriptor, type FieldType, isDescriptor, numberOption } from './descriptor.ts'
import { readList } from './lists.ts'
import { assertFieldOptions } from './option-names.ts'
import type { Family, FieldOptions, IsKey, Nullable, WideField } from './types.ts'

/** Options of {@link array}. */
export interface ArrayOptions<V> extends FieldOptions<V> {
  /** How many values there are, exactly. Default: any number. Checked by `clean()`; the database does not. */
  readonly size?: number
}
/** Families that arrays may be of. */
type ElementFamily = Exclude<
  Family,
  'json' | 'binary' | 'key' | 'array' | 'range' | 'fk' | 'o2o' | 'reverse' | 'reverseOne' | 'm2m'
>
/** A field that says what an array holds. */
export interface ElementField {
  readonly '~kind': ElementFamily
  readonly '~value': unknown
  readonly '~input': unknown
}
/** Whether `create()` may leave it out. */
type IsOptionalArray<O> = O extends
  | { readonly null: true }
  | { readonly blank: true }
  | { readonly default: {} | null }
  | { readonly dbDefault: {} | null }
  ? true
  : false

/**
 * Several values of one type, in order: `tags: array(char({ maxLength: 20 }), { blank: true })`. Elements may be null
 * where their field says `null: true`. With `blank` it may be empty, and is where nothing else is given.
 *
 * For PostgreSQL and PGlite; migrating another database is refused with `db.unsupported-kind`.
 * @throws ModelError db.bad-array for elements that are JSON, bytes, arrays, ranges or relations
 */
export function array<const E extends ElementField, const O extends ArrayOptions<readonly E['~value'][]>>(
  element: E,
  options?: O,
): WideField<Nullable<O, readonly E['~value'][]>, readonly E['~input'][], IsOptionalArray<O>, 'array', IsKey<O>> {
  return declareArray(element, options)
}

const REFUSED = new Set(['auto', 'json', 'binary'])

/** The same from data. @internal */
export function declareArray<T>(element: unknown, options?: object): T {
  const type = isDescriptor(element) && element.relation === null ? element.type : null
  const converted = isDescriptor(element) && type?.column?.(element.options).conversion !== undefined
  if (
    type === null ||
    converted ||
    (element as Descriptor).options.dbType !== undefined ||
    REFUSED.has(type.kind) ||
    /\[\]$|Range$/.test(type.kind) ||
    type.computed !== undefined
  ) {
    throw new ModelError('An array is of text, numbers, booleans, dates, times or UUIDs.', {
      code: 'db.bad-array',
      hint: "Write array(char({ maxLength: 20 })); another type of column is the array's: array(text(), { dbType: { postgres: 'inet[]' } }). For anything else use json() or a model of its own.",
    })
  }
  if (options !== undefined) assertFieldOptions('array', options)
  return new Descriptor(arrayType(element as Descriptor, type), { ...options, element }) as T // of a type, so a declaration
}

function arrayType(element: Descriptor, type: FieldType): FieldType {
  const { options } = element
  const clean = elementCleaner(element, type)
  return {
    builder: 'array',
    kind: `${type.kind as Exclude<typeof type.kind, `${string}[]` | `${string}Range`>}[]`, // checked above
    column: () => {
      const column = type.column?.(options) ?? { kind: type.kind }
      return { ...column, kind: `${type.kind}[]` as never } // as above
    },
    parse(input, field) {
      const items = typeof input === 'string' ? readList(input) : input
      if (!Array.isArray(items)) throw new ValidationError(t('Enter a list of values.'))
      if (items.length === 0 && !field.blank)
        throw new ValidationError(t('This field cannot be blank.'), { kind: 'blank' })
      const problems: string[] = []
      const values = items.map((item, i) => {
        try {
          return clean(item)
        } catch (error) {
          if (!(error instanceof ValidationError)) throw error
          for (const problem of error.messages) problems.push(t('Item {n}: {problem}', { n: i + 1, problem }))
          return null
        }
      })
      if (problems.length > 0) throw new ValidationError(problems, { kind: 'item_invalid' })
      return values
    },
    validators: (own) => {
      const size = numberOption(own, 'size')
      if (size === undefined) return []
      return [
        (value: readonly unknown[]) => {
          if (value.length === size) return
          throw new ValidationError(t('Enter {size} values.', { size }), { kind: 'size' })
        },
      ]
    },
    coerce: (value) =>
      Array.isArray(value) && type.coerce !== undefined
        ? value.map((item) => (item === null || item === undefined ? item : type.coerce!(item)))
        : value,
    implied: (own) => (own.blank === true && own.null !== true ? () => [] : null),
    storage: {
      builder: 'array',
      args: ({ element: _, size: __, ...own }) => {
        const kept = onDisk(own)
        const of = deconstructType(element)
        return Object.keys(kept).length === 0 ? [of] : [of, kept]
      },
    },
  }
}

/** Cleans one element as its own field would. */
function elementCleaner({ options }: Descriptor, type: FieldType): (value: unknown) => unknown {
  const validators = [
    ...(type.validators?.(options) ?? []),
    ...((options.validators as FieldMeta['validators'] | undefined) ?? []), // typed by the builder
  ]
  const choices = choiceValues(options)
  // What a type's parse() asks of its field are its options.
  const field = { options } as FieldMeta
  return (value) => {
    if (value === null || value === undefined || (value === '' && type.text !== true)) {
      if (options.null === true) return null
      throw new ValidationError(t('This field cannot be null.'), { kind: 'null' })
    }
    const parsed = type.parse(value, field)
    if (choices !== null && !choices.has(parsed))
      throw new ValidationError(t('Select a valid choice.'), { kind: 'invalid_choice' })
    for (const validate of validators) validate(parsed)
    return parsed
  }
}

function choiceValues({ choices }: AnyOptions): ReadonlySet<unknown> | null {
  if (choices === undefined) return null
  return new Set(choiceList(choices).map(({ value }) => value))
}
