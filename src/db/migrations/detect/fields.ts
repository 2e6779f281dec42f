/** Fields of one model that come, go or change. */
import { converts } from '../../convertible.ts'
import { noConversion } from '../conversions.ts'
import { addField, alterField, removeField } from '../operations/fields.ts'
import { renderState } from '../render.ts'
import { type FieldState, fieldOptions, isRelation, labelOf, type ModelState, type ProjectState } from '../state.ts'
import { now, sameValue } from '../values.ts'
import { changedOptions, field, model, removedField } from '../words.ts'
import { computedFrom, type Detection, isGenerated, isThrough, namesUser } from './detection.ts'

export async function changeFields(detection: Detection, before: ModelState, after: ModelState): Promise<void> {
  const label = labelOf(after)
  // What a column is computed from goes after that column changed, and comes before it.
  const late = new Set(Object.values(before.fields).flatMap(computedFrom))
  const replaced = new Set(
    Object.entries(before.fields)
      .filter(([name, was]) => {
        const own = after.fields[name]
        return own !== undefined && replaces(detection, label, name, was, own)
      })
      .map(([name]) => name),
  )
  const remove = (which: (name: string) => boolean) => {
    for (const name of Object.keys(before.fields)) {
      if (which(name) && (after.fields[name] === undefined || replaced.has(name))) {
        detection.add(
          after.app,
          removeField(after.name, name),
          [removedField(label, name)],
          leftBy(detection, label, name),
        )
      }
    }
  }
  remove((name) => !late.has(name))
  const inOrder = Object.entries(after.fields).sort(([, a], [, b]) => Number(isGenerated(a)) - Number(isGenerated(b)))
  for (const [name, own] of inOrder) {
    const was = before.fields[name]
    if (was === undefined || replaced.has(name)) {
      // Numbers in place of a key of several fields: rows get theirs when the table's key changes.
      const replacesKey = own.builder === 'autoId' && before.options.primaryKey && !after.options.primaryKey
      const former = own.builder === 'autoId' ? formerKeys(before, after) : []
      addFieldTo(detection, after, name, own, await fillFor(detection, label, name, own, 'added'), [
        ...(was ? [removedField(label, name)] : []),
        ...(replacesKey ? [changedOptions(label)] : []),
        ...former.map((key) => field(label, key)),
      ])
    } else if (!sameValue(was, own)) {
      const narrows = fieldOptions(was).null === true && fieldOptions(own).null !== true
      // What was computed is a column made anew.
      const reason = isGenerated(was) && !isGenerated(own) ? 'added' : narrows ? 'not-null' : null
      const fill = reason === null ? undefined : await fillFor(detection, label, name, own, reason)
      detection.drafts.push({
        app: after.app,
        operation: alterField(after.name, name, own, fill === undefined ? {} : { fill }),
        provides: [field(label, name)],
        requires: [
          ...detection.to
            .relatedLabels(own)
            .filter((target) => target !== label)
            .map(model),
          ...referredField(detection.to, own),
        ],
        user: namesUser(own),
      })
    }
  }
  remove((name) => late.has(name))
}

/** Fields that stay and are no key any more: a table's rows are numbered when it has no other. */
function formerKeys(before: ModelState, after: ModelState): string[] {
  const isKey = (own: FieldState | undefined) => own !== undefined && fieldOptions(own).primaryKey === true
  return Object.keys(before.fields).filter(
    (name) => isKey(before.fields[name]) && after.fields[name] !== undefined && !isKey(after.fields[name]),
  )
}

/** Relations that lead to the field by `toField` as yet. */
function leftBy({ from, to }: Detection, label: string, name: string): string[] {
  return from
    .incoming(label)
    .filter(([holder, key]) => fieldOptions(from.field(holder, key)).toField === name)
    .map(([holder, key]) => (to.find(holder)?.fields[key] ? field(holder, key) : removedField(holder, key)))
}

