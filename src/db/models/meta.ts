/**
 * `meta`: what the framework knows about a model, as plain data. It is the knot's loose end: queries, forms,
 * migrations and the admin read it and need to know neither the model class nor each other. `define.ts` fills it.
 */
import type { Widget } from '../../forms/widgets.ts'
import type { FileStorage } from '../../storage/file-storage.ts'
import type { ColumnType, Kind } from '../kinds.ts'
import type { AnyInstance } from './instance.ts'
import type { SetOnDelete } from './on-delete.ts'

/** Any model class, seen from generic code. */
export interface AnyModel {
  readonly name: string
  readonly prototype: object
  readonly meta: ModelMeta
  readonly objects: any // a QuerySet of a model not known here; generic code goes through the checked-at-run-time door
  new (values?: any): any // as objects
}

/** How rows at the two ends of a relation belong together; `reverse` and `reverseOne` are the other side of a key. */
export type RelationType = 'foreignKey' | 'oneToOne' | 'manyToMany' | 'reverse' | 'reverseOne'
/**
 * What becomes of a row when the one it points to is deleted. Those with `db` are done by the database itself, in the
 * statement that deletes: no signals are sent for these rows, and nothing reads them. `'set'` is written `set(…)`.
 */
export type OnDelete =
  | 'cascade'
  | 'protect'
  | 'restrict'
  | 'setNull'
  | 'setDefault'
  | 'set'
  | 'doNothing'
  | 'dbCascade'
  | 'dbSetNull'
  | 'dbSetDefault'

const ACTIONS: Partial<Record<OnDelete, 'cascade' | 'setNull' | 'setDefault'>> = {
  dbCascade: 'cascade',
  dbSetNull: 'setNull',
  dbSetDefault: 'setDefault',
}
/** What the database itself does; undefined where the ORM, or nobody, does something. */
export function databaseAction(onDelete: OnDelete | null): 'cascade' | 'setNull' | 'setDefault' | undefined {
  return onDelete === null ? undefined : ACTIONS[onDelete]
}

/** How a field leads to another model. */
export interface RelationMeta {
  readonly type: RelationType
  /** True for foreignKey, oneToOne and reverseOne: at most one row, joinable by selectRelated. */
  readonly single: boolean
  readonly target: AnyModel
  /** The fields of the target that a value of it is of: its key, or what `toField` names. */
  readonly targets: readonly FieldMeta[]
  readonly onDelete: OnDelete | null
  /** Of `onDelete` `'set'`: what was given; null in migrations, too. */
  readonly setTo: SetOnDelete | null
  /** reverse, reverseOne: the foreign key on the target that points here. */
  readonly via: FieldMeta | null
  /** manyToMany: the table between, and its two foreign keys (towards this model, towards the target). */
  readonly through: {
    readonly model: AnyModel
    readonly from: FieldMeta
    readonly to: FieldMeta
    readonly auto: boolean
  } | null
  /** manyToMany between rows of one model: relating a to b relates b to a as well. */
  readonly symmetrical: boolean
}

