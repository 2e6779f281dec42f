/** Form sets of models, as they are declared: typed on the model, or by names known only at run time. */
import type { AnyInstance } from '../db/models/instance.ts'
import { keyValue } from '../db/models/keys.ts'
import type { AnyModel, FieldMeta } from '../db/models/meta.ts'
import type { FieldsOf, Target } from '../db/models/types.ts'
import { FormError } from './errors.ts'
import { type FormSetOptions, rulesOf } from './form-set.ts'
import { dynamicModelForm, type FormFieldNames, type ModelFormDefinition, type ModelFormOptions } from './model-form.ts'
import { bindRows, type ModelFormSet, type RowRights } from './model-form-set.ts'
import type { FormInput } from './types.ts'

/** What a set of a model's forms takes: the options of each form, and those of the set. */
export interface ModelFormSetOptions<K extends string, T>
  extends Omit<ModelFormOptions<K, T>, 'extra'>,
    FormSetOptions,
    RowRights {}

/** The rows of a set, and the first values of its new forms. */
export interface RowSetBind<T> {
  /** Rows that may be edited; default: all. A key that is sent is looked up among them, and nowhere else. */
  readonly rows?: RowsOf<T>
  readonly initial?: readonly Readonly<Record<string, unknown>>[]
  readonly prefix?: string
}
/** A query set of rows, whatever it loads. */
export interface RowsOf<T> {
  first(): Promise<T | null>
}

/** A set of forms of one model. */
export interface ModelFormSetDefinition<T> {
  readonly model: AnyModel
  empty(options?: RowSetBind<T>): Promise<ModelFormSet<T>>
  bind(input: FormInput, options?: RowSetBind<T>): Promise<ModelFormSet<T>>
}

/** A set of forms of a parent's rows. */
export interface InlineFormSetDefinition<P, T> {
  readonly model: AnyModel
  /** The foreign key to the parent. */
  readonly fk: FieldMeta
  /** `instance`: the parent; null or not saved yet: there are no rows to show. */
  empty(options?: InlineBind<P, T>): Promise<ModelFormSet<T>>
  bind(input: FormInput, options?: InlineBind<P, T>): Promise<ModelFormSet<T>>
}
/** The parent of a set's rows. */
export interface InlineBind<P, T> extends RowSetBind<T> {
  readonly instance?: P | null
}

/** Models are told apart both ways: one with more fields than another looks like it. */
type Same<A, B> = [A] extends [B] ? ([B] extends [A] ? true : false) : false
/** Foreign keys of a model to a parent, by name. */
export type FkTo<T, P> = keyof {
  [K in keyof FieldsOf<T> as FieldsOf<T>[K] extends { readonly '~kind': 'fk' | 'o2o' }
    ? Same<Target<FieldsOf<T>[K]>, P> extends true
      ? K
      : never
    : never]: 1
} &
  string
type IsUnion<K, Each = K> = [K] extends [never]
  ? false
  : K extends unknown
    ? [Each] extends [K]
      ? false
      : true
    : never
/** Which foreign key: needed where there are several. */
type FkOption<T, P> =
  IsUnion<FkTo<T, P>> extends false ? { readonly fkName?: FkTo<T, P> } : { readonly fkName: FkTo<T, P> }

interface Class<T = object> {
  readonly prototype: T
}

/**
 * A set of forms made from a model's fields, one for each row.
 *
 *     const tagForms = modelFormSet(Tag, { fields: ['name'], extra: 2, canDelete: true })
 *     const sent = await tagForms.bind(await request.form(), { rows: Tag.objects.filter({ owner: user }) })
 *     if (await sent.isValid()) await sent.save()
 *
 * @throws FormError as `modelForm` does, and form.bad-limits
 */
export function modelFormSet<
  M extends Class,
  const K extends { [N in FormFieldNames<M['prototype']>]: N }[FormFieldNames<M['prototype']>],
>(model: M, options: ModelFormSetOptions<K, M['prototype']>): ModelFormSetDefinition<M['prototype']> {
  return dynamicModelFormSet(
    model as unknown as AnyModel, // the constraint is the typed side of the same class
    options as unknown as ModelFormSetOptions<string, object>, // typed for the writer, read by name here
  ) as unknown as ModelFormSetDefinition<M['prototype']> // the row type is the class's own
}

/** {@link modelFormSet} for field names known only at run time. */
export function dynamicModelFormSet(
  model: AnyModel,
  options: ModelFormSetOptions<string, object>,
): ModelFormSetDefinition<object> {
  const make = (input: FormInput | null, { rows, initial, prefix }: RowSetBind<object>) =>
    declared(
      model,
      options,
      'form',
    )(input, {
      rows: rows ?? model.objects.all(),
      ...(initial ? { initial } : {}),
      ...(prefix ? { prefix } : {}),
    })
  return { model, empty: (bind = {}) => make(null, bind), bind: (input, bind = {}) => make(input, bind) }
}

/**
 * The rows of a parent, edited with it: `fkName` says by which foreign key, where the child has several to it. The
 * prefix is what the parent calls its rows (`legs-0-name`), unless `prefix` says otherwise.
 *
 *     const legs = inlineFormSet(Trip, Leg, { fields: ['name', 'departsAt'], extra: 1, canDelete: true })
 *     const sent = await legs.bind(await request.form(), { instance: trip })
 *     if (await sent.isValid()) await sent.save()
 *
 * @throws FormError form.no-foreign-key, form.which-foreign-key, and as `modelFormSet` does
 */
