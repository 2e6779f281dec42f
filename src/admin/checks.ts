/** Options that name what is not there, or what cannot stand there: found at start, with the names that are near. */
import type { Check, Finding } from '../checks/index.ts'
import type { AnyModel, FieldMeta } from '../db/models/meta.ts'
import { nearest } from '../std/text.ts'
import { checkList } from './changelist/checks.ts'
import { fieldsOnPath, isMany } from './changelist/paths.ts'
import { failingStep, fault, optionOf, unknownName } from './findings.ts'
import { checkInlines } from './inlines/checks.ts'
import { canWrite, type ModelAdmin, namesIn, SELF } from './model-admin.ts'
import { registrations } from './site.ts'

type PathOption = 'list' | 'filters' | 'search' | 'ordering'

/** Ids of names that are not there, by option. */
const unknownIds: Readonly<Record<PathOption, string>> = {
  list: 'admin.E001',
  filters: 'admin.E002',
  search: 'admin.E003',
  ordering: 'admin.E004',
}

function unknownPath(option: PathOption, admin: ModelAdmin, path: string): Finding {
  const { step, names, before } = failingStep(admin.model, path)
  // The last step is a field, but leads nowhere: `name__x`.
  if (names.includes(step)) return unknownName(unknownIds[option], admin, option, path, names)
  const known = option === 'list' && before === '' ? [...names, ...Object.keys(admin.columns)] : names
  const near = nearest(step, known)
  return fault(
    unknownIds[option],
    admin,
    `${optionOf(admin, option)} names "${path}", which is not there.`,
    `${near ? `Did you mean "${before ? `${before}__` : ''}${near}"? ` : ''}Names: ${known.join(', ')}.`,
  )
}

const unlisted: ReadonlySet<string> = new Set(['json', 'binary', 'text'])

/** What is wrong with a path that leads to a field. */
function* pathFaults(option: PathOption, admin: ModelAdmin, path: string, fields: FieldMeta[]): Generator<Finding> {
  const last = fields.at(-1)!
  const where = `${optionOf(admin, option)} names "${path}"`
  if (last.secret)
    yield fault(
      'admin.E009',
      admin,
      `${where}, which is secret.`,
      'A secret is never shown, and a search or an order would tell it letter by letter. Leave it out.',
    )
  if ((option === 'list' || option === 'ordering') && isMany(fields))
    yield fault(
      'admin.E005',
      admin,
      `${where}, which leads to many rows.`,
      'A column shows one value: use a computed column, which may count or join them.',
    )
  if (option === 'search' && last.relation)
    yield fault(
      'admin.E010',
      admin,
      `${where}, which is a relation.`,
      `Search in a field behind it: "${path}__${nameField(last.relation.target)}".`,
    )
  if (option === 'filters' && !last.relation && unlisted.has(last.kind ?? ''))
    yield fault(
      'admin.E010',
      admin,
      `${where}, whose values cannot be listed (${last.kind}).`,
      'Filter by fields with few different values; the others can be searched.',
    )
}

function nameField(model: AnyModel): string {
  const found = [...model.meta.fields.values()].find((field) => field.kind === 'char' && !field.secret)
  return (found ?? model.meta.pk[0]!).name
}

function* checkPaths(admin: ModelAdmin, option: PathOption): Generator<Finding> {
  const seen = new Set<string>()
  for (const written of admin.given[option] ?? []) {
    const path = option === 'ordering' ? written.replace(/^-/, '') : written.replace(/^[\^=](?=.)/, '')
    if (seen.has(path) && option !== 'search')
      yield fault('admin.E012', admin, `${optionOf(admin, option)} names "${path}" twice.`, 'Keep one of them.')
    seen.add(path)
    if (option === 'list' && (path === SELF || Object.hasOwn(admin.columns, path))) continue
    const fields = fieldsOnPath(admin.model, path)
    if (fields) yield* pathFaults(option, admin, path, fields)
    else yield unknownPath(option, admin, path)
  }
}

/** The names that an option of the form gives: `fields` may be written in groups. */
const namesOf = ({ given }: ModelAdmin, option: 'fields' | 'readonly'): readonly string[] =>
  given[option] ?? (option === 'fields' ? namesIn(given.fieldsets ?? []) : [])

