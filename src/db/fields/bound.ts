/** A declaration on one model: what `meta.fields` holds. */
import { t } from '../../i18n/index.ts'
import { humanize } from '../../std/text.ts'
import { ValidationError } from '../../validators.ts'
import type { ColumnType, Kind } from '../kinds.ts'
import { messageFor, reworded } from '../models/error-messages.ts'
import { type AnyInstance, isInstance } from '../models/instance.ts'
import { keyValue } from '../models/keys.ts'
import type { AnyModel, FieldDeconstruction, FieldMeta, FieldOptions, RelationMeta } from '../models/meta.ts'
import { boundedName, columnName } from '../models/names.ts'
import { choiceList } from './choices.ts'
import { fillsItself } from './dates.ts'
import { declaredTypes } from './db-type.ts'
import { deconstruct } from './deconstruct.ts'
import type { Descriptor } from './descriptor.ts'

/** Where a declaration is bound. */
export interface Place {
  readonly model: AnyModel
  readonly name: string
  readonly relation: RelationMeta | null
  /** Part of the primary key. */
  readonly primaryKey: boolean
  /** A foreign key over several columns, which {@link BoundField.setParts} gives. */
  readonly several?: boolean
}

/** A field of a model. */
export class BoundField implements FieldMeta {
  readonly name: string
  readonly attname: string
  readonly column: string | null
  readonly model: AnyModel
  readonly builder: string
  readonly options: FieldOptions
  readonly relation: RelationMeta | null
  readonly primaryKey: boolean
  readonly null: boolean
  readonly blank: boolean
  readonly unique: boolean
  readonly index: boolean
  readonly editable: boolean
  readonly #secret: boolean | null
  readonly generated: boolean
  readonly computed: FieldMeta['computed']
  readonly hasDefault: boolean
  readonly preSave: FieldMeta['preSave']
  readonly validators: FieldMeta['validators']
  readonly coerce: FieldMeta['coerce']
  readonly form: FieldMeta['form']
  readonly files: FieldMeta['files']
  readonly descriptor: Descriptor
  readonly whole = null
  readonly #implied: (() => unknown) | null
  readonly #declared: ColumnType['declared']
  #parts: readonly FieldMeta[]
  #type: ColumnType | null | undefined

  constructor(descriptor: Descriptor, { model, name, relation, primaryKey, several = false }: Place) {
    const { type, options } = descriptor
    const key = relation?.type === 'foreignKey' || relation?.type === 'oneToOne'
    this.name = name
    this.attname = key ? `${name}Id` : name
    const single = type !== null || (key && !several)
    this.column = single ? textOption(options.dbColumn, boundedName(columnName(name) + (key ? '_id' : ''))) : null
    this.model = model
    this.builder = descriptor.builder
    this.options = options
    this.relation = relation
    this.primaryKey = primaryKey
    this.null = options.null === true
    this.blank = options.blank === true
    this.unique = options.unique === true || relation?.type === 'oneToOne'
    this.index = typeof options.index === 'boolean' ? options.index : relation?.type === 'foreignKey' && !this.unique
    this.computed = type?.computed?.(options) ?? null
    this.editable =
      typeof options.editable === 'boolean' ? options.editable : !this.#hidden(type?.kind, options, relation)
    this.#secret = typeof options.secret === 'boolean' ? options.secret : null
    this.generated = type?.kind === 'auto' || options.dbDefault !== undefined || this.computed !== null
    this.#implied = type?.implied?.(options) ?? null
    this.hasDefault = options.default !== undefined || this.#implied !== null
    this.preSave = type?.preSave?.(options) ?? null
    this.validators = [
      ...(type?.validators?.(options) ?? []),
      ...((options.validators as FieldMeta['validators'] | undefined) ?? []), // typed by the builder
    ]
    const coerce = type?.coerce?.bind(type)
    this.coerce = key ? (value) => keyOf(value, relation!) : coerce ? (value) => coerce(value, options) : null
    this.form = type?.form ?? type?.formOf?.(options) ?? null
    this.files = type?.files?.(options) ?? null
    this.descriptor = descriptor
    this.#declared = type === null ? undefined : declaredTypes(options, `${model.name}.${name}`)
    this.#parts = Object.freeze(single ? [this] : [])
  }

  get parts(): readonly FieldMeta[] {
    return this.#parts
  }
  /** Gives a foreign key over several columns these, once all fields of its model are there. */
  setParts(parts: readonly FieldMeta[]): void {
    this.#parts = Object.freeze(parts)
  }

