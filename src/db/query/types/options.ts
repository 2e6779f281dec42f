/** Options of methods of query sets, with names of the model. */
import type { LockOptions } from '../any-queryset.ts'
import type { BulkCreateOptions } from '../bulk.ts'
import type { RelArg, ToOne } from './relations.ts'
import type { Written } from './rows.ts'

/** {@link LockOptions} with paths of the model. */
export interface TypedLock<T, P extends string> extends Omit<LockOptions, 'of'> {
  readonly of?: readonly ('self' | (string extends P ? P : RelArg<T, P, ToOne>))[]
}

/** {@link BulkCreateOptions} with fields of the model. */
export interface TypedBulk<T> extends BulkCreateOptions {
  readonly uniqueFields?: readonly { [N in Written<T>]: N }[Written<T>][]
  readonly updateFields?: readonly { [N in Written<T>]: N }[Written<T>][]
}