/** A field of a model, as its class knows it: `Book.meta.fields.get('title')`. */
export interface FieldMeta {
  /** The key in the field map: `author`. */
  readonly name: string
  /** Where the row's own value sits on an instance: `authorId` for a foreign key, else the name. */
  readonly attname: string
  /** Column, or null when the field has none (manyToMany, reverse), or several ({@link FieldMeta.parts}). */
  readonly column: string | null
  /** Its columns: itself; of a foreign key to a key of several fields one for each; none for manyToMany and reverse. */
  readonly parts: readonly FieldMeta[]
  /** The foreign key over several columns that this one is a part of; null for what a model declares. */
  readonly whole: FieldMeta | null
  /** Storage kind; of the target's key for a foreign key; null without a column. */
  readonly kind: Kind | null
  readonly type: ColumnType | null
  readonly model: AnyModel
  /** The builder's name: 'char', 'slug', 'foreignKey' … Prefer `kind` and `relation` when choosing. */
  readonly builder: string
  readonly options: FieldOptions
  readonly relation: RelationMeta | null
  readonly primaryKey: boolean
  readonly null: boolean
  readonly blank: boolean
  readonly unique: boolean
  readonly index: boolean
  readonly editable: boolean
  readonly secret: boolean
  /** The database fills it on insert (identity columns, dbDefault). */
  readonly generated: boolean
  /** The database computes it from the row's other columns: it is read and never written. Null for every other field. */
  readonly computed: { readonly expression: unknown; readonly stored: boolean } | null
  readonly choices:
    | readonly { readonly value: string | number; readonly label: string; readonly group?: string }[]
    | null
  readonly verboseName: string
  readonly helpText: string
  /** A value for a new row; undefined when there is none. */
  getDefault(): unknown
  readonly hasDefault: boolean
  /** Called before a write: `autoNow`, `autoNowAdd`; null for the rest, so that writes skip it. */
  readonly preSave: ((current: unknown, adding: boolean) => unknown) | null
  /** Turns input (a form's or JSON's value, never trusted) into the field's value, or throws ValidationError. */
  clean(value: unknown): unknown
  /** The validators, run by clean() and by fullClean(). */
  readonly validators: readonly ((value: any) => void)[] // any, because each field knows its own values
  /**
   * Turns what code may give besides the value itself into the value: a decimal as text, a bigint as a number, an
   * instance for its key. Never checks; null where there is nothing to turn.
   */
  readonly coerce: ((value: unknown) => unknown) | null
  /** How forms show a field of the project's own (`customField`); null for every other. */
  readonly form: FieldForm | null
  /** Of fields of files: where they go and which are taken; null for every other. */
  readonly files: FileRules | null
  /** How a migration writes the field: builder and arguments, relations by label. Null without a place on disk. */
  deconstruct(): FieldDeconstruction | null
}

/** How forms show a field whose values are of a class of the project's. */
export interface FieldForm {
  readonly widget?: Widget
  /** The values offered, asked for when it is drawn and when it is sent. */
  readonly choices?: () => Promise<readonly { readonly value: string; readonly label: string }[]>
  readonly format?: (value: any) => string // each field knows its own values
  readonly attributes?: Readonly<Record<string, string | number | boolean | undefined>>
}

/** What a field of files says of them. */
export interface FileRules {
  readonly image: boolean
  readonly storage: () => FileStorage
  /** What code may give in place of a file, as a file. */
  readonly coerce: (value: unknown) => unknown
  /** The name that a new file of a row asks for. @throws UnsafeNameError */
  readonly nameFor: (instance: AnyInstance, given: string) => string
  readonly maxLength: number
  /** Bytes; null: no limit of its own. */
  readonly maxSize: number | null
  /** Endings in lower case; null: any. */
  readonly extensions: readonly string[] | null
  readonly widthField: string | null
  readonly heightField: string | null
  /** Files go with what names them. */
  readonly cleanup: boolean
}

/** A field as its builder was called; only what a table or a historical model depends on. */
export interface FieldDeconstruction {
  readonly builder: string
  readonly args: readonly unknown[]
}
/** Stands for the target of a relation that the project may replace: `{ swappable: 'auth.User' }`. */
export interface SwappableTarget {
  readonly swappable: string
}

/** Options as written, defaults not filled in. */
export type FieldOptions = Readonly<Record<string, unknown>>

/** A condition as declared: a record of lookups, `Q()`, an expression; of historical models the same as plain data. */
export type ModelCondition = object

/** An index of a model, with its name: `Model.meta.indexes`. */
export interface ModelIndex {
  readonly name: string
  /** Paths, `-` in front of descending ones; empty where `expressions` says what it is over. */
  readonly fields: readonly string[]
  /** Its parts where some are no columns: paths and expressions. */
  readonly expressions?: readonly unknown[]
  readonly where?: ModelCondition
  readonly method?: string
  readonly language?: string
  readonly include?: readonly string[]
  readonly opclasses?: readonly string[]
  readonly with?: Readonly<Record<string, string | number | boolean>>
}
/** What a broken constraint says. */
export interface Violation {
  readonly message?: string | { toString(): string }
  readonly code?: string
}
/** A unique constraint of a model, with its name. */
export interface ModelUnique extends Violation {
  readonly type: 'unique'
  readonly name: string
  readonly fields: readonly string[]
  readonly expressions?: readonly unknown[]
  readonly where?: ModelCondition
  readonly include?: readonly string[]
  readonly opclasses?: readonly string[]
  readonly deferrable?: 'immediate' | 'deferred'
  readonly nullsDistinct?: boolean
}
/** A condition that every row of a model keeps. */
export interface ModelCheck extends Violation {
  readonly type: 'check'
  readonly name: string
  readonly condition: ModelCondition
}
/** A constraint that is text for each database. */
export interface ModelCustomConstraint extends Violation {
  readonly type: 'custom'
  readonly name: string
  readonly sql: Readonly<Record<string, unknown>>
  readonly excludes?: ModelExclusion
}
/** Two rows for which every comparison holds exclude one another: what fullClean() asks. */
export interface ModelExclusion {
  readonly parts: readonly (readonly [of: unknown, operator: string])[]
  /** Which rows it is about. */
  readonly where?: ModelCondition
}
/** A constraint of a model: one of `Model.meta.constraints`. */
export type ModelConstraint = ModelUnique | ModelCheck | ModelCustomConstraint

