/**
 * Expressions as MariaDB and MySQL say them. One text serves both servers: comments that begin with `M!` are read by
 * MariaDB alone, those with `!80000` by MySQL alone. Statements are in `compiler.ts`.
 * Beyond 400 lines: these are overrides of one class, in the order of what they write.
 */
import type { Kind } from '../../kinds.ts'
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
  SelectNode,
  SqlExpr,
  TruncNode,
  WindowNode,
} from '../../sql/nodes.ts'
import type { Output } from '../../sql/output.ts'
import { formOf, wildcards } from '../../sql/patterns.ts'
import { writeExtract, writeTemporal, writeTrunc } from './dates.ts'
import { JSON_CLOSE, JSON_OPEN, JSON_WORDS, jsonParts, writeJsonOrder, writeJsonPath, writeJsonText } from './json.ts'
import { FORMS, keptText } from './text.ts'
import { castType, listedType } from './types.ts'
import { type MysqlValueWriter, mysqlValues } from './value-writer.ts'
import { listEncoder, tupleEncoder } from './values.ts'

const DATED: ReadonlySet<Kind | null> = new Set<Kind>(['date', 'time', 'dateTime'])
/** Tells capitals and accents apart, whatever the column's own collation. */
const EXACT = ' COLLATE utf8mb4_bin'

/** What the servers say differently of expressions. */
export abstract class MysqlExpressions extends SqlCompiler {
  protected override readonly values: MysqlValueWriter = mysqlValues
  /** The table of the UPDATE or DELETE that is being written: MySQL lets no subquery of it read the same one. */
  protected target: string | null = null
  /** Whether the change has an `in` of a list or statement. */
  protected seeks = false
  /** How many EXISTS stand around. */
  protected existing = 0

  protected override now(kind: Kind): string {
    if (kind === 'date') return 'UTC_DATE()'
    return kind === 'time' ? 'UTC_TIME(6)' : 'UTC_TIMESTAMP(6)'
  }

  // ------------------------------------------------------------------ comparing

  /** Dates travel as text: told what they are, they are compared and reckoned with as dates. */
  protected override param(node: ParamNode, out: Output): void {
    if (node.list) {
      this.listRows(node, out)
      return
    }
    const cast = out.values === null && (DATED.has(node.kind) || node.kind === 'float')
    if (cast) out.sql += 'CAST('
    this.placeholder(node, out)
    if (cast) out.sql += ` AS ${castType({ kind: node.kind! })})`
  }

  private json(node: SqlExpr, out: Output): void {
    out.sql += JSON_OPEN
    this.expr(node, out)
    out.sql += JSON_CLOSE
  }

  protected override compared(node: SqlExpr, out: Output): void {
    if (kindOf(node) === 'json') this.json(node, out)
    else this.group(node, out)
  }

  protected override compare(node: CompareNode, out: Output): void {
    const { left, op, right } = node
    const json = kindOf(left) === 'json' || kindOf(right) === 'json'
    if (!json && left.t === 'column' && right.t === 'param') {
      // Beside a column the server reads text as what the column is.
      this.compared(left, out)
      out.sql += ` ${op} `
      this.placeholder(right, out)
    } else if (this.existing > 0 && op === '=' && (hasSelect(left) || hasSelect(right))) {
      // MariaDB makes IN of an EXISTS by what has to be equal, and then refuses a subquery on that side.
      out.sql += '(('
      super.compare(node, out)
      out.sql += ') + 0)'
    } else if (!json || op === '=' || op === '<>') super.compare(node, out)
    else writeJsonOrder(node, out, { expr: (side) => this.expr(side, out), group: (side) => this.group(side, out) })
  }

  /** In an order, and among what rows are grouped by, a number is the place of a column: an expression is none. */
  protected override sortable(node: SqlExpr, out: Output): void {
    const constant = node.t === 'param' || node.t === 'literal'
    if (constant) out.sql += 'COALESCE('
    this.expr(node, out)
    if (constant) out.sql += ', NULL)'
  }

