/**
 * The one path language, `author__company__name__icontains`: names to hops between tables, a column at the end, and
 * what is left over (lookups, parts of dates, keys of JSON).
 */
import type { FieldMeta, ModelMeta } from '../models/meta.ts'
import { FieldNameError, unknownField } from './errors.ts'

/** One join: from a table to the next. The same object whenever the same key is followed the same way. */
export interface Hop {
  readonly target: ModelMeta
  /** Column on the side we come from, and on the new table. */
  readonly from: FieldMeta
  readonly to: FieldMeta
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
  /** The column at the end, on the table the last hop leads to: the target's key when the path ends in a relation. */
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

/** The single key column of a model, for joins. */
export function keyOf(meta: ModelMeta): FieldMeta {
  return meta.pk[0]!
}

function forwardHop(key: FieldMeta): Hop {
  let hop = forward.get(key)
  if (hop === undefined) {
    const target = key.relation!.target.meta
    hop = { target, from: key, to: keyOf(target), nullable: key.null, many: false, direct: true }
    forward.set(key, hop)
  }
  return hop
}

/** From a key's target to the rows that hold it. */
export function backwardHop(key: FieldMeta): Hop {
  let hop = backward.get(key)
  if (hop === undefined) {
    const from = keyOf(key.relation!.target.meta)
    const many = key.relation!.type !== 'oneToOne'
    hop = { target: key.model.meta, from, to: key, nullable: true, many, direct: false }
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

/** A field by the name a path uses: field, `authorId`, or `pk`. */
export function fieldByName(meta: ModelMeta, name: string): FieldMeta | undefined {
  if (name === 'pk') {
    if (meta.pk.length === 1) return meta.pk[0]
    throw new FieldNameError(`${meta.label} has a key of several fields, which a path cannot name as "pk".`, {
      code: 'db.composite-key',
      hint: `Name its fields: ${meta.pk.map((field) => field.name).join(', ')}.`,
    })
  }
  return meta.fields.get(name) ?? meta.byAttname.get(name)
}

/**
 * Resolves a path from a model.
 * @throws FieldNameError db.unknown-field when the first name, or one behind a relation, is no field
 */
export function resolvePath(meta: ModelMeta, path: string): Path {
  const names = path.split('__')
  const steps: Step[] = []
  let here = meta
  for (let i = 0; i < names.length; i++) {
    const name = names[i]!
    const field = fieldByName(here, name)
    if (field === undefined) {
      const last = steps.at(-1)
      if (last === undefined) throw unknownField(name, meta.label, fieldNames(meta), path)
      return ended(steps, last.field, here, names.slice(i))
    }
    const local = field.relation === null || (field.column !== null && name === field.attname && name !== field.name)
    // A key that is itself a relation (`pk` of a oneToOne key) is its own column.
    if (local || name === 'pk') {
      return { steps, column: field, field, toRelation: false, meta: here, rest: names.slice(i + 1) }
    }
    steps.push({ field, hops: hopsOf(field) })
    here = field.relation!.target.meta
  }
  return ended(steps, steps.at(-1)!.field, here, [])
}

function ended(steps: readonly Step[], field: FieldMeta, here: ModelMeta, rest: readonly string[]): Path {
  return { steps, column: keyOf(here), field, toRelation: true, meta: here, rest }
}

/** The first secret field that a path leads through or to, or null. */
export function secretOn(meta: ModelMeta, path: string): FieldMeta | null {
  let here = meta
  for (const name of path.split('__')) {
    const field = here.fields.get(name) ?? here.byAttname.get(name) ?? (name === 'pk' ? here.pk[0] : undefined)
    if (field === undefined) return null // an annotation, a lookup
    if (field.secret) return field
    if (field.relation === null) return null
    here = field.relation.target.meta
  }
  return null
}
