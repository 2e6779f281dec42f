import type { Features } from '../backend.ts'

/** What SQLite can do. */
export const sqliteFeatures: Features = {
  returning: true,
  returnsChanged: true,
  conflictTarget: true,
  tellsInserted: false,
  deferredReferences: true,
  transactionalDdl: true,
  partialIndexes: true,
  checkConstraints: true,
  maxParams: 32_766,
  errorsBreakTransactions: false,
  keepsExpressions: true,
  lateral: false,
  distinctOn: false,
  nulInText: true,
  expressionIndexes: true,
  coveringIndexes: false,
  indexMethods: [],
  nullsNotDistinct: false,
  deferrableUnique: false,
  indexNulls: false,
  virtualColumns: true,
  storedColumns: true,
  comments: false,
}
