/** The one place where fields, options and class become `meta`. Nothing here runs before `meta` is first asked for. */

import { humanize, nearest, pluralize } from '../../std/text.ts'
import { ModelError } from '../errors.ts'
import { BoundField } from '../fields/bound.ts'
import { type Descriptor, isDescriptor } from '../fields/descriptor.ts'
import { KeyPart } from '../fields/key-part.ts'
import { autoId } from '../fields/numbers.ts'
import { installAccessors } from './accessors.ts'
import { fieldNamed } from './attributes.ts'
import type { DeclaredConstraint, IndexOf } from './constraints.ts'
import { type DeclaredOptions, type Definition, lineage, ROW_ORDER } from './definition.ts'
import { type KeyColumn, keyColumns, keyNames } from './key-shape.ts'
import type {
  AnyModel,
  FieldMeta,
  IncomingRelation,
  ModelConstraint,
  ModelIndex,
  ModelMeta,
  ModelTrigger,
} from './meta.ts'
import { boundedName, filledName, indexName, schemaName, tableName } from './names.ts'
import { BoundRelation } from './relations.ts'
import { namedTrigger, type TriggerOf } from './triggers.ts'

/** What is found out when fields are first asked for. */
interface Resolved {
  readonly fields: ReadonlyMap<string, FieldMeta>
  readonly columns: readonly FieldMeta[]
  readonly byAttname: ReadonlyMap<string, FieldMeta>
  readonly manyToMany: readonly FieldMeta[]
  readonly pk: readonly FieldMeta[]
}

/**
 * {@link ModelMeta} of a bound model. Names are there at once; fields are resolved on first use (so that an arrow may
 * ask which models there are), and then replace the getters.
 */
export class Meta implements ModelMeta {
  readonly model: AnyModel
  readonly concrete: AnyModel
  readonly proxy = false
  readonly app: string
  readonly name: string
  readonly label: string
  readonly table: string
  readonly managed: boolean
  readonly autoCreated: boolean
  readonly ordering: readonly string[]
  readonly orderBy: readonly (string | object)[]
  readonly options: Readonly<Record<string, unknown>>
  readonly #definition: Definition
  readonly #lineage: readonly Definition[]
  #resolving = false