  #hidden(kind: Kind | undefined, options: FieldOptions, relation: RelationMeta | null): boolean {
    return (
      kind === 'auto' ||
      this.computed !== null ||
      fillsItself(options) ||
      relation?.type === 'reverse' ||
      relation?.type === 'reverseOne'
    )
  }

  /** A foreign key holds what it points to: one to a secret field would show it in values(), JSON and orders. */
  get secret(): boolean {
    if (this.#secret !== null || this.#parts.length === 0 || this.relation === null) return this.#secret === true
    return this.relation.targets.some((target) => target.secret)
  }

  get type(): ColumnType | null {
    if (this.#type === undefined) {
      const { type } = this.descriptor
      // A foreign key is declared like the key it points to; asked late, for two models may point to each other.
      if (this.column === null) this.#type = null
      else if (type === null) this.#type = this.relation!.targets[0]!.type
      else {
        const column = type.column?.(this.options) ?? { kind: type.kind }
        this.#type = Object.freeze(this.#declared === undefined ? column : { ...column, declared: this.#declared })
      }
    }
    return this.#type
  }

  get kind(): Kind | null {
    return this.descriptor.type?.kind ?? this.type?.kind ?? null
  }

  get choices(): FieldMeta['choices'] {
    const { choices } = this.options
    return choices === undefined ? null : choiceList(choices)
  }

  get verboseName(): string {
    const { verboseName } = this.options
    return verboseName === undefined ? humanize(this.name) : String(verboseName)
  }

  get helpText(): string {
    return this.options.helpText === undefined ? '' : String(this.options.helpText)
  }

  getDefault(): unknown {
    const { default: value } = this.options
    if (value === undefined) return this.#implied === null ? undefined : this.#implied()
    if (typeof value === 'function') return this.#coerced(value())
    // Rows must not share one list or object.
    return isPlainData(value) ? structuredClone(value) : this.#coerced(value)
  }

  #coerced(value: unknown): unknown {
    return this.coerce === null || value === null ? value : this.coerce(value)
  }

  clean(value: unknown): unknown {
    if (this.options.errorMessages === undefined) return this.#cleaned(value)
    try {
      return this.#cleaned(value)
    } catch (error) {
      throw error instanceof ValidationError ? reworded(error, this.options) : error
    }
  }

  #cleaned(value: unknown): unknown {
    if (this.relation !== null) return this.#cleanRelation(value)
    const type = this.descriptor.type!
    if (value === null || value === undefined || value === '') {
      if (this.null) return null
      if (type.text && this.blank) return type.empty === undefined ? '' : type.empty
      throw value === '' ? blank(type.text === true) : missing()
    }
    const parsed = type.parse(value, this)
    if (parsed === '') return this.#cleaned('') // spaces were trimmed away
    if (this.options.choices !== undefined) this.#assertChoice(parsed)
    const problems: string[] = []
    let kind = 'invalid'
    for (const validate of this.validators) {
      try {
        validate(parsed)
      } catch (error) {
        if (!(error instanceof ValidationError)) throw error
        if (problems.length === 0) kind = error.kind
        const own = messageFor(this.options, error.kind)
        problems.push(...(own === undefined ? error.messages : [own]))
      }
    }
    if (problems.length > 0) throw new ValidationError(problems, { kind })
    return parsed
  }

  #assertChoice(value: unknown): void {
    if (this.choices!.some((choice) => choice.value === value)) return
    const shown = typeof value === 'string' && value.length > 60 ? `${value.slice(0, 57)}…` : String(value)
    throw new ValidationError(t('“{value}” is not one of the choices.', { value: shown }), { kind: 'invalid_choice' })
  }

  #cleanRelation(value: unknown): unknown {
    if (this.relation!.type === 'manyToMany') {
      if (!Array.isArray(value)) throw new ValidationError(t('Enter a list of values.'))
      return value.map((item) => cleanKey(item, this.relation!))
    }
    if (value === null || value === undefined || value === '') {
      if (this.null) return null
      throw value === '' ? blank(false) : missing()
    }
    return cleanKey(value, this.relation!)
  }

  deconstruct(): FieldDeconstruction | null {
    return deconstruct(this)
  }
}

function missing(): ValidationError {
  return new ValidationError(t('This field cannot be null.'), { kind: 'null' })
}
function blank(isText: boolean): ValidationError {
  return isText
    ? new ValidationError(t('This field cannot be blank.'), { kind: 'blank' })
    : new ValidationError(t('This field is required.'), { kind: 'required' })
}

/** The key of an instance of the relation's target; what is no instance comes back as the key's own type would have it. */
function keyOf(value: unknown, { targets }: RelationMeta): unknown {
  if (isInstance(value)) return keyValue(value as AnyInstance, targets)
  if (value === null || value === undefined) return value
  if (targets.length > 1) return Array.isArray(value) ? value.map((part, i) => coerced(targets[i], part)) : value
  return coerced(targets[0], value)
}
function coerced(target: FieldMeta | undefined, value: unknown): unknown {
  return target === undefined || target.coerce === null || value === null || value === undefined
    ? value
    : target.coerce(value)
}

/** A key from input: of several columns, a list of as many values. */
function cleanKey(value: unknown, relation: RelationMeta): unknown {
  const key = keyOf(value, relation)
  const { targets } = relation
  if (targets.length === 1) return targets[0]!.clean(key)
  if (Array.isArray(key) && key.length === targets.length) return key.map((part, i) => targets[i]!.clean(part))
  throw new ValidationError(t('Enter a key of {count} values.', { count: targets.length }), { kind: 'invalid' })
}

function textOption(value: unknown, fallback: string): string {
  return typeof value === 'string' ? value : fallback
}
function isPlainData(value: unknown): boolean {
  if (typeof value !== 'object' || value === null) return false
  return Array.isArray(value) || Object.getPrototypeOf(value) === Object.prototype
}
