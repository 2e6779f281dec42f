import type { Features } from '../backend.ts'

/** What PostgreSQL can do. */
export const postgresFeatures: Features = {
  returning: true,
  transactionalDdl: true,
  partialIndexes: true,
  checkConstraints: true,
  maxParams: 65_535,
  errorsBreakTransactions: true,
  keepsExpressions: false,
  nulInText: false,
}