  constructor(definition: Definition, model: AnyModel, app: string, name: string) {
    const { options } = definition
    this.model = model
    this.concrete = model
    this.app = app
    this.name = name
    this.label = `${app}.${name}`
    this.table = options.dbTable ?? tableName(app, name)
    this.managed = options.managed ?? true
    this.autoCreated = definition.autoCreated
    this.#definition = definition
    this.#lineage = lineage(definition)
    this.orderBy = Object.freeze([...this.#ownOrder()])
    this.ordering = orderingPaths(this.orderBy)
    this.options = options as Readonly<Record<string, unknown>> // the same object, seen without its types
  }

  get fields(): ReadonlyMap<string, FieldMeta> {
    return this.#resolve().fields
  }
  get columns(): readonly FieldMeta[] {
    return this.#resolve().columns
  }
  get byAttname(): ReadonlyMap<string, FieldMeta> {
    return this.#resolve().byAttname
  }
  get manyToMany(): readonly FieldMeta[] {
    return this.#resolve().manyToMany
  }
  get pk(): readonly FieldMeta[] {
    return this.#resolve().pk
  }
  getField(name: string): FieldMeta {
    return fieldNamed(this, name)
  }
  get relations(): readonly FieldMeta[] {
    return settle(
      this,
      'relations',
      [...this.fields.values()].filter((field) => field.relation !== null),
    )
  }
  get orderWithRespectTo(): FieldMeta | null {
    const said = this.#lineage.findLast(({ options }) => options.orderWithRespectTo)?.options.orderWithRespectTo
    const value = said === undefined ? null : this.#field(this.fields, said, 'orderWithRespectTo')
    Object.defineProperty(this, 'orderWithRespectTo', { value, enumerable: true })
    return value
  }
  get indexes(): readonly ModelIndex[] {
    return settle(
      this,
      'indexes',
      this.#declared('indexes').map((index) => this.#index(index)),
    )
  }
  get constraints(): readonly ModelConstraint[] {
    return settle(
      this,
      'constraints',
      this.#declared('constraints').map((each) => this.#constraint(each)),
    )
  }
  get triggers(): readonly ModelTrigger[] {
    return settle(
      this,
      'triggers',
      this.#declared('triggers').map((each) => this.#trigger(each)),
    )
  }
  get verboseName(): string {
    const { verboseName } = this.#definition.options
    return verboseName === undefined ? humanize(this.name) : String(verboseName)
  }
  get verboseNamePlural(): string {
    const { verboseNamePlural } = this.#definition.options
    return verboseNamePlural === undefined ? pluralize(this.verboseName) : String(verboseNamePlural)
  }
  get incoming(): readonly IncomingRelation[] {
    return this.#definition.registry.incoming(this.model)
  }

  /** As in Django, what an abstract base says of the order counts where the model says nothing. */
  #ownOrder(): readonly (string | object)[] {
    const said = this.#lineage.findLast(({ options }) => options.ordering ?? options.orderWithRespectTo)?.options
    if (said?.orderWithRespectTo === undefined) return said?.ordering ?? []
    if (said.ordering === undefined || said.ordering.join() === ROW_ORDER) return [ROW_ORDER]
    throw new ModelError(`${this.label} has both ordering and orderWithRespectTo.`, {
      code: 'db.bad-ordering',
      hint: `orderWithRespectTo orders rows by a column of its own, ${ROW_ORDER}: leave ordering out, or keep ordering alone.`,
    })
  }

  /** An option of the model and of the abstract bases before it, together. */
  #declared<K extends 'indexes' | 'constraints' | 'triggers'>(
    name: K,
  ): readonly NonNullable<DeclaredOptions[K]>[number][] {
    return this.#lineage.flatMap(
      (each) => (each.options[name] ?? []) as readonly NonNullable<DeclaredOptions[K]>[number][],
    ) // by K
  }

  #resolve(): Resolved {
    if (this.#resolving) {
      throw new ModelError(`The fields of ${this.label} are asked for while they are being resolved.`, {
        code: 'db.bad-field',
        hint: 'A relation’s arrow may name models, but must not read their fields.',
      })
    }
    this.#resolving = true
    try {
      const resolved = this.#bindAll(this.#descriptors())
      Object.defineProperties(
        this,
        Object.fromEntries(Object.entries(resolved).map(([key, value]) => [key, { value, enumerable: true }])),
      )
      installAccessors(this.model.prototype, resolved.fields.values())
      return resolved
    } finally {
      this.#resolving = false
    }
  }

  /** Declarations by name: bases first, arrows called, the implied key in front. */
  #descriptors(): Map<string, Descriptor> {
    const found = new Map<string, Descriptor>()
    for (const { fields } of this.#lineage) {
      for (const [name, declared] of Object.entries(fields)) found.set(name, this.#descriptor(name, declared))
    }
    const declaresKey =
      keyNames(this.#definition) !== undefined ||
      [...found.values()].some((descriptor) => descriptor.options.primaryKey === true)
    return declaresKey ? found : new Map([['id', autoId() as unknown as Descriptor], ...found]) // what every builder gives
  }

  #descriptor(name: string, declared: unknown): Descriptor {
    const value: unknown = typeof declared === 'function' ? declared() : declared
    if (!isDescriptor(value)) {
      throw new ModelError(`${this.label}.${name} is ${String(value)}, not a field.`, {
        code: 'db.bad-field',
        hint: 'Write title: char({ maxLength: 200 }), or author: () => foreignKey(Author, { onDelete: … }).',
      })
    }
    const isName = /^[A-Za-z][A-Za-z0-9_]*$/.test(name) && !name.includes('__') && !name.endsWith('_')
    if (!isName && name !== ROW_ORDER) {
      throw new ModelError(`"${name}" of ${this.label} cannot be the name of a field.`, {
        code: 'db.bad-field',
        hint: 'Letters, digits and single underscores, starting with a letter: "__" separates the steps of a path.',
      })
    }
    // Records of fields by name are asked for it, and every object has one.
    if (name in Object.prototype) {
      throw new ModelError(`"${name}" of ${this.label} cannot be the name of a field: every object has that.`, {
        code: 'db.bad-field',
        hint: `Call it otherwise; its column can be called so: dbColumn: '${name}'.`,
      })
    }
    return value
  }

  #bindAll(descriptors: ReadonlyMap<string, Descriptor>): Resolved {
    const keys = keyNames(this.#definition)
    const fields = new Map<string, FieldMeta>()
    const several: (() => void)[] = []
    for (const [name, descriptor] of descriptors) {
      const { model } = this
      const relation =
        descriptor.relation === null ? null : new BoundRelation(descriptor.relation, descriptor.options, model, name)
      const primaryKey = keys === undefined ? descriptor.options.primaryKey === true : keys.includes(name)
      const isKey = relation?.type === 'foreignKey' || relation?.type === 'oneToOne'
      const columns = isKey ? keyColumns(name, descriptor, this.#definition) : []
      const field = new BoundField(descriptor, { model, name, relation, primaryKey, several: columns.length > 1 })
      fields.set(name, field)
      if (columns.length > 1) several.push(() => field.setParts(this.#parts(field, columns, fields)))
    }
    for (const bindParts of several) bindParts()
    const all = [...fields.values()]
    const columns = Object.freeze([...new Set(all.flatMap((field) => field.parts))])
    const pk =
      keys === undefined
        ? all.filter((field) => field.primaryKey).flatMap((field) => field.parts)
        : keys.flatMap((key) => this.#field(fields, key, 'primaryKey').parts)
    return {
      fields,
      columns,
      byAttname: new Map(
        [...all.filter((field) => field.parts.length > 1), ...columns].map((field) => [field.attname, field]),
      ),
      manyToMany: Object.freeze(all.filter((field) => field.relation?.type === 'manyToMany')),
      pk: Object.freeze(pk),
    }
  }

  /** The columns of a foreign key over several: its own, or those of fields that the option `fields` names. */
  #parts(whole: FieldMeta, columns: readonly KeyColumn[], fields: ReadonlyMap<string, FieldMeta>): FieldMeta[] {
    const { fields: names } = whole.options as { readonly fields?: readonly string[] } // typed by the builder
    if (names === undefined) return columns.map((key, index) => new KeyPart({ whole, index, key }))
    const parts = names.flatMap((name) => this.#field(fields, name, `fields of ${whole.name}`).parts)
    if (parts.length === columns.length) return parts
    throw new ModelError(
      `${this.label}.${whole.name} names ${parts.length} columns for a key that has ${columns.length}.`,
      { code: 'db.bad-relation', hint: 'Name one field for each part of the key it points to, in its order.' },
    )
  }

  #field(fields: ReadonlyMap<string, FieldMeta>, name: string, where: string): FieldMeta {
    const field = fields.get(name)
    if (field !== undefined && field.parts.length > 0) return field
    const names = [...fields.values()].filter((each) => each.parts.length > 0).map((each) => each.name)
    const meant = nearest(name, names)
    throw new ModelError(
      field === undefined
        ? `"${name}" in ${where} of ${this.label} is not one of its fields.`
        : `"${name}" in ${where} of ${this.label} has no column.`,
      { code: 'db.bad-field', hint: meant === null ? `Fields: ${names.join(', ')}.` : `Did you mean "${meant}"?` },
    )
  }

  #columnsOf(names: readonly string[], where: string): string[] {
    return names.flatMap((name) => {
      const bare = name.replace(/^-/, '')
      return this.#field(this.fields, bare, where).parts.map((part) => (bare === name ? '' : '-') + part.column)
    })
  }

  #filled(name: string | undefined): string | undefined {
    return name === undefined ? undefined : boundedName(filledName(name, this.app, this.name))
  }

  #index({ name, ...declared }: IndexOf<string>): ModelIndex {
    const columns = this.#partColumns(declared, 'an index')
    return Object.freeze({ ...declared, name: this.#filled(name) ?? indexName(this.table, columns) })
  }

  /** Columns of an index or unique constraint for its name: of an expression the first it mentions, and its text. */
  #partColumns({ fields, expressions }: Pick<IndexOf<string>, 'fields' | 'expressions'>, where: string): string[] {
    if (expressions === undefined) return this.#columnsOf(fields, where)
    return expressions.map((part) => {
      if (typeof part === 'string') return this.#columnsOf([part], where)[0]!
      const named = this.#columnsOf(pathsOf(part), where)
      return `${named[0] ?? 'expr'}${textOf(part)}`
    })
  }

  #trigger(declared: TriggerOf<string>): ModelTrigger {
    const { do: action } = declared
    const events = declared.on.flatMap((event) => (event.startsWith('update of ') ? [event.slice(10)] : []))
    const named =
      action.t === 'copy'
        ? Object.keys(action.fields)
        : action.t === 'setNow'
          ? [action.field]
          : action.t === 'refuse'
            ? (action.fields ?? [])
            : []
    this.#columnsOf([...events, ...named, ...pathsOf(declared.condition)], 'a trigger')
    return namedTrigger(this.table, { ...declared, name: this.#filled(declared.name)! })
  }

  #constraint(declared: DeclaredConstraint): ModelConstraint {
    if (declared.type === 'custom') return Object.freeze({ ...declared, name: this.#filled(declared.name)! })
    if (declared.type === 'unique') {
      const { name, ...rest } = declared
      const columns = this.#partColumns(rest, 'a unique constraint')
      const bare =
        rest.expressions === undefined ? columns : columns.map((column) => /^\w+/.exec(column)?.[0] ?? 'expr')
      return Object.freeze({ ...rest, name: this.#filled(name) ?? schemaName(this.table, bare, '_uniq', columns) })
    }
    const { fields: _, name, ...rest } = declared
    const { condition } = declared
    const all = this.#columnsOf([...new Set(pathsOf(condition))], 'a check')
    const record =
      Object.getPrototypeOf(condition) === Object.prototype && Object.getOwnPropertySymbols(condition).length === 0
    // Of a record the name is made of its keys, as it always was.
    const columns = record ? this.#columnsOf([...new Set(Object.keys(condition).map(first))], 'a check') : all
    const texts = record
      ? Object.entries(condition).map(([key, value]) => `${key}=${textOf(value)}`)
      : [textOf(condition)]
    return Object.freeze({
      ...rest,
      name: this.#filled(name) ?? schemaName(this.table, columns, '_check', [...columns, ...texts]),
    })
  }
}

/** The paths of an order; expressions are left out. */
export function orderingPaths(items: readonly (string | object)[]): readonly string[] {
  const paths = items.flatMap((item) => {
    if (typeof item === 'string') return [item]
    const { expression = item, descending = false } = item as { expression?: object; descending?: boolean } // an Ordering has them
    return 'path' in expression ? [`${descending ? '-' : ''}${String(expression.path)}`] : []
  })
  return Object.freeze(paths)
}

/** First names of the paths in a condition or expression. The values of a record are none: JSON may look like anything. */
export function pathsOf(part: unknown): string[] {
  if (typeof part !== 'object' || part === null) return []
  if (Array.isArray(part)) return part.flatMap(pathsOf)
  if (isRecord(part)) return Object.entries(part).flatMap(([key, value]) => [first(key), ...expressionsIn(value)])
  const { path, children = [], ...rest } = part as { readonly path?: unknown; readonly children?: readonly object[] } // an expression, a condition or a marker
  return [
    ...(typeof path === 'string' ? [first(path)] : []),
    ...children.flatMap((child) => (isRecord(child) ? leafPaths(child as { path: string }) : pathsOf(child))), // of a condition
    ...Object.values(rest).flatMap(expressionsIn),
  ]
}
function leafPaths({ path, value }: { readonly path: string; readonly value?: unknown }): string[] {
  return [first(path), ...expressionsIn(value)]
}
/** Options of an expression and values are plain records and no conditions. */
function expressionsIn(value: unknown): string[] {
  if (Array.isArray(value)) return value.flatMap(expressionsIn)
  return isRecord(value) ? [] : pathsOf(value)
}
function isRecord(value: unknown): value is object {
  return (
    typeof value === 'object' &&
    value !== null &&
    Object.getPrototypeOf(value) === Object.prototype &&
    Object.getOwnPropertySymbols(value).length === 0
  )
}
function first(path: string): string {
  return path.split('__')[0]!
}

/** Replaces a getter by its value. */
function settle<T>(meta: Meta, key: string, value: readonly T[]): readonly T[] {
  Object.freeze(value)
  Object.defineProperty(meta, key, { value, enumerable: true })
  return value
}
/** A value of a condition, the same text in every run. */
function textOf(value: unknown): string {
  return typeof value === 'bigint'
    ? `${value}n`
    : (JSON.stringify(value, (_, item: unknown) => (typeof item === 'bigint' ? `${item}n` : item)) ?? '')
}
