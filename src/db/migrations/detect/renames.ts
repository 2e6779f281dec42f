/** What was renamed: asked for first, and applied to the old state, so that the rest is a plain difference. */
import { alterField, renameField } from '../operations/fields.ts'
import { moveModel, renameModel } from '../operations/models.ts'
import type { Operation } from '../operations/operation.ts'
import { renderState } from '../render.ts'
import { type FieldState, fieldOptions, isRelation, labelOf, type ModelState } from '../state.ts'
import { sameValue } from '../values.ts'
import { existing, field, model, removedField, removedModel } from '../words.ts'
import type { Detection } from './detection.ts'

export async function renameModels(detection: Detection): Promise<void> {
  const { questioner } = detection.options
  questioner.circles?.(
    null,
    [...detection.kept()].map(([, after]) => labelOf(after)),
  )
  for (const added of newModels(detection)) {
    const label = labelOf(added)
    const gone = detection.removed()
    const similar = gone.filter((state) => mayBe(state, added)).map(labelOf)
    const kept = [...detection.kept()].map(([, after]) => labelOf(after))
    const old = await questioner.renamedModel(label, gone.map(labelOf), similar, kept)
    if (old === null) continue
    const moved = !old.startsWith(`${added.app}.`)
    const operation = moved ? moveModel(old, added.name) : renameModel(old.split('.')[1]!, added.name)
    const requires = [
      ...namedElsewhere(detection, operation, added.app),
      ...(moved ? [existing(old)] : []),
      // What made way, perhaps into another app.
      ...[...detection.renamed].filter(([, left]) => left === label).map(([now]) => model(now)),
    ]
    detection.apply(added.app, operation, [model(label), removedModel(old)], requires)
    detection.renamed.set(label, old)
  }
}

/** Models that the old state lacks, asked after each rename: then the old name may be that of a new model. */
function* newModels(detection: Detection): Generator<ModelState> {
  const seen = new Set<ModelState>()
  for (;;) {
    const added = detection.added().find((each) => !seen.has(each))
    if (added === undefined) return
    seen.add(added)
    yield added
  }
}

/** Whether a person should be asked. Of another app only what is almost the same: apps have models alike. */
function mayBe(gone: ModelState, added: ModelState): boolean {
  if (gone.app === added.app) return resemblance(gone, added) >= 0.5
  return Object.keys(gone.fields).length > 2 && resemblance(gone, added) >= 0.8
}

export async function renameFields(detection: Detection): Promise<void> {
  for (const [{ app, name }, after] of detection.kept()) {
    const label = `${app}.${name}`
    swapFields(detection, label, after)
    for (const added of newFields(detection, label, after)) {
      const state = after.fields[added]!
      const before = detection.from.get(label)
      const names = Object.keys(before.fields)
      const similar = names.filter((key) => after.fields[key] === undefined && alike(before.fields[key]!, state))
      // Told by a flag it may be one whose name another new field takes.
      const old = await detection.options.questioner.renamedField(label, added, names, similar)
      if (old === null) continue
      pinColumn(detection, label, old, state, () => true)
      const operation = renameField(name, old, added)
      const provides = [field(label, added), removedField(label, old)]
      detection.apply(app, operation, provides, namedElsewhere(detection, operation, app))
    }
  }
}

/** Fields that pass their names round, by way of a name that nothing has: the last makes way for those before it. */
function swapFields(detection: Detection, label: string, after: ModelState): void {
  const before = detection.from.get(label)
  const both = Object.keys(before.fields).filter((name) => after.fields[name] !== undefined)
  for (const circle of detection.options.questioner.circles?.(label, both) ?? []) {
    const columns = new Map(
      renderState(detection.from)
        .get(label)
        .meta.columns.map(({ name, column }) => [name, column!.toLowerCase()]), // columns have one
    )
    const isTaken = (name: string) =>
      before.fields[name] !== undefined ||
      after.fields[name] !== undefined ||
      [...columns.values()].some((column) => column === name || column === `${name}_id`)
    let between = 'swapped'
    for (let i = 2; isTaken(between); i++) between = `swapped${i}`
    const rename = (old: string, to: string) => {
      const operation = renameField(after.name, old, to)
      const provides = [field(label, to), removedField(label, old)]
      detection.apply(after.app, operation, provides, namedElsewhere(detection, operation, after.app))
    }
    for (const [i, name] of circle.entries()) {
      const is = after.fields[circle[(i + 1) % circle.length]!]! // of a circle all are there
      pinColumn(detection, label, name, is, (column) => columns.get(name) === column.toLowerCase())
    }
    const last = circle.at(-1)!
    rename(last, between)
    for (let i = circle.length - 2; i >= 0; i--) rename(circle[i]!, circle[i + 1]!)
    rename(between, circle[0]!)
  }
}

/** A column named by hand now stays where it is: said before a rename, so that it touches no table. */
function pinColumn(
  detection: Detection,
  label: string,
  name: string,
  is: FieldState,
  mayStay: (column: string) => boolean,
): void {
  const was = detection.from.field(label, name)
  const { dbColumn } = fieldOptions(is)
  if (typeof dbColumn !== 'string' || !mayStay(dbColumn)) return
  if (fieldOptions(was).dbColumn !== undefined || !alike(was, is)) return
  const pinned = { ...was, args: [...was.args.slice(0, isRelation(was) ? 1 : 0), { ...fieldOptions(was), dbColumn }] }
  const [app, model] = label.split('.') as [string, string] // a label
  detection.apply(app, alterField(model, name, pinned), [], [])
}

/** Models of other apps that name what is renamed: their migrations that do must come first, or nothing renames it there. */
function namedElsewhere({ from }: Detection, operation: Operation, app: string): string[] {
  const after = operation.toState(from, app)
  return [...from.models]
    .filter(([label, before]) => {
      const now = after.find(label)
      return before.app !== app && now !== null && now !== before
    })
    .map(([label]) => existing(label))
}

/** Fields that the old state lacks, asked after each rename: then the old name may be that of a new field. */
function* newFields(detection: Detection, label: string, after: ModelState): Generator<string> {
  const seen = new Set<string>()
  const isNew = (name: string) => !seen.has(name) && detection.from.get(label).fields[name] === undefined
  for (;;) {
    const added = Object.keys(after.fields).find(isNew)
    if (added === undefined) return
    seen.add(added)
    yield added
  }
}

/** Same builder; a relation also to the same model: what a rename may connect without changing what is stored. */
function alike(a: FieldState, b: FieldState): boolean {
  return a.builder === b.builder && (!isRelation(a) || sameValue(a.args[0], b.args[0]))
}

/** Share of fields two models have in common, 0 to 1, by name and type; the key counts only when there is nothing else. */
function resemblance(a: ModelState, b: ModelState): number {
  const names = (state: ModelState) => {
    const own = Object.keys(state.fields).filter((name) => name !== 'id')
    return own.length > 0 ? own : Object.keys(state.fields)
  }
  const all = new Set([...names(a), ...names(b)])
  const common = [...all].filter((name) => {
    const [left, right] = [a.fields[name], b.fields[name]]
    return left !== undefined && right !== undefined && left.builder === right.builder
  })
  return all.size === 0 ? 1 : common.length / all.size
}
