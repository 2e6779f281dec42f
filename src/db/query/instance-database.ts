/** Whose instance, and where it is written. */
import { type Database, database, usedAlias } from '../connections.ts'
import { ALIAS, type AnyInstance, CACHE } from '../models/instance.ts'
import type { AnyModel } from '../models/meta.ts'
import { aliasFor } from '../routers.ts'

/** The model of an instance. */
export function modelOf(instance: AnyInstance): AnyModel {
  return (instance.constructor as unknown as AnyModel).meta.model // an instance's class is a model
}

/** Where an instance is written: as asked, as routers say, where it came from, or the current database. */
export function databaseFor(instance: AnyInstance, using: string | undefined): Database {
  return database(using ?? aliasFor('dbForWrite', modelOf(instance), instance, instance[ALIAS] ?? affinity(instance)))
}

/** A new instance goes where those it refers to are. */
function affinity(instance: AnyInstance): string | null {
  const cache = instance[CACHE]
  if (cache === null || usedAlias() !== null) return null
  for (const field of modelOf(instance).meta.columns) {
    const value = field.relation === null ? null : (cache[field.name] as AnyInstance | null | undefined) // set by accessors
    if (value && value[ALIAS] !== null) return value[ALIAS]
  }
  return null
}
