/** Historical models: classes made from a state, in a registry of their own, which the live models never meet. */
import { fieldBuilders } from '../fields/untyped.ts'
import type { AnyModel } from '../models/meta.ts'
import { defineModel } from '../models/model.ts'
import { ModelRegistry } from '../models/registry.ts'
import { MigrationStateError } from './errors.ts'
import type { HistoricalModels } from './operations/operation.ts'
import { type FieldState, fieldOptions, isRelation, type ModelState, type ProjectState } from './state.ts'

const rendered = new WeakMap<ProjectState, HistoricalModels>()

/** The models of a state. Made once per state; fields are bound when a model is first used. */
export function renderState(state: ProjectState): HistoricalModels {
  const known = rendered.get(state)
  if (known !== undefined) return known
  const registry = new ModelRegistry()
  const models = new Map<string, AnyModel>()
  for (const [label, model] of state.models) models.set(label, define(state, model, registry))
  const historical: HistoricalModels = {
    get(label) {
      const model = models.get(label)
      if (model === undefined) state.get(label) // throws, naming what there is
      return model!
    },
  }
  rendered.set(state, historical)
  return historical
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
