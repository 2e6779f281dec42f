/** `nuages/db/postgres`: columns, aggregates and constraints that PostgreSQL (and PGlite) has and others do not. */
import '../query/register.ts'

export { ArrayAgg } from '../expressions/aggregates.ts'
export { type ArrayOptions, array, type ElementField } from '../fields/arrays.ts'
export { bigIntegerRange, dateRange, dateTimeRange, decimalRange, integerRange } from '../fields/ranges.ts'
export { Range, type RangeBounds } from '../range.ts'
export { type ExcludeOptions, type ExcludePart, exclude } from './exclude.ts'
