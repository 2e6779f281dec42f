import { IntegrityError } from '../db/errors.ts'
import type { AnyModel, FieldMeta } from '../db/models/meta.ts'
import { t } from '../i18n/index.ts'
import { capitalize } from '../std/text.ts'
import { ValidationError } from '../validators.ts'
import { FormError } from './errors.ts'
import type { FormField } from './fields.ts'
import { type BindOptions, type FieldMap, Form, type FormOptions } from './form.ts'
import { formFieldOf } from './model-fields.ts'
import type { FormInput, Label } from './types.ts'
import type { Widget } from './widgets.ts'

/** Names of a model's fields that a form can edit. */
export type FormFieldNames<T> = Extract<keyof T, string>

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
  readonly clean?: (values: Record<string, unknown>, instance: T) => void | Promise<void>
}

export interface ModelFormDefinition<T> {
  readonly model: AnyModel
  readonly fields: FieldMap
  /** For a new row, or for editing `instance`. */
  empty(options?: BindOptions & { instance?: T | null }): Promise<ModelForm<T>>
  bind(input: FormInput, options?: BindOptions & { instance?: T | null }): Promise<ModelForm<T>>
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
export function modelForm<M extends { readonly prototype: object }, const K extends FormFieldNames<M['prototype']>>(
  modelClass: M,
  options: ModelFormOptions<K, M['prototype']>,
): ModelFormDefinition<M['prototype']> {
  return dynamicModelForm(
    modelClass as unknown as AnyModel,
    options as unknown as ModelFormOptions<string, object>,
  ) as ModelFormDefinition<M['prototype']> // the instance type is the class's own
}

/** {@link modelForm} for field names known only at run time: what generic code such as the admin uses. */
export function dynamicModelForm(
  model: AnyModel,
  options: ModelFormOptions<string, object>,
): ModelFormDefinition<object> {
  const fields: Record<string, FormField> = {}
  for (const name of options.fields) {
    const meta = editableField(model, name)
    const made = formFieldOf(meta, options.widgets?.[name])
    fields[name] = {
      ...made,
      label: options.labels?.[name] ?? made.label,
      helpText: options.helpTexts?.[name] ?? made.helpText,
      disabled: options.disabled?.includes(name) ?? false,
    }
  }
  Object.assign(fields, options.extra)
  const make = async (
    input: FormInput | null,
    bind: BindOptions & { instance?: object | null },
  ): Promise<ModelForm<object>> => {
    const instance = bind.instance ?? null
    const initial = { ...(instance ? await initialOf(model, options.fields, instance) : {}), ...bind.initial }
    return new ModelForm(model, fields, options, input, { ...bind, initial }, instance)
  }
  return { model, fields, empty: (bind = {}) => make(null, bind), bind: (input, bind = {}) => make(input, bind) }
}

function editableField(model: AnyModel, name: string): FieldMeta {
  const meta = model.meta.fields.get(name)
  if (!meta)
    throw new FormError(`"${name}" is not a field of ${model.meta.label}.`, {
      code: 'form.unknown-field',
      hint: `Fields: ${[...model.meta.fields.keys()].join(', ')}.`,
    })
  if (meta.relation && meta.column === null && meta.relation.type !== 'manyToMany')
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
    if (meta.relation?.type === 'manyToMany')
      values[name] = await row[name].valuesList(`${meta.relation.target.meta.pk[0]!.name}`, { flat: true })
    else values[name] = row[meta.attname]
  }
  return values
}

/** A form whose values belong to one row. */
export class ModelForm<T> extends Form<FieldMap> {
  readonly model: AnyModel
  /** The row edited; null for a new one until `save()`. */
  instance: T | null
  /** Names of fields whose value differs from the row's, after validation. */
  changed: string[] = []

  constructor(
    model: AnyModel,
    fields: FieldMap,
    options: ModelFormOptions<string, any>, // the row type was fixed by modelForm
    input: FormInput | null,
    bind: BindOptions,
    instance: T | null,
  ) {
    const rules: FormOptions<Record<string, unknown>> = {
      clean: async (values) => {
        await options.clean?.(values, instance)
        await this.#checkUnique(values)
        this.changed = Object.keys(values).filter(
          (name) =>
            fields[name]!.format(values[name])?.toString() !== fields[name]!.format(this.initial(name))?.toString(),
        )
      },
    }
    super(fields, rules, input, bind)
    this.model = model
    this.instance = instance
  }

  /** Writes the row (changed columns only), then its many-to-many fields. Await `isValid()` first. */
  async save(): Promise<T> {
    const columns: Record<string, unknown> = {}
    const many: [string, unknown[]][] = []
    for (const [name, value] of Object.entries(this.values as Record<string, unknown>)) {
      const meta = this.model.meta.fields.get(name)
      if (!meta) continue
      if (meta.relation?.type === 'manyToMany') many.push([name, value as unknown[]])
      else columns[meta.attname] = value
    }
    const row = (this.instance ?? new this.model()) as Record<string, any>
    Object.assign(row, columns)
    await row.save()
    for (const [name, keys] of many) await row[name].set(keys)
    this.instance = row as T // the model's own class
    return this.instance
  }

  /** Puts a database's refusal (a row saved by somebody else in between) where a person can act on it. */
  explain(error: unknown): boolean {
    if (!(error instanceof IntegrityError)) return false
    this.addError(
      null,
      t('This could not be saved: another row has the same values, or something it refers to is gone.'),
    )
    return true
  }

  async #checkUnique(values: Record<string, unknown>): Promise<void> {
    const { meta } = this.model
    const sets = [
      ...[...meta.columns]
        .filter((field) => field.unique || (field.primaryKey && meta.pk.length === 1))
        .map((field) => [field.name]),
      ...meta.constraints.flatMap((constraint) =>
        constraint.type === 'unique' && !constraint.where ? [[...constraint.fields]] : [],
      ),
    ]
    const errors: Record<string, string[]> = {}
    for (const names of sets) {
      if (!names.some((name) => name in values)) continue
      const where: Record<string, unknown> = {}
      for (const name of names) {
        const field = meta.fields.get(name)!
        where[name] = name in values ? values[name] : (this.instance as Record<string, unknown> | null)?.[field.attname]
      }
      if (Object.values(where).some((value) => value === null || value === undefined)) continue
      let others = this.model.objects.dynamic(where)
      if (this.instance)
        others = others.dynamicExclude(
          Object.fromEntries(meta.pk.map((key) => [key.name, (this.instance as Record<string, unknown>)[key.attname]])),
        )
      if (!(await others.exists())) continue
      const labels = names.map((name) => meta.fields.get(name)!.verboseName).join(', ')
      const message = t('{model} with this {fields} already exists.', {
        model: capitalize(meta.verboseName),
        fields: labels,
      })
      errors[names.length === 1 ? names[0]! : ''] = [message]
    }
    if (Object.keys(errors).length) throw new ValidationError(errors)
  }
}
