/**
 * Which models there are. The live registry holds those of `defineApp`; migrations make their own for historical
 * models, which never meet the live ones.
 */
import { nearest } from '../../std/text.ts'
import { ModelError } from '../errors.ts'
import type { AnyModel, IncomingRelation } from './meta.ts'

/** How to list models. */
export interface ListOptions {
  /** Include the tables between that the framework made for manyToMany fields. Default false. */
  readonly autoCreated?: boolean
}

/** Models by label. */
export class ModelRegistry {
  readonly #models = new Map<string, AnyModel>()
  #incoming: Map<AnyModel, IncomingRelation[]> | null = null

  /** @throws ModelError db.duplicate-model when another class has the label */
  register(label: string, model: AnyModel): void {
    const before = this.#models.get(label)
    if (before === model) return
    if (before !== undefined) {
      throw new ModelError(`There are two models ${label}.`, {
        code: 'db.duplicate-model',
        hint: 'Two apps of one name, or a module that was loaded twice under different paths?',
      })
    }
    this.#models.set(label, model)
    this.#incoming = null
  }

  /** Every model, in order of registration. Listing those between two sides reads all relations. */
  models(options: ListOptions = {}): AnyModel[] {
    if (options.autoCreated) for (const model of [...this.#models.values()]) makeThroughs(model)
    const all = [...this.#models.values()]
    return options.autoCreated ? all : all.filter((model) => !model.meta.autoCreated)
  }

  /** How many models there are, tables between included: models are added, never taken away. */
  get size(): number {
    return this.#models.size
  }

  /** The model, or undefined. */
  find(label: string): AnyModel | undefined {
    return this.#models.get(label)
  }

  /** @throws ModelError db.unknown-model */
  get(label: string): AnyModel {
    const model = this.#models.get(label)
    if (model !== undefined) return model
    const meant = nearest(label, [...this.#models.keys()])
    throw new ModelError(`There is no model ${label}.`, {
      code: 'db.unknown-model',
      hint: meant === null ? 'Is its app listed in settings?' : `Did you mean ${meant}?`,
    })
  }

  /** Relations of other models that lead to this one: computed once, again when a model is added. */
  incoming(model: AnyModel): readonly IncomingRelation[] {
    if (this.#incoming === null) {
      const all = this.models({ autoCreated: true }) // adds the models between, which forget #incoming
      const found = new Map<AnyModel, IncomingRelation[]>()
      for (const holder of all) {
        if (holder.meta.proxy) continue // its fields are those of the model it stands for
        for (const field of holder.meta.fields.values()) {
          const type = field.relation?.type
          if (type !== 'foreignKey' && type !== 'oneToOne' && type !== 'manyToMany') continue
          const target = field.relation!.target.meta.concrete
          const list = found.get(target)
          if (list === undefined) found.set(target, [{ field, model: holder }])
          else list.push({ field, model: holder })
        }
      }
      this.#incoming = found
    }
    return this.#incoming.get(model) ?? []
  }
}

function makeThroughs(model: AnyModel): void {
  for (const field of model.meta.manyToMany) field.relation!.through // made when asked for
}

/** The models of the project. */
export const live: ModelRegistry = new ModelRegistry()
