/**
 * Rows put to those whose relation they are, by foreign key. One function is generated for each key; where evaluation is
 * forbidden, a closure does the same.
 */
import { compileFunction } from '../../std/codegen.ts'
import { type AnyInstance, CACHE, setCached } from '../models/instance.ts'
import { keyId } from '../models/keys.ts'
import type { FieldMeta } from '../models/meta.ts'

/** An instance and its related rows. */
export interface Family {
  /** Whom rows know as the one that they belong to: of several instances of one row, the last. */
  owner: AnyInstance
  /** The others of them. */
  twins: AnyInstance[] | null
  readonly items: AnyInstance[]
}
/** Families by the key of the owner; see {@link keyId}. */
export type Families = Map<unknown, Family>

/** Takes one more instance of the owner's row. */
export function join(family: Family, owner: AnyInstance): void {
  family.twins ??= []
  family.twins.push(family.owner)
  family.owner = owner
}

/** Gives rows to the families that their foreign key names, and each row its owner. */
type Gather = (rows: readonly AnyInstance[], families: Families) => void

const gatherers = new WeakMap<FieldMeta, Gather>()

export function gathererOf(key: FieldMeta): Gather {
  let gather = gatherers.get(key)
  if (gather === undefined) {
    gather = generated(key) ?? ((rows, families) => gatherInTurn(key, rows, families))
    gatherers.set(key, gather)
  }
  return gather
}

/** {@link gatherInTurn} of one key, written out: a literal is made in a sixth of the time of an object that grows. */
function generated({ name, attname, parts, model }: FieldMeta): Gather | null {
  const [own, id] = [JSON.stringify(name), `row[${JSON.stringify(attname)}]`]
  const body = `return (rows, families) => {
  let last, family
  for (let i = 0; i < rows.length; i++) {
    const row = rows[i], id = ${parts.length > 1 ? `keyId(${id})` : id}
    if (family === undefined || id !== last) {
      last = id
      family = families.get(id)
      if (family === undefined) continue
    }
    family.items.push(row)
    if (row[CACHE] === null) row[CACHE] = { ${own}: family.owner }
    else row[CACHE][${own}] = family.owner
  }
}`
  const make = compileFunction(['CACHE', 'keyId'], body, `rows by ${model.meta.label}.${name}`)
  return make === null ? null : (make(CACHE, keyId) as Gather) // as generated above
}

function gatherInTurn({ name, attname }: FieldMeta, rows: readonly AnyInstance[], families: Families): void {
  for (const row of rows) {
    const family = families.get(keyId(row[attname]))
    if (family === undefined) continue
    family.items.push(row)
    setCached(row, name, family.owner)
  }
}
