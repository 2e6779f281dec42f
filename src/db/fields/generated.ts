/** Columns that the database computes. */

import type { FieldMeta } from '../models/meta.ts'
import type { OwnExpression } from '../query/types/named.ts'
import { deconstructType } from './deconstruct.ts'
import { Descriptor, type FieldType } from './descriptor.ts'
import { assertFieldOptions } from './option-names.ts'
import type { Family, FieldBase, Label } from './types.ts'

/** Options of {@link generated}. */
export interface GeneratedOptions<Output> {
  /** The field that says what it holds: `text({ null: true })`, `decimal({ maxDigits: 12, decimalPlaces: 2 })`. */
  readonly output: Output
  /**
   * True (the default): computed when the row is written, and kept. False: computed whenever it is read, which SQLite
   * and MySQL have; PostgreSQL refuses it when it migrates.
   */
  readonly stored?: boolean
  readonly unique?: boolean
  readonly index?: boolean
  readonly dbColumn?: string
  /** The name it had: see the option of plain fields. */
  readonly renamedFrom?: string
  readonly secret?: boolean
  readonly verboseName?: Label
  readonly helpText?: Label
}

/** A column that the database computes: it is read, filtered and ordered by, and never written. */
export interface GeneratedField<V, K extends Family> extends FieldBase<V, true, K, false> {
  /** What lookups compare it with. */
  readonly '~input': V
  readonly '~computed': true
}

/** What a field declares of its value. */
interface Output {
  readonly '~kind': Family
  readonly '~value': unknown
}

/**
 * A column that the database computes from the row's other columns:
 * `total: generated(F('price').times(F('count')), { output: decimal({ maxDigits: 12, decimalPlaces: 2 }) })`.
 *
 * It is known after `save()` where the database gives back what it wrote, and after `refresh()` everywhere. Writing it
 * is refused. Its expression names own columns only, no other generated column, and nothing that changes by itself
 * (`Now()`, `Random()`).
 */
export function generated<const O extends Output>(
  expression: OwnExpression,
  options: GeneratedOptions<O>,
): GeneratedField<O['~value'], O['~kind']> {
  return declareGenerated(expression, options as GeneratedOptions<unknown>)
}

/** The same from data, whose output is a declaration already. @internal */
export function declareGenerated<T>(expression: unknown, { output, ...options }: GeneratedOptions<unknown>): T {
  const of = output as Descriptor // declarations are descriptors seen through their types
  assertFieldOptions('generated', options)
  return new Descriptor(generatedType(of), {
    ...of.options,
    ...options,
    null: of.options.null,
    default: undefined,
    editable: false,
    expression,
    output: of,
  }) as T // the compiler's view of it
}

function generatedType(output: Descriptor): FieldType {
  const type = output.type!
  return {
    ...type,
    builder: 'generated',
    computed: ({ expression, stored }): FieldMeta['computed'] => ({ expression, stored: stored !== false }),
    preSave: () => null,
    implied: () => null,
    storage: {
      builder: 'generated',
      args: (options) => {
        const kept = Object.fromEntries(
          ['stored', 'unique', 'index', 'dbColumn'].flatMap((name) =>
            options[name] === undefined ? [] : [[name, options[name]]],
          ),
        )
        return [options.expression, { output: deconstructType(output), ...kept }]
      },
    },
  }
}
