/** A column of a foreign key that has several: `orderTenantId` of `order`. Its type is that of the column it points to. */
import type { ColumnType, Kind } from '../kinds.ts'
import type { KeyColumn } from '../models/key-shape.ts'
import type { AnyModel, FieldDeconstruction, FieldMeta, FieldOptions } from '../models/meta.ts'

/** Where a part stands. */
export interface PartPlace {
  readonly whole: FieldMeta
  /** Which column of the key it is. */
  readonly index: number
  readonly key: KeyColumn
}

/** A part of a foreign key over several columns. It is no field of its own: forms and migrations see the whole. */
export class KeyPart implements FieldMeta {
  readonly name: string
  readonly attname: string
  readonly column: string
  readonly model: AnyModel
  readonly builder = 'part'
  readonly options: FieldOptions = Object.freeze({})
  readonly relation = null
  readonly whole: FieldMeta
  readonly parts: readonly FieldMeta[]
  readonly primaryKey: boolean
  readonly null: boolean
  readonly blank: boolean
  readonly unique = false
  readonly index = false
  readonly editable = false
  readonly generated = false
  readonly choices = null
  readonly computed = null
  readonly helpText = ''
  readonly hasDefault: boolean
  readonly preSave = null
  readonly form = null
  readonly files = null
  readonly validators: FieldMeta['validators'] = Object.freeze([])
  readonly coerce: (value: unknown) => unknown
  readonly #index: number

  constructor({ whole, index, key }: PartPlace) {
    this.name = key.attname
    this.attname = key.attname
    this.column = key.column
    this.model = whole.model
    this.whole = whole
    this.parts = Object.freeze([this])
    this.primaryKey = whole.primaryKey
    this.null = whole.null
    this.blank = whole.blank
    this.hasDefault = whole.hasDefault
    this.#index = index
    this.coerce = (value) => {
      const { coerce } = this.target
      return coerce === null || value === null || value === undefined ? value : coerce(value)
    }
  }

  /** The column it points to. */
  get target(): FieldMeta {
    return this.whole.relation!.targets[this.#index]! // as many as the key has columns
  }
  get secret(): boolean {
    return this.whole.secret
  }
  get type(): ColumnType | null {
    return this.target.type
  }
  get kind(): Kind | null {
    return this.target.kind
  }
  get verboseName(): string {
    return `${this.whole.verboseName} ${this.target.verboseName}`
  }

  getDefault(): unknown {
    const value = this.whole.getDefault()
    return Array.isArray(value) ? value[this.#index] : value
  }

  clean(value: unknown): unknown {
    return (value === null || value === undefined) && this.null ? null : this.target.clean(value)
  }

  deconstruct(): FieldDeconstruction | null {
    return null
  }
}
