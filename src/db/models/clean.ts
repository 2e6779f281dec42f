/** `fullClean()`: fields one by one, the model's own checks, then what must be unique. */
import { t, timeZone } from '../../i18n/index.ts'
import { Temporal, toPlainDate } from '../../std/dates.ts'
import { capitalize } from '../../std/text.ts'
import { isStoredFile } from '../../storage/stored-file.ts'
import { maxValue, minValue, ValidationError } from '../../validators.ts'
import { assertOptions } from '../options.ts'
import { fieldNamed } from './attributes.ts'
import { choiceLimit } from './choice-limit.ts'
import { messageFor } from './error-messages.ts'
import { hook } from './hooks.ts'
import { ALIAS, type AnyInstance, CACHE, ROW } from './instance.ts'
import type { CleanOptions } from './instance-methods.ts'
import { keyValue, sameKey } from './keys.ts'
import type { AnyModel, FieldMeta, ModelConstraint, ModelMeta } from './meta.ts'

const modelOf = (instance: object): AnyModel => instance.constructor as unknown as AnyModel // an instance's class is a model

/** Messages by field; those about the instance as a whole under `''`. */
class Problems extends Map<string, string[]> {
  /** Kinds of broken constraints. */
  readonly kinds: string[] = []
}

/** @throws ValidationError with `fields` (`''`: the instance as a whole), or `messages` when no field is at fault */
export async function runFullClean(
  instance: AnyInstance & { clean(): void | Promise<void> },
  options: CleanOptions,
): Promise<void> {
  assertOptions('fullClean()', options, ['exclude', 'unique', 'clean'])
  const { unique = true, clean = true } = options
  const { meta } = modelOf(instance)
  const excluded = excludedNames(meta, options.exclude ?? [])
  const problems = new Problems()
  for (const field of meta.fields.values())
    if (field.parts.length > 0 && !excluded.has(field.name)) cleanField(instance, field, problems)
  for (const field of meta.fields.values())
    if (field.files?.image && !excluded.has(field.name) && !problems.has(field.name))
      await collect(problems, field.name, () => assertImage(instance[field.attname]))
  if (clean) await collect(problems, '', async () => instance.clean())
  if (unique) {
    const skip = new Set([...excluded, ...problems.keys()])
    await checkRelations(instance, meta, skip, problems)
    await checkUnique(instance, meta, skip, problems)
    await checkPeriods(instance, meta, skip, problems)
    for (const constraint of meta.constraints) await checkConstraint(instance, constraint, skip, problems)
  }
  if (problems.size === 0) return
  const general = problems.get('')
  const kind = problems.kinds.length === 1 ? { kind: problems.kinds[0]! } : {}
  if (general !== undefined && problems.size === 1) throw new ValidationError(general, kind)
  throw new ValidationError(Object.fromEntries(problems)) // '' is how forms call what no field is at fault for
}

/** @throws ModelError db.unknown-attribute for a name that is none: what it meant would be looked at all the same */
function excludedNames(meta: ModelMeta, names: readonly string[]): ReadonlySet<string> {
  const fields = names.flatMap((name) => (name === 'pk' ? meta.pk : [fieldNamed(meta, name)]))
  return new Set(fields.map((field) => field.name))
}

function add(problems: Problems, name: string, messages: readonly string[]): void {
  problems.set(name, [...(problems.get(name) ?? []), ...messages])
}
async function collect(problems: Problems, name: string, run: () => unknown): Promise<void> {
  try {
    await run()
  } catch (error) {
    note(problems, name, error)
  }
}
function note(problems: Problems, name: string, error: unknown): void {
  if (!(error instanceof ValidationError)) throw error
  if (error.messages.length > 0) add(problems, name, error.messages)
  for (const [field, messages] of Object.entries(error.fields)) add(problems, field, messages)
}

