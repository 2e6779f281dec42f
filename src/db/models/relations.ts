/** How a relation field leads to its target: resolved late, since two models may lead to each other. */

import { ModelError } from '../errors.ts'
import type { RelationDeclaration } from '../fields/descriptor.ts'
import { definitionOf } from './definition.ts'
import type { AnyModel, FieldMeta, ModelMeta, OnDelete, RelationMeta, RelationType } from './meta.ts'
import type { ModelRegistry } from './registry.ts'
import { makeThrough } from './through.ts'

/** {@link RelationMeta} of a field that is being bound. */
export class BoundRelation implements RelationMeta {
  readonly type: RelationType
  readonly single: boolean
  readonly onDelete: OnDelete | null
  readonly #declaration: RelationDeclaration
  readonly #options: Readonly<Record<string, unknown>>
  readonly #model: AnyModel
  readonly #name: string
  #target: AnyModel | undefined
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
    this.onDelete = (options.onDelete as OnDelete | undefined) ?? null // typed by the builder
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
      const target = resolveModel(this.#declaration.target, this.#model, this.#place)
      if (this.single && this.type !== 'reverseOne' && target.meta.pk.length !== 1) {
        throw new ModelError(`${this.#place} points to ${target.meta.label}, whose key has several fields.`, {
          code: 'db.bad-relation',
          hint: 'A foreign key holds one column: give the target a key of its own, or point to one of its fields’ models.',
        })
      }
      this.#target = target
    }
    return this.#target
  }

  get via(): FieldMeta | null {
    const name = this.#declaration.via
    if (name === null) return null
    if (this.#via === undefined) {
      const field = this.target.meta.fields.get(name)
      if (field?.relation == null || field.relation.via !== null || field.relation.target !== this.#model) {
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
    const from = keys.find((field) => field.relation!.target === this.#model)
    const to = keys.find((field) => field !== from && field.relation!.target === this.target)
    if (from === undefined || to === undefined) {
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
  if (typeof target === 'string') return registryOf(holder).get(target)
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
