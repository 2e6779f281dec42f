/**
 * What PostgreSQL says differently.
 *
 * Beyond 400 lines: these are overrides of one class, in the order of the clauses they write.
 */
import { DataError } from '../../errors.ts'
import { isArrayKind, type Kind } from '../../kinds.ts'
import { SqlCompiler } from '../../sql/compiler.ts'
import { takesJson } from '../../sql/functions.ts'
import type { JsonPatchWords } from '../../sql/json-patch.ts'
import { isTemporal, kindOf } from '../../sql/kinds.ts'
import type {
  ArithmeticNode,
  BetweenNode,
  CastNode,
  CompareNode,
  ExtractNode,
  FunctionNode,
  InNode,
  InsertNode,
  JsonPathNode,
  MatchNode,
  ParamNode,
  SelectNode,
  SqlExpr,
  TruncNode,
  WindowNode,
} from '../../sql/nodes.ts'
import { Output } from '../../sql/output.ts'
import { known, UNITS } from '../../sql/words.ts'
import type { Compiled, Encoder } from '../backend.ts'
import { assertTimeZone } from '../time-zones.ts'
import { amongDeclared, bareEncoder, beside, besideEach, declaredAs } from './declared.ts'
import { postgresFeatures } from './features.ts'
import {
  bareListOf,
  boundDown,
  boundUp,
  FORMS,
  isUuidExtreme,
  likeEncoder,
  listOf,
  OF_TEXT,
  OF_TEXTS,
  PART_NAMES,
  PARTS,
  QUOTED_HERE,
  quoteText,
  WORDS,
  zoneText,
} from './text.ts'
import { columnType, paramType, writtenType } from './types.ts'
import { postgresEncoder } from './values.ts'

const WHOLE: ReadonlySet<Kind | null> = new Set<Kind>(['auto', 'integer', 'smallInteger', 'bigInteger'])
const TEXT: ReadonlySet<Kind | null> = new Set<Kind>(['char', 'text'])

/** Rows of one statement of a bulk insert. */
const BULK_ROWS = 5000

class PostgresCompiler extends SqlCompiler {
  protected override readonly maxParams = postgresFeatures.maxParams
  protected override readonly quoted = QUOTED_HERE

  protected override encoder(kind: Kind | null): Encoder {
    return postgresEncoder(kind)
  }

  override literal(value: unknown, kind: Kind): string {
    if (value === null || value === undefined) return 'NULL'
    const encoded = postgresEncoder(kind)(value)
    if (kind === 'boolean') return encoded === 't' ? 'true' : 'false'
    if (WHOLE.has(kind) || kind === 'float' || kind === 'decimal') return String(encoded)
    if (TEXT.has(kind)) return quoteText(String(encoded))
    return `${quoteText(String(encoded))}::${paramType(kind)}`
  }

  protected override constant(value: string | number | boolean | null): string {
    if (value === null) return 'NULL'
    if (typeof value === 'string') return quoteText(value)
    if (typeof value === 'boolean') return value ? 'true' : 'false'
    if (!Number.isFinite(value)) throw new DataError(`${value} cannot be written in SQL.`, { code: 'db.invalid-value' })
    return String(value)
  }

  protected override now(kind: Kind): string {
    if (kind === 'date') return "(STATEMENT_TIMESTAMP() AT TIME ZONE 'UTC')::date"
    if (kind === 'time') return "(STATEMENT_TIMESTAMP() AT TIME ZONE 'UTC')::time"
    return 'STATEMENT_TIMESTAMP()'
  }

  protected override limits(limit: SqlExpr | null, offset: SqlExpr | null, out: Output): void {
    if (limit !== null) {
      out.sql += ' LIMIT '
      this.stored(limit, out)
    }
    if (offset !== null) {
      out.sql += ' OFFSET '
      this.stored(offset, out)
    }
  }

  /** Typed, so that the server need not guess: `$1::text`. */
  protected override param(node: ParamNode, out: Output): void {
    if (node.list) {
      this.anyOf(node, node.kind, out)
      return
    }
    this.placeholder(node, out)
    if (out.values === null && node.kind !== null && node.declared === undefined) out.sql += `::${paramType(node.kind)}`
  }

