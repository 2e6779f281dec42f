/** How the checks of the admin say what they found: the option, what it names, and what is near. */
import { type Finding, finding } from '../checks/index.ts'
import type { AnyModel } from '../db/models/meta.ts'
import { nearest } from '../std/text.ts'
import { fieldsOnPath } from './changelist/paths.ts'
import type { ModelAdmin } from './model-admin.ts'

/** A finding about a registration. */
export function fault(id: string, admin: ModelAdmin, message: string, hint: string): Finding {
  return finding('error', id, message, { hint, object: admin.model.meta.label })
}
/** The option of a model, in words. */
export const optionOf = (admin: ModelAdmin, option: string) => `admin option ${option} of ${admin.model.meta.label}`

/** A name that is not there. */
export function unknownName(
  id: string,
  admin: ModelAdmin,
  option: string,
  name: string,
  names: readonly string[],
): Finding {
  const near = nearest(name, names)
  return fault(
    id,
    admin,
    `${optionOf(admin, option)} names "${name}", which is not there.`,
    `${near ? `Did you mean "${near}"? ` : ''}Names: ${names.join(', ')}.`,
  )
}

/** Where a path fails: the step, and the names that could stand there. */
export function failingStep(model: AnyModel, path: string): { step: string; names: string[]; before: string } {
  const steps = path.split('__')
  let at = model
  for (const [index, step] of steps.entries()) {
    const fields = fieldsOnPath(at, step)
    const next = fields?.[0]?.relation?.target
    if (!fields || !next || index === steps.length - 1)
      return { step, names: [...at.meta.fields.keys()], before: steps.slice(0, index).join('__') }
    at = next
  }
  return { step: path, names: [...model.meta.fields.keys()], before: '' }
}
