/** Checks of the options that a list is worked with: editable, dateHierarchy, actions, and what columns are worth. */
import type { Finding } from '../../checks/index.ts'
import { Expression } from '../../db/expressions/index.ts'
import type { FieldMeta } from '../../db/models/meta.ts'
import { nearest } from '../../std/text.ts'
import { failingStep, fault, optionOf, unknownName } from '../findings.ts'
import type { ModelAdmin } from '../model-admin.ts'
import { MOST_CONTROLS } from './list.ts'
import { fieldsOnPath, isMany } from './paths.ts'

/** What is wrong with them. */
export function* checkList(admin: ModelAdmin): Generator<Finding> {
  yield* checkEditable(admin)
  yield* checkDates(admin)
  yield* checkActions(admin)
  yield* checkValues(admin)
}

function* checkEditable(admin: ModelAdmin): Generator<Finding> {
  const { editable, list, links, perPage, model } = admin
  const option = optionOf(admin, 'editable')
  for (const name of editable) {
    if (!list.includes(name)) {
      yield unknownName('admin.E020', admin, 'editable', name, list)
      continue
    }
    const why = notEditable(admin, name, model.meta.fields.get(name))
    if (why)
      yield fault(
        'admin.E021',
        admin,
        `${option} names "${name}", which cannot be edited in a list: ${why}.`,
        'Leave it out of editable.',
      )
    else if (links.includes(name))
      yield fault(
        'admin.E021',
        admin,
        `${option} names "${name}", which leads to the row.`,
        `Name another column in links: ${list.filter((each) => !editable.includes(each)).join(', ') || '__str__, in list too'}.`,
      )
  }
  const most = Math.floor(MOST_CONTROLS / (editable.length + 1))
  if (editable.length > 0 && perPage > most)
    yield fault(
      'admin.E022',
      admin,
      `${option} has ${editable.length} columns on pages of ${perPage} rows: more controls than one form may send.`,
      `Give perPage ${most} or less.`,
    )
}

function notEditable({ isUser, columns }: ModelAdmin, name: string, field: FieldMeta | undefined): string | null {
  if (Object.hasOwn(columns, name)) return 'it is computed'
  if (!field) return 'it is no field of the model itself'
  if (field.primaryKey) return 'it is the key of the row'
  if (field.secret || (isUser && name === 'password')) return 'it is secret'
  if (field.column === null) return 'it is kept in another table'
  return field.kind === 'binary' || field.kind === 'json' ? `its values are ${field.kind}` : null
}

function* checkDates(admin: ModelAdmin): Generator<Finding> {
  const path = admin.dateHierarchy
  if (path === null) return
  const option = optionOf(admin, 'dateHierarchy')
  const fields = fieldsOnPath(admin.model, path)
  if (!fields) {
    const { step, names, before } = failingStep(admin.model, path)
    const near = nearest(step, names)
    yield fault(
      'admin.E023',
      admin,
      `${option} names "${path}", which is not there.`,
      `${near ? `Did you mean "${before ? `${before}__` : ''}${near}"? ` : ''}Names: ${names.join(', ')}.`,
    )
    return
  }
  const { kind, secret, relation } = fields.at(-1)!
  if (relation || (kind !== 'date' && kind !== 'dateTime'))
    yield fault(
      'admin.E023',
      admin,
      `${option} names "${path}", which is no date.`,
      'Name a field made by date() or dateTime().',
    )
  else if (isMany(fields))
    yield fault(
      'admin.E023',
      admin,
      `${option} names "${path}", which leads to many rows.`,
      'Each row of the list must have one date.',
    )
  else if (secret)
    yield fault(
      'admin.E009',
      admin,
      `${option} names "${path}", which is secret.`,
      'A secret is never shown. Leave it out.',
    )
}

function* checkActions(admin: ModelAdmin): Generator<Finding> {
  const option = optionOf(admin, 'actions')
  const labels = new Set<string>()
  for (const action of admin.actions as readonly Partial<ModelAdmin['actions'][number]>[]) {
    if (typeof action?.options?.run !== 'function' || !action.model) {
      yield fault(
        'admin.E024',
        admin,
        `${option} has something that is no action.`,
        `Make it with action(${admin.model.meta.name}, { label: '…', async run(rows) { … } }).`,
      )
      continue
    }
    const label = String(action.options.label ?? '')
    if (!(admin.model === action.model || admin.model.prototype instanceof (action.model as never)))
      yield fault(
        'admin.E024',
        admin,
        `${option} has "${label}", which is an action of ${action.model.meta.label}.`,
        `Declare it with action(${admin.model.meta.name}, …): run() is given rows of that model.`,
      )
    if (label === '' || label.startsWith('~') || labels.has(label))
      yield fault(
        'admin.E025',
        admin,
        `${option} has ${label === '' ? 'an action without a label' : `an action "${label}" ${labels.has(label) ? 'twice' : 'whose label begins with ~'}`}.`,
        'Give each action a label of its own: it is what the menu shows, and what is sent.',
      )
    labels.add(label)
  }
}

function* checkValues(admin: ModelAdmin): Generator<Finding> {
  for (const [name, { value }] of Object.entries(admin.columns)) {
    if (typeof value === 'function' || (value as unknown) instanceof Expression) continue
    yield fault(
      'admin.E026',
      admin,
      `admin column "${name}" of ${admin.model.meta.label} has no value.`,
      "Give it value: (row) => …, or an expression such as Count('books').",
    )
  }
}
