/** Expressions as SQLite says them; functions that begin with `nuages_` are ours (`functions.ts`). Statements are in `compiler.ts`. */
import type { Kind } from '../../kinds.ts'
import { SqlCompiler } from '../../sql/compiler.ts'
import { takesJson } from '../../sql/functions.ts'
import type { JsonPatchWords } from '../../sql/json-patch.ts'
import { isTemporal, isWide, kindOf } from '../../sql/kinds.ts'
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
  OrderNode,
  ParamNode,
  SqlExpr,
  TruncNode,
} from '../../sql/nodes.ts'
import type { Output } from '../../sql/output.ts'
import { formOf, wildcards } from '../../sql/patterns.ts'
import { quoteText } from '../../sql/quoting.ts'
import { writeExtract, writeTrunc } from './date-text.ts'
import { JSON_WORDS, jsonPathLiteral } from './json.ts'
import { castForm, FORMS } from './text.ts'
import { type SqliteValueWriter, sqliteValues } from './value-writer.ts'
import { listEncoder, tupleEncoder } from './values.ts'

const NUMERIC: ReadonlySet<Kind | null> = new Set<Kind>(['auto', 'integer', 'smallInteger', 'boolean'])

/** Whether a decimal is compared by its key: its column keeps more digits than a float. */
function needsKey(...sides: readonly SqlExpr[]): boolean {
  return sides.some(isWide)
}

/** The rest of a division of decimals: as text where they are long, else the number. */
function remainder(wide: boolean, args: string): string {
  return wide ? `nuages_decimal_op('%', ${args})` : `CAST(nuages_decimal_op('%', ${args}) AS NUMERIC)`
}

/** What SQLite says differently of expressions. */
export abstract class SqliteExpressions extends SqlCompiler {
  protected override readonly values: SqliteValueWriter = sqliteValues

  protected override now(kind: Kind): string {
    if (kind === 'date') return "strftime('%Y-%m-%d', 'now')"
    if (kind === 'time') return "(strftime('%H:%M:%f', 'now') || '000')"
    return "(strftime('%Y-%m-%d %H:%M:%f', 'now') || '000')" // six digits of fraction, as Django's texts have
  }

  /** The driver binds every number as a float: where 7 / 2 or text would show it, say integer. */
  protected override param(node: ParamNode, out: Output): void {
    if (node.list) {
      this.listRows(node, out)
      return
    }
    const cast =
      out.values === null && (node.kind === 'decimal' ? 'NUMERIC' : NUMERIC.has(node.kind) ? 'INTEGER' : null)
    if (cast) out.sql += 'CAST('
    this.placeholder(node, out)
    if (cast) out.sql += ` AS ${cast})`
  }

  // ------------------------------------------------------------------ comparing

  /** A side of a comparison: `key` when the other side is a wide decimal. */
  private side(node: SqlExpr, key: boolean, out: Output): void {
    if (key && out.values === null) {
      out.sql += 'nuages_decimal('
      this.stored(node, out)
      out.sql += ')'
    } else if (node.t === 'param' && node.kind !== 'decimal' && !node.list) this.placeholder(node, out)
    else this.group(node, out)
  }

  protected override compared(node: SqlExpr, out: Output): void {
    if (kindOf(node) === 'json') this.jsonSide(node, out)
    else this.side(node, isWide(node), out)
  }

  protected override compare(node: CompareNode, out: Output): void {
    const { left, op, right } = node
    const json = kindOf(left) === 'json' && kindOf(right) === 'json'
    if (json && (op === '=' || op === '<>')) {
      this.jsonSide(left, out)
      out.sql += ` ${op} `
      this.jsonSide(right, out)
      return
    }
    const key = needsKey(left, right)
    for (const side of [left, right]) {
      if (side === right) out.sql += ` ${op} `
      if (json && side.t === 'param') {
        out.sql += 'json_extract('
        this.placeholder(side, out)
        out.sql += ", '$')"
      } else this.side(side, key, out)
    }
  }

  /**
   * JSON in one spelling, so that equal values are equal texts whoever wrote them. What tables keep does without our
   * function: other programs write there, too.
   */
  private jsonSide(node: SqlExpr, out: Output): void {
    if (out.values !== null) {
      if (node.t === 'jsonPath') this.group(node, out)
      else {
        out.sql += 'json_extract('
        this.expr(node, out)
        out.sql += ", '$')"
      }
      return
    }
    out.sql += 'nuages_json('
    this.selected(node, out)
    out.sql += ')'
  }

  protected override between(node: BetweenNode, out: Output): void {
    const key = needsKey(node.of, node.low, node.high)
    this.side(node.of, key, out)
    out.sql += ' BETWEEN '
    this.side(node.low, key, out)
    out.sql += ' AND '
    this.side(node.high, key, out)
  }

  protected override isIn(node: InNode, out: Output): void {
    const { left, right } = node
    if ('t' in right || right.length === 0 || !('t' in left)) {
      super.isIn(node, out)
      return
    }
    const json = kindOf(left) === 'json'
    const key = needsKey(left, ...right)
    const write = (item: SqlExpr): void => (json ? this.jsonSide(item, out) : this.side(item, key, out))
    write(left)
    out.sql += ' IN ('
    this.list(right, out, write)
    out.sql += ')'
  }

