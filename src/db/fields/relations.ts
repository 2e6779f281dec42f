/**
 * Relations: foreignKey, oneToOne, manyToMany, and their other ends. Written as arrows, `author: () =>
 * foreignKey(Author, …)`: that is what makes cycles between models legal, for the compiler and for modules.
 */
import { declare } from './descriptor.ts'
import type {
  ForeignKey,
  ForeignKeyOptions,
  IsNull,
  IsOptionalKey,
  ManyToMany,
  ManyToManyOptions,
  ModelTarget,
  Reverse,
  ToField,
} from './types.ts'

/** A row of another model: `author: () => foreignKey(Author, { onDelete: 'cascade' })`. Column `author_id`. */
export function foreignKey<C extends ModelTarget, const O extends ForeignKeyOptions>(
  target: C,
  options: O,
): ForeignKey<C, IsNull<O>, IsOptionalKey<O>, 'fk', ToField<O>> {
  return declare(null, options, { type: 'foreignKey', target, via: null })
}
/** A row of another model that no other row points to: a unique foreign key. */
export function oneToOne<C extends ModelTarget, const O extends ForeignKeyOptions>(
  target: C,
  options: O,
): ForeignKey<C, IsNull<O>, IsOptionalKey<O>, 'o2o', ToField<O>> {
  return declare(null, options, { type: 'oneToOne', target, via: null })
}
/** Rows of another model, through a table between: `tags: () => manyToMany(Tag)`. */
export function manyToMany<C extends ModelTarget, Through extends ModelTarget = never>(
  target: C,
  options?: ManyToManyOptions<Through>,
): ManyToMany<C, Through> {
  return declare(null, options, { type: 'manyToMany', target, via: null })
}
/** The rows whose foreign key, or many-to-many field, `via` points here: `books: () => reverse(Book, 'author')`. */
export function reverse<C extends ModelTarget, const K extends string>(target: C, via: K): Reverse<C, K, 'reverse'> {
  return declare(null, undefined, { type: 'reverse', target, via })
}
/** The row whose one-to-one key `via` points here, or null: `profile: () => reverseOne(Profile, 'user')`. */
export function reverseOne<C extends ModelTarget, const K extends string>(
  target: C,
  via: K,
): Reverse<C, K, 'reverseOne'> {
  return declare(null, undefined, { type: 'reverseOne', target, via })
}
