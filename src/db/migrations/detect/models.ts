/** New models, each taken apart so that a circle can be closed later, and models that go. The optimizer puts them together. */

import { removeField } from '../operations/fields.ts'
import { addConstraint, addIndex } from '../operations/indexes.ts'
import { createModel, deleteModel } from '../operations/models.ts'
import { fieldOptions, isRelation, labelOf, type ModelState, type ProjectState } from '../state.ts'
import { field, model, removedField, removedModel } from '../words.ts'
import { computedFrom, type Detection, namesUser } from './detection.ts'
import { addFieldTo } from './fields.ts'
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
      requires: needs.map(model),
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
    for (const [name, own] of Object.entries(state.fields)) {
      const targets = detection.from.relatedLabels(own).filter((target) => target !== label)
      if (targets.length === 0) continue
      detection.add(state.app, removeField(state.name, name), [removedField(label, name)], between)
      requires.push(removedField(label, name))
    }
    for (const [holder, name] of detection.from.incoming(label)) {
      if (holder === label) continue
      requires.push(detection.to.find(holder)?.fields[name] ? field(holder, name) : removedField(holder, name))
    }
    detection.add(state.app, deleteModel(state.name), [removedModel(label)], requires)
  }
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
