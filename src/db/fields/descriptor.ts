/**
 * A field declaration at run time: what a builder gives. It belongs to no model and may be shared by several (abstract
 * bases are); `BoundField` is a declaration on one model.
 */
import type { ColumnType, Conversion, Kind } from '../kinds.ts'
import type { FieldForm, FieldMeta, FieldOptions, RelationType } from '../models/meta.ts'
import { assertFieldOptions } from './option-names.ts'

/** What all fields of one builder have in common. */
export interface FieldType {
  /** The builder's name: `char`. */
  readonly builder: string
  readonly kind: Kind
  /** The column's type; default the kind alone. */
  column?(options: FieldOptions): ColumnType
  /** Reads input that is not trusted; never given null. @throws ValidationError */
  parse(input: unknown, field: FieldMeta): unknown
  /** Validators that follow from the options. */
  validators?(options: FieldOptions): FieldMeta['validators']
  /** Turns what code may assign besides the value itself (a decimal as text) into the value. */
  coerce?(value: unknown, options?: FieldOptions): unknown
  /** The empty string is a value. */
  readonly text?: boolean
  /** Of text: what an empty one is where it may be blank; default the empty string. */
  readonly empty?: null
  /** Of files: where they go. */
  files?(options: FieldOptions): FieldMeta['files']
  /** A value computed at every write. */
  preSave?(options: FieldOptions): FieldMeta['preSave']
  /** The default that the options imply where they name none. */
  implied?(options: FieldOptions): (() => unknown) | null
  /** What the database computes it from. */
  computed?(options: FieldOptions): FieldMeta['computed']
  /** Of a field of the project's own: how its values become the column's. */
  readonly conversion?: Conversion
  /** Of a field of the project's own: how forms show it. */
  readonly form?: FieldForm
  /** The same where it follows from the options. */
  formOf?(options: FieldOptions): FieldForm
  /** Options filled in where they are not written: a slug is indexed. */
  readonly defaults?: FieldOptions
  /** How migrations write it, where that differs from its own builder: a choice is a char. */
  readonly storage?:
    | { readonly builder: string; options(options: FieldOptions): FieldOptions }
    | { readonly builder: string; args(options: FieldOptions): readonly unknown[] }
}

/** How a declaration leads to another model. */
export interface RelationDeclaration {
  readonly type: RelationType
  /** A model class; or a label, `library.Book`, among historical models. */
  readonly target: unknown
  /** reverse, reverseOne: name of the foreign key on the target. */
  readonly via: string | null
}

const DESCRIPTOR: unique symbol = Symbol.for('nuages.field')

/** A field declaration. */
export class Descriptor {
  readonly [DESCRIPTOR] = true
  /** Null for relations. */
  readonly type: FieldType | null
  readonly options: FieldOptions
  readonly relation: RelationDeclaration | null

  constructor(type: FieldType | null, options: FieldOptions | undefined, relation: RelationDeclaration | null = null) {
    this.type = type
    this.options = Object.freeze({ ...type?.defaults, ...options })
    this.relation = relation
  }

  get builder(): string {
    return this.type?.builder ?? this.relation!.type // a declaration has one or the other
  }
}

/** True for what a builder gave, by any copy of the package. */
export function isDescriptor(value: unknown): value is Descriptor {
  return typeof value === 'object' && value !== null && DESCRIPTOR in value
}

/**
 * A builder's result, of options that are its own. The declared type is the compiler's view of it: its `~` keys do not exist.
 * @throws ModelError db.bad-field-option
 */
export function declare<T>(
  type: FieldType | null,
  options: object | undefined,
  relation: RelationDeclaration | null = null,
): T {
  if (options !== undefined) assertFieldOptions(type?.builder ?? relation!.type, options) // one or the other
  return new Descriptor(type, options as FieldOptions | undefined, relation) as T
}

/** The option as a number, or undefined. */
export function numberOption(options: FieldOptions, name: string): number | undefined {
  const value = options[name]
  return typeof value === 'number' ? value : undefined
}
