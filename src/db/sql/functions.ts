/**
 * The functions there are, and how most databases write them. A dialect says what it writes differently.
 * Forms: `$1` is an argument, `$*` all of them with commas between; the default is `NAME($*)`.
 */

/** Aggregates of two numbers of each row (PostgreSQL). */
export const PAIR_AGGREGATES = [
  'corr',
  'covarPop',
  'covarSample',
  'regrAvgX',
  'regrAvgY',
  'regrCount',
  'regrIntercept',
  'regrR2',
  'regrSlope',
  'regrSXX',
  'regrSXY',
  'regrSYY',
] as const
/** What aggregates are called in nodes. */
export const AGGREGATES = [
  'count',
  'sum',
  'avg',
  'min',
  'max',
  'stdDev',
  'stdDevSample',
  'variance',
  'varianceSample',
  'anyValue',
  'stringAgg',
  'bitAnd',
  'bitOr',
  'bitXor',
  'boolAnd',
  'boolOr',
  /** A JSON list of the values, nulls included; a JSON object of keys, which are text, and values. */
  'jsonArrayAgg',
  'jsonObjectAgg',
  /** An array of the values, nulls included; what all ranges share (PostgreSQL). */
  'arrayAgg',
  'rangeIntersectAgg',
  ...PAIR_AGGREGATES,
] as const
/** A function over the rows of a group. */
export type AggregateName = (typeof AGGREGATES)[number]

/** Functions that only stand before OVER. */
export const WINDOW_FUNCTIONS = [
  'rowNumber',
  'rank',
  'denseRank',
  'percentRank',
  'cumeDist',
  'ntile',
  'lag',
  'lead',
  'firstValue',
  'lastValue',
  'nthValue',
] as const
/** A function that stands before OVER alone. */
export type WindowName = (typeof WINDOW_FUNCTIONS)[number]

/** Functions of one row. */
export const SCALAR_FUNCTIONS = [
  'now',
  'uuid7',
  // comparison
  'coalesce',
  'nullif',
  'greatest',
  'least',
  // text
  'lower',
  'upper',
  'length',
  'concat',
  'substr',
  'left',
  'right',
  'trim',
  'ltrim',
  'rtrim',
  'lpad',
  'rpad',
  'repeat',
  'replace',
  'reverse',
  'strIndex',
  'chr',
  'ord',
  // hashes of text, in hexadecimal
  'md5',
  'sha1',
  'sha224',
  'sha256',
  'sha384',
  'sha512',
  // numbers
  'abs',
  'ceil',
  'floor',
  'round',
  'sign',
  'mod',
  'power',
  'sqrt',
  'exp',
  'ln',
  'log',
  'pi',
  'random',
  'uuid4',
  'degrees',
  'radians',
  'sin',
  'cos',
  'tan',
  'cot',
  'asin',
  'acos',
  'atan',
  'atan2',
  // json
  'jsonObject',
  'jsonArray',
  /** Whether the first holds the second: each key and item of it, however deep. */
  'jsonContains',
  // arrays and ranges (PostgreSQL)
  'contains',
  'containedBy',
  'overlaps',
  'cardinality',
  'arrayItem',
  'arraySlice',
  'fullyLt',
  'fullyGt',
  'notLt',
  'notGt',
  'adjacentTo',
  'rangeLower',
  'rangeUpper',
  'isEmptyRange',
  'lowerInc',
  'lowerInf',
  'upperInc',
  'upperInf',
] as const
/** A function of one row. */
export type ScalarName = (typeof SCALAR_FUNCTIONS)[number]

/** Any function that SQL is written with. */
export type FunctionName = AggregateName | WindowName | ScalarName

/** Every word a function node may carry: what is written into SQL is one of these. */
export const FUNCTIONS: ReadonlySet<string> = new Set([...AGGREGATES, ...WINDOW_FUNCTIONS, ...SCALAR_FUNCTIONS])

const JSON_MAKERS: readonly FunctionName[] = ['jsonObject', 'jsonArray', 'jsonObjectAgg', 'jsonArrayAgg']
/** Whether a function puts its arguments into a JSON value: JSON and booleans among them are not text and numbers there. */
export function takesJson(name: FunctionName): boolean {
  return JSON_MAKERS.includes(name)
}

/** How most databases write a function, where it is not its name in capitals. */
export const FORMS: Partial<Record<FunctionName, string>> = {
  stdDev: 'STDDEV_POP($*)',
  stdDevSample: 'STDDEV_SAMP($*)',
  variance: 'VAR_POP($*)',
  varianceSample: 'VAR_SAMP($*)',
  anyValue: 'ANY_VALUE($*)',
  stringAgg: 'STRING_AGG($*)',
  jsonArrayAgg: 'JSON_ARRAYAGG($*)',
  jsonObjectAgg: 'JSON_OBJECTAGG($*)',
  bitAnd: 'BIT_AND($*)',
  bitOr: 'BIT_OR($*)',
  bitXor: 'BIT_XOR($*)',
  boolAnd: 'MIN($*)',
  boolOr: 'MAX($*)',
  rowNumber: 'ROW_NUMBER()',
  rank: 'RANK()',
  denseRank: 'DENSE_RANK()',
  percentRank: 'PERCENT_RANK()',
  cumeDist: 'CUME_DIST()',
  firstValue: 'FIRST_VALUE($1)',
  lastValue: 'LAST_VALUE($1)',
  nthValue: 'NTH_VALUE($*)',
  strIndex: 'STRPOS($*)',
  ord: 'ASCII($1)',
  pi: 'PI()',
  random: 'RANDOM()',
  uuid4: 'GEN_RANDOM_UUID()',
  jsonObject: 'JSON_OBJECT($*)',
  jsonArray: 'JSON_ARRAY($*)',
}