  protected override between(node: BetweenNode, out: Output): void {
    const bound = (side: SqlExpr): void => {
      if (node.of.t === 'column' && side.t === 'param') this.placeholder(side, out)
      else this.compared(side, out)
    }
    this.compared(node.of, out)
    out.sql += ' BETWEEN '
    bound(node.low)
    out.sql += ' AND '
    bound(node.high)
  }

  /** What puts statements together stands in EXISTS as it is: MariaDB's tables of statements see nothing around them. */
  protected override expr(node: SqlExpr, out: Output): void {
    const { query } = node.t === 'exists' ? node : { query: null }
    if (query === null) {
      super.expr(node, out)
      return
    }
    this.existing++
    if (!('query' in query.from) || !isWhole(query)) super.expr(node, out)
    else {
      out.sql += 'EXISTS('
      this.select(query.from.query, out, false)
      out.sql += ')'
    }
    this.existing--
  }

  /** LIMIT stands in no subquery of IN: one level deeper it may. */
  protected override isIn(node: InNode, out: Output): void {
    const { left, right } = node
    if ('t' in right) this.seeks = true
    if (!('t' in right) || right.t !== 'select' || (right.limit === null && right.offset === null && !right.compound)) {
      super.isIn(node, out)
      return
    }
    this.inLeft(left, out)
    out.sql += ' IN (SELECT * FROM ('
    this.select({ ...right, columns: right.columns.map(({ expr }, i) => ({ expr, as: `c${i}` })) }, out, false)
    out.sql += ') AS "limited")'
  }

  /** One parameter whatever the length: JSON text, turned into rows. */
  protected override inParam(left: InNode['left'], right: ParamNode, out: Output): void {
    if ('t' in left) {
      this.listRows(right, out, left)
      return
    }
    const kinds = left.map((item) => kindOf(item) ?? 'text')
    out.sql += `(SELECT ${kinds.map((kind, i) => listed(kind, `c${i}`)).join(', ')} FROM JSON_TABLE(`
    out.placeholder('?', right.slot, tupleEncoder(kinds))
    const columns = kinds.map((kind, i) => `c${i} ${listedType(kind)} PATH '$[${i}]'`)
    out.sql += `, '$[*]' COLUMNS (${columns.join(', ')})) "list")`
  }

  private listRows(node: ParamNode, out: Output, left?: SqlExpr): void {
    const kind = node.kind ?? (left === undefined ? null : kindOf(left)) ?? 'text'
    if (out.values !== null) {
      const around = kind === 'json' ? (item: string) => JSON_OPEN + item + JSON_CLOSE : undefined
      this.values.members(node, kind, out, around)
      return
    }
    const length = left?.t === 'column' ? left.type?.maxLength : undefined
    // Read once into a table with an index, where a change has to look at the list for each row all the same.
    const kept = this.target !== null
    out.sql += kept ? '(SELECT c0 FROM (SELECT DISTINCT ' : '(SELECT '
    out.sql += `${listed(kind, 'c0')}${kept ? ' AS c0' : ''} FROM JSON_TABLE(`
    out.placeholder('?', node.slot, listEncoder(kind))
    out.sql += `, '$[*]' COLUMNS (c0 ${listedType(kind, length)} PATH '$')) "list"${kept ? ') AS "kept"' : ''})`
  }

  // ------------------------------------------------------------------ matching

  protected override match(node: MatchNode, out: Output): void {
    const { op, left, right } = node
    const folded = op === 'ilike' || op === 'iexact'
    if (op === 'regex' || op === 'iregex') {
      this.asText(left, out)
      out.sql += `${op === 'regex' ? EXACT : ' COLLATE utf8mb4_general_ci'} REGEXP `
      this.group(right, out)
      return
    }
    const side = (write: () => void): void => {
      if (folded) out.sql += 'UPPER('
      write()
      out.sql += folded ? `)${EXACT}` : EXACT
    }
    side(() => this.asText(left, out))
    out.sql += ' LIKE '
    side(() => this.pattern(node, right, out))
    out.sql += " ESCAPE X'5c'" // MariaDB keeps the condition of a check as it stands here, and refuses a quoted backslash
  }