  private numbered(out: Output, slot: number, encoder: Encoder): void {
    out.sql += `$${out.numbered(slot, encoder)}`
  }

  protected override placeholder(node: ParamNode, out: Output): void {
    if (out.values !== null) super.placeholder(node, out)
    else {
      const plain = node.declared === undefined ? this.encoder(node.kind) : bareEncoder(node.kind)
      this.numbered(out, node.slot, node.like === undefined ? plain : likeEncoder(node.like, node.kind))
    }
  }

  protected override lock(lock: NonNullable<SelectNode['lock']>, out: Output): void {
    super.lock(lock, out, lock.noKey ? 'NO KEY UPDATE' : 'UPDATE')
  }

  // ------------------------------------------------------------------ comparing

  protected override compare(given: CompareNode, out: Output): void {
    const node = besideEach(given)
    const { left, right, op } = node
    if (
      out.values === null &&
      right.t === 'param' &&
      right.kind === null &&
      right.declared === undefined &&
      WHOLE.has(kindOf(left))
    ) {
      this.compared(left, out)
      out.sql += ` ${op} `
      this.numbered(
        out,
        right.slot,
        op === '=' || op === '<>' ? postgresEncoder(null) : op === '>=' || op === '<' ? boundUp : boundDown,
      )
      out.sql += op === '=' || op === '<>' ? '::numeric' : '::bigint'
      return
    }
    super.compare(node, out)
  }

  protected override between(node: BetweenNode, out: Output): void {
    const { of, low, high } = node
    super.between({ t: 'between', of, low: beside(of, low), high: beside(of, high) }, out)
  }

  /** A list as one array, whatever its length. */
  private anyOf(node: ParamNode, kind: Kind | null, out: Output): void {
    if (out.values !== null) {
      const values = out.values[node.slot] as readonly unknown[] // a list param has an array
      out.sql += `(${values.map((value) => this.literal(value, kind ?? 'text')).join(', ')})`
      return
    }
    if (isArrayKind(kind)) {
      // ANY looks into arrays of arrays: each comes as its own text.
      out.sql += 'ANY(SELECT UNNEST('
      this.numbered(out, node.slot, listOf(kind))
      out.sql += `::text[])::${node.declared ?? paramType(kind)})`
      return
    }
    out.sql += 'ANY('
    this.numbered(out, node.slot, node.declared === undefined ? listOf(kind) : bareListOf(kind))
    out.sql += kind === null || node.declared !== undefined ? ')' : `::${paramType(kind)}[])`
  }

  protected override isIn(given: InNode, out: Output): void {
    const node = amongDeclared(given)
    const { left, right } = node
    if ('t' in right && right.t === 'param' && 't' in left && out.values === null) {
      const kind = kindOf(left)
      this.compared(left, out)
      out.sql += ' = '
      this.anyOf(right, right.kind ?? kind, out)
      return
    }
    super.isIn(node, out)
  }

  /** Several columns: one array each, side by side. */
  protected override inParam(left: InNode['left'], right: ParamNode, out: Output): void {
    if ('t' in left) {
      this.anyOf(right, right.kind ?? kindOf(left), out)
      return
    }
    const types = left.map(declaredAs)
    const casts = types.map((type, i) => (type === undefined ? `c${i}` : `c${i}::${type}`))
    out.sql += types.some((type) => type !== undefined)
      ? `(SELECT ${casts.join(', ')} FROM UNNEST(`
      : '(SELECT * FROM UNNEST('
    left.forEach((item, i) => {
      if (i > 0) out.sql += ', '
      const kind = kindOf(item)
      const one = postgresEncoder(kind)
      this.numbered(out, right.slot, (value) =>
        [...(value as unknown[][])].filter((row) => !row.includes(null)).map((row) => one(row[i])),
      )
      out.sql += `::${paramType(kind ?? 'text')}[]`
    })
    out.sql += types.some((type) => type !== undefined) ? `) t(${left.map((_, i) => `c${i}`).join(', ')}))` : '))'
  }

