/** What `inline()` takes, typed on the model whose rows are edited with their parent. */
import type { AnyModel } from '../../db/models/meta.ts'
import type { FieldsOf, Target } from '../../db/models/types.ts'
import type { ComputedColumn, FormNames, Orders } from '../options.ts'

/** Foreign keys of a model, by name. */
type FkNames<T> = keyof {
  [K in keyof FieldsOf<T> as FieldsOf<T>[K] extends { readonly '~kind': 'fk' | 'o2o' } ? K : never]: 1
} &
  string
type Same<A, B> = [A] extends [B] ? ([B] extends [A] ? true : false) : false
/** Foreign keys that lead to the same model as `K`. */
type Twins<T, K extends keyof FieldsOf<T>> = {
  [N in FkNames<T>]: Same<Target<FieldsOf<T>[N]>, Target<FieldsOf<T>[K]>> extends true ? N : never
}[FkNames<T>]

/** Said by the compiler where several foreign keys lead to the parent: name one of them in `fkName`. */
export interface FkNameNeeded<Names extends string> {
  readonly 'name one in fkName': Names
}
/** The models these rows can be edited with: those that a foreign key leads to, unless several lead there. */
type Parents<T, K extends string | undefined> = K extends keyof FieldsOf<T>
  ? Target<FieldsOf<T>[K]>
  : {
      [N in FkNames<T>]: [Twins<T, N>] extends [N]
        ? Target<FieldsOf<T>[N]>
        : Twins<T, N> extends infer Names extends string
          ? FkNameNeeded<Names> // the names are written out in the message
          : never
    }[FkNames<T>]

/** Options of rows that are edited with their parent. All have defaults. */
export interface InlineOptions<
  T,
  K extends string | undefined = string | undefined,
  O extends readonly string[] = readonly string[],
  C extends string = string,
  I extends readonly AnyInline[] = readonly AnyInline[],
> {
  /** A line of a table for each row (the default), or a form below the other; a table becomes cards on a phone. */
  readonly layout?: 'tabular' | 'stacked'
  /** Heading; default: the model's name in the plural. */
  readonly title?: string
  /** The fields of a row, in order. Default: every editable field but the foreign key to the parent. */
  readonly fields?: readonly { [N in FormNames<T> | NoInfer<C>]: N }[FormNames<T> | NoInfer<C>][]
  /** Shown, not editable. */
  readonly readonly?: readonly { [N in FormNames<T> | NoInfer<C>]: N }[FormNames<T> | NoInfer<C>][]
  /** Values computed from a row, by the name used in `fields` and `readonly`. */
  readonly columns?: { readonly [N in C]: Omit<ComputedColumn<T>, 'orderBy'> }
  /** Empty rows to add by; default 1. With a script, rows are added by a button, too. */
  readonly extra?: number
  /** Fewer rows are refused; default 0. */
  readonly min?: number
  /** More rows are refused, unless there are as many already; default 1,000. */
  readonly max?: number
  /** Rows can be deleted, by users who may; default true. */
  readonly canDelete?: boolean
  /** The foreign key to the parent: needed where the model has several to it. */
  readonly fkName?: K & FkNames<T>
  /** Default: the model's own order, then the key. */
  readonly ordering?: Orders<T, O>
  /** A link from each row to its own page; default: where there is one that the user may see. */
  readonly showChangeLink?: boolean
  /** Rows of each row: one level, no further. */
  readonly inlines?: I
}

/** Rows edited with their parent, as `inline()` gives them. */
export interface Inline<T, K extends string | undefined, I extends readonly AnyInline[]> {
  readonly model: AnyModel
  readonly options: RawInlineOptions
  readonly inlines: I
  /** For the compiler: the models it may be listed under. */
  readonly '~parents'?: (parent: Parents<T, K>) => void
}
/** Any inline, whatever its model. */
export interface AnyInline {
  readonly model: AnyModel
  readonly options: RawInlineOptions
  readonly inlines: readonly AnyInline[]
}
/** An inline that can stand under a model. */
export interface InlineOf<P> extends AnyInline {
  readonly '~parents'?: (parent: P) => void
}
/** One that has none of its own. */
interface InnerOf<P> extends InlineOf<P> {
  readonly inlines: readonly []
}

/** The options without their types, as the admin itself reads them. */
export interface RawInlineOptions {
  readonly layout?: 'tabular' | 'stacked'
  readonly title?: string
  readonly fields?: readonly string[]
  readonly readonly?: readonly string[]
  readonly columns?: Readonly<Record<string, ComputedColumn<object>>>
  readonly extra?: number
  readonly min?: number
  readonly max?: number
  readonly canDelete?: boolean
  readonly fkName?: string
  readonly ordering?: readonly string[]
  readonly showChangeLink?: boolean
  readonly inlines?: readonly AnyInline[]
}

/**
 * Rows of another model that are edited on the page of their parent, and saved with it.
 *
 *     admin.register(Trip, {
 *       inlines: [inline(Leg, { fields: ['name', 'departsAt'], inlines: [inline(Booking, { layout: 'stacked' })] })],
 *     })
 *
 * The model must have a foreign key to the parent; of a many-to-many relation, it is the model between.
 */
export function inline<
  M extends { readonly prototype: object },
  const K extends string | undefined = undefined,
  const O extends readonly string[] = readonly string[],
  const C extends string = never,
  const I extends readonly InnerOf<M['prototype']>[] = readonly [],
>(model: M, options?: InlineOptions<M['prototype'], K, O, C, I>): Inline<M['prototype'], K, I> {
  const raw = (options ?? {}) as unknown as RawInlineOptions // typed for the writer, read by name here
  return {
    model: model as unknown as AnyModel, // the constraint is the typed side of the same class
    options: raw,
    inlines: (raw.inlines ?? []) as unknown as I, // absent: I is the empty tuple
  }
}
