/** Paths of options, as fields. */
import type { AnyModel, FieldMeta } from '../../db/models/meta.ts'
import { AdminError } from '../errors.ts'
import type { ModelAdmin } from '../model-admin.ts'

/** A path as its fields, or null when it leads nowhere. */
export function fieldsOnPath(model: AnyModel, path: string): FieldMeta[] | null {
  const found: FieldMeta[] = []
  let current: AnyModel | null = model
  for (const name of path.split('__')) {
    const field: FieldMeta | undefined = current?.meta.fields.get(name) ?? current?.meta.byAttname.get(name)
    if (!field) return null
    found.push(field)
    // `countryId` is the key itself: nothing lies behind it.
    current = field.name === name ? (field.relation?.target ?? null) : null
  }
  return found
}

/** Whether one row may meet several on the path. */
export function isMany(fields: readonly FieldMeta[]): boolean {
  return fields.some((field) => field.relation !== null && !field.relation.single)
}

/** The fields of an option's path. @throws AdminError admin.unknown-path; the checks say it better and before */
export function requireFields(admin: ModelAdmin, option: string, path: string): FieldMeta[] {
  const fields = fieldsOnPath(admin.model, path)
  if (fields) return fields
  throw new AdminError(`admin option ${option} of ${admin.model.meta.label} names "${path}", which is not there.`, {
    code: 'admin.unknown-path',
    hint: 'Run `nuages check`: it names what is near.',
  })
}
