/** Checks of inlines: what they are edited by, what they name, how many there may be, how deep they go. */
import type { Finding } from '../../checks/index.ts'
import type { AnyModel, FieldMeta } from '../../db/models/meta.ts'
import { foreignKeysTo } from '../../forms/internal.ts'
import { nearest } from '../../std/text.ts'
import { fieldsOnPath, isMany } from '../changelist/paths.ts'
import { fault } from '../findings.ts'
import { canWrite, type ModelAdmin } from '../model-admin.ts'
import type { AnyInline, RawInlineOptions } from './options.ts'

const OPTIONS: readonly (keyof RawInlineOptions)[] = [
  ...(['layout', 'title', 'fields', 'readonly', 'columns', 'extra', 'min', 'max', 'canDelete'] as const),
  ...(['fkName', 'ordering', 'showChangeLink', 'inlines'] as const),
]

/** What is wrong with the inlines of a registration. */
export function* checkInlines(admin: ModelAdmin): Generator<Finding> {
  yield* checkAll(admin, admin.model, admin.inlines, 0)
}

function* checkAll(admin: ModelAdmin, parent: AnyModel, all: unknown, depth: number): Generator<Finding> {
  const place = `admin option inlines of ${parent.meta.label}`
  if (!Array.isArray(all) || !all.every(isInline)) {
    yield fault(
      'admin.E040',
      admin,
      `${place} has an entry that is no inline.`,
      'Write inlines: [inline(Model, { … })].',
    )
    return
  }
  for (const each of all) {
    yield* checkOne(admin, parent, each)
    if (each.inlines.length === 0) continue
    if (depth === 0) yield* checkAll(admin, each.model, each.inlines, 1)
    else
      yield fault(
        'admin.E046',
        admin,
        `${where(parent, each)} has inlines of its own, which is one level too deep.`,
        `Edit ${each.inlines[0]!.model.meta.verboseNamePlural} on a page of ${each.model.meta.label}.`,
      )
  }
}

function isInline(value: unknown): value is AnyInline {
  return typeof value === 'object' && value !== null && 'options' in value && 'model' in value && 'inlines' in value
}
const where = (parent: AnyModel, { model }: AnyInline) => `The inline of ${model.meta.label} in ${parent.meta.label}`
const meant = (name: string, names: readonly string[]) => {
  const near = nearest(name, names)
  return `${near ? `Did you mean "${near}"? ` : ''}Names: ${names.join(', ')}.`
}

function* checkOne(admin: ModelAdmin, parent: AnyModel, inline: AnyInline): Generator<Finding> {
  const about = where(parent, inline)
  const { model, options } = inline
  for (const name of Object.keys(options).filter((each) => !(OPTIONS as readonly string[]).includes(each)))
    yield fault('admin.E047', admin, `${about} has an option "${name}", which is not there.`, meant(name, OPTIONS))
  yield* checkKey(admin, parent, inline)
  yield* checkNumbers(admin, about, options)
  if (options.layout !== undefined && options.layout !== 'tabular' && options.layout !== 'stacked')
    yield fault('admin.E049', admin, `${about} has the layout "${options.layout}".`, 'Write tabular or stacked.')
  for (const written of options.ordering ?? []) {
    const path = written.replace(/^-/, '')
    const fields = fieldsOnPath(model, path)
    const names = [...model.meta.fields.keys()]
    if (!fields || isMany(fields) || fields.at(-1)!.secret)
      yield fault('admin.E048', admin, `${about} is ordered by "${path}", which cannot order it.`, meant(path, names))
  }
  yield* checkFields(admin, parent, inline)
}

function* checkKey(admin: ModelAdmin, parent: AnyModel, inline: AnyInline): Generator<Finding> {
  const { model, options } = inline
  const keys = foreignKeysTo(parent, model).map((field) => field.name)
  const about = where(parent, inline)
  if (keys.length === 0)
    yield fault(
      'admin.E041',
      admin,
      `${about} has no foreign key to it.`,
      `Only rows that refer to a ${parent.meta.name} can be edited with it; of a many-to-many relation, those of its table between.`,
    )
  else if (options.fkName !== undefined && !keys.includes(options.fkName))
    yield fault(
      'admin.E041',
      admin,
      `${about} names "${options.fkName}", which is no foreign key to it.`,
      meant(options.fkName, keys),
    )
  else if (options.fkName === undefined && keys.length > 1)
    yield fault(
      'admin.E042',
      admin,
      `${about} could be by any of several foreign keys.`,
      `Say which in fkName: ${keys.join(', ')}.`,
    )
}

function* checkNumbers(admin: ModelAdmin, about: string, options: RawInlineOptions): Generator<Finding> {
  const { extra = 1, min = 0, max = 1000 } = options
  for (const [name, value] of Object.entries({ extra, min, max }))
    if (!Number.isInteger(value) || value < 0 || value > 1000)
      yield fault('admin.E045', admin, `${about} has ${name}: ${value}.`, 'Give a whole number from 0 to 1,000.')
  if (min > max) yield fault('admin.E045', admin, `${about} has min: ${min}, above max: ${max}.`, 'Give a smaller min.')
}

/** The foreign key to the parent, when it is known which. */
function keyOf(parent: AnyModel, { model, options }: AnyInline): FieldMeta | undefined {
  const keys = foreignKeysTo(parent, model)
  return options.fkName === undefined
    ? keys.length === 1
      ? keys[0]
      : undefined
    : model.meta.fields.get(options.fkName)
}

function* checkFields(admin: ModelAdmin, parent: AnyModel, inline: AnyInline): Generator<Finding> {
  const { model, options } = inline
  const { fields } = model.meta
  const about = where(parent, inline)
  const columns = Object.keys(options.columns ?? {})
  const names = [...fields.keys(), ...columns]
  const key = keyOf(parent, inline)
  for (const option of ['fields', 'readonly'] as const)
    for (const name of options[option] ?? []) {
      const field = fields.get(name)
      if (columns.includes(name)) continue
      if (!field)
        yield fault(
          'admin.E043',
          admin,
          `${about} names "${name}" in ${option}, which is not there.`,
          meant(name, names),
        )
      else if (field === key)
        yield fault(
          'admin.E044',
          admin,
          `${about} names "${name}" in ${option}, which is its parent.`,
          'Leave it out: the page is the parent’s.',
        )
      else if (option === 'fields' && !options.readonly?.includes(name) && !canWrite(field))
        yield fault(
          'admin.E044',
          admin,
          `${about} names "${name}" in fields, which a form cannot write.`,
          'Name it in readonly, too: then it is shown.',
        )
    }
  if (!options.fields?.every((name) => names.includes(name)) || options.max === 0) return
  // A relation of several columns is named as a whole.
  const whole = model.meta.columns.filter(isNeeded).map((field) => field.whole ?? field)
  const needed = [...new Set(whole)].filter((field) => field !== key).map((field) => field.name)
  const missing = needed.filter((name) => !options.fields?.includes(name) || options.readonly?.includes(name))
  if (missing.length > 0)
    yield {
      ...fault(
        'admin.W040',
        admin,
        `${about} leaves out ${missing.join(', ')}, without which no row can be added.`,
        'Name it in fields, give it a default, or write max: 0 where rows are only changed.',
      ),
      level: 'warning',
    }
}

/** A column without which a row cannot be. */
function isNeeded(field: FieldMeta): boolean {
  return !field.blank && !field.null && !field.hasDefault && !field.generated && field.preSave === null
}
