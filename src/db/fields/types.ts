/**
 * Types of field declarations. A declaration's type carries what the compiler needs to know under `~` keys, which
 * exist for the compiler only; at run time a declaration is a {@link Descriptor}.
 *
 * - {@link Field}, {@link ForeignKey}, {@link Reverse}, {@link ManyToMany}: what the builders' types are.
 * - {@link Family}: which lookups a field has; {@link RelationFamily}: the families that lead to a model.
 * - {@link FieldOptions}, {@link ForeignKeyOptions} …: what builders accept.
 * - {@link Nullable}, {@link IsOptional}, {@link IsKey}: read those options in a builder's return type.
 */
import type { Validator } from '../../validators.ts'
import type { DatabaseTypes } from '../kinds.ts'
import type { ModelMeta, OnDelete } from '../models/meta.ts'
import type { SetOnDelete } from '../models/on-delete.ts'
import type { RawFragment } from '../query/raw.ts'
import type { Expr, Q } from '../query/types/expressions.ts'

/** The lookups a field has, as one word. Coarser than a storage kind, finer than a JavaScript type. */
export type Family =
  | 'text'
  | 'number'
  | 'bigint'
  | 'decimal'
  | 'boolean'
  | 'date'
  | 'time'
  | 'duration'
  | 'dateTime'
  | 'json'
  | 'choice'
  | 'binary'
  | 'array'
  | 'range'
  | 'key'
  | RelationFamily
/** Relations: a foreign key, a one-to-one key, the other ends of both, many-to-many. */
export type RelationFamily = 'fk' | 'o2o' | 'reverse' | 'reverseOne' | 'm2m'

/** What every declaration says, apart from what it accepts. */
export interface FieldBase<V, Optional extends boolean, K extends Family, Key extends boolean> {
  readonly '~kind': K
  readonly '~value': V
  readonly '~optional': Optional
  readonly '~pk': Key
}

/**
 * A declared field. `V`: the value on an instance; `Optional`: may be left out of `create()`; `K`: its lookups;
 * `Key`: it is the primary key.
 */
export interface Field<
  V = unknown,
  Optional extends boolean = boolean,
  K extends Family = Family,
  Key extends boolean = boolean,
> extends FieldBase<V, Optional, K, Key> {
  readonly '~input': V
}
/** A field that also accepts `In` where a value is written or compared: a decimal as text, a bigint as a number. */
export interface WideField<V, In, Optional extends boolean, K extends Family, Key extends boolean>
  extends FieldBase<V, Optional, K, Key> {
  readonly '~input': V | In
}

/** A foreign key; `To` is the field of the target it holds, null for the key. `C` is `typeof Author`; the arrow around the builder keeps C out of the class header's resolution. */
export interface ForeignKey<
  C,
  Null extends boolean = boolean,
  Optional extends boolean = boolean,
  K extends 'fk' | 'o2o' = 'fk' | 'o2o',
  To = unknown,
> extends FieldBase<unknown, Optional, K, false> {
  readonly '~target': C
  readonly '~null': Null
  readonly '~to': To
}
/** The other end of a foreign key (`reverse`) or one-to-one key (`reverseOne`): `Key` names it on the target. */
export interface Reverse<C, Key extends string = string, K extends 'reverse' | 'reverseOne' = 'reverse' | 'reverseOne'>
  extends FieldBase<unknown, true, K, false> {
  readonly '~target': C
  readonly '~via': Key
}
/** A many-to-many relation; `Through` is the model between where the project wrote it, else never. */
export interface ManyToMany<C, Through = unknown> extends FieldBase<unknown, true, 'm2m', false> {
  readonly '~target': C
  readonly '~through': Through
}

/**
 * What a relation may lead to: a model class, or what `userModel()` gives. Only the class's explicitly typed statics
 * are named: looking at anything inferred would resolve the target while it still resolves the holder.
 */
export interface ModelTarget {
  readonly prototype: object
  readonly meta: ModelMeta
}

/** Text for people, or text that is translated when it is shown (`tLazy`). */
export type Label = string | { toString(): string }

/** A default that the database computes. `any`: a field cannot name the model it will be on. */
export type DatabaseDefault = Expr<any, unknown> | RawFragment

/**
 * What is said of a value that is refused, by what is wrong: `{ unique: 'Somebody has this name.' }`. The kinds are those of
 * `ValidationError.kind`, Django's codes; those of validators of your own besides. A form's field has its model's words.
 */