  protected override match(node: MatchNode, out: Output): void {
    const { op, left, right } = node
    const folded = op === 'ilike' || op === 'iexact'
    const side = (write: () => void): void => {
      if (folded) out.sql += 'UPPER('
      write()
      if (folded) out.sql += ')'
    }
    side(() => this.asText(left, out))
    if (op === 'regex' || op === 'iregex') {
      out.sql += op === 'regex' ? ' ~ ' : ' ~* '
      this.expr(right, out)
      return
    }
    const form = node.pattern ?? (op === 'iexact' ? 'exact' : undefined)
    out.sql += ' LIKE '
    side(() => {
      if (right.t === 'param') {
        const like = right.like ?? form
        this.param(like === undefined ? right : { ...right, like, kind: 'text' }, out)
      } else if (form === undefined) this.group(right, out)
      else {
        if (form === 'contains' || form === 'endswith') out.sql += "'%' || "
        out.sql += 'REPLACE(REPLACE(REPLACE(('
        this.expr(right, out)
        out.sql += ")::text, E'\\\\', E'\\\\\\\\'), '%', E'\\\\%'), '_', E'\\\\_')"
        if (form === 'contains' || form === 'startswith') out.sql += " || '%'"
      }
    })
  }

  /** Any value as the text that is matched: of JSON the text itself, without quotes. */
  private asText(node: SqlExpr, out: Output): void {
    if (node.t === 'jsonPath') {
      this.path(node, '#>>', out)
      return
    }
    this.group(node, out)
    const declared = declaredAs(node)
    // Text that compares without case is matched without case.
    const isText = declared === undefined ? TEXT.has(kindOf(node)) : declared === 'citext'
    if (!isText) out.sql += '::text'
  }

  // ------------------------------------------------------------------ functions

  /** Sums and averages of integers are numeric: told back to what the tree says they are. */
  private narrowed({ name, kind }: FunctionNode): string {
    if (name === 'sum' && WHOLE.has(kind)) return '::bigint'
    if (kind === 'uuid' && (name === 'min' || name === 'max')) return '::uuid'
    const isFloat = kind === 'float' && (name === 'avg' || name.startsWith('stdDev') || name.startsWith('variance'))
    return isFloat ? '::double precision' : ''
  }

  protected override function(node: FunctionNode, out: Output): void {
    super.function(node, out)
    out.sql += this.narrowed(node)
  }

  protected override window(node: WindowNode, out: Output): void {
    const narrowed = node.of.t === 'function' ? this.narrowed(node.of) : ''
    if (narrowed !== '') out.sql += '('
    super.window(node, out)
    if (narrowed !== '') out.sql += `)${narrowed}`
  }

  protected override form(node: FunctionNode): string {
    const { name, kind, args } = node
    const base = FORMS[name] ?? super.form(node)
    if (name === 'round' && (args.length === 2 || kind === 'float')) {
      // Of a float alone halves would go to the even number, of a numeric they go away from zero.
      const places = args.length === 2 ? ', $2::integer' : ''
      return `ROUND($1::numeric${places})${kind === 'decimal' ? '' : `::${columnType({ kind })}`}`
    }
    if (kind === 'boolean' && name === 'min') return 'BOOL_AND($*)'
    if (kind === 'boolean' && name === 'max') return 'BOOL_OR($*)'
    if (name === 'substr') return args.length === 2 ? 'SUBSTR($1, $2::integer)' : 'SUBSTR($1, $2::integer, $3::integer)'
    if (name === 'lag' || name === 'lead')
      return `${name.toUpperCase()}($1, $2::integer${args.length > 2 ? ', $3' : ''})`
    if (name === 'mod') return kind === 'decimal' ? base : `${base}::${columnType({ kind })}`
    return base
  }