/** What rows that exist get; undefined when the field or the database knows. */
async function fillFor(
  detection: Detection,
  label: string,
  name: string,
  own: FieldState,
  reason: 'added' | 'not-null',
): Promise<unknown> {
  const options = fieldOptions(own)
  if (isThrough(own) || isGenerated(own) || options.null === true || own.builder === 'autoId') return undefined
  if (options.default !== undefined || options.dbDefault !== undefined) return undefined
  if (options.autoNow === true || options.autoNowAdd === true) return now
  // Rows that were there before anybody ordered them.
  if (name === '_order' && detection.to.find(label)?.options.orderWithRespectTo !== undefined) return 0
  const computed = detection.options.computedDefault?.(label, name)
  if (computed !== undefined && computed !== null) return computed
  return detection.options.questioner.fill({ label, name, field: own, reason })
}

/** A field of a new model, or a new field. */
export function addFieldTo(
  detection: Detection,
  state: ModelState,
  name: string,
  own: FieldState,
  fill?: unknown,
  after: readonly string[] = [],
): void {
  const label = labelOf(state)
  detection.drafts.push({
    app: state.app,
    operation: addField(state.name, name, own, fill === undefined ? {} : { fill }),
    provides: [field(label, name)],
    requires: [
      model(label),
      ...detection.to.relatedLabels(own).map(model),
      ...referredField(detection.to, own),
      ...keysBetween(detection, own),
      ...computedFrom(own).map((each) => field(label, each)),
      ...after,
    ],
    user: namesUser(own),
  })
}

/** The field that `toField` names, which may be new, or have been called otherwise. */
export function referredField(state: ProjectState, own: FieldState): string[] {
  const { toField } = isRelation(own) ? fieldOptions(own) : {}
  return typeof toField === 'string' ? [field(state.resolve(own.args[0]), toField)] : []
}

/** The foreign keys of the model between: without them it does not stand between anything. */
function keysBetween(detection: Detection, own: FieldState): string[] {
  const through = isRelation(own) ? fieldOptions(own).through : undefined
  if (through === undefined) return []
  const label = detection.to.resolve(through)
  const fields = Object.entries(detection.to.models.get(label)?.fields ?? {})
  return fields.filter(([, each]) => each.builder === 'foreignKey').map(([name]) => field(label, name))
}

/** Plain fields whose values may be keys of rows: a foreign key can take their column over. */
const KEYS = new Set(['integer', 'bigInteger', 'smallInteger', 'char', 'uuid'])

/** A change no alteration can make: to or from a table between, to another one, from a text to a row, from a moment to a number. */
function replaces(detection: Detection, label: string, name: string, was: FieldState, is: FieldState): boolean {
  if (isThrough(was) !== isThrough(is)) return true
  if (isThrough(was)) {
    return !sameValue(was.args[0], is.args[0]) || !sameValue(fieldOptions(was).through, fieldOptions(is).through)
  }
  if (isRelation(was) !== isRelation(is) && !KEYS.has((isRelation(was) ? is : was).builder)) return true
  return loses(detection, label, name, was, is)
}

/** Whether what a column holds has no meaning in its new type. @throws MigrationError migrations.no-conversion for a key */
function loses(detection: Detection, label: string, name: string, was: FieldState, is: FieldState): boolean {
  const retargeted = isRelation(was) && isRelation(is) && !sameValue(was.args[0], is.args[0])
  if ((was.builder === is.builder && was.builder !== 'array' && !retargeted) || isGenerated(was) || isGenerated(is)) {
    return false
  }
  const [before, after] = [detection.from, detection.to].map((state) =>
    renderState(state).get(label).meta.getField(name),
  )
  const [from, to] = [before!.parts, after!.parts] // of each state one
  const lost = from.find((part, i) => to[i] !== undefined && !converts(part.type!, to[i].type!)) // parts are columns
  if (lost === undefined) return false
  // Rows elsewhere would not know theirs again.
  const isKey =
    before!.primaryKey || detection.to.incoming(label).some(([holder, own]) => leadsTo(detection, holder, own, name))
  if (isKey) throw noConversion(`${label}.${name}`, lost.kind!, to[0]!.kind!)
  return true
}

const leadsTo = (detection: Detection, holder: string, own: string, name: string): boolean =>
  fieldOptions(detection.to.field(holder, own)).toField === name
