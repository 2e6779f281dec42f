/** One field on a model of its own. */
import { defineModel, ModelRegistry } from '../../../src/db/internal.ts'
import type { FieldMeta } from '../../../src/db/models/meta.ts'

/** The field a declaration makes. */
export function bound(declaration: unknown): FieldMeta {
  const model = defineModel({
    app: 'tests',
    name: 'Thing',
    fields: { value: declaration },
    registry: new ModelRegistry(),
  })
  return model.meta.fields.get('value')!
}