  private pattern(node: MatchNode, right: SqlExpr, out: Output): void {
    const form = formOf(node)
    if (right.t === 'param') {
      const like = right.like ?? form
      const kind = kindOf(node.left) === 'uuid' ? 'uuid' : 'text'
      this.placeholder(like === undefined ? right : { ...right, like, kind }, out)
      return
    }
    if (form === undefined) {
      this.group(right, out)
      return
    }
    const [slash, percent, line] = ['\\', '\\%', '\\_'].map(keptText)
    const [before, after] = wildcards(form)
    out.sql += before ? "CONCAT('%', " : 'CONCAT('
    out.sql += 'REPLACE(REPLACE(REPLACE('
    this.asText(right, out)
    out.sql += `, ${slash}, ${keptText('\\\\')}), '%', ${percent}), '_', ${line})`
    out.sql += after ? ", '%')" : ')'
  }

  /** Any value as the text that is matched: of JSON the text itself, without quotes; of a UUID its digits. */
  private asText(node: SqlExpr, out: Output): void {
    const kind = kindOf(node)
    if (node.t === 'jsonPath' && kind === 'json') {
      writeJsonText(() => this.expr(node, out), out)
      return
    }
    const [before, after] =
      kind === null || isTextKind(kind)
        ? ['', '']
        : kind === 'uuid'
          ? ['REPLACE(CAST(', " AS CHAR), '-', '')"]
          : ['CAST(', ' AS CHAR)']
    out.sql += before
    if (before === '') this.group(node, out)
    else this.expr(node, out)
    out.sql += after
  }

  // ------------------------------------------------------------------ functions

  /** Sums of integers come as decimals, averages too: told back to what the tree says they are. */
  private narrowed({ name, kind }: FunctionNode): string {
    if (name === 'sum' && isWholeKind(kind)) return ' DIV 1' // beyond 64 bits an error
    return name === 'avg' && kind === 'float' ? ' + 0e0' : ''
  }

  protected override function(node: FunctionNode, out: Output): void {
    const narrowed = this.narrowed(node)
    if (narrowed !== '') out.sql += '('
    super.function(node, out)
    if (narrowed !== '') out.sql += `${narrowed})`
  }

  protected override window(node: WindowNode, out: Output): void {
    const { of } = node
    if (of.t === 'function' && (of.name === 'lag' || of.name === 'lead') && of.args.length > 2) {
      // MariaDB knows no default: where there is no row, there is no 1 either.
      const [, offset, otherwise] = of.args
      const one: FunctionNode = { ...of, args: [{ t: 'literal', value: 1 }, offset!], kind: 'integer' }
      out.sql += 'IF('
      this.window({ ...node, of: one }, out)
      out.sql += ' IS NULL, '
      this.expr(otherwise!, out)
      out.sql += ', '
      this.window({ ...node, of: { ...of, args: of.args.slice(0, 2) } }, out)
      out.sql += ')'
      return
    }
    const narrowed = of.t === 'function' ? this.narrowed(of) : ''
    if (narrowed !== '') out.sql += '('
    super.window(node, out)
    if (narrowed !== '') out.sql += `${narrowed})`
  }

  /** An aggregate with a filter takes null for the rows it leaves out. */
  protected override call(node: FunctionNode, out: Output): void {
    if (node.name === 'jsonArrayAgg' || node.name === 'jsonObjectAgg') {
      super.call(jsonParts(node), out)
      return
    }
    const { filter, ...plain } = node
    if (filter === undefined) {
      if (node.name === 'stringAgg') this.joined(node, out)
      else super.call(node, out)
      return
    }
    const [first, ...rest] = node.args
    const kept: SqlExpr = {
      t: 'case',
      when: [{ condition: filter, then: first ?? { t: 'literal', value: 1 } }],
      otherwise: null,
      kind: (first && kindOf(first)) ?? 'integer',
    }
    this.call({ ...plain, args: [kept, ...rest] }, out)
  }

  protected override form(node: FunctionNode): string {
    return FORMS[node.name] ?? super.form(node)
  }

