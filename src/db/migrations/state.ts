/**
 * State: what the models look like at one point of the history, as plain data. Immutable: an operation gives a new
 * state that shares everything it did not touch, so that keeping the state before every migration costs little.
 */
import type { ModelConstraint, ModelIndex, ModelTrigger } from '../models/meta.ts'
import { MigrationStateError } from './errors.ts'
import { markerName, sameValue } from './values.ts'

/** A field as its builder was called: `{ builder: 'char', args: [{ maxLength: 200 }] }`. Relations name models by label. */
export interface FieldState {
  readonly builder: string
  readonly args: readonly unknown[]
}
/** The fields of a model in a state, by name, in their order. */
export type FieldStates = Readonly<Record<string, FieldState>>

/** What a migration keeps of a model's options: those a table or a historical model depends on. */
export interface ModelStateOptions {
  /** Table name; default `app_model`. */
  readonly dbTable?: string
  /** False: the table is somebody else's and never created, altered or dropped. */
  readonly managed?: boolean
  readonly comment?: string
  readonly ordering?: readonly string[]
  /** The field whose rows have an order of their own; the column `_order` is among the fields. */
  readonly orderWithRespectTo?: string
  /** Fields of a composite key. */
  readonly primaryKey?: readonly string[]
  readonly indexes?: readonly ModelIndex[]
  readonly constraints?: readonly ModelConstraint[]
  readonly triggers?: readonly ModelTrigger[]
}

/** One model at one point of the history. */
export interface ModelState {
  readonly app: string
  readonly name: string
  /** In order of the columns. */
  readonly fields: FieldStates
  readonly options: ModelStateOptions
}

/** `library.Book` */
export function labelOf(model: { readonly app: string; readonly name: string }): string {
  return `${model.app}.${model.name}`
}

const relationBuilders = new Set(['foreignKey', 'oneToOne', 'manyToMany'])

/** Whether a field leads to another model. */
export function isRelation(field: FieldState): boolean {
  return relationBuilders.has(field.builder)
}

/** Options of a field: its last argument when that is a plain object, else none. */
export function fieldOptions(field: FieldState): Readonly<Record<string, unknown>> {
  const last = field.args.at(-1)
  const first = isRelation(field) || field.builder === 'choice' || field.builder === 'generated' ? 1 : 0
  if (field.args.length <= first || typeof last !== 'object' || last === null || Array.isArray(last)) return {}
  return last as Record<string, unknown> // an object, not an array: options by the builders' convention
}

const relations = new WeakMap<ModelState, [string, FieldState][]>()

/** The relations of a model. Found once per model: states share the models they did not touch. */
function relationsOf(model: ModelState): readonly [string, FieldState][] {
  let found = relations.get(model)
  if (found === undefined) {
    found = Object.entries(model.fields).filter(([, field]) => isRelation(field))
    relations.set(model, found)
  }
  return found
}

/** Every model at one point of the history. */
export class ProjectState {
  readonly models: ReadonlyMap<string, ModelState>
  /** Label of the project's user model, what the marker `userModel` stands for; null where there is none. */
  readonly user: string | null

  constructor(models: Iterable<ModelState> | ReadonlyMap<string, ModelState> = [], user: string | null = null) {
    this.models =
      models instanceof Map ? models : new Map([...(models as Iterable<ModelState>)].map((m) => [labelOf(m), m]))
    this.user = user
  }

  /** The model, or null. */
  find(label: string): ModelState | null {
    return this.models.get(label) ?? null
  }

  /** @throws MigrationStateError migrations.unknown-model */
  get(label: string): ModelState {
    const model = this.models.get(label)
    if (model !== undefined) return model
    const app = label.split('.')[0]
    const near = [...this.models.keys()].filter((key) => key.startsWith(`${app}.`))
    throw new MigrationStateError(`There is no model ${label} at this point of the history.`, {
      code: 'migrations.unknown-model',
      hint:
        near.length > 0 ? `Models of ${app} here: ${near.join(', ')}.` : 'Is a dependency on its migration missing?',
    })
  }

  /** The field. @throws MigrationStateError migrations.unknown-field */
  field(label: string, name: string): FieldState {
    const model = this.get(label)
    const field = model.fields[name]
    if (field !== undefined) return field
    throw new MigrationStateError(`${label} has no field "${name}" at this point of the history.`, {
      code: 'migrations.unknown-field',
      hint: `Fields: ${Object.keys(model.fields).join(', ') || 'none'}.`,
    })
  }