/** What a trigger does, by names of fields. */
export type ModelTriggerAction =
  /** Statements by database. */
  | { readonly t: 'sql'; readonly sql: Readonly<Record<string, unknown>> }
  | { readonly t: 'setNow'; readonly field: string }
  | { readonly t: 'refuse'; readonly message: string; readonly fields?: readonly string[] }
  /** `target`: an arrow that gives the model; of historical models its label. */
  | { readonly t: 'copy'; readonly target: unknown; readonly fields: Readonly<Record<string, string>> }
/** A trigger of a model, with its name. */
export interface ModelTrigger {
  readonly name: string
  readonly when: 'before' | 'after'
  /** `insert`, `update`, `delete`, `update of title`. */
  readonly on: readonly string[]
  readonly condition?: ModelCondition
  readonly do: ModelTriggerAction
}

/** A relation that another model declared towards this one: what cascades walk. */
export interface IncomingRelation {
  readonly field: FieldMeta
  readonly model: AnyModel
}

/** All that is known of a model: `Book.meta`. Made when its app is defined, and never changed. */
export interface ModelMeta {
  readonly model: AnyModel
  /** The model whose table it is: itself, or what a proxy stands for. */
  readonly concrete: AnyModel
  /** Other behaviour over the table of {@link concrete}: see `ProxyModel()`. */
  readonly proxy: boolean
  /** Name of the app ('' until defineApp() has seen the model) and of the model: `library`, `Book`. */
  readonly app: string
  readonly name: string
  /** `library.Book` */
  readonly label: string
  readonly table: string
  readonly managed: boolean
  /** Made by the framework: the table between two sides of a manyToMany. */
  readonly autoCreated: boolean
  /** Every field by name, in order: columns, manyToMany, reverse. */
  readonly fields: ReadonlyMap<string, FieldMeta>
  /**
   * A field by its name, or by the attribute that holds its value (`authorId`); `pk` is the key of one column.
   * @throws ModelError db.unknown-attribute for a name that is none, with the nearest
   */
  getField(name: string): FieldMeta
  /** Fields that lead to another model, those declared with `reverse` included; {@link incoming} has also what is not declared. */
  readonly relations: readonly FieldMeta[]
  /** Columns in row order: fields that have one, and the parts of those that have several. */
  readonly columns: readonly FieldMeta[]
  /** Fields and parts of fields with columns, by attname (`authorId`, `orderId`, `orderNumber`). */
  readonly byAttname: ReadonlyMap<string, FieldMeta>
  readonly manyToMany: readonly FieldMeta[]
  /** Columns of the key, one or more; those of a foreign key over several columns are its parts. */
  readonly pk: readonly FieldMeta[]
  /** Paths that rows are ordered by, `-` before descending ones; of {@link orderBy} those that are paths. */
  readonly ordering: readonly string[]
  /** All that rows are ordered by where a query asks for nothing: paths, and expressions as the options have them. */
  readonly orderBy: readonly (string | object)[]
  /** The field in whose rows the option of that name keeps an order (`_order`); null without one. */
  readonly orderWithRespectTo: FieldMeta | null
  readonly indexes: readonly ModelIndex[]
  readonly constraints: readonly ModelConstraint[]
  readonly triggers: readonly ModelTrigger[]
  readonly verboseName: string
  readonly verboseNamePlural: string
  /** Other models' foreign keys and many-to-many fields that point here. Known once the apps are loaded. */
  readonly incoming: readonly IncomingRelation[]
  readonly options: Readonly<Record<string, unknown>>
}
