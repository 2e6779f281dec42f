/** `nuages/db/postgres`: columns, aggregates and constraints that PostgreSQL (and PGlite) has and others do not. */
import type { LookupPart } from '../query/types/lookups.ts'
import '../query/register.ts'

export { ArrayAgg, RangeIntersectsAgg } from '../expressions/aggregates.ts'
export type { SearchWeight } from '../expressions/search-vector.ts'
export { type ArrayOptions, array, type ElementField } from '../fields/arrays.ts'
export {
  bigIntegerRange,
  dateRange,
  dateTimeRange,
  decimalRange,
  instantRange,
  integerRange,
} from '../fields/ranges.ts'
export { type SearchVectorOptions, type SearchVectorPart, searchVector } from '../fields/search-vectors.ts'
export { type VectorInput, type VectorOptions, vector } from '../fields/vectors.ts'
export { type HeadlineOptions, SearchHeadline } from '../functions/search.ts'
export { SearchQuery, type SearchQueryOptions, type SearchQueryType } from '../query/search-query.ts'
export { Range, type RangeBounds } from '../range.ts'
export { type CopyOptions, type CopySource, copyIn, copyOut } from './copy.ts'
export { CosineDistance, L2Distance, MaxInnerProduct, TrigramDistance, TrigramSimilarity } from './distances.ts'
export { type ExcludeOptions, type ExcludePart, exclude } from './exclude.ts'
export {
  Corr,
  type CovarianceOptions,
  CovarPop,
  RegrAvgX,
  RegrAvgY,
  RegrCount,
  RegrIntercept,
  RegrR2,
  RegrSlope,
  RegrSXX,
  RegrSXY,
  RegrSYY,
  type StatisticsOptions,
} from './statistics.ts'

declare module 'nuages/db' {
  interface CustomLookups<V> {
    /** Texts that share groups of three letters (the extension pg_trgm). */
    trigramSimilar: V extends string ? string : never
    /** The text without accents (the extension unaccent). */
    unaccent: V extends string ? LookupPart<string> : never
  }
}
