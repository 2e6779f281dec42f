/** New models, each taken apart so that a circle can be closed later, and models that go. The optimizer puts them together. */

import { removeField } from '../operations/fields.ts'
import { addConstraint, addIndex, removeConstraint, removeIndex } from '../operations/indexes.ts'
import { alterModelOptions, createModel, deleteModel } from '../operations/models.ts'
import { removeTrigger } from '../operations/triggers.ts'
import { fieldOptions, isRelation, labelOf, type ModelState, type ProjectState } from '../state.ts'
import { field, model, removedField, removedModel, removedPart, removedTrigger } from '../words.ts'
import { computedFrom, type Detection, namesUser } from './detection.ts'
import { addFieldTo, referredField } from './fields.ts'
import { addTriggerTo, mentions, requiresOf } from './options.ts'

/** Targets before those that point at them; relations follow as fields of their own, and are folded in where they can. */
export function createModels(detection: Detection): void {
  const added = detection.added()
  for (const state of inOrder(added, detection.to)) {
    const label = labelOf(state)
    const keys = new Set(state.options.primaryKey)
    const later = Object.entries(state.fields).filter(
      ([name, own]) => isRelation(own) && !keys.has(name) && fieldOptions(own).primaryKey !== true,
    )
    const laterRelations = new Set(later.map(([name]) => name))
    for (const [name, own] of Object.entries(state.fields)) {
      if (computedFrom(own).some((each) => laterRelations.has(each.replace(/Id$/, '')))) later.push([name, own])
    }
    const laterNames = new Set(later.map(([name]) => name))
    const now = Object.entries(state.fields).filter(([name]) => !laterNames.has(name))
    const needs = now.flatMap(([, own]) => detection.to.relatedLabels(own).filter((target) => target !== label))
    const { indexes = [], constraints = [], triggers = [], ...options } = state.options
    const [indexesNow, indexesLater] = split(indexes, (item) => mentions(item, laterNames))
    const [constraintsNow, constraintsLater] = split(constraints, (item) => mentions(item, laterNames))
    detection.drafts.push({
      app: state.app,
      operation: createModel(state.name, Object.fromEntries(now), {
        ...options,
        ...(indexesNow.length > 0 ? { indexes: indexesNow } : {}),
        ...(constraintsNow.length > 0 ? { constraints: constraintsNow } : {}),
      }),
      provides: [model(label), ...now.map(([name]) => field(label, name))],
      requires: [...needs.map(model), ...now.flatMap(([, own]) => referredField(detection.to, own))],
      user: now.some(([, own]) => namesUser(own)),
    })
    for (const [name, own] of later) addFieldTo(detection, state, name, own)
    for (const item of indexesLater) detection.add(state.app, addIndex(state.name, item), [], requiresOf(label, item))
    for (const item of triggers) addTriggerTo(detection, state, item)
    for (const item of constraintsLater)
      detection.add(state.app, addConstraint(state.name, item), [], requiresOf(label, item))
  }
}

