/** A condition asked of one instance instead of a table. */
import type { AnyInstance } from '../models/instance.ts'
import { holds } from './constraint-check.ts'
import type { Expr, Q } from './types/expressions.ts'
import type { WhereArg } from './types/where.ts'

/**
 * Whether an instance, saved or not, meets a condition, by its values as they are now:
 * `await matches(book, { pages__gte: 100, title__icontains: 'swing' })`. The database answers, without reading a table, so
 * that lookups mean what they mean in filter(). Conditions go over the model's own columns.
 *
 * @throws FieldNameError db.unknown-field where a path leads to another model, QueryValueError db.invalid-value
 */
export function matches<T extends object, const K extends string>(
  row: T,
  where: WhereArg<T, K> | Q<T> | Expr<T, boolean | null>,
): Promise<boolean> {
  return holds(row as unknown as AnyInstance, where as object) // rows are instances
}
