/**
 * Fewer operations for the same change, within one new migration: relations and indexes go into the createModel of
 * their model, and those of a deleted model go with it. The autodetector takes models apart; this puts them together.
 */

import type { AddField } from './operations/fields.ts'
import type { AddConstraint, AddIndex } from './operations/indexes.ts'
import { createModel } from './operations/models.ts'
import type { Operation } from './operations/operation.ts'
import type { FieldStates } from './state.ts'
import { type Draft, removedField } from './words.ts'

/** The operations of one migration, folded. */
export function foldOperations(drafts: readonly Draft[]): Operation[] {
  const absorbed = new Set<Draft>()
  const replaced = new Map<Draft, Operation>()
  for (const [at, draft] of drafts.entries()) {
    if (draft.whole !== undefined) replaced.set(draft, foldCreation(draft, at, drafts, absorbed))
  }
  for (const [at, draft] of drafts.entries()) {
    if (draft.operation.type === 'deleteModel') foldDeletion(at, drafts, absorbed)
  }
  return drafts.filter((draft) => !absorbed.has(draft)).map((draft) => replaced.get(draft) ?? draft.operation)
}

function foldCreation(draft: Draft, at: number, drafts: readonly Draft[], absorbed: Set<Draft>): Operation {
  const whole = draft.whole!
  const providedLater = new Set(drafts.slice(at + 1).flatMap((later) => later.provides))
  const own = new Set(draft.provides)
  for (const later of drafts.slice(at + 1)) {
    const operation = later.operation as AddField | AddIndex | AddConstraint // read only when `type` says so
    if (operation.model !== whole.name) continue
    if (!['addField', 'addIndex', 'addConstraint'].includes(operation.type)) continue
    if (later.requires.some((word) => providedLater.has(word) && !own.has(word))) continue
    absorbed.add(later)
    for (const word of later.provides) own.add(word)
  }
  const taken = drafts.filter((later) => absorbed.has(later)).map((later) => later.operation)
  const added = (name: string) =>
    taken.some((op) => op.type === 'addField' && op.args[0] === whole.name && op.args[1] === name)
  const created = draft.operation.args[1] as FieldStates // createModel(name, fields, options)
  const fields = Object.entries(whole.fields).filter(([name]) => name in created || added(name))
  const has = (list: readonly unknown[] = [], type: string, item: unknown) =>
    list.includes(item) || taken.some((op) => op.type === type && op.args[1] === item)
  const options = (draft.operation.args[2] ?? {}) as typeof whole.options
  const indexes = (whole.options.indexes ?? []).filter((item) => has(options.indexes, 'addIndex', item))
  const constraints = (whole.options.constraints ?? []).filter((item) =>
    has(options.constraints, 'addConstraint', item),
  )
  const { indexes: _, constraints: __, ...rest } = options
  return createModel(whole.name, Object.fromEntries(fields), {
    ...rest,
    ...(indexes.length > 0 ? { indexes } : {}),
    ...(constraints.length > 0 ? { constraints } : {}),
  })
}

/** A relation of a deleted model need not go first, unless what it leads to is deleted before. */
function foldDeletion(at: number, drafts: readonly Draft[], absorbed: Set<Draft>): void {
  const { app, operation } = drafts[at]!
  const name = operation.args[0] as string // deleteModel(name)
  for (const earlier of drafts.slice(0, at)) {
    if (earlier.operation.type !== 'removeField' || earlier.operation.args[0] !== name) continue
    const word = removedField(`${app}.${name}`, earlier.operation.args[1] as string) // removeField(model, name)
    const wanted = drafts.slice(0, at).some((other) => other !== earlier && other.requires.includes(word))
    if (!wanted) absorbed.add(earlier)
  }
}