  protected override argument(arg: SqlExpr, of: SqlExpr, out: Output): void {
    const isText = of.t === 'function' && takesJson(of.name)
    this.expr(arg, out)
    // The names of keys and text constants have no type of their own there.
    if (isText && arg.t === 'literal') out.sql += '::text'
    if (of.t === 'function' && this.wantsText(of, arg) && !TEXT.has(kindOf(arg))) out.sql += '::text'
  }

  private wantsText(of: FunctionNode, arg: SqlExpr): boolean {
    return OF_TEXTS.has(of.name) || (arg === of.args[0] && (OF_TEXT.has(of.name) || isUuidExtreme(of)))
  }

  protected override arithmetic(node: ArithmeticNode, out: Output): void {
    const { op, left, right, kind } = node
    if (op === '^') {
      out.sql += 'POWER('
      this.expr(left, out)
      out.sql += '::double precision, '
      this.expr(right, out)
      out.sql += `::double precision)${kind === 'float' ? '' : `::${columnType({ kind })}`}`
      return
    }
    if (out.values === null && isTemporal(node)) {
      const dates = kindOf(left) === 'date' && kindOf(right) === 'date'
      // Two dates differ by days, which are no interval; a date and an interval make a timestamp.
      out.sql += '('
      this.group(left, out)
      if (dates) out.sql += '::timestamp'
      out.sql += ` ${op} `
      this.group(right, out)
      if (dates) out.sql += '::timestamp'
      out.sql += ')'
      if (kind === 'date') out.sql = `${out.sql}::date`
      return
    }
    if (op === '<<' || op === '>>') {
      // An integer of 32 bits would lose what moves beyond them; places are of that type only.
      out.sql += '('
      this.group(left, out)
      out.sql += `::bigint ${op} `
      this.group(right, out)
      out.sql += '::integer)'
      return
    }
    if (op === '%' && (kind === 'float' || kind === 'decimal')) {
      out.sql += 'MOD('
      this.expr(left, out)
      out.sql += '::numeric, '
      this.expr(right, out)
      out.sql += `::numeric)${kind === 'float' ? '::double precision' : ''}`
      return
    }
    super.arithmetic(node, out)
  }

  // ------------------------------------------------------------------ dates

  /** A column without a zone is in UTC. */
  private instant(node: SqlExpr, out: Output): void {
    this.group(node, out)
    if (/^timestamp(?: *\(\d\))?(?: without time zone)?$/i.test(declaredAs(node) ?? ''))
      out.sql += " AT TIME ZONE 'UTC'"
  }

  /** An instant on the wall clock of its zone; dates and times as they are. */
  private wall(from: SqlExpr, timeZone: string, out: Output): void {
    this.instant(from, out)
    if (kindOf(from) === 'dateTime') out.sql += ` AT TIME ZONE ${zoneText(timeZone)}`
  }

  protected override extract(node: ExtractNode, out: Output): void {
    const { part, from, timeZone } = node
    known(PART_NAMES, part)
    assertTimeZone(timeZone)
    if (part === 'date' || part === 'time') {
      out.sql += '('
      this.wall(from, timeZone, out)
      out.sql += `)::${part}`
      return
    }
    if (part === 'weekDay') out.sql += '('
    out.sql += part === 'second' ? `FLOOR(EXTRACT(SECOND FROM ` : `EXTRACT(${PARTS[part]} FROM `
    this.wall(from, timeZone, out)
    out.sql += part === 'second' ? '))::integer' : ')::integer'
    if (part === 'weekDay') out.sql += ' + 1)'
  }

  protected override trunc(node: TruncNode, out: Output): void {
    known(UNITS, node.unit)
    assertTimeZone(node.timeZone)
    const kind = kindOf(node.from)
    out.sql += `DATE_TRUNC('${node.unit}', `
    this.instant(node.from, out)
    // A day as a timestamp without a zone: the server would make an instant of its session's zone of it.
    if (kind === 'date') out.sql += '::timestamp'
    // With the zone as an argument an hour that comes twice stays the one it was.
    out.sql += kind === 'dateTime' ? `, ${zoneText(node.timeZone)})` : `)::${kind === 'time' ? 'time' : 'date'}`
  }

