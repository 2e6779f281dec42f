/** What every instance can do, and the options of it. */

import type { Expr } from '../query/types/expressions.ts'
import type { DidYouMean, Mistake, Near } from '../query/types/mistakes.ts'
import type { InputKeys, InputValue, UpdateInput } from './inputs.ts'
import type { LOADED } from './instance.ts'
import type { AnyModel } from './meta.ts'
import type { FIELDS, FieldsOf, OPTIONS, Target } from './types.ts'

/** Compiler-only keys of an instance; unique symbols do not show in completions. */
declare const SELF: unique symbol
declare const BASE: unique symbol

export type { BASE, SELF }

/**
 * An instance of the model Self; of an abstract base, where no model is known, of the fields F. Methods infer both from `this`: in
 * the body of a class `this` is not known yet, but what its properties are is, and names are looked at there, too.
 */
interface Of<Self, F> {
  readonly [SELF]?: Self
  readonly [BASE]?: F
}
/** Rows of several models are rows, too: of them the first model is inferred, and they are not {@link Of} it. */
interface AnyRow {
  readonly [LOADED]: true
}
/**
 * K itself where it names a column, else the names like it, and what is wrong. It is always text: a model's own save() may take
 * {@link SaveOptions}. Text known only at run time is looked at then, and so are names where nothing is known of the model.
 */
export type ColumnOf<Self, F, K extends string, Writes = false> = string extends K
  ? K
  : unknown extends Self
    ? unknown extends F
      ? K
      : Column<F & KeyNames, K, Writes, 'this abstract base'>
    : Column<FieldsOf<Self>, K, Writes, Self>
type Column<F, K extends string, Writes, Model> = K extends keyof F
  ? F[K] extends SeveralRows
    ? K & Mistake<[`'${K}' has no column:`, 'what it leads to is several rows of', Target<F[K]>]>
    : F[K] extends Computed<Writes>
      ? K & Mistake<[`'${K}' is computed by the database, and cannot be written`]>
      : K
  :
      | NoInfer<{ [N in Near<ColumnNames<F>, K> & string]: N }[Near<ColumnNames<F>, K> & string]>
      | (K & Mistake<[`'${K}' is not a field of`, Model, DidYouMean<ColumnNames<F>, K>]>)
type ColumnNames<F> = keyof { [K in keyof F as F[K] extends SeveralRows ? never : K]: 1 }
interface KeyNames {
  readonly id: unknown
  readonly pk: unknown
}
interface SeveralRows {
  readonly '~kind': 'reverse' | 'reverseOne' | 'm2m'
}
interface Computed<Yes> {
  readonly '~computed': Yes
}

/** How {@link Instance.save} writes. */
export interface SaveOptions {
  /** Database alias; default: where the instance came from, else the current one. */
  readonly using?: string
  /** Only these fields; default: what changed. */
  readonly fields?: readonly string[]
  /** Insert even if the key is set; fails when the row exists. Not together with `fields`. */
  readonly forceInsert?: boolean
  /** Update only, by the key; fails when there is no such row (`db.row-vanished`), also when nothing was changed. */
  readonly forceUpdate?: boolean
}
/** {@link SaveOptions} of a model Self, or of an abstract base of the fields F. */
interface SaveWith<Self, F, K extends string> extends Omit<SaveOptions, 'fields'> {
  /** Only these fields; default: what changed. */
  readonly fields?: readonly ColumnOf<Self, F, K, true>[]
  /**
   * Values to give it first. They may be expressions over the row's own columns, which the database computes when it
   * writes: `save({ set: { plays: Song.F('plays').plus(1) } })`; the instance then has what came of it.
   */
  // Of an abstract base written out, and of `any` model: an alias would be printed with all that its fields are.
  readonly set?: unknown extends Self
    ? { [K in InputKeys<F, boolean> & keyof F]?: InputValue<F[K]> | Expr<any, InputValue<F[K]>> }
    : UpdateInput<Self>
}
/** How {@link Instance.delete} deletes. */
export interface DeleteOptions {
  readonly using?: string
}
/** How {@link Instance.refresh} reads. */
export interface RefreshOptions {
  readonly using?: string
  /** Only these fields; default all. */
  readonly fields?: readonly string[]
  /**
   * Rows to read it from: a query set of its model, whose filters count (`Book.objects.filter({ deleted: false })`), and whose
   * selectRelated() is loaded. Default: all rows.
   */
  readonly from?: { readonly model: AnyModel }
}
/** How {@link Instance.fullClean} checks. */
export interface CleanOptions {
  /** Fields not to look at. */
  readonly exclude?: readonly string[]
  /** Ask the database about unique fields and constraints. Default true. */
  readonly unique?: boolean
  /** Call the instance's own `clean()`. Default true. */
  readonly clean?: boolean
}
interface RefreshWith<Self, F, K extends string> extends Omit<RefreshOptions, 'fields'> {
  /** Only these fields; default all. */
  readonly fields?: readonly ColumnOf<Self, F, K>[]
}
interface CleanWith<Self, F, K extends string> extends Omit<CleanOptions, 'exclude'> {
  /** Fields not to look at. */
  readonly exclude?: readonly ColumnOf<Self, F, K>[]
}

/** What every instance can do, whatever its fields. */
export interface InstanceMethods {
  readonly [LOADED]: true
  readonly [SELF]?: unknown
  readonly [BASE]?: unknown
  /** Inserts a new row, or updates the columns that changed, those of `set` included. */
  save<S, F, const K extends string = never>(this: Of<S, F> | AnyRow, options?: SaveWith<S, F, K>): Promise<this>
  /** Deletes the row, and what `onDelete` says about rows that point to it. @returns rows deleted, in all */
  delete(options?: DeleteOptions): Promise<number>
  /** Reads the row again; forgets loaded relations. */
  refresh<S, F, const K extends string = never>(this: Of<S, F> | AnyRow, options?: RefreshWith<S, F, K>): Promise<this>
  /** Checks of your own across fields: throw ValidationError. Called by {@link fullClean}. */
  clean(): void | Promise<void>
  /**
   * Called with each instance that a query reads, when its columns (and annotations) are there, and nothing of its relations:
   * to keep what was read beside what is changed later, or to make a value of several columns once. Override it; until
   * then it is never called. It is synchronous and asks the database nothing; columns that `only()` left out are not there.
   */
  fromDb(): void
  /** Cleans each field, then calls `clean()`, then checks what must be unique. @throws ValidationError by field */
  fullClean<S, F, const K extends string = never>(this: Of<S, F> | AnyRow, options?: CleanWith<S, F, K>): Promise<void>
  /** For people: `Book(3)` unless overridden. */
  toString(): string
  /** Columns by field name, relations as keys; secret fields left out. */
  toJSON(): Record<string, unknown>
}

/** The instance side of an abstract base of fields F. */
export interface AbstractInstance<F> extends InstanceMethods {
  readonly [BASE]?: F
}
/** The instance side of every model. */
export interface Instance<F, O, Self = unknown> extends InstanceMethods {
  readonly [FIELDS]: F
  readonly [OPTIONS]: O
  readonly [SELF]?: Self
  /** The primary key; null before the row is inserted, whatever the type says. */
  readonly pk: O extends { readonly '~key': infer K } ? K : never
}
