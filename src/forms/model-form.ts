import { IntegrityError } from '../db/errors.ts'
import { choosable } from '../db/models/choice-limit.ts'
import type { CreateInput } from '../db/models/inputs.ts'
import { type AnyInstance, cached, isInstance } from '../db/models/instance.ts'
import { keyId, keyValue, sameKey } from '../db/models/keys.ts'
import type { AnyModel, FieldMeta } from '../db/models/meta.ts'
import type { FieldsOf } from '../db/models/types.ts'
import { atomic } from '../db/transactions.ts'
import { t } from '../i18n/index.ts'
import { capitalize } from '../std/text.ts'
import { FormError } from './errors.ts'
import type { FormField } from './fields.ts'
import { type BindOptions, type FieldMap, Form, type FormOptions } from './form.ts'
import { formFieldOf, type Rows } from './model-fields.ts'
import { keyPath } from './relation-keys.ts'
import type { FormInput, Label } from './types.ts'
import type { Widget } from './widgets.ts'

/**
 * Names of a model's fields that a form can edit: those that a new row takes, and relations to many rows. Where it is used it is
 * mapped, `{ [N in K]: N }[K]`: of an alias the compiler would print the name, not the fields.
 */
export type FormFieldNames<T> = (keyof CreateInput<T> | keyof ManyToMany<FieldsOf<T>>) & string
type ManyToMany<F> = { [K in keyof F as F[K] extends { readonly '~kind': 'm2m' } ? K : never]: 1 }

export interface ModelFormOptions<K extends string, T> {
  /** Which fields, in the order shown: always named, so that a field added later is not open to the world. */
  readonly fields: readonly K[]
  readonly widgets?: { readonly [P in K]?: Widget }
  readonly labels?: { readonly [P in K]?: Label }
  readonly helpTexts?: { readonly [P in K]?: Label }
  /** Shown, not editable. */
  readonly disabled?: readonly K[]
  /** Fields of the form beside the model's; their values are not saved by `save()`. */
  readonly extra?: FieldMap
  /** Relations: the rows that can be chosen; default all. Rows chosen before that are not among them stay. */
  readonly rows?: { readonly [P in K]?: Rows }
  /** The last word on each field: another widget, other choices. */
  readonly adapt?: (field: FormField, meta: FieldMeta) => FormField
  readonly clean?: (values: Record<string, unknown>, instance: T) => void | Promise<void>
}

/** How a form of a model is bound: to which row, and with what it does not ask for. */
export interface ModelBindOptions<T> extends BindOptions {
  readonly instance?: T | null
  /**
   * Values that are not the form's to give, by field: the parent of a row that is edited with it. The model's rules see
   * them. A relation takes a row, which need not be saved yet, or a key; null is left out.
   */
  readonly fixed?: Readonly<Record<string, unknown>>
}

export interface ModelFormDefinition<T> {
  readonly model: AnyModel
  readonly fields: FieldMap
  /** For a new row, or for editing `instance`. */
  empty(options?: ModelBindOptions<T>): Promise<ModelForm<T>>
  bind(input: FormInput, options?: ModelBindOptions<T>): Promise<ModelForm<T>>
}

/**
 * A form made from a model's fields.
 *
 *     const bookForm = modelForm(Book, { fields: ['title', 'author', 'tags'] })
 *     const sent = await bookForm.bind(await request.form(), { instance: book })
 *     if (await sent.isValid()) await sent.save()
 *
 * @throws FormError form.unknown-field for a name the model does not have, form.not-editable for one that no form can edit
 */
export function modelForm<
  M extends { readonly prototype: object },
  const K extends { [N in FormFieldNames<M['prototype']>]: N }[FormFieldNames<M['prototype']>],
>(modelClass: M, options: ModelFormOptions<K, M['prototype']>): ModelFormDefinition<M['prototype']> {
  return dynamicModelForm(
    modelClass as unknown as AnyModel, // the constraint is the typed side of the same class
    options as unknown as ModelFormOptions<string, object>, // typed for the writer, read by name here
  ) as ModelFormDefinition<M['prototype']> // the instance type is the class's own
}

/** {@link modelForm} for field names known only at run time: what generic code such as the admin uses. */
export function dynamicModelForm(
  model: AnyModel,
  options: ModelFormOptions<string, object>,
): ModelFormDefinition<object> {
  const fields: Record<string, FormField> = {}
  const offered = { ...options, rows: offeredRows(model, options) }
  for (const name of options.fields) {
    const meta = editableField(model, name)
    const plain = formFieldOf(meta, options.widgets?.[name], offered.rows[name])
    const made = options.adapt?.(plain, meta) ?? plain
    fields[name] = {
      ...made,
      label: options.labels?.[name] ?? made.label,
      helpText: options.helpTexts?.[name] ?? made.helpText,
      disabled: options.disabled?.includes(name) ?? false,
    }
  }
  Object.assign(fields, options.extra)
  const make = async (input: FormInput | null, bind: ModelBindOptions<object>): Promise<ModelForm<object>> => {
    for (const name of Object.keys(bind.fixed ?? {})) fieldOfForm(model, name)
    const instance = bind.instance ?? null
    const initial = { ...(instance ? await initialOf(model, options.fields, instance) : {}), ...bind.initial }
    const form = new ModelForm(model, fields, offered, input, { ...bind, initial }, instance)
    return input === null ? form.prepare() : form // a form that was sent is prepared when it is validated
  }
  return { model, fields, empty: (bind = {}) => make(null, bind), bind: (input, bind = {}) => make(input, bind) }
}

