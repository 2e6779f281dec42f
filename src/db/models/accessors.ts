/**
 * Relations as attributes, on a model's prototype: `book.author` is the loaded instance, null, or something to await;
 * `author.books` is a related set. Nothing is allocated per row until a relation is touched.
 */
import { ModelError } from '../errors.ts'
import { assertRelation } from '../routers.ts'
import { awaited } from '../traced.ts'
import { hook } from './hooks.ts'
import { ALIAS, type AnyInstance, CACHE, clearCached, isInstance, LOADED, setCached } from './instance.ts'
import { keyValue, sameKey } from './keys.ts'
import type { FieldMeta } from './meta.ts'

/** A relation that was not read. Awaiting it reads it, for all instances of the same result at once. */
class UnloadedRelation implements PromiseLike<AnyInstance | null> {
  readonly [LOADED] = false
  readonly #instance: AnyInstance
  readonly #field: FieldMeta

  constructor(instance: AnyInstance, field: FieldMeta) {
    this.#instance = instance
    this.#field = field
  }

  load(): Promise<AnyInstance | null> {
    return hook('loadRelated')(this.#instance, this.#field)
  }

  then<R1 = AnyInstance | null, R2 = never>(
    done?: ((value: AnyInstance | null) => R1 | PromiseLike<R1>) | null,
    failed?: ((reason: unknown) => R2 | PromiseLike<R2>) | null,
  ): Promise<R1 | R2> {
    return awaited(() => this.load()).then(done, failed)
  }
}

/** Names of foreign keys whose instance had no key yet when it was assigned. */
const PENDING: unique symbol = Symbol('pending')
type Pending = { [PENDING]?: Set<string> }

/** Puts an accessor for each relation on a prototype. */
export function installAccessors(prototype: object, fields: Iterable<FieldMeta>): void {
  for (const field of fields) {
    if (field.choices !== null) installDisplay(prototype, field)
    if (field.relation === null || Object.hasOwn(prototype, field.name)) continue // a clash is for the checks to tell
    if (field.parts.length > 1) installKey(prototype, field)
    Object.defineProperty(prototype, field.name, { configurable: true, enumerable: false, ...accessorOf(field) })
  }
}

/** `getStatusDisplay()`: the label of the value; the value itself where it is none of the choices. */
function installDisplay(prototype: object, field: FieldMeta): void {
  const name = `get${field.name[0]!.toUpperCase()}${field.name.slice(1)}Display`
  if (name in prototype) return // the model's own
  const value = function (this: AnyInstance): string {
    const chosen = this[field.attname]
    // Asked each time: labels speak the language of the moment.
    return String(field.choices!.find((choice) => choice.value === chosen)?.label ?? chosen ?? '')
  }
  Object.defineProperty(prototype, name, { configurable: true, enumerable: false, writable: true, value })
}

/** `orderId` of a key over several columns: a tuple, or null while a part is missing. */
function installKey(prototype: object, { attname, parts }: FieldMeta): void {
  if (Object.hasOwn(prototype, attname)) return
  Object.defineProperty(prototype, attname, {
    configurable: true,
    enumerable: false,
    get(this: AnyInstance) {
      return keyValue(this, parts)
    },
    set(this: AnyInstance, value: unknown) {
      setParts(this, parts, value)
    },
  })
}

/** Gives each column its part. A column that cannot be null is another field's as well, and keeps what it has. */
function setParts(instance: AnyInstance, parts: readonly FieldMeta[], value: unknown): void {
  if (value === null || value === undefined) {
    const own = parts.filter((part) => part.whole !== null || part.null)
    for (const part of own) instance[part.attname] = null
    return
  }
  if (!Array.isArray(value) || value.length !== parts.length) {
    const { whole, model } = parts[0]!
    throw new ModelError(`${model.meta.label}.${whole?.name ?? parts[0]!.name} takes ${parts.length} values.`, {
      code: 'db.invalid-key',
      hint: `Give a list: [${parts.map((part) => part.attname).join(', ')}].`,
    })
  }
  for (const [i, part] of parts.entries()) instance[part.attname] = value[i]
}

function accessorOf(field: FieldMeta): PropertyDescriptor {
  switch (field.relation!.type) {
    case 'foreignKey':
    case 'oneToOne':
      return keyAccessor(field)
    case 'reverseOne':
      return reverseOneAccessor(field)
    default:
      return setAccessor(field)
  }
}

function keyAccessor(field: FieldMeta): PropertyDescriptor {
  const { name, attname } = field
  return {
    get(this: AnyInstance) {
      const id = this[attname]
      const known = this[CACHE]?.[name] as AnyInstance | null | undefined // put there below, or by the query room
      if (known !== undefined && known !== null && sameKey(keyValue(known, field.relation!.targets), id)) return known
      if (id === null || id === undefined) return known != null && isPending(this, name) ? known : null
      return new UnloadedRelation(this, field)
    },
    set(this: AnyInstance, value: unknown) {
      assignKey(this, field, value)
    },
  }
}

/**
 * Gives a foreign key an instance, a key, or null. An instance that has no key yet is kept, and gives it when the
 * holder is saved ({@link resolvePending}).
 * @throws ModelError db.bad-relation for an instance of another model, db.cross-database for one of another database
 */
export function assignKey(instance: AnyInstance, field: FieldMeta, value: unknown): void {
  const { name, attname } = field
  if (!isInstance(value)) {
    clearCached(instance, name)
    instance[attname] = value === null || value === undefined ? null : field.coerce!(value)
    return
  }
  const { target, targets } = field.relation!
  if (!(value instanceof target.meta.concrete)) {
    throw new ModelError(`${field.model.meta.label}.${name} leads to ${target.meta.label}, not to ${String(value)}.`, {
      code: 'db.bad-relation',
      hint: `Assign a ${target.meta.name}, its key, or null.`,
    })
  }
  if (instance[ALIAS] !== null) assertRelation(field, instance, value)
  const key = keyValue(value, targets) ?? null
  instance[attname] = key
  setCached(instance, name, value)
  if (key === null) {
    const cache = instance[CACHE] as Pending // setCached made it
    cache[PENDING] ??= new Set()
    cache[PENDING].add(name)
  }
}

function isPending(instance: AnyInstance, name: string): boolean {
  return (instance[CACHE] as Pending | null)?.[PENDING]?.has(name) === true
}

/**
 * Before a write: takes the keys of instances that were assigned before they were saved.
 * @throws ModelError db.unsaved-relation when one still has none
 */
export function resolvePending(instance: AnyInstance, fields: Iterable<FieldMeta>): void {
  const pending = (instance[CACHE] as Pending | null)?.[PENDING]
  if (pending === undefined) return
  for (const field of fields) {
    if (!pending.has(field.name) || instance[field.attname] !== null) continue
    const waiting = instance[CACHE]![field.name] as AnyInstance | null | undefined
    const key = waiting && keyValue(waiting, field.relation!.targets)
    if (key === null || key === undefined) {
      throw new ModelError(`${field.model.meta.label}.${field.name} is an instance that was never saved.`, {
        code: 'db.unsaved-relation',
        hint: 'Save it first.',
      })
    }
    instance[field.attname] = key
  }
  delete (instance[CACHE] as Pending)[PENDING]
}

function reverseOneAccessor(field: FieldMeta): PropertyDescriptor {
  const { name } = field
  return {
    get(this: AnyInstance) {
      const known = this[CACHE]?.[name]
      return known === undefined ? new UnloadedRelation(this, field) : known
    },
    set(this: AnyInstance, value: unknown) {
      setCached(this, name, value)
      if (isInstance(value)) assignKey(value, field.relation!.via!, this)
    },
  }
}

function setAccessor(field: FieldMeta): PropertyDescriptor {
  const { name } = field
  return {
    get(this: AnyInstance) {
      const known = this[CACHE]?.[name]
      if (known === undefined) return hook('relatedSet')(this, field)
      if (!Array.isArray(known)) return known
      // Rows were read ahead, for many owners perhaps: a set is made of them for those that are asked.
      const set = hook('relatedSet')(this, field, known)
      setCached(this, name, set)
      return set
    },
    set(this: AnyInstance) {
      throw new ModelError(`${field.model.meta.label}.${name} is a set of rows: it cannot be assigned.`, {
        code: 'db.bad-relation',
        hint: `Write await instance.${name}.set([…]).`,
      })
    },
  }
}