export function inlineFormSet<
  P extends Class,
  M extends Class,
  const K extends { [N in FormFieldNames<M['prototype']>]: N }[FormFieldNames<M['prototype']>],
>(
  parent: P,
  model: M,
  options: ModelFormSetOptions<K, M['prototype']> & FkOption<M['prototype'], P['prototype']>,
): InlineFormSetDefinition<P['prototype'], M['prototype']> {
  return dynamicInlineFormSet(
    parent as unknown as AnyModel, // the constraint is the typed side of the same class
    model as unknown as AnyModel, // as above
    options as unknown as ModelFormSetOptions<string, object>, // as above
  ) as unknown as InlineFormSetDefinition<P['prototype'], M['prototype']> // the row types are the classes' own
}

/** {@link inlineFormSet} for names known only at run time. */
export function dynamicInlineFormSet(
  parent: AnyModel,
  model: AnyModel,
  options: ModelFormSetOptions<string, object> & { readonly fkName?: string },
): InlineFormSetDefinition<object, object> {
  const fk = foreignKeyTo(parent, model, options.fkName)
  // A one-to-one field: there is one such row at most.
  const max = fk.unique ? Math.min(options.max ?? 1, 1) : options.max
  const bind = declared(model, { ...options, ...(max === undefined ? {} : { max }) }, setName(parent, fk))
  const make = (input: FormInput | null, { instance = null, rows, initial, prefix }: InlineBind<object, object>) =>
    bind(input, {
      rows: rowsOf(rows ?? model.objects.all(), fk, instance),
      fixed: { [fk.name]: instance },
      ...(initial ? { initial } : {}),
      ...(prefix ? { prefix } : {}),
    })
  return {
    model,
    fk,
    empty: (options = {}) => make(null, options),
    bind: (input, options = {}) => make(input, options),
  }
}

/** What a parent calls its rows: the name of the other side (`legs`), else the model's. */
export function setName(parent: AnyModel, fk: FieldMeta): string {
  const side = [...parent.meta.fields.values()].find((field) => field.relation?.via === fk)
  return side?.name ?? fk.model.meta.name.toLowerCase()
}

/** The rows of a parent: none before it is saved. */
export function rowsOf(rows: AnyModel['objects'], fk: FieldMeta, parent: object | null): AnyModel['objects'] {
  const key = parent && keyValue(parent as AnyInstance, fk.relation!.targets) // a row of the parent's model
  return key === null || key === undefined ? rows.none() : rows.dynamic({ [fk.name]: key })
}

/** Every foreign key of a model to another. */
export function foreignKeysTo(parent: AnyModel, model: AnyModel): FieldMeta[] {
  return [...model.meta.fields.values()].filter((field) => field.parts.length > 0 && field.relation?.target === parent)
}

/** The foreign key of a child to its parent. @throws FormError form.no-foreign-key, form.which-foreign-key */
export function foreignKeyTo(parent: AnyModel, model: AnyModel, name?: string): FieldMeta {
  const all = foreignKeysTo(parent, model)
  const found = name === undefined ? all : all.filter((field) => field.name === name)
  if (found.length === 1) return found[0]!
  const names = all.map((field) => field.name).join(', ')
  if (found.length === 0)
    throw new FormError(
      name === undefined
        ? `${model.meta.label} has no foreign key to ${parent.meta.label}.`
        : `"${name}" is not a foreign key of ${model.meta.label} to ${parent.meta.label}.`,
      {
        code: 'form.no-foreign-key',
        hint: names
          ? `Foreign keys to it: ${names}.`
          : `Only rows that refer to a ${parent.meta.name} can be edited with it.`,
      },
    )
  throw new FormError(`${model.meta.label} has several foreign keys to ${parent.meta.label}.`, {
    code: 'form.which-foreign-key',
    hint: `Say by which one with fkName: ${names}.`,
  })
}

interface Bound {
  readonly rows: RowsOf<object>
  readonly fixed?: Readonly<Record<string, unknown>>
  readonly initial?: readonly Readonly<Record<string, unknown>>[]
  readonly prefix?: string
}

function declared(model: AnyModel, options: ModelFormSetOptions<string, object>, name: string) {
  const { prefix = name, extra, min, max, absoluteMax, canDelete, canOrder, canAdd = true, canChange = true } = options
  const given = { extra, min, max, absoluteMax, canDelete, canOrder }
  const rules = rulesOf(Object.fromEntries(Object.entries(given).filter(([, value]) => value !== undefined)))
  const { extra: _, ...form } = options
  const added = dynamicModelForm(model, form)
  // A key that changes would be another row, with everything that refers to this one left behind.
  const keys = new Set(model.meta.pk.map((field) => field.name))
  const stays = options.fields.filter((field) => canChange && !keys.has(field))
  const disabled = [...(options.disabled ?? []), ...options.fields.filter((field) => !stays.includes(field))]
  const edited: ModelFormDefinition<object> = disabled.length ? dynamicModelForm(model, { ...form, disabled }) : added
  return (input: FormInput | null, bind: Bound) =>
    bindRows(input, {
      model,
      prefix: bind.prefix ?? prefix,
      rules,
      rights: { canAdd, canChange },
      form: (row) => (row ? edited : added),
      rows: bind.rows as AnyModel['objects'], // a query set of this model
      ...(bind.fixed ? { fixed: bind.fixed } : {}),
      ...(bind.initial ? { initial: bind.initial } : {}),
    })
}