  /** One parameter whatever the length: JSON text, turned into rows. */
  protected override inParam(left: InNode['left'], right: ParamNode, out: Output): void {
    if ('t' in left) {
      this.listRows(right, out, left)
      return
    }
    const kinds = left.map(kindOf)
    const columns = left.map((item, i) => {
      const value = `json_extract(value, '$[${i}]')`
      return isWide(item) ? `nuages_decimal(${value})` : kinds[i] === 'decimal' ? `CAST(${value} AS NUMERIC)` : value
    })
    out.sql += `(SELECT ${columns.join(', ')} FROM json_each(`
    out.placeholder('?', right.slot, tupleEncoder(kinds))
    out.sql += '))'
  }

  private listRows(node: ParamNode, out: Output, left?: SqlExpr): void {
    const kind = node.kind ?? (left === undefined ? null : kindOf(left))
    if (out.values !== null) {
      const around = kind === 'json' ? (item: string) => `json_extract(${item}, '$')` : undefined
      this.values.members(node, kind ?? 'text', out, around)
      return
    }
    let value = 'value'
    if (kind === 'binary') value = 'unhex(value)'
    else if (kind === 'json') value = 'nuages_json(value)'
    else if (left !== undefined && isWide(left)) value = 'nuages_decimal(value)'
    else if (kind === 'decimal') value = 'CAST(value AS NUMERIC)'
    out.sql += `(SELECT ${value} FROM json_each(`
    out.placeholder('?', node.slot, listEncoder(kind))
    out.sql += '))'
  }

  /** JSON is text: numbers are ordered as numbers, texts as what they say. */
  protected override order(order: OrderNode, out: Output): void {
    const { by } = order
    if (kindOf(by) !== 'json' || by.t === 'jsonPath') super.order(order, out)
    else super.order({ ...order, by: { t: 'raw', parts: ['json_extract(', ", '$')"], nodes: [by], kind: 'text' } }, out)
  }

  protected override sortable(node: SqlExpr, out: Output): void {
    if (isWide(node)) this.side(node, true, out)
    else this.expr(node, out)
  }

  /** Integers that may pass 2^53 and wide decimals come as text: exact, and no other column pays for it. */
  protected override selected(node: SqlExpr, out: Output): void {
    const kind = kindOf(node)
    if (node.t === 'jsonPath' && !node.asType) {
      this.group(node.from, out)
      out.sql += ` -> ${jsonPathLiteral(node.path)}`
    } else if (kind === 'bigInteger' || kind === 'duration' || isWide(node)) {
      out.sql += 'CAST('
      this.expr(node, out)
      out.sql += ' AS TEXT)'
    } else this.expr(node, out)
  }

  // ------------------------------------------------------------------ expressions

  /** Beside long decimals a parameter stays text: as a number it would lose digits. */
  protected override argument(arg: SqlExpr, of: SqlExpr, out: Output): void {
    if (of.t === 'function' && of.name === 'jsonContains') {
      if (arg.t === 'param') this.placeholder(arg, out)
      else this.selected(arg, out)
      return
    }
    const json = of.t === 'function' && takesJson(of.name) ? kindOf(arg) : null
    if (json === 'json' || json === 'boolean') {
      // As text they would become strings and numbers inside the new value.
      out.sql += json === 'json' ? 'JSON(' : 'JSON(CASE '
      if (json === 'json') this.selected(arg, out)
      else this.expr(arg, out)
      out.sql += json === 'json' ? ')' : " WHEN 1 THEN 'true' WHEN 0 THEN 'false' END)"
    } else if (arg.t === 'param' && arg.kind === 'decimal' && isWide(of)) this.placeholder(arg, out)
    else this.expr(arg, out)
  }

  protected override form(node: FunctionNode): string {
    const wide = node.kind === 'decimal' && node.args.some(isWide)
    const { name } = node
    if (wide && (name === 'sum' || name === 'avg' || name === 'min' || name === 'max' || name === 'abs')) {
      return `nuages_decimal_${name}($*)`
    }
    if (name === 'round' && node.args.length === 1) return wide ? 'nuages_round($1, 0)' : 'ROUND($1)'
    if (name === 'mod' && node.kind === 'decimal') return remainder(wide, '$1, $2')
    return FORMS[name] ?? super.form(node)
  }

  protected override function(node: FunctionNode, out: Output): void {
    // What a table keeps is SQLite's own: any program may write there. It knows no negative places.
    if (node.name === 'round' && node.args.length === 2 && out.values === null) {
      const exact = node.kind === 'decimal' && !node.args.some(isWide)
      out.sql += exact ? 'CAST(nuages_round(' : 'nuages_round('
      this.list(node.args, out, (arg) => this.argument(arg, node, out))
      out.sql += exact ? ') AS NUMERIC)' : ')'
      return
    }
    const empty = node.name === 'jsonArrayAgg' ? '[]' : node.name === 'jsonObjectAgg' ? '{}' : null
    if (empty === null) {
      super.function(node, out)
      return
    }
    // Over no rows null, as everywhere.
    out.sql += 'NULLIF('
    super.function(node, out)
    out.sql += `, '${empty}')`
  }