  /**
   * What GROUP_CONCAT writes between texts can be no parameter: it is written before each of them, and cut off at the
   * beginning (CVE-2020-7471 was a delimiter in the text).
   */
  private joined(node: FunctionNode, out: Output): void {
    const [text, delimiter] = node.args
    const both: SqlExpr = { t: 'raw', parts: ['CONCAT(', ', ', ')'], nodes: [delimiter!, text!], kind: 'text' }
    out.sql += 'SUBSTR('
    super.call({ ...node, args: [both] }, out)
    out.sql += ', CHAR_LENGTH('
    this.expr(delimiter!, out)
    out.sql += ') + 1)'
  }

  protected override argument(arg: SqlExpr, of: SqlExpr, out: Output): void {
    const json = of.t === 'function' && takesJson(of.name) ? kindOf(arg) : null
    if (json === 'json' || json === 'boolean') {
      // As they come they would be a text and a number inside the new value.
      out.sql += json === 'json' ? 'JSON_EXTRACT(' : 'JSON_EXTRACT(CASE '
      this.expr(arg, out)
      out.sql += json === 'json' ? ", '$')" : " WHEN 1 THEN 'true' WHEN 0 THEN 'false' END, '$')"
    } else this.expr(arg, out)
  }

  protected override arithmetic(node: ArithmeticNode, out: Output): void {
    const { op, left, right, kind } = node
    if (out.values === null && isTemporal(node)) {
      writeTemporal(node, out, (side) => this.expr(side, out))
      return
    }
    if (op === '^') {
      this.called('POWER', [left, right], out)
      return
    }
    const bits = op === '#' || op === '&' || op === '|' || op === '<<' || op === '>>'
    out.sql += bits ? 'CAST((' : '('
    this.group(left, out)
    out.sql += ` ${op === '#' ? '^' : op === '/' && isWholeKind(kind) ? 'DIV' : op} `
    this.group(right, out)
    out.sql += bits ? ') AS SIGNED)' : ')' // bits are unsigned there
  }

  protected override extract(node: ExtractNode, out: Output): void {
    writeExtract(node, out, () => this.group(node.from, out))
  }

  protected override trunc(node: TruncNode, out: Output): void {
    writeTrunc(node, out, () => this.group(node.from, out))
  }

  protected override jsonPath(node: JsonPathNode, out: Output): void {
    writeJsonPath(node, out, (side) => this.expr(side, out))
  }

  protected override jsonPatchWords(): JsonPatchWords {
    return JSON_WORDS
  }

  protected override jsonValue(node: SqlExpr, out: Output): void {
    const kind = kindOf(node)
    const [before, after] =
      kind === 'json'
        ? ['JSON_EXTRACT(', ", '$')"]
        : kind === 'boolean'
          ? ['JSON_EXTRACT(IF(', ", 'true', 'false'), '$')"]
          : ['JSON_EXTRACT(JSON_ARRAY(', "), '$[0]')"]
    out.sql += before
    this.expr(node, out)
    out.sql += after
  }

  protected override cast(node: CastNode, out: Output): void {
    const { kind } = node.type
    out.sql += kind === 'json' ? 'JSON_EXTRACT(' : 'CAST('
    this.expr(node.of, out)
    out.sql += kind === 'json' ? ", '$')" : ` AS ${castType(node.type)})`
  }
}

/** Whether a statement stands anywhere in an expression; a list of values is written as one. */
function hasSelect(node: unknown): boolean {
  if (typeof node !== 'object' || node === null) return false
  const { t } = node as { readonly t?: unknown } // any part of a node
  return t === 'select' || t === 'in' || Object.values(node).some(hasSelect)
}

/** Whether a select over another asks no more than whether that has rows. */
function isWhole({ joins, where, groupBy, having, limit, offset, compound }: SelectNode): boolean {
  const plain = joins.length === 0 && where === null && groupBy.length === 0 && having === null
  return plain && limit === null && offset === null && compound === undefined
}

/** A member of a list as its column is compared. */
function listed(kind: Kind, name: string): string {
  if (kind === 'binary') return `UNHEX(${name})`
  return kind === 'json' ? JSON_OPEN + name + JSON_CLOSE : name
}
