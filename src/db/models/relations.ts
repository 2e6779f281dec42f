/** How a relation field leads to its target: resolved late, since two models may lead to each other. */

import { ModelError } from '../errors.ts'
import type { RelationDeclaration } from '../fields/descriptor.ts'
import { definitionOf } from './definition.ts'
import type { AnyModel, FieldMeta, ModelMeta, OnDelete, RelationMeta, RelationType } from './meta.ts'
import { SetOnDelete } from './on-delete.ts'
import { live, type ModelRegistry } from './registry.ts'
import { makeThrough } from './through.ts'

/** {@link RelationMeta} of a field that is being bound. */
export class BoundRelation implements RelationMeta {
  readonly type: RelationType
  readonly single: boolean
  readonly onDelete: OnDelete | null
  readonly setTo: SetOnDelete | null
  readonly #declaration: RelationDeclaration
  readonly #options: Readonly<Record<string, unknown>>
  readonly #model: AnyModel
  readonly #name: string
  #target: AnyModel | undefined
  #targets: readonly FieldMeta[] | undefined
  #via: FieldMeta | undefined
  #through: RelationMeta['through'] | undefined

  constructor(
    declaration: RelationDeclaration,
    options: Readonly<Record<string, unknown>>,
    model: AnyModel,
    name: string,
  ) {
    this.type = declaration.type
    this.single = declaration.type !== 'manyToMany' && declaration.type !== 'reverse'
    this.setTo = options.onDelete instanceof SetOnDelete ? options.onDelete : null
    this.onDelete = this.setTo !== null ? 'set' : ((options.onDelete as OnDelete | undefined) ?? null) // typed by the builder
    this.#declaration = declaration
    this.#options = options
    this.#model = model
    this.#name = name
  }

  get #place(): string {
    return `${this.#model.meta.label}.${this.#name}`
  }

  get target(): AnyModel {
    if (this.#target === undefined) {
      this.#target = resolveModel(this.#declaration.target, this.#model, this.#place)
    }
    return this.#target
  }

  get targets(): readonly FieldMeta[] {
    this.#targets ??= this.#resolveTargets()
    return this.#targets
  }

  #resolveTargets(): readonly FieldMeta[] {
    const { meta } = this.target
    const { toField } = this.#options
    if (toField === undefined) return meta.pk
    const field = meta.fields.get(String(toField))
    const isUnique =
      field?.unique === true ||
      (field?.primaryKey === true && meta.pk.length === 1) ||
      meta.constraints.some(
        (each) => each.type === 'unique' && each.where === undefined && each.fields.join() === String(toField),
      )
    if (field !== undefined && field.parts.length === 1 && isUnique && field.form === null) return field.parts
    throw new ModelError(`${this.#place} points to ${meta.label}.${String(toField)}, which is no unique field.`, {
      code: 'db.bad-relation',
      hint: 'Name a field with unique: true that is no customField(), or leave toField out to point to the key.',
    })
  }

  get via(): FieldMeta | null {
    const name = this.#declaration.via
    if (name === null) return null
    if (this.#via === undefined) {
      const field = this.target.meta.fields.get(name)
      if (
        field?.relation == null ||
        field.relation.via !== null ||
        field.relation.target.meta.concrete !== this.#model
      ) {
        throw new ModelError(
          field === undefined
            ? `${this.#place} is the reverse of "${name}", which ${this.target.meta.label} does not have.`
            : `${this.#place} is the reverse of ${this.target.meta.label}.${name}, which does not point here.`,
          {
            code: 'db.bad-relation',
            hint: `Name the relation of ${this.target.meta.label} that leads to ${this.#model.meta.label}.`,
          },
        )
      }
      this.#via = field
    }
    return this.#via
  }

  get through(): RelationMeta['through'] {
    if (this.type !== 'manyToMany') return null
    this.#through ??= this.#resolveThrough()
    return this.#through
  }

  get symmetrical(): boolean {
    return this.type === 'manyToMany' && this.target === this.#model && this.#options.symmetrical !== false
  }

  #resolveThrough(): RelationMeta['through'] {
    const declared = this.#options.through
    if (declared === undefined) {
      const table = typeof this.#options.dbTable === 'string' ? this.#options.dbTable : null
      return makeThrough(this.#model, this.#name, this.target, table)
    }
    const model = resolveModel(declared, this.#model, `${this.#place} (through)`)
    const keys = [...model.meta.fields.values()].filter((field) => field.relation?.type === 'foreignKey')
    const named = this.#options.throughFields as readonly string[] | undefined // as the types say; looked at below
    const isAsked = (field: FieldMeta, at: 0 | 1): boolean => named === undefined || field.name === named[at]
    const from = keys.find((field) => field.relation!.target === this.#model && isAsked(field, 0))
    const to = keys.find((field) => field !== from && field.relation!.target === this.target && isAsked(field, 1))
    if (from === undefined || to === undefined) {
      if (named !== undefined) {
        throw new ModelError(`${this.#place}: throughFields (${String(named)}) are not its two foreign keys.`, {
          code: 'db.bad-relation',
          hint: `Name two of ${keys.map((field) => field.name).join(', ')}: towards ${this.#model.meta.label}, then towards ${this.target.meta.label}.`,
        })
      }
      throw new ModelError(`${model.meta.label} cannot stand between the two sides of ${this.#place}.`, {
        code: 'db.bad-relation',
        hint: `It needs a foreign key to ${this.#model.meta.label} and one to ${this.target.meta.label}.`,
      })
    }
    return { model, from, to, auto: false }
  }
}

/** A class, or the label of a model in the same registry. */
function resolveModel(target: unknown, holder: AnyModel, place: string): AnyModel {
  if (typeof target === 'string') {
    const registry = registryOf(holder)
    if (registry !== live) return registry.get(target)
    const own = target === 'self' || target === holder.meta.name || target === holder.meta.label
    const name = own ? holder.meta.name : (target.split('.').at(-1) ?? target)
    throw new ModelError(`${place} leads to the text "${target}", not to a model.`, {
      code: 'db.bad-relation',
      hint: `Write ${own ? 'the class itself' : 'the class'} in an arrow, which is called once all modules are there: () => foreignKey(${name}, { onDelete: … }).`,
    })
  }
  const definition = typeof target === 'function' ? definitionOf(target) : undefined
  if (definition === undefined || definition.abstract) {
    throw new ModelError(`${place} leads to ${definition ? 'an abstract model' : String(target)}, not to a model.`, {
      code: 'db.bad-relation',
      hint: 'Give the model class: author: () => foreignKey(Author, { onDelete: … }).',
    })
  }
  // The class that the app listed: `target` may be the same, or its base where a subclass was listed.
  return definition.bound?.model ?? (target as unknown as { readonly meta: ModelMeta }).meta.model
}

function registryOf(model: AnyModel): ModelRegistry {
  return definitionOf(model)!.registry // a model always has one
}