  /** Label of the model a relation leads to; null for other fields. @throws MigrationStateError migrations.no-user-model */
  target(field: FieldState): string | null {
    return isRelation(field) ? this.resolve(field.args[0]) : null
  }

  /** The label a relation's target or `through` stands for. */
  resolve(reference: unknown): string {
    if (typeof reference === 'string') return reference
    if (markerName(reference) === 'userModel') {
      if (this.user !== null) return this.user
      throw new MigrationStateError('A migration refers to the user model, and the project has none.', {
        code: 'migrations.no-user-model',
        hint: "Name it in settings: auth: { user: 'accounts.User' }.",
      })
    }
    throw new MigrationStateError(
      `A relation in a migration names its model by a label, not by ${String(reference)}.`,
      {
        code: 'migrations.bad-relation',
        hint: "Write 'app.Model', or the marker userModel.",
      },
    )
  }

  /** Adds or replaces a model. */
  with(model: ModelState): ProjectState {
    const models = new Map(this.models)
    models.set(labelOf(model), model)
    return new ProjectState(models, this.user)
  }

  without(label: string): ProjectState {
    const models = new Map(this.models)
    models.delete(label)
    return new ProjectState(models, this.user)
  }

  /** Changes one model. */
  update(label: string, change: (model: ModelState) => Partial<ModelState>): ProjectState {
    const model = this.get(label)
    return this.with({ ...model, ...change(model) })
  }

  /** Renames a model and every reference to it, keeping its place. */
  rename(oldLabel: string, newLabel: string): ProjectState {
    const models = new Map<string, ModelState>()
    const [app, name] = newLabel.split('.') as [string, string] // a label
    for (const [label, model] of this.models) {
      const moved = retarget(model, oldLabel, newLabel)
      if (label === oldLabel) models.set(newLabel, { ...moved, app, name })
      else models.set(label, moved)
    }
    return new ProjectState(models, this.user === oldLabel ? newLabel : this.user)
  }

  /** Relations of all models that lead to `label`, as `[label of the holder, field name]`. */
  incoming(label: string): [string, string][] {
    const found: [string, string][] = []
    for (const [holder, model] of this.models) {
      for (const [name, field] of relationsOf(model)) {
        if (field.args[0] === label || this.relatedLabels(field).includes(label)) found.push([holder, name])
      }
    }
    return found
  }

  /** Labels a field depends on: its target, and its `through` model. */
  relatedLabels(field: FieldState): string[] {
    if (!isRelation(field)) return []
    const labels = [this.resolve(field.args[0])]
    const through = fieldOptions(field).through
    if (through !== undefined) labels.push(this.resolve(through))
    return labels
  }
}

/** The label of a model that two states do not have alike, whatever the order of fields, indexes and constraints; or null. */
export function differingModel(a: ProjectState, b: ProjectState): string | null {
  for (const label of new Set([...a.models.keys(), ...b.models.keys()])) {
    const [left, right] = [a.find(label), b.find(label)]
    if (left === null || right === null) return label
    if (!sameValue(left.fields, right.fields) || !sameValue(unordered(left.options), unordered(right.options)))
      return label
  }
  return null
}

/** Lists of things with names as records: added in another order they are the same. */
function unordered({ indexes, constraints, triggers, ...rest }: ModelStateOptions): object {
  const byName = (list: readonly { readonly name: string }[] = []) =>
    Object.fromEntries(list.map((item) => [item.name, item]))
  return { ...rest, indexes: byName(indexes), constraints: byName(constraints), triggers: byName(triggers) }
}

function retarget(model: ModelState, from: string, to: string): ModelState {
  let fields: Record<string, FieldState> | null = null
  for (const [name, field] of relationsOf(model)) {
    const options = fieldOptions(field)
    if (field.args[0] !== from && options.through !== from) continue
    fields ??= { ...model.fields }
    const [target, ...rest] = field.args
    fields[name] = {
      builder: field.builder,
      args: [
        target === from ? to : target,
        ...(options.through === from ? [{ ...options, through: to }, ...rest.slice(1)] : rest),
      ],
    }
  }
  const triggers = model.options.triggers?.map((each) =>
    each.do.t === 'copy' && each.do.target === from ? { ...each, do: { ...each.do, target: to } } : each,
  )
  const moved = triggers?.some((each, i) => each !== model.options.triggers![i])
  if (fields === null && !moved) return model
  return {
    ...model,
    ...(fields === null ? {} : { fields }),
    ...(moved ? { options: { ...model.options, triggers: triggers! } } : {}),
  }
}
