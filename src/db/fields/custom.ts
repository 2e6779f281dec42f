/** Fields of the project's own: a value of another class over a column of a known kind. */
import type { Widget } from '../../forms/widgets.ts'
import type { Validator } from '../../validators.ts'
import { ModelError } from '../errors.ts'
import type { Conversion } from '../kinds.ts'
import type { FieldOptions as AnyOptions } from '../models/meta.ts'
import { picture, QueryValueError } from '../query/errors.ts'
import { deconstructType } from './deconstruct.ts'
import { Descriptor, declare, type FieldType } from './descriptor.ts'
import type { Family, Field, FieldBase, FieldOptions, IsOptional, Nullable, RelationFamily } from './types.ts'

/** What {@link customField} takes. `V`: the value on an instance; `In`: the column's. */
export interface CustomFieldOptions<V, In, K extends Exclude<Family, RelationFamily>> {
  /** The field that says how it is stored, with its length or digits: `char({ maxLength: 7 })`. Not a relation. */
  readonly column: FieldBase<In, boolean, K, false>
  /** A value as the column takes it. Never given null. */
  readonly toDb: (value: V) => NoInfer<In>
  /** What the column gives, as a value. Never given null. Runs for each row that is read. */
  readonly fromDb: (stored: NoInfer<In>) => V
  /**
   * Reads input that is not trusted: text of a form, a value of JSON, or a value of the field, which it gives back.
   * @throws ValidationError for anything else
   */
  readonly parse: (input: unknown) => V
  /** Run on cleaned values, after those of the column, which see what is stored. */
  readonly validators?: readonly Validator<V>[]
  /** How forms and the admin show it; default as they show the column. */
  readonly form?: CustomFieldForm<V>
}
/** How forms show a field of the project's own. */
export interface CustomFieldForm<V> {
  /** Default: the one for the column's kind. */
  readonly widget?: Widget
  /** What the control shows of a value; `parse` reads it back. Default: what is stored, as text. */
  readonly format?: (value: V) => string
  /** Further attributes of the control. */
  readonly attributes?: Readonly<Record<string, string | number | boolean | undefined>>
}
/** Options where such a field is used; those of its column hold unless named again. */
export type CustomFieldUse<V> = Omit<FieldOptions<V>, 'primaryKey' | 'dbDefault' | 'choices'>

/**
 * Makes a builder of fields:
 *
 *     const color = customField({
 *       column: char({ maxLength: 7 }),
 *       toDb: (value: Color) => value.hex,
 *       fromDb: (hex) => new Color(hex),
 *       parse: (input) => (input instanceof Color ? input : Color.parse(input)),
 *     })
 *     class Car extends Model<Car>()({ paint: color(), trim: color({ null: true }) }) {}
 *
 * Instances, filters (`exact`, `in`, `gt` …), updates and `values()` have its values. Lookups of text (`contains`) and
 * what the database computes from the column speak of what is stored. Migrations write the column's field, so historical
 * models have stored values, and a migration needs none of the project's code.
 * @throws ModelError db.bad-field for a column that is a relation, generated, or a field of this sort itself
 */
export function customField<V, In, K extends Exclude<Family, RelationFamily>>(
  options: CustomFieldOptions<V, In, K>,
): <const O extends CustomFieldUse<V>>(use?: O) => Field<Nullable<O, V>, IsOptional<O>, K, false> {
  const column = options.column as unknown as Descriptor // declarations are descriptors seen through their types
  const { type } = column
  if (type === null || type.computed !== undefined || type.conversion !== undefined || column.options.primaryKey) {
    throw new ModelError(`customField() cannot be stored as ${column.builder}(), as it stands there.`, {
      code: 'db.bad-field',
      hint: 'Give it a plain column: char({ maxLength: 7 }), integer(), json().',
    })
  }
  const made = customType(type, options as unknown as CustomFieldOptions<unknown, unknown, never>) // V is not known here
  return (use) => declare(made, { ...column.options, default: undefined, validators: undefined, ...use })
}

function customType(type: FieldType, options: CustomFieldOptions<unknown, unknown, never>): FieldType {
  const { parse, fromDb, toDb: convert, form, validators = [] } = options
  const conversion: Conversion = Object.freeze({ toDb: guarded(convert), fromDb })
  const own = (options.column as unknown as Descriptor).options.validators as readonly Validator<unknown>[] | undefined // as above
  return {
    builder: type.builder,
    kind: type.kind,
    conversion,
    form: form ?? {},
    column: (given) => ({ ...(type.column?.(given) ?? { kind: type.kind }), conversion }),
    parse,
    validators: (given) => {
      const stored = [...(type.validators?.(given) ?? []), ...(own ?? [])]
      return [
        ...stored.map(
          (validate): Validator<unknown> =>
            (value) =>
              validate(conversion.toDb(value)),
        ),
        ...validators,
      ]
    },
    storage: {
      get builder() {
        return type.storage?.builder ?? type.builder
      },
      args: (given) => deconstructType(new Descriptor(type, storedDefault(given, conversion))).args,
    },
  }
}

/** Migrations hold no values of the project's classes. */
function storedDefault(options: AnyOptions, { toDb }: Conversion): AnyOptions {
  const { default: value } = options
  return value === undefined || value === null || typeof value === 'function'
    ? options
    : { ...options, default: toDb(value) }
}

/** A value that is none of the field's is told by what it is, not by what went wrong inside of `toDb`, or by what that lacks. */
function guarded(convert: (value: unknown) => unknown): (value: unknown) => unknown {
  return (value) => {
    let stored: unknown
    try {
      stored = convert(value)
    } catch (cause) {
      throw refused(value, { hint: 'Its toDb() refused it; the cause says why.', cause })
    }
    if (stored === undefined) throw refused(value, { hint: 'Its toDb() gave nothing to store.' })
    return stored
  }
}

function refused(value: unknown, why: { hint: string; cause?: unknown }): QueryValueError {
  return new QueryValueError(`${picture(value)} is no value of this field.`, {
    code: 'db.invalid-value',
    status: 400,
    ...why,
  })
}