function cleanField(instance: AnyInstance, field: FieldMeta, problems: Problems): void {
  const value = instance[field.attname]
  const empty = value === null || value === undefined
  if (empty && (field.generated || field.preSave !== null)) return // filled when it is written
  if (empty && field.relation !== null && isInstanceWaiting(instance, field)) return
  try {
    instance[field.attname] = field.clean(value)
    if (field.kind === 'integer') assertFits(instance, instance[field.attname])
  } catch (error) {
    note(problems, field.name, error)
  }
}
const NARROW = 2 ** 31 - 1
/** A column of integers is narrower than a number of JavaScript on most databases. */
function assertFits(instance: AnyInstance, value: unknown): void {
  if (typeof value !== 'number' || (value <= NARROW && value >= -NARROW - 1)) return
  const most = hook('maxInteger')(instance)
  maxValue(most)(value)
  minValue(-most - 1)(value)
}
/** The header of a new image is looked at; what is stored was looked at when it came. */
async function assertImage(value: unknown): Promise<void> {
  const source = isStoredFile(value) ? value.source : null
  if (!source?.repeatable) return
  const { imageSize } = await import('../../storage/image.ts')
  if ((await imageSize(source.stream())) === null)
    throw new ValidationError(t('This is no image, or it is damaged.'), { kind: 'invalid_image' })
}
/** An unsaved instance stands there, whose key is taken when this one is saved. */
function isInstanceWaiting(instance: AnyInstance, field: FieldMeta): boolean {
  const value = instance[field.name]
  return value !== null && typeof value === 'object'
}

/** The part of a queryset that is used here; models do not know the query room. */
interface Rows {
  using(alias: string): Rows
  filter(where: object): Rows
  exists(): Promise<boolean>
  first(): Promise<AnyInstance | null>
}
function rowsOf(model: AnyModel, alias: string | null): Rows {
  const rows = hook('createManager')(model) as Rows // every row, whatever the model's own `objects` leaves out
  return alias === null ? rows : rows.using(alias)
}

async function checkRelations(
  instance: AnyInstance,
  meta: ModelMeta,
  skip: ReadonlySet<string>,
  problems: Problems,
): Promise<void> {
  for (const field of meta.fields.values()) {
    if (field.relation === null || field.parts.length === 0) continue
    const key = instance[field.attname]
    if (skip.has(field.name) || key === null || key === undefined) continue
    const limit = choiceLimit(field)
    // A row that was read is there. Each form of an inline would ask for the parent of all.
    if (limit === null && isRead(instance, field)) continue
    const { target, targets } = field.relation
    const there = rowsOf(target, instance[ALIAS]).filter({
      [targets.length === 1 ? targets[0]!.attname : 'pk']: key,
    })
    const found = await (limit === null ? there : there.filter(limit)).exists()
    if (!found)
      add(problems, field.name, [
        messageFor(field.options, 'invalid') ??
          t('{model} {key} does not exist.', { model: capitalize(target.meta.verboseName), key }),
      ])
  }
}

/** Whether what a foreign key points to was read, or saved, and not deleted since. */
function isRead(instance: AnyInstance, field: FieldMeta): boolean {
  const row = instance[CACHE]?.[field.name] as AnyInstance | null | undefined // put there by the query room, or assigned
  return row != null && row[ROW] !== null && sameKey(keyValue(row, field.relation!.targets), instance[field.attname])
}

async function checkUnique(
  instance: AnyInstance,
  meta: ModelMeta,
  skip: ReadonlySet<string>,
  problems: Problems,
): Promise<void> {
  const single = [...meta.fields.values()].filter(
    (field) => field.unique && field.parts.length > 0 && field.computed === null,
  )
  const groups: (readonly FieldMeta[])[] = single.map((field) => [field])
  if (meta.pk.some((field) => !field.generated)) groups.push(meta.pk)
  for (const fields of groups) {
    const values = fields.map((field) => instance[field.attname])
    if (fields.some((field) => skip.has(field.name)) || values.some(isNobodys)) continue
    const where = Object.fromEntries(fields.map((field, i) => [field.attname, values[i]]))
    const other = await rowsOf(modelOf(instance), instance[ALIAS]).filter(where).first()
    if (other === null || isSameRow(instance, other, meta)) continue
    const own = fields.length === 1 ? messageFor(fields[0]!.options, 'unique') : undefined
    add(problems, fields.length === 1 ? fields[0]!.name : '', [own ?? uniqueMessage(meta, fields)])
  }
}
/** Whether no row can have the value: none, or a file that gets its name when it is stored. */
function isNobodys(value: unknown): boolean {
  return value === null || value === undefined || (isStoredFile(value) && !value.isStored)
}

/** The options by which a value is unique in a period, and the parts of a date that make one. */
const PERIODS = { uniqueForDate: ['date'], uniqueForMonth: ['year', 'month'], uniqueForYear: ['year'] } as const

