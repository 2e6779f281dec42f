/** The parents whose pages show rows of a model: its list can be narrowed to the rows of one of them. */
import type { AnyModel } from '../../db/models/meta.ts'
import { foreignKeysTo } from '../../forms/internal.ts'
import type { ModelAdmin } from '../model-admin.ts'
import { registrations } from '../site.ts'
import type { AnyInline } from './options.ts'

/** Foreign keys by which a model is an inline somewhere, by name. */
export function parentKeys({ model }: ModelAdmin): string[] {
  const names = new Set<string>()
  const look = (parent: AnyModel, inlines: readonly AnyInline[]) => {
    for (const inline of inlines) {
      if (inline.model === model)
        for (const { name } of foreignKeysTo(parent, model))
          if (inline.options.fkName === undefined || inline.options.fkName === name) names.add(name)
      look(inline.model, inline.inlines)
    }
  }
  for (const admin of registrations()) look(admin.model, admin.inlines)
  return [...names]
}