export interface ErrorMessages {
  /** Nothing was given; in forms also said where there are words for `blank` or `null` only. */
  readonly required?: Label
  /** Text is empty. */
  readonly blank?: Label
  readonly null?: Label
  /** It is none at all: text for a number, a 31st of February; of a relation, there is no such row. */
  readonly invalid?: Label
  /** It is not one of the choices; of a relation in forms, not one of the rows offered, where `invalid` is the next to be looked for. */
  readonly invalid_choice?: Label
  /** Another row has it. */
  readonly unique?: Label
  /** Of `uniqueForDate`, `uniqueForMonth` and `uniqueForYear`. */
  readonly unique_for_date?: Label
  readonly min_value?: Label
  readonly max_value?: Label
  readonly min_length?: Label
  readonly max_length?: Label
  readonly max_digits?: Label
  readonly max_decimal_places?: Label
  readonly max_whole_digits?: Label
  readonly step_size?: Label
  readonly null_characters_not_allowed?: Label
  /** Of files. */
  readonly invalid_extension?: Label
  readonly max_size?: Label
  readonly invalid_image?: Label
  readonly empty?: Label
  /** Of lists and ranges. */
  readonly item_invalid?: Label
  readonly bound_ordering?: Label
  /** Of validators of your own. */
  readonly [kind: string]: Label | undefined
}

/** Options that every field with a column has. `V`: its value. */
export interface FieldOptions<V> {
  /** The column may be NULL. Default false. */
  readonly null?: boolean
  /** Forms and the admin may leave it empty. Default false; text that may be empty has the default `''`. */
  readonly blank?: boolean
  /** The value of a new row: a constant, or a function called per row. Lists and objects are given by a function. */
  readonly default?: V | null | (() => V)
  /**
   * The value the database gives when none is inserted: a constant, `now` for times, or an expression of the
   * database: `UUID4()`, `Random()`, sql`nextval('numbers')`. A new instance has no value until it is saved.
   */
  readonly dbDefault?: V | 'now' | DatabaseDefault
  readonly primaryKey?: boolean
  readonly unique?: boolean
  readonly index?: boolean
  /** Shown by forms and the admin. Default true. */
  readonly editable?: boolean
  /** Never in JSON, admin, forms, API, history or logs unless named. Default: of a foreign key, as what it points to; else false. */
  readonly secret?: boolean
  /** Column name. Default: the field's name in snake case. */
  readonly dbColumn?: string
  /**
   * The name it had: `renamedFrom: 'title'`. The next `makemigrations` writes a rename and asks nothing; `check` says when
   * the hint has done its work.
   */
  readonly renamedFrom?: string
  /**
   * The type of the column where the field's own is not right, by database: `text({ dbType: { postgres: 'inet' } })`. Values are
   * the field's, as the database writes them in text; the type must be there (`CREATE TYPE` in a migration before).
   */
  readonly dbType?: DatabaseTypes
  /** For people who look at the database: kept with the column where it has such comments (not on SQLite). */
  readonly comment?: string
  /** The only values allowed, with labels for people: `[[1, 'Low'], [2, 'High']]`. */
  readonly choices?: readonly (readonly [V, Label])[]
  /** Run by `clean()` and `fullClean()`, after the field's own. */
  readonly validators?: readonly Validator<V>[]
  readonly errorMessages?: ErrorMessages
  /**
   * The name of a date or instant of the model: no two rows of one day (of one month of a year, of one year) have the same value.
   * `fullClean()` and forms ask; the database does not know. Instants are read in the current time zone.
   */
  readonly uniqueForDate?: string
  readonly uniqueForMonth?: string
  readonly uniqueForYear?: string
  /** For people; default: the name as words. */
  readonly verboseName?: Label
  readonly helpText?: Label
}
/** Options of text. */
export interface TextOptions extends FieldOptions<string> {
  /** Characters (code points). */
  readonly maxLength?: number
  readonly minLength?: number
  /** How the column sorts and compares, as the database names it: `NOCASE` on SQLite, `de-x-icu` on PostgreSQL. */
  readonly collation?: string
}
/** Options of numbers. */
export interface NumberOptions<V> extends FieldOptions<V> {
  readonly min?: V
  readonly max?: V
  /** From 0 up, which the database checks, too. Default false. */
  readonly positive?: boolean
}
/** Options of dates and instants that fill themselves. */
export interface AutoNowOptions<V> extends FieldOptions<V> {
  /** Set to now at every save. */
  readonly autoNow?: boolean
  /** Set to now when the row is made. */
  readonly autoNowAdd?: boolean
}
/** Options of decimals. */
export interface DecimalOptions<V> extends NumberOptions<V> {
  /** Digits in all, at least `decimalPlaces`. */
  readonly maxDigits: number
  /** Digits after the point. */
  readonly decimalPlaces: number
}