/** Values that occur once in a day, a month or a year. */
async function checkPeriods(
  instance: AnyInstance,
  meta: ModelMeta,
  skip: ReadonlySet<string>,
  problems: Problems,
): Promise<void> {
  for (const field of meta.fields.values()) {
    for (const [option, parts] of Object.entries(PERIODS)) {
      const name = field.options[option] as string | undefined // by the builder
      if (name === undefined) continue
      const date = meta.getField(name)
      const [value, moment] = [instance[field.attname] ?? null, instance[date.attname] ?? null]
      if (skip.has(field.name) || skip.has(name) || value === null || moment === null) continue
      const day = dayOf(moment)
      const period =
        date.kind === 'date' && parts[0] === 'date'
          ? { [name]: day }
          : Object.fromEntries(parts.map((part) => [`${name}__${part}`, part === 'date' ? day : day[part]]))
      const same = rowsOf(modelOf(instance), instance[ALIAS]).filter({
        [field.attname]: value,
        ...period,
      })
      const other = await same.first()
      if (other === null || isSameRow(instance, other, meta)) continue
      const words = { field: capitalize(field.verboseName), date: date.verboseName }
      const message =
        parts.length === 2
          ? t('{field} must be unique in the month of {date}.', words)
          : parts[0] === 'date'
            ? t('{field} must be unique on the day of {date}.', words)
            : t('{field} must be unique in the year of {date}.', words)
      add(problems, field.name, [messageFor(field.options, UNIQUE_IN_PERIOD) ?? message])
    }
  }
}
/** The kind of that problem, as Django calls it. */
const UNIQUE_IN_PERIOD = 'unique_for_date'

function dayOf(moment: unknown): Temporal.PlainDate {
  if (moment instanceof Temporal.Instant) return moment.toZonedDateTimeISO(timeZone()).toPlainDate()
  return moment instanceof Date ? toPlainDate(moment, timeZone()) : (moment as Temporal.PlainDate) // by the check of its kind
}

/** A check, values that are unique together, rows that exclude one another: asked of the database, whose words they are. */
async function checkConstraint(
  instance: AnyInstance,
  constraint: ModelConstraint,
  skip: ReadonlySet<string>,
  problems: Problems,
): Promise<void> {
  const { meta } = modelOf(instance)
  const fields = constraint.type === 'unique' ? constraint.fields.map((name) => meta.fields.get(name)!) : []
  // Nulls are no two of a kind, and what is not filled yet cannot be told.
  const distinct = constraint.type === 'unique' && constraint.nullsDistinct !== false
  const missing = fields.filter((field) => field.computed === null && (instance[field.attname] ?? null) === null)
  if (missing.some((field) => distinct || field.generated)) return
  if (!(await hook('breaks')(instance, constraint, skip))) return
  const own = fields.length === 1 && constraint.message === undefined ? fields[0]!.name : ''
  add(problems, own, [violationMessage(meta, constraint)])
  problems.kinds.push(constraint.code ?? (constraint.type === 'unique' ? 'unique' : 'invalid'))
}

/** What a broken constraint says to people. */
function violationMessage(meta: ModelMeta, constraint: ModelConstraint): string {
  if (constraint.message !== undefined) return String(constraint.message)
  if (constraint.type !== 'unique' || constraint.fields.length === 0)
    return t('The constraint “{name}” is violated.', { name: constraint.name })
  return uniqueMessage(
    meta,
    constraint.fields.map((name) => meta.fields.get(name)!),
  )
}

/** The row that was found is the one that is being cleaned: it was read from there, and has the same key. */
function isSameRow(instance: AnyInstance, other: AnyInstance, meta: ModelMeta): boolean {
  return (
    instance[ALIAS] !== null &&
    meta.pk.every((field) => String(instance[field.attname]) === String(other[field.attname]))
  )
}
function uniqueMessage(meta: ModelMeta, fields: readonly FieldMeta[]): string {
  const model = capitalize(meta.verboseName)
  const names = fields.map((field) => field.verboseName)
  if (names.length === 1) return t('{model} with this {field} already exists.', { model, field: capitalize(names[0]!) })
  return t('{model} with these {fields} already exists.', { model, fields: names.map(capitalize).join(', ') })
}