/** Those that point before their targets; relations go first, and are folded away where the order allows. */
export function deleteModels(detection: Detection): void {
  const removed = detection.removed()
  for (const state of inOrder(removed, detection.from).reverse()) {
    const label = labelOf(state)
    const requires: string[] = []
    // A model between keeps its keys as long as a relation goes through it.
    const between = detection.from.incoming(label).flatMap(([holder, name]) => {
      const { through } = fieldOptions(detection.from.field(holder, name))
      const isThrough = through !== undefined && detection.from.resolve(through) === label
      return isThrough ? [removedField(holder, name)] : []
    })
    const keys = Object.entries(state.fields).filter(
      ([name, own]) => state.options.primaryKey?.includes(name) || fieldOptions(own).primaryKey === true,
    )
    const going = Object.entries(state.fields).filter(([name, own]) => {
      const targets = detection.from.relatedLabels(own).filter((target) => target !== label)
      return targets.length > 0 && keys.every(([key]) => key !== name)
    })
    const names = going.map(([name]) => name)
    const loose = names.length > 0 ? loosen(detection, state, names) : []
    for (const { name, do: action } of state.options.triggers ?? []) {
      // One may speak of any of the fields that go, or of a model that goes.
      const copiesToGone =
        action.t === 'copy' && action.target !== label && detection.to.find(String(action.target)) === null
      if (names.length === 0 && !copiesToGone) continue
      detection.add(state.app, removeTrigger(state.name, name), [removedTrigger(label, name)])
      loose.push(removedTrigger(label, name))
    }
    for (const name of names) {
      detection.add(state.app, removeField(state.name, name), [removedField(label, name)], [...loose, ...between])
      requires.push(removedField(label, name))
    }
    for (const [holder, name] of detection.from.incoming(label)) {
      if (holder === label) continue
      requires.push(detection.to.find(holder)?.fields[name] ? field(holder, name) : removedField(holder, name))
    }
    for (const [holder, name] of copiesInto(detection.from, label)) requires.push(removedTrigger(labelOf(holder), name))
    requires.push(...loose)
    const provides = [removedModel(label), ...keys.map(([name]) => removedField(label, name))]
    detection.add(state.app, deleteModel(state.name), provides, requires)
  }
}

/** What of a model names fields that go before it: that goes first, and is folded away where the order allows. Gives its words. */
function loosen(detection: Detection, state: ModelState, going: readonly string[]): string[] {
  const { app, name, fields, options } = state
  const names = new Set(going.flatMap((field) => [field, `${field}Id`]))
  const isNamed = (path: string) => names.has(path.replace(/^-/, '').split('__')[0]!)
  const { ordering = [], orderWithRespectTo = '', indexes = [], constraints = [] } = options
  const { managed, primaryKey, comment } = options
  const ordered = ordering.some(isNamed) || names.has(orderWithRespectTo)
  const operations = [
    ...indexes.filter((item) => mentions(item, names)).map((item) => removeIndex(name, item.name)),
    ...constraints.filter((item) => mentions(item, names)).map((item) => removeConstraint(name, item.name)),
    ...Object.entries(fields)
      .filter(([, own]) => computedFrom(own).some((each) => names.has(each)))
      .map(([key]) => removeField(name, key)),
    ...(ordered
      ? [
          alterModelOptions(name, {
            ...(managed === false ? { managed } : {}),
            ...(primaryKey ? { primaryKey } : {}),
            ...(comment === undefined ? {} : { comment }),
          }),
        ]
      : []),
  ]
  return operations.map((operation, i) => {
    const word = removedPart(labelOf(state), i)
    detection.add(app, operation, [word])
    return word
  })
}

/** Triggers of other models that copy rows into this one. */
function copiesInto(state: ProjectState, label: string): [holder: ModelState, name: string][] {
  return [...state.models.values()].flatMap((holder) =>
    (holder.options.triggers ?? [])
      .filter(({ do: action }) => action.t === 'copy' && action.target === label && labelOf(holder) !== label)
      .map(({ name }): [ModelState, string] => [holder, name]),
  )
}

/** Models after those they point at, otherwise as given. A circle is entered at its first model. */
function inOrder(models: readonly ModelState[], state: ProjectState): ModelState[] {
  const byLabel = new Map(models.map((item) => [labelOf(item), item]))
  const order = new Set<ModelState>()
  const open = new Set<ModelState>()
  const visit = (item: ModelState) => {
    if (order.has(item) || open.has(item)) return
    open.add(item)
    for (const own of Object.values(item.fields)) {
      // Not the model between: it points at both sides, and goes after them.
      const next = isRelation(own) ? byLabel.get(state.resolve(own.args[0])) : undefined
      if (next !== undefined) visit(next)
    }
    order.add(item)
  }
  for (const item of models) visit(item)
  return [...order]
}
function split<T>(items: readonly T[], second: (item: T) => boolean): [T[], T[]] {
  return [items.filter((item) => !second(item)), items.filter(second)]
}