/**
 * Which rows of the target forms and the admin offer, and cleaning accepts: lookups as in filter(), `Own()` conditions
 * joined, or a function that gives either when it is asked.
 */
export type ChoiceLimit = ChoiceCondition | (() => ChoiceCondition)
/** `any`: naming the target here would resolve it while its holder is; names are looked at when choices are asked for. */
type ChoiceCondition = Readonly<Record<string, unknown>> | Q<any>

/** Options that relations with a column share. */
export interface ForeignKeyOptions {
  /** Default: every row may be chosen. */
  readonly limitChoicesTo?: ChoiceLimit
  /** What happens to this row when the row it points to is deleted. */
  readonly onDelete: Exclude<OnDelete, 'set'> | SetOnDelete
  readonly null?: boolean
  readonly blank?: boolean
  /** The key of a row, or a function that gives one. */
  readonly default?: unknown
  /** The key the database gives when none is inserted, and that `dbSetDefault` sets. */
  readonly dbDefault?: unknown
  readonly unique?: boolean
  /** Default true. */
  readonly index?: boolean
  readonly editable?: boolean
  /**
   * Default: the field's name in snake case and `_id`. Of a key over several columns a list of their names; default
   * the field's name with each of the target's: `order_tenant_id`, `order_number`.
   */
  readonly dbColumn?: string | readonly string[]
  /**
   * The name it had: `renamedFrom: 'title'`. The next `makemigrations` writes a rename and asks nothing; `check` says when
   * the hint has done its work.
   */
  readonly renamedFrom?: string
  /** The unique field of the target whose value it holds. Default: the key. */
  readonly toField?: string
  /**
   * Fields of this model that hold a key of several columns, where they are other fields as well: `['tenant', 'number']`.
   * Default: columns of its own.
   */
  readonly fields?: readonly string[]
  /** False: the database does not check that the row it leads to exists. Default true. */
  readonly constraint?: boolean
  readonly errorMessages?: ErrorMessages
  readonly verboseName?: Label
  readonly helpText?: Label
}
/** Options of many-to-many relations. */
export interface ManyToManyOptions<Through> {
  /** As {@link ForeignKeyOptions.limitChoicesTo}. Default: every row may be chosen. */
  readonly limitChoicesTo?: ChoiceLimit
  /** The model between, when it has fields of its own; it has one foreign key to each side. */
  readonly through?: Through
  /**
   * The foreign keys of `through` towards this model and towards the target, where it has several: `['item', 'order']`.
   * Default: the first of each.
   */
  readonly throughFields?: readonly [from: string, to: string]
  /** The table between; default: this model's table and the field's name. */
  readonly dbTable?: string
  /**
   * The name it had: `renamedFrom: 'title'`. The next `makemigrations` writes a rename and asks nothing; `check` says when
   * the hint has done its work.
   */
  readonly renamedFrom?: string
  /** Between rows of one model: whether `a → b` says `b → a` too. Default true, as in Django; false: as written. */
  readonly symmetrical?: boolean
  readonly blank?: boolean
  readonly editable?: boolean
  readonly verboseName?: Label
  readonly helpText?: Label
}

// One conditional each: kept flat, so that hovers print `Field<string | null, true, "text", false>`.
/** V, or V | null by the option `null`. */
export type Nullable<O, V> = O extends { readonly null: true } ? V | null : V
/** Whether `create()` may leave the field out. */
export type IsOptional<O> = O extends
  | { readonly null: true }
  | { readonly default: {} | null }
  | { readonly dbDefault: {} | null }
  | { readonly autoNow: true }
  | { readonly autoNowAdd: true }
  | { readonly auto: true }
  ? true
  : false
/** The same for text, which is `''` where it may be blank. */
export type IsOptionalText<O> = O extends { readonly blank: true } ? true : IsOptional<O>
/** Whether the field is the primary key. */
export type IsKey<O> = O extends { readonly primaryKey: true } ? true : false
/** Whether a relation may be null. */
export type IsNull<O> = O extends { readonly null: true } ? true : false
/** The field that a relation holds, or null. */
export type ToField<O> = O extends { readonly toField: infer K extends string } ? K : null
/** Whether `create()` may leave a relation out. */
export type IsOptionalKey<O> = O extends
  | { readonly null: true }
  | { readonly default: {} | null }
  | { readonly fields: readonly string[] }
  ? true
  : false
