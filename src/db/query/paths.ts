/**
 * The one path language, `author__company__name__icontains`: names to hops between tables, a column at the end, and
 * what is left over (lookups, parts of dates, keys of JSON).
 */
import type { FieldMeta, ModelMeta } from '../models/meta.ts'
import { unknownField } from './errors.ts'

/** One join: from a table to the next. The same object whenever the same key is followed the same way. */
export interface Hop {
  readonly target: ModelMeta
  /** The foreign key that is followed, this way or backwards. */
  readonly key: FieldMeta
  /** Columns on the side we come from, and on the new table. */
  readonly from: readonly FieldMeta[]
  readonly to: readonly FieldMeta[]
  /** There may be no row on the other side. */
  readonly nullable: boolean
  /** There may be several. */
  readonly many: boolean
  /** The key is on the side we come from. */
  readonly direct: boolean
}

/** A relation of a path, with its hops: two through a table between. */
export interface Step {
  readonly field: FieldMeta
  readonly hops: readonly Hop[]
}

/** A path, resolved. */
export interface Path {
  readonly steps: readonly Step[]
  /** The columns at the end, on the table the last hop leads to: the target's key when the path ends in a relation. */
  readonly columns: readonly FieldMeta[]
  /** The first of them. */
  readonly column: FieldMeta
  /** The field the path ends in: a relation, or the column itself. */
  readonly field: FieldMeta
  /** Whether the path ends in a relation, named as such (`author`, not `authorId`). */
  readonly toRelation: boolean
  /** Where the path ends. */
  readonly meta: ModelMeta
  /** Names not used: lookups. */
  readonly rest: readonly string[]
}

const forward = new WeakMap<FieldMeta, Hop>()
const backward = new WeakMap<FieldMeta, Hop>()

function forwardHop(key: FieldMeta): Hop {
  let hop = forward.get(key)
  if (hop === undefined) {
    const { target, targets } = key.relation!
    hop = { target: target.meta, key, from: key.parts, to: targets, nullable: key.null, many: false, direct: true }
    forward.set(key, hop)
  }
  return hop
}

/** From a key's target to the rows that hold it. */
export function backwardHop(key: FieldMeta): Hop {
  let hop = backward.get(key)
  if (hop === undefined) {
    const { targets, type } = key.relation!
    const many = type !== 'oneToOne'
    hop = { target: key.model.meta, key, from: targets, to: key.parts, nullable: true, many, direct: false }
    backward.set(key, hop)
  }
  return hop
}

/** The joins that following a relation takes. */
export function hopsOf(field: FieldMeta): readonly Hop[] {
  const relation = field.relation!
  if (relation.through !== null) return [backwardHop(relation.through.from), forwardHop(relation.through.to)]
  if (relation.via !== null) {
    const via = relation.via
    // The reverse of a many-to-many: the same table between, from the other side.
    const through = via.relation?.through
    if (through != null) return [backwardHop(through.to), forwardHop(through.from)]
    return [backwardHop(via)]
  }
  return [forwardHop(field)]
}

/** Names a model's paths may start with. */
export function fieldNames(meta: ModelMeta): string[] {
  return [...meta.fields.keys(), ...[...meta.byAttname.keys()].filter((name) => !meta.fields.has(name)), 'pk']
}

/** A field by the name a path uses: field, `authorId`, or `pk` (of a key of several columns the first). */
function fieldByName(meta: ModelMeta, name: string): FieldMeta | undefined {
  if (name === 'pk') return meta.pk[0]
  return meta.fields.get(name) ?? meta.byAttname.get(name)
}

/** The names that a query set gave, for errors. */
type Annotations = Pick<ReadonlyMap<string, unknown>, 'keys'>
const NONE: Annotations = new Map()

/**
 * Resolves a path from a model.
 * @throws FieldNameError db.unknown-field when the first name, or one behind a relation, is no field
 */
export function resolvePath(meta: ModelMeta, path: string, annotations: Annotations = NONE): Path {
  const names = path.split('__')
  const steps: Step[] = []
  let here = meta
  for (let i = 0; i < names.length; i++) {
    const name = names[i]!
    const field = fieldByName(here, name)
    if (field === undefined) {
      const last = steps.at(-1)
      if (last === undefined) throw unknownField(name, meta.label, fieldNames(meta), path, annotations.keys())
      return ended(steps, last.field, here, names.slice(i))
    }
    const local = field.relation === null || (field.parts.length > 0 && name === field.attname && name !== field.name)
    // A key that is itself a relation (`pk` of a oneToOne key) is its own column.
    if (local || name === 'pk') {
      const columns = name === 'pk' ? here.pk : field.parts
      return { steps, columns, column: columns[0]!, field, toRelation: false, meta: here, rest: names.slice(i + 1) }
    }
    steps.push({ field, hops: hopsOf(field) })
    here = field.relation!.target.meta
  }
  return ended(steps, steps.at(-1)!.field, here, [])
}

function ended(steps: readonly Step[], field: FieldMeta, here: ModelMeta, rest: readonly string[]): Path {
  // What a foreign key holds: the target's key, or the field that `toField` names.
  const hop = steps.at(-1)!.hops.at(-1)!
  const columns = hop.direct ? hop.to : here.pk
  return { steps, columns, column: columns[0]!, field, toRelation: true, meta: here, rest }
}

/** The columns that the value of a relation field is of: those of {@link Path.columns} where a path ends in it. */
export function valueColumns(field: FieldMeta): readonly FieldMeta[] {
  const hop = hopsOf(field).at(-1)!
  return hop.direct ? hop.to : field.relation!.target.meta.pk
}

/** The first secret field that a path leads through or to, or null. A path that ends in a relation is its key. */
export function secretOn(meta: ModelMeta, path: string): FieldMeta | null {
  let here = meta
  let last: FieldMeta | null = null
  for (const name of path.split('__')) {
    const field = fieldByName(here, name)
    if (field === undefined) break // an annotation, a lookup
    const isKey = field.relation === null || (name === field.attname && name !== field.name)
    if (field.secret && (isKey || field.options.secret === true)) return field
    if (isKey) return null
    last = field
    here = field.relation!.target.meta // it is no column
  }
  return last === null ? null : (valueColumns(last).find((column) => column.secret) ?? null)
}

/** How many relations to several rows a path follows: each may multiply the rows that the database goes through. */
export function manyOn(meta: ModelMeta, path: string): number {
  let here = meta
  let count = 0
  for (const name of path.split('__')) {
    const field = fieldByName(here, name)
    if (field == null || field.relation === null) break
    if (hopsOf(field).some((hop) => hop.many)) count++
    here = field.relation.target.meta
  }
  return count
}