  protected override call(node: FunctionNode, out: Output): void {
    if (node.name !== 'stringAgg' || node.distinct !== true) {
      super.call(node, out)
      return
    }
    // SQLite takes DISTINCT before one argument only: the different texts as a list, which is joined then.
    const [text, delimiter] = node.args
    out.sql += 'nuages_join('
    const plain: SqlExpr = { t: 'raw', parts: ['', ''], nodes: [text!], kind: 'text' }
    super.call({ ...node, name: 'jsonArrayAgg', args: [plain] }, out)
    out.sql += ', '
    this.expr(delimiter!, out)
    out.sql += ')'
  }

  protected override arithmetic(node: ArithmeticNode, out: Output): void {
    if (node.op === '^' || node.op === '#') {
      // SQLite has no operator for either.
      this.called(node.op === '^' ? 'POWER' : 'nuages_bitxor', [node.left, node.right], out)
      return
    }
    const temporal = isTemporal(node)
    if (node.op === '%' && (node.kind === 'float' || (node.kind === 'decimal' && !isWide(node)))) {
      // The operator makes integers of both.
      const [before, after] =
        node.kind === 'float' || out.values !== null ? ['MOD(', ')'] : remainder(false, '\0').split('\0')
      out.sql += before
      this.expr(node.left, out)
      out.sql += ', '
      this.expr(node.right, out)
      out.sql += after
      return
    }
    if (out.values !== null || (!temporal && !isWide(node))) {
      super.arithmetic(node, out)
      return
    }
    out.sql += temporal ? `nuages_interval('${node.op}', ` : `nuages_decimal_op('${node.op}', `
    this.stored(node.left, out)
    out.sql += ', '
    this.stored(node.right, out)
    out.sql += temporal ? `, ${quoteText(node.kind)})` : ')'
  }

  protected override match(node: MatchNode, out: Output): void {
    if (node.op === 'regex' || node.op === 'iregex') {
      out.sql += 'nuages_regex('
      this.stored(node.right, out)
      out.sql += ', '
      this.group(node.left, out)
      out.sql += node.op === 'regex' ? ', 0)' : ', 1)'
      return
    }
    this.group(node.left, out)
    out.sql += ' LIKE '
    const { right } = node
    const form = formOf(node)
    if (right.t === 'param') {
      const like = right.like ?? form
      this.placeholder(like === undefined ? right : { ...right, like, kind: right.kind ?? kindOf(node.left) }, out)
    } else if (form === undefined) this.group(right, out)
    else {
      const [before, after] = wildcards(form)
      if (before) out.sql += "'%' || "
      out.sql += 'REPLACE(REPLACE(REPLACE('
      this.expr(right, out)
      out.sql += ", '\\', '\\\\'), '%', '\\%'), '_', '\\_')"
      if (after) out.sql += " || '%'"
    }
    out.sql += " ESCAPE '\\'"
  }

  // ------------------------------------------------------------------ dates

  protected override extract(node: ExtractNode, out: Output): void {
    writeExtract(node, out, () => this.expr(node.from, out))
  }

  protected override trunc(node: TruncNode, out: Output): void {
    writeTrunc(node, out, () => this.expr(node.from, out))
  }

  // ------------------------------------------------------------------ JSON

  protected override jsonPath(node: JsonPathNode, out: Output): void {
    out.sql += node.asType ? 'json_type(' : 'json_extract('
    this.expr(node.from, out)
    out.sql += `, ${jsonPathLiteral(node.path)})`
  }

  protected override jsonPatchWords(): JsonPatchWords {
    return JSON_WORDS
  }

  protected override jsonValue(node: SqlExpr, out: Output): void {
    const kind = kindOf(node)
    // As text they would become strings and numbers inside the new value.
    if (kind === 'json') {
      out.sql += 'JSON('
      if (node.t === 'param') this.placeholder(node, out)
      else this.selected(node, out)
      out.sql += ')'
    } else if (kind === 'boolean') {
      out.sql += 'JSON(CASE WHEN '
      this.expr(node, out)
      out.sql += " THEN 'true' ELSE 'false' END)"
    } else {
      out.sql += 'json_quote('
      this.expr(node, out)
      out.sql += ')'
    }
  }

  protected override cast(node: CastNode, out: Output): void {
    const form = castForm(node.type)
    // An instant is one already: strftime() would cut its microseconds.
    if (node.type.kind === 'dateTime' && kindOf(node.of) === 'dateTime') {
      this.expr(node.of, out)
      return
    }
    if (form.startsWith('%')) {
      out.sql += `strftime('${form}', `
      this.expr(node.of, out)
      out.sql += ')'
      return
    }
    out.sql += 'CAST('
    if (node.of.t === 'param' && isWide(node)) this.stored(node.of, out)
    else this.expr(node.of, out)
    out.sql += ` AS ${form})`
  }
}
