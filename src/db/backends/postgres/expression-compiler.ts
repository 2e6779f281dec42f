/** Expressions as PostgreSQL says them. Statements are in `compiler.ts`. */
import { isArrayKind, type Kind } from '../../kinds.ts'
import { SqlCompiler } from '../../sql/compiler.ts'
import { takesJson } from '../../sql/functions.ts'
import type { JsonPatchWords } from '../../sql/json-patch.ts'
import { isTemporal, isTextKind, isWholeKind, kindOf } from '../../sql/kinds.ts'
import type {
  ArithmeticNode,
  BetweenNode,
  CastNode,
  CompareNode,
  ExtractNode,
  FunctionNode,
  InNode,
  JsonPathNode,
  MatchNode,
  ParamNode,
  SqlExpr,
  TruncNode,
  WindowNode,
} from '../../sql/nodes.ts'
import type { Output } from '../../sql/output.ts'
import { formOf, wildcards } from '../../sql/patterns.ts'
import { writeExtract, writeTrunc } from './dates.ts'
import { amongDeclared, beside, besideEach, declaredAs } from './declared.ts'
import { JSON_WORDS, jsonPathLiteral } from './json.ts'
import { bareListOf, boundDown, boundUp, FORMS, isUuidExtreme, listOf, OF_TEXT, OF_TEXTS } from './text.ts'
import { columnType, paramType, writtenType } from './types.ts'
import { type PostgresValueWriter, postgresValues } from './value-writer.ts'
import { postgresEncoder } from './values.ts'

/** What PostgreSQL says differently of expressions. */
export abstract class PostgresExpressions extends SqlCompiler {
  protected override readonly values: PostgresValueWriter = postgresValues

  protected override now(kind: Kind): string {
    if (kind === 'date') return "(STATEMENT_TIMESTAMP() AT TIME ZONE 'UTC')::date"
    if (kind === 'time') return "(STATEMENT_TIMESTAMP() AT TIME ZONE 'UTC')::time"
    return 'STATEMENT_TIMESTAMP()'
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

  // ------------------------------------------------------------------ comparing

  protected override compare(given: CompareNode, out: Output): void {
    const node = besideEach(given)
    const { left, right, op } = node
    if (
      out.values === null &&
      right.t === 'param' &&
      right.kind === null &&
      right.declared === undefined &&
      isWholeKind(kindOf(left))
    ) {
      this.compared(left, out)
      out.sql += ` ${op} `
      const encoder =
        op === '=' || op === '<>' ? postgresEncoder(null) : op === '>=' || op === '<' ? boundUp : boundDown
      this.values.mark(right.slot, encoder, out)
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
      this.values.members(node, kind ?? 'text', out)
      return
    }
    if (isArrayKind(kind)) {
      // ANY looks into arrays of arrays: each comes as its own text.
      out.sql += 'ANY(SELECT UNNEST('
      this.values.mark(node.slot, listOf(kind), out)
      out.sql += `::text[])::${node.declared ?? paramType(kind)})`
      return
    }
    out.sql += 'ANY('
    this.values.mark(node.slot, node.declared === undefined ? listOf(kind) : bareListOf(kind), out)
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
      const column = (value: unknown): unknown =>
        [...(value as unknown[][])].filter((row) => !row.includes(null)).map((row) => one(row[i]))
      this.values.mark(right.slot, column, out)
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
    const form = formOf(node)
    out.sql += ' LIKE '
    side(() => {
      if (right.t === 'param') {
        const like = right.like ?? form
        this.param(like === undefined ? right : { ...right, like, kind: 'text' }, out)
      } else if (form === undefined) this.group(right, out)
      else {
        const [before, after] = wildcards(form)
        if (before) out.sql += "'%' || "
        out.sql += 'REPLACE(REPLACE(REPLACE(('
        this.expr(right, out)
        out.sql += ")::text, E'\\\\', E'\\\\\\\\'), '%', E'\\\\%'), '_', E'\\\\_')"
        if (after) out.sql += " || '%'"
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
    const isText = declared === undefined ? isTextKind(kindOf(node)) : declared === 'citext'
    if (!isText) out.sql += '::text'
  }

  // ------------------------------------------------------------------ functions

  /** Sums and averages of integers are numeric: told back to what the tree says they are. */
  private narrowed({ name, kind }: FunctionNode): string {
    if (name === 'sum' && isWholeKind(kind)) return '::bigint'
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
      return `ROUND($1::numeric${places})${kind === 'decimal' ? '' : `::${paramType(kind)}`}`
    }
    // Of integers they are floats, which have no rest, and divide to fractions.
    if (isWholeKind(kind) && (name === 'sign' || name === 'ceil' || name === 'floor' || name === 'round'))
      return `${base}::bigint`
    if (kind === 'boolean' && name === 'min') return 'BOOL_AND($*)'
    if (kind === 'boolean' && name === 'max') return 'BOOL_OR($*)'
    if (name === 'substr') return args.length === 2 ? 'SUBSTR($1, $2::integer)' : 'SUBSTR($1, $2::integer, $3::integer)'
    if (name === 'lag' || name === 'lead')
      return `${name.toUpperCase()}($1, $2::integer${args.length > 2 ? ', $3' : ''})`
    if (name === 'mod') return kind === 'decimal' ? base : `${base}::${paramType(kind)}`
    return base
  }

  protected override argument(arg: SqlExpr, of: SqlExpr, out: Output): void {
    const isText = of.t === 'function' && takesJson(of.name)
    this.expr(arg, out)
    // The names of keys and text constants have no type of their own there.
    if (isText && arg.t === 'literal') out.sql += '::text'
    if (of.t === 'function' && this.wantsText(of, arg) && !isTextKind(kindOf(arg))) out.sql += '::text'
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

  protected override extract(node: ExtractNode, out: Output): void {
    writeExtract(node, out, () => this.group(node.from, out))
  }

  protected override trunc(node: TruncNode, out: Output): void {
    writeTrunc(node, out, () => this.group(node.from, out))
  }

  // ------------------------------------------------------------------ JSON

  private path(node: JsonPathNode, operator: '#>' | '#>>', out: Output): void {
    out.sql += '('
    this.group(node.from, out)
    out.sql += ` ${operator} ${jsonPathLiteral(node.path)})`
  }

  protected override jsonPath(node: JsonPathNode, out: Output): void {
    if (node.asType) out.sql += 'JSONB_TYPEOF'
    this.path(node, '#>', out)
  }

  protected override jsonPatchWords(): JsonPatchWords {
    return JSON_WORDS
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
}
