import type { Features } from '../features.ts'

/** What MariaDB and MySQL can do. */
export const mysqlFeatures: Features = {
  vendor: 'mysql',
  frameExclusion: false,
  // MariaDB has the clause; of MySQL the driver reads the key it gave (send.ts).
  returning: true,
  tellsKey: false,
  returnsChanged: false,
  conflictTarget: false,
  procedures: true,
  tellsInserted: false,
  deferredReferences: false,
  transactionalDdl: false,
  partialIndexes: false, // but unique ones: hidden-columns.ts
  checkConstraints: true,
  maxParams: 65_535,
  errorsBreakTransactions: false,
  keepsExpressions: false,
  outerInDerived: false,
  commonTablesInWrites: false,
  nullsFirst: true,
  lateral: false, // MySQL has it, MariaDB has not
  distinctOn: false,
  orderedUpdate: true,
  nulInText: false,
  expressionIndexes: true, // hidden-columns.ts
  coveringIndexes: false,
  indexMethods: [],
  nullsNotDistinct: false,
  deferrableUnique: false,
  indexNulls: false,
  virtualColumns: true,
  storedColumns: true,
  uniqueIndexes: false,
  triggersSetRow: true,
  setsDefault: false,
  longestKey: 768, // of utf8mb4 in the 3,072 bytes of an index
  comments: true,
  maxInteger: 2_147_483_647,
  arrays: false,
  pairAggregates: false,
}
