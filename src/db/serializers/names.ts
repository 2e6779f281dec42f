/**
 * Names as Django's fixtures spell them: `library.book`, `published_at`. Reading accepts ours as well (`library.Book`,
 * `publishedAt`).
 */
import { camelToSnake, nearest, snakeToCamel } from '../../std/text.ts'
import { allModels } from '../models/lookup.ts'
import type { AnyModel, FieldMeta, ModelMeta } from '../models/meta.ts'
import { DeserializationError } from './errors.ts'

/** `library.book` */
export function fixtureLabel(meta: ModelMeta): string {
  return meta.label.toLowerCase()
}

/**
 * A field's name in a fixture: snake case; for a column whose own name reads the same in camel case, that name
 * (`field_1`, which is `field1` here).
 */
export function fixtureName(field: FieldMeta): string {
  const { dbColumn } = field.options
  if (typeof dbColumn === 'string') {
    const own = field.attname === field.name ? dbColumn : dbColumn.replace(/_id$/, '')
    if (own !== '' && snakeToCamel(own) === field.name) return own
  }
  return camelToSnake(field.name)
}

const names = new WeakMap<ModelMeta, ReadonlyMap<string, FieldMeta>>()

/** Fields by every name that a fixture may give them. */
export function fieldsByName(meta: ModelMeta): ReadonlyMap<string, FieldMeta> {
  let known = names.get(meta)
  if (known === undefined) {
    const found = new Map<string, FieldMeta>()
    // Parts of a key over several columns are no fields of their own, but have values.
    const own = [...new Set([...meta.fields.values(), ...meta.columns])].filter(
      (field) => field.column !== null || field.relation?.through?.auto,
    )
    for (const field of own) found.set(fixtureName(field), field)
    for (const field of own) {
      for (const name of [field.name, field.attname, camelToSnake(field.attname), field.column]) {
        if (name !== null && !found.has(name)) found.set(name, field)
      }
    }
    names.set(meta, found)
    known = found
  }
  return known
}

/** Finds models by the labels of a fixture. `renamed`: labels that stand for others, `auth.user` → `accounts.User`. */
export class ModelNames {
  readonly #models: ReadonlyMap<string, AnyModel>
  readonly #renamed: ReadonlyMap<string, string>

  constructor(renamed: Readonly<Record<string, string>> = {}) {
    this.#models = new Map(allModels({ autoCreated: true }).map((model) => [fixtureLabel(model.meta), model]))
    this.#renamed = new Map(Object.entries(renamed).map(([from, to]) => [from.toLowerCase(), to.toLowerCase()]))
  }

  /** The model, or null. */
  find(label: string): AnyModel | null {
    const name = label.toLowerCase()
    return this.#models.get(this.#renamed.get(name) ?? name) ?? null
  }

  /** The error for a label that no model has. */
  unknown(
    label: string,
    where: { readonly source?: string | undefined; readonly line?: number },
  ): DeserializationError {
    const near = nearest(label.toLowerCase(), this.#models.keys())
    return new DeserializationError(`There is no model "${label}".`, {
      code: 'serializers.unknown-model',
      ...where,
      hint: `${near === null ? '' : `Did you mean "${near}"? `}Is its app in the settings? Rows of unknown models are left out by ignoreNonexistent.`,
    })
  }
}
