/** Small states for tests. */
import { fields as f } from '../../src/db/migrations/fields.ts'
import {
  type FieldState,
  type ModelState,
  type ModelStateOptions,
  ProjectState,
} from '../../src/db/migrations/state.ts'

export { f }

/** `model('library.Book', { title: f.text() })`: with an id unless it has a key. */
export function model(
  label: string,
  fields: Record<string, FieldState> = {},
  options: ModelStateOptions = {},
): ModelState {
  const [app, name] = label.split('.') as [string, string]
  const keyed =
    options.primaryKey || Object.values(fields).some((field) => JSON.stringify(field.args).includes('primaryKey'))
  return { app, name, fields: keyed ? fields : { id: f.autoId({ primaryKey: true }), ...fields }, options }
}

export const state = (...models: ModelState[]) => new ProjectState(models)
