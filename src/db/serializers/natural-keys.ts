/**
 * Natural keys: what a row is known by outside of one database. A model names them (`naturalKey: ['codename',
 * 'contentType']`); a relation among them stands for the natural key of its target, as Django's are written.
 */
import { database } from '../connections.ts'
import { definitionOf, lineage } from '../models/definition.ts'
import { KeyMap } from '../models/keys.ts'
import type { AnyModel, FieldMeta, ModelMeta } from '../models/meta.ts'
import { readRows } from '../query/rows.ts'
import { initialState } from '../query/state.ts'
import { withFilter, withValues } from '../query/state-ops.ts'
import { columnField } from '../query/written-fields.ts'
import { SerializationError } from './errors.ts'
import { BadValue, fromFixture, toFixture } from './values.ts'

/** One part of a natural key: the path to its column, and the column. */
interface Leaf {
  readonly path: string
  readonly field: FieldMeta
}

const leaves = new WeakMap<AnyModel, readonly Leaf[]>()

/** Names of the fields of a model's natural key; none: it has no such key. */
export function naturalFields(model: AnyModel): readonly string[] {
  return (
    lineage(definitionOf(model.meta.concrete)!).findLast((each) => each.options.naturalKey)?.options.naturalKey ?? []
  ) // a model has one
}

function leavesOf(model: AnyModel, above: readonly AnyModel[] = []): readonly Leaf[] {
  const known = leaves.get(model)
  if (known !== undefined) return known
  if (above.includes(model)) {
    throw new SerializationError(`The natural key of ${model.meta.label} leads back to itself.`, {
      code: 'serializers.natural-key-loop',
      hint: `It goes ${[...above, model].map((each) => each.meta.label).join(' → ')}: leave one of these relations out.`,
    })
  }
  const found = naturalFields(model).flatMap((name): readonly Leaf[] => {
    const field = columnField(model.meta, name)
    if (field.relation === null) return [{ path: name, field }]
    const below = leavesOf(field.relation.target, [...above, model])
    if (below.length === 0) return [{ path: field.attname, field }]
    return below.map((leaf) => ({ path: `${field.name}__${leaf.path}`, field: leaf.field }))
  })
  leaves.set(model, found)
  return found
}

/** What queries call a model's key, of however many columns. */
function keyPath({ pk }: ModelMeta): string {
  return pk.length === 1 ? pk[0]!.attname : 'pk'
}

/** Models whose rows must be there before a natural key of this one can be looked up. */
export function naturalDependencies(model: AnyModel): AnyModel[] {
  return naturalFields(model).flatMap((name) => {
    const { relation } = columnField(model.meta, name)
    return relation === null || naturalFields(relation.target).length === 0 ? [] : [relation.target]
  })
}

/** Keys remembered at a time, of each kind; forgotten all at once when there are more. */
const MAX_KNOWN = 10_000

/** Natural keys of one database, remembered while rows are written or read. */
export class NaturalKeys {
  readonly #alias: string
  readonly #written = new Map<AnyModel, Map<unknown, readonly unknown[] | null>>()
  readonly #read = new Map<string, unknown>()

  constructor(alias: string) {
    this.#alias = alias
  }

  /**
   * The natural keys of rows, by primary key; null for a row without one: the model has none, or a part of it is null.
   */
  async of(model: AnyModel, keys: Iterable<unknown>): Promise<ReadonlyMap<unknown, readonly unknown[] | null>> {
    let known = this.#written.get(model)
    if (known === undefined || known.size > MAX_KNOWN) {
      known = new KeyMap()
      this.#written.set(model, known)
    }
    const parts = leavesOf(model)
    const missing = [...new KeyMap(Array.from(keys, (key) => [key, key])).values()].filter(
      (key) => key !== null && key !== undefined && !known.has(key),
    )
    if (parts.length === 0 || missing.length === 0) return known
    const pk = keyPath(model.meta)
    const state = { ...initialState(model), alias: this.#alias }
    const most = Math.min(500, Math.floor(database(this.#alias).features.maxParams / model.meta.pk.length))
    for (let i = 0; i < missing.length; i += most) {
      const some = missing.slice(i, i + most)
      const query = withFilter(state, { [`${pk}__in`]: some })
      const rows = await readRows(model, withValues(query, [pk, ...parts.map((part) => part.path)], 'lists'))
      for (const [key, ...values] of rows as unknown[][]) {
        const written = parts.map((part, at) => toFixture(part.field, values[at]))
        known.set(key, written.includes(null) ? null : written)
      }
    }
    return known
  }

  /** The primary key of a natural one; undefined when there is no such row. @throws SerializationError */
  async find(model: AnyModel, parts: readonly unknown[]): Promise<unknown> {
    const id = `${model.meta.label} ${JSON.stringify(parts, (_, part: unknown) => (typeof part === 'bigint' ? `${part}n` : part))}`
    if (this.#read.has(id)) return this.#read.get(id)
    const expected = leavesOf(model)
    if (expected.length !== parts.length) {
      throw new SerializationError(
        expected.length === 0
          ? `${model.meta.label} has no natural key.`
          : `The natural key of ${model.meta.label} has ${expected.length} parts, not ${parts.length}.`,
        {
          code: 'serializers.no-natural-key',
          hint:
            expected.length === 0
              ? `Declare one in its options: naturalKey: ['name'].`
              : `They are: ${expected.map((leaf) => leaf.path).join(', ')}.`,
        },
      )
    }
    const where: Record<string, unknown> = {}
    for (const [i, { path, field }] of expected.entries()) {
      const value = fromFixture(field, parts[i])
      if (value === null || value instanceof BadValue) return undefined
      where[path] = value
    }
    const key = await this.lookUp(model, where)
    if (key !== undefined) {
      if (this.#read.size > MAX_KNOWN) this.#read.clear()
      this.#read.set(id, key)
    }
    return key
  }

  /** The key of the row with these values; undefined without one, or with several. */
  async lookUp(model: AnyModel, where: Readonly<Record<string, unknown>>): Promise<unknown> {
    const state = withFilter({ ...initialState(model), alias: this.#alias }, where)
    const rows = await readRows(model, withValues(state, [keyPath(model.meta)], 'flat'), true)
    return rows.length === 1 ? rows[0] : undefined
  }
}
