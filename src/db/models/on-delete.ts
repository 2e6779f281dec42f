/** `onDelete: set(…)`: what a row leads to once the one it led to is gone. */

/** What {@link set} gives. */
export class SetOnDelete {
  /** A row or a key of the target, null, or a function that gives one. */
  readonly value: unknown

  constructor(value: unknown) {
    this.value = value
    Object.freeze(this)
  }
}

/**
 * Another row to lead to, for `onDelete`, where the one that a relation leads to is deleted: Django's `SET()`.
 *
 *     author: () => foreignKey(Author, { onDelete: set(() => Author.objects.get({ name: 'nobody' })) })
 *
 * @param value   a row of the target or its key, null for none; or a function that gives one, at once or as a promise. It is
 *   called when there are rows to change, once for each relation and deletion, in the deletion's transaction; not where a
 *   deletion is only looked at. `unknown`, for naming the target here would resolve it while its holder is.
 * @throws QueryUsageError db.bad-set-value, from `delete()`, for a row that goes as well, for nothing where the key cannot
 *   be null, and in migrations, which hold no functions
 */
export function set(value: unknown): SetOnDelete {
  return new SetOnDelete(value)
}