/** The rows that relations offer: those of the options, as far as the model's `limitChoicesTo` has them. */
function offeredRows(model: AnyModel, { fields, rows = {} }: ModelFormOptions<string, object>): Record<string, Rows> {
  const found: Record<string, Rows> = {}
  for (const name of fields) {
    const meta = model.meta.fields.get(name)
    const given = rows[name]
    if (meta?.options.limitChoicesTo !== undefined)
      found[name] = () => choosable(meta, given?.() ?? meta.relation!.target.objects.all())
    else if (given !== undefined) found[name] = given
  }
  return found
}

function fieldOfForm(model: AnyModel, name: string): FieldMeta {
  const meta = model.meta.fields.get(name)
  if (meta) return meta
  throw new FormError(`"${name}" is not a field of ${model.meta.label}.`, {
    code: 'form.unknown-field',
    hint: `Fields: ${[...model.meta.fields.keys()].join(', ')}.`,
  })
}

function editableField(model: AnyModel, name: string): FieldMeta {
  const meta = fieldOfForm(model, name)
  if (meta.relation && meta.parts.length === 0 && meta.relation.type !== 'manyToMany')
    throw new FormError(`"${name}" of ${model.meta.label} is the other side of a relation: a form cannot edit it.`, {
      code: 'form.not-editable',
      hint: `Edit it where the foreign key is: ${meta.relation.target.meta.label}.`,
    })
  return meta
}

async function initialOf(
  model: AnyModel,
  names: readonly string[],
  instance: object,
): Promise<Record<string, unknown>> {
  const values: Record<string, unknown> = {}
  for (const name of names) {
    const meta = model.meta.fields.get(name)!
    const row = instance as Record<string, any> // fields of a model not known here
    const read = meta.relation?.type === 'manyToMany' ? cached(instance as AnyInstance, name) : undefined
    if (read)
      values[name] = [...(read as Iterable<unknown>)] // a set that was read ahead
    else if (meta.relation?.type === 'manyToMany')
      values[name] = await row[name].valuesList(keyPath(meta.relation.targets), { flat: true })
    else values[name] = row[meta.attname]
  }
  return values
}

/** Attributes of a row that a form's values go to, by name. */
type Attributes = Record<string, unknown>

/** A many-to-many field of a row, by keys. */
interface RelatedKeys {
  set(keys: readonly unknown[]): Promise<void>
  valuesList(key: string, options: { flat: true }): PromiseLike<unknown[]>
}

/** What a broken constraint means to whoever filled in the form. */
function refusal(error: IntegrityError, fields: readonly FieldMeta[], model: string): string {
  const names = fields.map((field) => capitalize(field.verboseName)).join(', ')
  switch (error.constraint) {
    case 'unique':
    case 'primaryKey':
      if (fields.length === 0) return t('Another {model} has the same values.', { model })
      return fields.length === 1
        ? t('{model} with this {field} already exists.', { model, field: names })
        : t('{model} with these {fields} already exists.', { model, fields: names })
    case 'notNull':
      return fields.length === 0
        ? t('A value is missing that is required.')
        : t('{fields}: required.', { fields: names })
    case 'foreignKey':
      return t('Something this refers to was deleted in the meantime. Choose another.')
    default:
      return error.constraintName
        ? t('This breaks a rule of the database: {rule}.', { rule: error.constraintName })
        : t('This breaks a rule of the database.')
  }
}

/** A form whose values belong to one row. */
export class ModelForm<T> extends Form<FieldMap> {
  readonly model: AnyModel
  /** The row edited; null for a new one until `save()`. */
  instance: T | null
  /** Names of fields whose value differs from the row's, after validation. */
  changed: string[] = []
  readonly #rows: { readonly [name: string]: Rows | undefined }
  readonly #fixed: Readonly<Record<string, unknown>>
  #row: Attributes | null = null

