/** Texts of PostgreSQL's that expressions are made of: functions, quoted values, encoders of what stands beside columns. */
import type { FunctionName } from '../../sql/functions.ts'
import type { FunctionNode } from '../../sql/nodes.ts'
import { quoteText as quoteStandard } from '../../sql/quoting.ts'
import { QUOTED } from '../../sql/raw-text.ts'
import type { Encoder } from '../backend.ts'
import { likeEncoders, listEncoders } from '../params.ts'
import { invalidValue } from '../refusals.ts'
import { bareEncoder } from './declared.ts'
import { postgresEncoder } from './values.ts'

export const FORMS: Partial<Record<FunctionName, string>> = {
  // RFC 9562: 48 bits of milliseconds, the version, random bits. From 18 on the server has UUIDV7().
  uuid7:
    "ENCODE(SET_BIT(SET_BIT(OVERLAY(UUID_SEND(GEN_RANDOM_UUID()) PLACING SUBSTRING(INT8SEND((EXTRACT(EPOCH FROM CLOCK_TIMESTAMP()) * 1000)::bigint) FROM 3) FROM 1 FOR 6), 52, 1), 53, 1), 'hex')::uuid",
  stringAgg: 'STRING_AGG($*)',
  jsonArrayAgg: 'JSONB_AGG($*)',
  jsonObjectAgg: 'JSONB_OBJECT_AGG($*)',
  anyValue: '(ARRAY_AGG($*))[1]',
  lpad: 'LPAD($1, $2::integer, $3)',
  rpad: 'RPAD($1, $2::integer, $3)',
  left: 'LEFT($1, $2::integer)',
  right: 'RIGHT($1, $2::integer)',
  repeat: 'REPEAT($1, $2::integer)',
  chr: 'CHR($1::integer)',
  sha1: "ENCODE(DIGEST($1, 'sha1'), 'hex')",
  sha224: "ENCODE(SHA224(CONVERT_TO($1, 'UTF8')), 'hex')",
  sha256: "ENCODE(SHA256(CONVERT_TO($1, 'UTF8')), 'hex')",
  sha384: "ENCODE(SHA384(CONVERT_TO($1, 'UTF8')), 'hex')",
  sha512: "ENCODE(SHA512(CONVERT_TO($1, 'UTF8')), 'hex')",
  power: 'POWER($1::double precision, $2::double precision)',
  log: 'LOG($1::numeric, $2::numeric)::double precision',
  mod: 'MOD($1::numeric, $2::numeric)',
  jsonObject: 'JSONB_BUILD_OBJECT($*)',
  jsonArray: 'JSONB_BUILD_ARRAY($*)',
  jsonContains: '($1 @> $2)',
  ntile: 'NTILE($1::integer)',
  nthValue: 'NTH_VALUE($1, $2::integer)',
  boolAnd: 'BOOL_AND($*)',
  boolOr: 'BOOL_OR($*)',
  covarPop: 'COVAR_POP($*)',
  covarSample: 'COVAR_SAMP($*)',
  regrAvgX: 'REGR_AVGX($*)',
  regrAvgY: 'REGR_AVGY($*)',
  regrCount: 'REGR_COUNT($*)',
  regrIntercept: 'REGR_INTERCEPT($*)',
  regrR2: 'REGR_R2($*)',
  regrSlope: 'REGR_SLOPE($*)',
  regrSXX: 'REGR_SXX($*)',
  regrSXY: 'REGR_SXY($*)',
  regrSYY: 'REGR_SYY($*)',
  arrayAgg: 'ARRAY_AGG($*)',
  rangeIntersectAgg: 'RANGE_INTERSECT_AGG($*)',
  contains: '($1 @> $2)',
  containedBy: '($1 <@ $2)',
  overlaps: '($1 && $2)',
  arrayItem: '($1)[$2]',
  arraySlice: '($1)[($2)::integer : ($3)::integer]',
  fullyLt: '($1 << $2)',
  fullyGt: '($1 >> $2)',
  notLt: '($1 &> $2)',
  notGt: '($1 &< $2)',
  adjacentTo: '($1 -|- $2)',
  rangeLower: 'LOWER($1)',
  rangeUpper: 'UPPER($1)',
  isEmptyRange: 'ISEMPTY($1)',
  lowerInc: 'LOWER_INC($1)',
  lowerInf: 'LOWER_INF($1)',
  upperInc: 'UPPER_INC($1)',
  upperInf: 'UPPER_INF($1)',
}

/**
 * Text between single quotes. With a backslash, the form whose escapes do not depend on the server's settings.
 * @throws ProgrammingError db.invalid-sql for a NUL
 */
export function quoteText(value: string): string {
  const quoted = quoteStandard(value)
  return quoted.includes('\\') ? ` E${quoted.replaceAll('\\', '\\\\')}` : quoted
}

export const likeEncoder = likeEncoders(postgresEncoder, false)

/** Functions of text, which PostgreSQL has for no other type: of these the first argument, or all of them. */
export const OF_TEXT: ReadonlySet<FunctionName> = new Set<FunctionName>([
  ...(['lower', 'upper', 'length', 'substr', 'left', 'right', 'trim', 'ltrim', 'rtrim', 'lpad', 'rpad'] as const),
  ...(['repeat', 'reverse', 'ord', 'md5', 'sha1', 'sha224', 'sha256', 'sha384', 'sha512'] as const),
])
export const OF_TEXTS: ReadonlySet<FunctionName> = new Set<FunctionName>(['concat', 'replace', 'strIndex', 'stringAgg'])
/** Types that have no MIN and MAX there: what is compared instead. */
export const isUuidExtreme = ({ name, kind }: FunctionNode): boolean =>
  (name === 'min' || name === 'max') && kind === 'uuid'

export const listOf = listEncoders(postgresEncoder)
export const bareListOf = listEncoders(bareEncoder)

/** A number beside a whole column, moved to the next whole number that means the same: the index stays of use. */
const wholeBound =
  (up: boolean): Encoder =>
  (value) => {
    if (typeof value === 'bigint') return String(value)
    if (typeof value !== 'number' || !Number.isFinite(value)) throw invalidValue('integer', value, 'a number')
    return String(BigInt(up ? Math.ceil(value) : Math.floor(value)))
  }
// One of each, so that a value that stands twice has one placeholder.
export const [boundUp, boundDown] = [wholeBound(true), wholeBound(false)]

/** Texts with escapes, and those between dollars: `E'it\\'s'`, `$$it's$$`, `$tag$it's$tag$`. */
export const QUOTED_HERE = new RegExp(
  String.raw`(?<!\w)[eE]'(?:[^'\\]|\\[\s\S]|'')*'|(?<![\w$])\$((?!\d)\w*)\$[\s\S]*?\$\1\$|${QUOTED.source}`,
  'g',
)
