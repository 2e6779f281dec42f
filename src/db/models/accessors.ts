/**
 * Relations as attributes, on a model's prototype: `book.author` is the loaded instance, null, or something to await;
 * `author.books` is a related set. Nothing is allocated per row until a relation is touched.
 */
import { ModelError } from '../errors.ts'
import { assertRelation } from '../routers.ts'
import { hook } from './hooks.ts'
import { ALIAS, type AnyInstance, CACHE, clearCached, isInstance, LOADED, setCached } from './instance.ts'
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
    return this.load().then(done, failed)
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
      if (known !== undefined && known !== null && known.pk === id) return known
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
  const { target } = field.relation!
  if (!(value instanceof target)) {
    throw new ModelError(`${field.model.meta.label}.${name} leads to ${target.meta.label}, not to ${String(value)}.`, {
      code: 'db.bad-relation',
      hint: `Assign a ${target.meta.name}, its key, or null.`,
    })
  }
  if (instance[ALIAS] !== null) assertRelation(field, instance, value)
  instance[attname] = value.pk ?? null
  setCached(instance, name, value)
  if (value.pk === null || value.pk === undefined) {
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
    const key = (instance[CACHE]![field.name] as AnyInstance | null | undefined)?.pk
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
      return this[CACHE]?.[name] ?? hook('relatedSet')(this, field)
    },
    set(this: AnyInstance) {
      throw new ModelError(`${field.model.meta.label}.${name} is a set of rows: it cannot be assigned.`, {
        code: 'db.bad-relation',
        hint: `Write await instance.${name}.set([…]).`,
      })
    },
  }
}
