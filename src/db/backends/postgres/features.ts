import type { Features } from '../backend.ts'

/** What PostgreSQL can do. */
export const postgresFeatures: Features = {
  returning: true,
  returnsChanged: true,
  conflictTarget: true,
  tellsInserted: true,
  deferredReferences: true,
  transactionalDdl: true,
  partialIndexes: true,
  checkConstraints: true,
  maxParams: 65_535,
  errorsBreakTransactions: true,
  keepsExpressions: false,
  lateral: true,
  distinctOn: true,
  nulInText: false,
  expressionIndexes: true,
  coveringIndexes: true,
  indexMethods: ['btree', 'hash', 'gin', 'gist', 'spgist', 'brin'],
  nullsNotDistinct: true,
  deferrableUnique: true,
  indexNulls: true,
  virtualColumns: false,
  storedColumns: true,
  comments: true,
}