  // ------------------------------------------------------------------ JSON

  private path(node: JsonPathNode, operator: '#>' | '#>>', out: Output): void {
    const steps = node.path.map((step) => `"${String(step).replaceAll('\\', '\\\\').replaceAll('"', '\\"')}"`)
    out.sql += '('
    this.group(node.from, out)
    // An array literal of quoted keys, itself a quoted constant: a key cannot leave it (CVE-2019-14234).
    out.sql += ` ${operator} ${quoteText(`{${steps.join(',')}}`)})`
  }

  protected override jsonPath(node: JsonPathNode, out: Output): void {
    if (node.asType) out.sql += 'JSONB_TYPEOF'
    this.path(node, '#>', out)
  }

  protected override jsonPatchWords(): JsonPatchWords {
    return WORDS
  }

  protected override jsonValue(node: SqlExpr, out: Output): void {
    out.sql += kindOf(node) === 'json' ? '(' : 'TO_JSONB('
    this.expr(node, out)
    out.sql += ')'
  }

  protected override cast({ of, type }: CastNode, out: Output): void {
    out.sql += 'CAST('
    this.expr(of, out)
    const declared = type.declared?.postgres
    out.sql += ` AS ${declared === undefined ? columnType(type) : writtenType(declared)})`
  }

  // ------------------------------------------------------------------ inserts

  protected override insertTail(node: InsertNode, out: Output): void {
    super.insertTail(node, out)
    // A row version that no transaction has replaced or locked: it was inserted by this statement.
    if (typeof node.onConflict === 'object' && node.onConflict.tell) out.sql += ', (xmax = 0)'
  }

  /** Rows as one array per column: one text and one round trip for thousands of rows. */
  protected override bulk(node: InsertNode, bulk: NonNullable<InsertNode['bulk']>): Compiled {
    const row: SqlExpr[] = bulk.kinds.map((kind, slot) => ({ t: 'param', slot, kind }))
    const { bulk: _, ...plain } = node
    const one = new Output()
    this.insert({ ...plain, rows: [row] }, one)
    const width = node.columns.length
    const chunk = new Output()
    this.insertInto(plain, chunk)
    const listed = (kind: Kind | null): string => (isArrayKind(kind) ? 'text' : paramType(kind ?? 'text'))
    const arrays = bulk.kinds.map((kind, i) => `$${i + 1}::${listed(kind)}[]`)
    // UNNEST looks into arrays of arrays: each comes as its own text.
    const castOf = (kind: Kind | null, i: number): string | undefined => {
      const declared = bulk.declared?.[i]
      return declared !== undefined ? writtenType(declared) : isArrayKind(kind) ? paramType(kind) : undefined
    }
    const casts = bulk.kinds.map(castOf)
    const columns = casts.map((cast, i) => `c${i}${cast === undefined ? '' : `::${cast}`}`)
    chunk.sql += casts.some((cast) => cast !== undefined)
      ? ` SELECT ${columns.join(', ')} FROM UNNEST(${arrays.join(', ')}) t(${bulk.kinds.map((_, i) => `c${i}`).join(', ')})`
      : ` SELECT * FROM UNNEST(${arrays.join(', ')})`
    this.insertTail(plain, chunk)
    const compiled = this.finish(one, node.returning.length > 0, true)
    // What a conflict does, and what rows give back, COPY cannot say.
    const copies = width > 0 && node.returning.length === 0 && node.onConflict === undefined
    const copySql = `COPY ${this.quote(node.table)} (${node.columns.map((name) => this.quote(name)).join(', ')}) FROM STDIN`
    const plan = { count: bulk.count, width, rowsPerChunk: width === 0 ? 1 : BULK_ROWS, chunkSql: chunk.sql }
    return { ...compiled, bulk: copies ? { ...plan, copySql } : plan }
  }
}

/** The compiler of PostgreSQL; it has no state. */
export const postgresCompiler: PostgresCompiler = new PostgresCompiler()
