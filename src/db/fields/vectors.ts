/** Vectors of numbers, for finding what is near (the extension pgvector of PostgreSQL). */
import { t } from '../../i18n/index.ts'
import { ValidationError } from '../../validators.ts'
import type { Conversion } from '../kinds.ts'
import type { FieldOptions as AnyOptions } from '../models/meta.ts'
import { picture, QueryValueError } from '../query/errors.ts'
import { declare, type FieldType } from './descriptor.ts'
import type { FieldOptions, IsOptional, Nullable, WideField } from './types.ts'

/** A vector as it is written: a list of numbers, or what a model of language gives. */
export type VectorInput = readonly number[] | Float32Array

/** Options of {@link vector}. */
export interface VectorOptions extends Omit<FieldOptions<number[]>, 'choices' | 'primaryKey' | 'unique'> {
  /** How many numbers it has, 1 to 16,000. Indexes take 2,000 at most. */
  readonly dimensions: number
}

/** `[1,2,3]`, as pgvector writes it. @throws QueryValueError db.invalid-value */
export function vectorText(value: unknown): string {
  const numbers = value instanceof Float32Array || Array.isArray(value) ? Array.from<unknown>(value) : null
  if (numbers?.length && numbers.every((item) => typeof item === 'number' && Number.isFinite(item)))
    return `[${numbers.join(',')}]`
  throw new QueryValueError(`${picture(value)} is not a vector.`, {
    code: 'db.invalid-value',
    status: 400,
    hint: 'Pass a list of finite numbers, or a Float32Array.',
  })
}

const conversion: Conversion = Object.freeze({
  toDb: vectorText,
  fromDb: (value: unknown) => JSON.parse(String(value)) as unknown,
})
const dimensionsOf = (options: AnyOptions): number => {
  const { dimensions } = options
  // It is written into the text of a declaration.
  if (Number.isInteger(dimensions) && Number(dimensions) > 0 && Number(dimensions) <= 16_000) return Number(dimensions)
  throw new QueryValueError(`${picture(dimensions)} is no number of dimensions.`, {
    code: 'db.invalid-value',
    hint: 'vector({ dimensions: 384 }): a whole number from 1 to 16,000.',
  })
}

/** What fields of vectors have in common. */
const vectorType: FieldType = {
  builder: 'vector',
  kind: 'text',
  conversion,
  column: (options) => ({ kind: 'text', declared: { postgres: `vector(${dimensionsOf(options)})` }, conversion }),
  coerce: (value) => (value instanceof Float32Array ? Array.from(value) : value),
  parse(input, field) {
    const given: unknown = typeof input === 'string' ? safeJson(input) : input
    const numbers = given instanceof Float32Array || Array.isArray(given) ? Array.from<unknown>(given) : []
    const size = dimensionsOf(field.options)
    if (numbers.length !== size || !numbers.every((item) => typeof item === 'number' && Number.isFinite(item)))
      throw new ValidationError(t('Enter {size} numbers.', { size }))
    return numbers
  },
  defaults: { editable: false },
}
function safeJson(text: string): unknown {
  try {
    return JSON.parse(text) as unknown
  } catch {
    return null
  }
}

/**
 * A vector of `dimensions` numbers: `embedding: vector({ dimensions: 384, null: true })`. Written as a list or a
 * Float32Array, read as a list; kept as 32-bit floats. PostgreSQL with the extension `vector` (`createExtension('vector')` in
 * a migration before); other databases keep it as text and have no distances.
 */
export function vector<const O extends VectorOptions>(
  options: O,
): WideField<Nullable<O, number[]>, VectorInput, IsOptional<O>, 'binary', false> {
  return declare(vectorType, options)
}