function* checkFieldsets(admin: ModelAdmin): Generator<Finding> {
  const { fields, fieldsets = [] } = admin.given
  if (fields && admin.given.fieldsets)
    yield fault(
      'admin.E027',
      admin,
      `${optionOf(admin, 'fieldsets')} is given beside fields.`,
      'Keep one of the two: fieldsets names the fields, too.',
    )
  const seen = new Set<string>()
  for (const name of namesIn(fieldsets)) {
    if (seen.has(name))
      yield fault(
        'admin.E012',
        admin,
        `${optionOf(admin, 'fieldsets')} names "${name}" twice.`,
        'Keep one of them: a form sends each field once.',
      )
    seen.add(name)
  }
  for (const { collapsed, title } of fieldsets)
    if (collapsed && title === undefined)
      yield fault(
        'admin.E028',
        admin,
        `${optionOf(admin, 'fieldsets')} has a collapsed group without a title.`,
        'Give it a title: that is what opens it.',
      )
}

function* checkForm(admin: ModelAdmin): Generator<Finding> {
  const { fields } = admin.model.meta
  const names = [...fields.keys(), ...Object.keys(admin.columns)]
  for (const option of ['fields', 'readonly'] as const)
    for (const name of namesOf(admin, option)) {
      const field = fields.get(name)
      const where = `${optionOf(admin, option)} names "${name}"`
      if (Object.hasOwn(admin.columns, name)) continue
      if (!field) {
        yield unknownName('admin.E006', admin, option, name, names)
      } else if (admin.isUser && name === 'password')
        yield fault(
          'admin.E009',
          admin,
          `${where}, which is secret.`,
          'Leave it out: passwords are set on a page of their own, which every user has.',
        )
      else if (field.secret && field.relation?.type === 'manyToMany')
        yield fault(
          'admin.E009',
          admin,
          `${where}, which is secret.`,
          'A control that changes which rows are related shows which are: leave it out, and change them in code.',
        )
      else if (option === 'fields' && !admin.readonly.includes(name) && !canWrite(field))
        yield fault(
          'admin.E011',
          admin,
          `${where}, which a form of this model cannot write.`,
          field.relation
            ? `Edit it where it is kept: ${(field.relation.through?.model ?? field.relation.target).meta.label}; or name it in readonly, too.`
            : 'Name it in readonly, too: then it is shown.',
        )
    }
}

function* checkColumns(admin: ModelAdmin): Generator<Finding> {
  for (const [name, { orderBy }] of Object.entries(admin.columns)) {
    const same = admin.model.meta.fields.get(name)
    // A relation to many is no column by itself: `books` may count them.
    if (same && !isMany([same]))
      yield fault(
        'admin.E013',
        admin,
        `admin column "${name}" of ${admin.model.meta.label} has the name of a field.`,
        'Give it another name: the field could not be shown.',
      )
    if (orderBy === undefined) continue
    const path = orderBy.replace(/^-/, '')
    const fields = fieldsOnPath(admin.model, path)
    if (fields) yield* pathFaults('ordering', admin, path, fields)
    else yield unknownPath('ordering', admin, path)
  }
  for (const name of admin.given.links ?? [])
    if (!admin.list.includes(name)) yield unknownName('admin.E007', admin, 'links', name, admin.list)
  if (!Number.isInteger(admin.perPage) || admin.perPage < 1 || admin.perPage > 1000)
    yield fault(
      'admin.E008',
      admin,
      `${optionOf(admin, 'perPage')} is ${admin.perPage}.`,
      'Give a whole number from 1 to 1,000.',
    )
}

/** Options that do not exist; the compiler says this too, to those who run it. */
function* checkNames(admin: ModelAdmin): Generator<Finding> {
  const { model: _, given, isUser: __, ...options } = admin
  const names = Object.keys(options)
  for (const name of Object.keys(given).filter((each) => !names.includes(each))) {
    const near = nearest(name, names)
    const hint = `${near ? `Did you mean "${near}"? ` : ''}Options: ${names.join(', ')}.`
    yield fault('admin.E014', admin, `"${name}" is not an option of admin.register().`, hint)
  }
}

const adminOptions: Check = () =>
  registrations().flatMap((admin) => [
    ...checkNames(admin),
    ...checkPaths(admin, 'list'),
    ...checkPaths(admin, 'filters'),
    ...checkPaths(admin, 'search'),
    ...checkPaths(admin, 'ordering'),
    ...checkFieldsets(admin),
    ...checkForm(admin),
    ...checkColumns(admin),
    ...checkList(admin),
    ...checkInlines(admin),
  ])

export default [adminOptions]
