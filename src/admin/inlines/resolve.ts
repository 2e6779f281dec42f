/** Inlines with every option decided: by which key, which fields, how many. */
import type { AnyModel, FieldMeta } from '../../db/models/meta.ts'
import { FormError } from '../../forms/index.ts'
import { foreignKeyTo, rulesOf, type SetRules, setName } from '../../forms/internal.ts'
import { capitalize } from '../../std/text.ts'
import { AdminError } from '../errors.ts'
import { type ModelAdmin, resolveOptions } from '../model-admin.ts'
import { adminOf } from '../site.ts'
import type { AnyInline } from './options.ts'

/** An inline, ready to use. */
export interface ResolvedInline {
  readonly model: AnyModel
  /** The foreign key to the parent. */
  readonly fk: FieldMeta
  /** The fields, the values and the scope, as of a model that is registered. */
  readonly admin: ModelAdmin
  /** The model's own registration; null where it is not shown by itself. */
  readonly shown: ModelAdmin | null
  readonly layout: 'tabular' | 'stacked'
  readonly title: string
  /** What names begin with: `legs`. */
  readonly prefix: string
  readonly rules: SetRules
  readonly ordering: readonly string[]
  readonly showChangeLink: boolean
  readonly inlines: readonly ResolvedInline[]
}

const resolved = new WeakMap<AnyModel, Map<readonly AnyInline[], readonly ResolvedInline[]>>()

/** The inlines of a model, decided once. @throws AdminError admin.bad-inline; the checks say it better and before */
export function inlinesOf(parent: AnyModel, inlines: readonly AnyInline[]): readonly ResolvedInline[] {
  const known = resolved.get(parent) ?? new Map<readonly AnyInline[], readonly ResolvedInline[]>()
  resolved.set(parent, known)
  let found = known.get(inlines)
  if (!found) {
    const taken = new Set<string>()
    found = inlines.map((each) => resolve(parent, each, taken))
    known.set(inlines, found)
  }
  return found
}

function resolve(parent: AnyModel, { model, options, inlines }: AnyInline, taken: Set<string>): ResolvedInline {
  try {
    const fk = foreignKeyTo(parent, model, options.fkName)
    const shown = adminOf(model)
    const name = setName(parent, fk)
    // Two inlines of one model: `legs`, then `legs-2`, as Django numbers them.
    let prefix = name
    for (let number = 2; taken.has(prefix); number++) prefix = `${name}-${number}`
    taken.add(prefix)
    const defaults = resolveOptions(model, {})
    const fields = (options.fields ?? defaults.fields).filter((field) => field !== fk.name)
    const admin = resolveOptions(model, {
      fields,
      readonly: options.readonly ?? (options.fields ? [] : defaults.readonly),
      columns: options.columns ?? {},
      ...(shown?.scope ? { scope: shown.scope } : {}),
    })
    const { extra = 1, min = 0, canDelete = true } = options
    // A one-to-one field: there is one such row at most.
    const max = fk.unique ? 1 : (options.max ?? 1000)
    return {
      ...{ model, fk, admin, shown, prefix },
      layout: options.layout ?? 'tabular',
      title: options.title ?? capitalize(model.meta.verboseNamePlural),
      rules: rulesOf({ extra, min, max, canDelete }),
      ordering: options.ordering ?? model.meta.ordering,
      showChangeLink: options.showChangeLink ?? true,
      inlines: inlinesOf(model, inlines),
    }
  } catch (cause) {
    if (!(cause instanceof FormError)) throw cause
    throw new AdminError(`An inline of ${parent.meta.label} cannot work: ${cause.message}`, {
      code: 'admin.bad-inline',
      hint: cause.hint ?? 'Run `nuages check`.',
      cause,
    })
  }
}