  constructor(
    model: AnyModel,
    fields: FieldMap,
    options: ModelFormOptions<string, any>, // the row type was fixed by modelForm
    input: FormInput | null,
    bind: ModelBindOptions<any>, // as the options
    instance: T | null,
  ) {
    const rules: FormOptions<Record<string, unknown>> = {
      clean: async (values) => {
        await options.clean?.(values, instance)
        this.changed = Object.keys(values).filter((name) => this.#differs(name, values[name], this.initial(name)))
        this.#row = await this.#cleanRow(values)
      },
    }
    super(fields, rules, input, bind)
    this.model = model
    this.instance = instance
    this.#rows = options.rows ?? {}
    this.#fixed = bind.fixed ?? {}
  }

  /** The row with the values, not saved yet; null before the form is known to be valid. */
  get row(): T | null {
    return this.#row as T | null // the model's own class
  }

  /** Writes the row (changed columns only), then its many-to-many fields. Await `isValid()` first. */
  async save(): Promise<T> {
    const { values } = this // throws when the form is not known to be valid
    const row = this.#row as Attributes & { save(): Promise<unknown> } // an instance of the model
    const many = Object.entries(values).filter(
      ([name]) => this.model.meta.fields.get(name)?.relation?.type === 'manyToMany',
    )
    // Together or not at all: a row must not stay behind without what it was to be related to.
    await atomic(async () => {
      await row.save()
      for (const [name, keys] of many) {
        const related = row[name] as RelatedKeys // the accessor of a many-to-many field
        await related.set([...(await this.#hidden(related, name)), ...(keys as unknown[])])
      }
    })
    this.instance = row as T // the model's own class
    return this.instance
  }

  /** Keys related before that this form does not offer: whoever cannot see them cannot take them away. */
  async #hidden(related: RelatedKeys, name: string): Promise<unknown[]> {
    const rows = this.#rows[name]
    if (!rows || !this.instance) return []
    const key = keyPath(this.model.meta.fields.get(name)!.relation!.targets)
    const before = await related.valuesList(key, { flat: true })
    const now: unknown[] = await rows()
      .dynamic({ [`${key}__in`]: before })
      .valuesList(key, { flat: true })
    const offered = new Set(now.map(keyId))
    return before.filter((each) => !offered.has(keyId(each)))
  }

  /** Puts a database's refusal (a row saved by somebody else in between) where a person can act on it. */
  explain(error: unknown): boolean {
    if (!(error instanceof IntegrityError)) return false
    const fields = [...this.model.meta.fields.values()].filter(
      ({ parts }) => parts.length > 0 && parts.every((part) => error.columns.includes(part.column!)),
    )
    const place = fields.length === 1 && fields[0]!.name in this.fields ? fields[0]!.name : null
    this.addError(place, refusal(error, fields, capitalize(this.model.meta.verboseName)))
    return true
  }

  /** Whether a control would show two values differently. */
  #differs(name: string, one: unknown, other: unknown): boolean {
    const { format } = this.fields[name]!
    return format(one)?.toString() !== format(other)?.toString()
  }

  /** A value that is taken, or a row that is gone, is told together with what is wrong in other fields. */
  protected override async checkRest(values: Record<string, unknown>): Promise<void> {
    await this.#cleanRow(values, true)
  }

  /**
   * The row with the values, checked by the model's own rules. A row that they refuse is left as it was.
   * `some`: these are not all values, so the model's `clean()` is not asked, and the row is always left as it was.
   */
  async #cleanRow(values: Record<string, unknown>, some = false): Promise<Attributes> {
    const { meta } = this.model
    const row = (this.instance ?? new this.model()) as Attributes & { fullClean(options: object): Promise<void> }
    const fixed = Object.entries(this.#fixed).filter(([, value]) => value !== null && value !== undefined)
    for (const [name, value] of fixed) {
      const { attname, relation } = meta.fields.get(name)!
      const key = relation && isInstance(value) ? keyValue(value, relation.targets) : value
      // What a row already has is not written again: it would forget the row it has loaded.
      if (key === null || key === undefined || !sameKey(row[attname], key)) row[key === value ? attname : name] = value
    }
    const columns = Object.keys(values).flatMap((name) => {
      const field = meta.fields.get(name)
      return field && field.parts.length > 0 ? [field] : []
    })
    const before = columns.map((field) => row[field.attname])
    // What comes back as it was shown stays as it is: a control shows no milliseconds, and an hour that comes twice once.
    for (const [index, field] of columns.entries()) {
      if (!this.instance || this.#differs(field.name, values[field.name], before[index]))
        row[field.attname] = values[field.name]
    }
    const undo = (): void => {
      for (const [index, field] of columns.entries()) row[field.attname] = before[index]
    }
    try {
      const known = new Set([...columns.map((field) => field.name), ...fixed.map(([name]) => name)])
      const absent = [...meta.fields.values()].flatMap(({ name, parts }) =>
        parts.length > 0 && !known.has(name) ? [name] : [],
      )
      await row.fullClean({ exclude: absent, clean: !some })
    } catch (error) {
      undo()
      throw error
    }
    if (some) undo()
    return row
  }
}
