/** What was renamed: asked for first, and applied to the old state, so that the rest is a plain difference. */
import { alterField, renameField } from '../operations/fields.ts'
import { moveModel, renameModel } from '../operations/models.ts'
import type { Operation } from '../operations/operation.ts'
import { type FieldState, fieldOptions, isRelation, labelOf, type ModelState } from '../state.ts'
import { sameValue } from '../values.ts'
import { existing, field, model, removedField, removedModel } from '../words.ts'
import type { Detection } from './detection.ts'

export async function renameModels(detection: Detection): Promise<void> {
  for (const added of detection.added()) {
    const gone = detection.removed()
    if (gone.length === 0) continue
    const label = labelOf(added)
    const similar = gone.filter((state) => mayBe(state, added)).map(labelOf)
    const old = await detection.options.questioner.renamedModel(label, gone.map(labelOf), similar)
    if (old === null) continue
    const moved = !old.startsWith(`${added.app}.`)
    const operation = moved ? moveModel(old, added.name) : renameModel(old.split('.')[1]!, added.name)
    const requires = [...namedElsewhere(detection, operation, added.app), ...(moved ? [existing(old)] : [])]
    detection.apply(added.app, operation, [model(label), removedModel(old)], requires)
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
    for (const added of newFields(detection, label, after)) {
      const state = after.fields[added]!
      const before = detection.from.get(label)
      const names = Object.keys(before.fields)
      const similar = names.filter((key) => after.fields[key] === undefined && alike(before.fields[key]!, state))
      // Told by a flag it may be one whose name another new field takes.
      const old = await detection.options.questioner.renamedField(label, added, names, similar)
      if (old === null) continue
      // A column named by hand now stays where it is: say so first, and the rename touches no table.
      const { dbColumn } = fieldOptions(state)
      const was = before.fields[old]!
      if (dbColumn !== undefined && fieldOptions(was).dbColumn === undefined && alike(was, state)) {
        const pinned = {
          ...was,
          args: [...was.args.slice(0, isRelation(was) ? 1 : 0), { ...fieldOptions(was), dbColumn }],
        }
        detection.apply(app, alterField(name, old, pinned), [], [])
      }
      const operation = renameField(name, old, added)
      const provides = [field(label, added), removedField(label, old)]
      detection.apply(app, operation, provides, namedElsewhere(detection, operation, app))
    }
  }
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
