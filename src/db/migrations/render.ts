/** Historical models: classes made from a state, in a registry of their own, which the live models never meet. */
import { fieldBuilders } from '../fields/untyped.ts'
import type { AnyModel } from '../models/meta.ts'
import { defineModel } from '../models/model.ts'
import { type ListOptions, ModelRegistry } from '../models/registry.ts'
import { MigrationStateError } from './errors.ts'
import type { HistoricalModels } from './operations/operation.ts'
import { type FieldState, fieldOptions, isRelation, type ModelState, type ProjectState } from './state.ts'

const rendered = new WeakMap<ProjectState, HistoricalModels>()

/**
 * The models of a state. Made once per state; a model when it is first asked for, or one that leads to it, and its fields
 * when it is first used: most changes ask for one model of a hundred.
 */
export function renderState(state: ProjectState): HistoricalModels {
  let historical = rendered.get(state)
  if (historical === undefined) {
    const registry = new StateRegistry(state)
    historical = {
      get(label) {
        state.get(label) // throws, naming what there is
        return registry.get(label)
      },
    }
    rendered.set(state, historical)
  }
  return historical
}

/** Knows every model of a state, and makes those that are asked for. */
class StateRegistry extends ModelRegistry {
  readonly #state: ProjectState
  #isWhole = false

  constructor(state: ProjectState) {
    super()
    this.#state = state
  }

  override find(label: string): AnyModel | undefined {
    const model = super.find(label)
    if (model !== undefined) return model
    const known = this.#state.find(label)
    return known === null ? undefined : define(this.#state, known, this)
  }

  override get(label: string): AnyModel {
    return this.find(label) ?? super.get(label)
  }

  override get size(): number {
    this.#makeAll()
    return super.size
  }

  /** In the state's order, whichever was asked for first; tables between come last. */
  override models(options: ListOptions = {}): AnyModel[] {
    this.#makeAll()
    const place = new Map([...this.#state.models.keys()].map((label, i) => [label, i]))
    const at = (model: AnyModel) => place.get(model.meta.label) ?? place.size
    return super.models(options).sort((a, b) => at(a) - at(b))
  }

  #makeAll(): void {
    if (this.#isWhole) return
    this.#isWhole = true
    for (const label of this.#state.models.keys()) this.find(label)
  }
}

function define(state: ProjectState, model: ModelState, registry: ModelRegistry): AnyModel {
  const fields: Record<string, unknown> = {}
  for (const [name, field] of Object.entries(model.fields)) {
    // An arrow: a field that cannot be made is told when the model is used, not by every model of the state.
    fields[name] = () => build(state, field, `${model.app}.${model.name}.${name}`)
  }
  // A state's options are a model's, with names given to indexes and constraints.
  const options = model.options as Parameters<typeof defineModel>[0]['options'] & {}
  return defineModel({ app: model.app, name: model.name, fields, options, registry })
}

function build(state: ProjectState, field: FieldState, place: string): unknown {
  const builder = Object.hasOwn(fieldBuilders, field.builder) ? fieldBuilders[field.builder] : undefined
  if (builder === undefined) {
    throw new MigrationStateError(`${place} is made by "${field.builder}", which is no field.`, {
      code: 'migrations.unknown-builder',
      hint: `Fields: ${Object.keys(fieldBuilders).join(', ')}.`,
    })
  }
  if (!isRelation(field)) return builder(...field.args)
  const { through, ...options } = fieldOptions(field)
  const target = state.resolve(field.args[0])
  state.get(target) // throws, naming what there is
  return builder(target, through === undefined ? options : { ...options, through: state.resolve(through) })
}
