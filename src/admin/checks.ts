/** Options that name what is not there: found at start, with the names that are near. */
import { type Check, type Finding, finding } from '../checks/index.ts'
import type { AnyModel } from '../db/models/meta.ts'
import { nearest } from '../std/text.ts'
import { fieldsOnPath } from './changelist/columns.ts'
import { type ModelAdmin, SELF } from './options.ts'
import { registrations } from './site.ts'

function unknownName(id: string, admin: ModelAdmin, option: string, name: string, names: readonly string[]): Finding {
  const near = nearest(name, names)
  return finding(
    'error',
    id,
    `admin option ${option} of ${admin.model.meta.label} names "${name}", which is not there.`,
    {
      hint: `${near ? `Did you mean "${near}"? ` : ''}Names: ${names.join(', ')}.`,
      object: admin.model.meta.label,
    },
  )
}

/** Names that could stand where a path fails. */
function namesAt(model: AnyModel, path: string): string[] {
  const steps = path.split('__')
  for (let length = steps.length - 1; length > 0; length--) {
    const fields = fieldsOnPath(model, steps.slice(0, length).join('__'))
    const target = fields?.at(-1)?.relation?.target
    if (target) return [...target.meta.fields.keys()]
  }
  return [...model.meta.fields.keys()]
}

function* checkPaths(
  id: string,
  admin: ModelAdmin,
  option: 'list' | 'filters' | 'search' | 'ordering',
  single: boolean,
): Generator<Finding> {
  for (const written of admin.given[option] ?? []) {
    const path = written.replace(/^[-^=]/, '')
    if (option === 'list' && (path === SELF || Object.hasOwn(admin.columns, path))) continue
    const fields = fieldsOnPath(admin.model, path)
    if (!fields) {
      const last = path.split('__').at(-1)!
      const names = [...namesAt(admin.model, path), ...(option === 'list' ? Object.keys(admin.columns) : [])]
      yield unknownName(id, admin, option, names.includes(last) ? path : last, names)
    } else if (single && fields.some((field) => field.relation && !field.relation.single))
      yield finding(
        'error',
        'admin.E005',
        `admin option ${option} of ${admin.model.meta.label} names "${path}", which leads to many rows.`,
        {
          hint: 'A column shows one value: use a computed column, which may count or join them.',
          object: admin.model.meta.label,
        },
      )
  }
}

const options: Check = () =>
  registrations().flatMap((admin) => {
    const found: Finding[] = [
      ...checkPaths('admin.E001', admin, 'list', true),
      ...checkPaths('admin.E002', admin, 'filters', false),
      ...checkPaths('admin.E003', admin, 'search', false),
      ...checkPaths('admin.E004', admin, 'ordering', true),
    ]
    const names = [...admin.model.meta.fields.keys()]
    for (const option of ['fields', 'readonly'] as const)
      for (const name of admin.given[option] ?? [])
        if (!names.includes(name)) found.push(unknownName('admin.E006', admin, option, name, names))
    for (const name of admin.given.links ?? [])
      if (!admin.list.includes(name)) found.push(unknownName('admin.E007', admin, 'links', name, admin.list))
    if (!Number.isInteger(admin.perPage) || admin.perPage < 1 || admin.perPage > 1000)
      found.push(
        finding('error', 'admin.E008', `admin option perPage of ${admin.model.meta.label} is ${admin.perPage}.`, {
          hint: 'Give a whole number from 1 to 1,000.',
          object: admin.model.meta.label,
        }),
      )
    return found
  })

export default [options]
