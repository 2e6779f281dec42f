/** A model's options, table, indexes, constraints and triggers. */
import type { ModelConstraint, ModelIndex, ModelTrigger } from '../../models/meta.ts'
import { partPaths } from '../footprint.ts'
import { addConstraint, addIndex, removeConstraint, removeIndex, renameIndex } from '../operations/indexes.ts'
import { alterModelOptions, alterModelTable } from '../operations/models.ts'
import { addTrigger, removeTrigger } from '../operations/triggers.ts'
import { labelOf, type ModelState } from '../state.ts'
import { sameValue } from '../values.ts'
import { changedOptions, field, model, removedTrigger } from '../words.ts'
import type { Detection } from './detection.ts'

export function changeOptions(detection: Detection, before: ModelState, after: ModelState): void {
  const pick = ({ ordering, orderWithRespectTo, managed, primaryKey, comment }: ModelState['options']) => ({
    ...(ordering ? { ordering } : {}),
    ...(orderWithRespectTo ? { orderWithRespectTo } : {}),
    ...(managed === false ? { managed } : {}),
    ...(primaryKey ? { primaryKey } : {}),
    ...(comment === undefined ? {} : { comment }),
  })
  const label = labelOf(after)
  const [was, is] = [pick(before.options), pick(after.options)]
  if (!sameValue(was, is)) {
    const named = [...(is.primaryKey ?? []), ...(is.orderWithRespectTo ? [is.orderWithRespectTo, '_order'] : [])]
    const requires = named.map((name) => field(label, name))
    detection.add(after.app, alterModelOptions(after.name, is), [changedOptions(label)], requires)
  }
  if (before.options.dbTable !== after.options.dbTable) {
    detection.add(after.app, alterModelTable(after.name, after.options.dbTable ?? null))
  }
}

export function dropIndexes(detection: Detection, before: ModelState, after: ModelState): void {
  const renamed = renamedIndexes(before, after)
  const kept = new Set(renamed.map(([old]) => old.name))
  for (const item of missing(before.options.indexes, after.options.indexes)) {
    if (!kept.has(item.name)) detection.add(after.app, removeIndex(after.name, item.name))
  }
  for (const item of missing(before.options.constraints, after.options.constraints)) {
    detection.add(after.app, removeConstraint(after.name, item.name))
  }
  for (const item of missing(before.options.triggers, after.options.triggers)) {
    detection.add(after.app, removeTrigger(after.name, item.name), [removedTrigger(labelOf(after), item.name)])
  }
  for (const [old, item] of renamed) detection.add(after.app, renameIndex(after.name, old.name, item.name))
}

export function addIndexes(detection: Detection, before: ModelState, after: ModelState): void {
  const label = labelOf(after)
  const renamed = new Set(renamedIndexes(before, after).map(([, item]) => item.name))
  for (const item of missing(after.options.indexes, before.options.indexes)) {
    if (!renamed.has(item.name)) detection.add(after.app, addIndex(after.name, item), [], requiresOf(label, item))
  }
  for (const item of missing(after.options.constraints, before.options.constraints)) {
    detection.add(after.app, addConstraint(after.name, item), [], requiresOf(label, item))
  }
  for (const item of missing(after.options.triggers, before.options.triggers)) addTriggerTo(detection, after, item)
}

/** After everything it names. */
export function addTriggerTo(detection: Detection, state: ModelState, item: ModelTrigger): void {
  const label = labelOf(state)
  const { do: action } = item
  const target =
    action.t === 'copy'
      ? [
          model(String(action.target)),
          ...Object.values(action.fields).map((each) => field(String(action.target), each)),
        ]
      : []
  const own = Object.keys(state.fields).map((name) => field(label, name))
  detection.add(state.app, addTrigger(state.name, item), [], [model(label), ...own, ...target])
}

/** Names of the fields an index or constraint speaks of. */
function fieldsOf(item: ModelIndex | ModelConstraint): string[] {
  return partPaths(item).map((path) => path.replace(/^-/, '').split('__')[0]!)
}

export function mentions(item: ModelIndex | ModelConstraint, names: ReadonlySet<string>): boolean {
  return fieldsOf(item).some((name) => names.has(name))
}

export function requiresOf(label: string, item: ModelIndex | ModelConstraint): string[] {
  return [model(label), ...fieldsOf(item).map((name) => field(label, name))]
}

/** Items of `list` that `other` does not have the same. */
function missing<T extends { readonly name: string }>(list: readonly T[] = [], other: readonly T[] = []): T[] {
  return list.filter((item) => !other.some((candidate) => sameValue(candidate, item)))
}

/** Indexes that differ in nothing but the name. */
function renamedIndexes(before: ModelState, after: ModelState): [ModelIndex, ModelIndex][] {
  const fresh = missing(after.options.indexes, before.options.indexes)
  const pairs: [ModelIndex, ModelIndex][] = []
  for (const old of missing(before.options.indexes, after.options.indexes)) {
    const at = fresh.findIndex((item) => sameValue({ ...item, name: old.name }, old))
    if (at >= 0) pairs.push([old, fresh.splice(at, 1)[0]!])
  }
  return pairs
}
