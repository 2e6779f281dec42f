/**
 * Expressions to text: one switch over node kinds. What is written here is SQL that every database we know reads; a dialect
 * overrides the few methods at the end. Text is made once per shape, so clarity counts more than speed. Statements, which have
 * expressions in them and may stand in one, are in `compiler.ts`.
 * A new node is a compile error until it has its line here.
 */
import { ProgrammingError } from '../errors.ts'
import type { Kind } from '../kinds.ts'
import { frameText } from './frames.ts'
import { FORMS, FUNCTIONS } from './functions.ts'
import { type JsonPatchWords, JsonPatchWriter } from './json-patch.ts'
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
  SelectNode,
  SqlExpr,
  TruncNode,
  WindowNode,
} from './nodes.ts'
import { Output } from './output.ts'
import { quoteIdentifier } from './quoting.ts'
import { checkedSql } from './raw-text.ts'
import type { ValueWriter } from './value-writer.ts'
import { COMPARISONS, known, OPERATORS, SIMPLE } from './words.ts'

/** What a compiler knows of expressions. */
export abstract class ExpressionCompiler {
  protected abstract readonly values: ValueWriter

  quote(identifier: string): string {
    return quoteIdentifier(identifier)
  }

  inline(expr: SqlExpr, values: readonly unknown[]): string {
    const out = new Output(values)
    this.expr(expr, out)
    return out.sql
  }

  /** A value as text, for DDL. */
  literal(value: unknown, kind: Kind): string {
    return this.values.literal(value, kind)
  }

  protected param(node: ParamNode, out: Output): void {
    this.placeholder(node, out)
  }

  /** A placeholder and nothing around it; in DDL the value itself. */
  protected placeholder(node: ParamNode, out: Output): void {
    this.values.placeholder(node, out)
  }

  // ------------------------------------------------------------------ expressions

  protected list<T>(items: readonly T[], out: Output, write: (item: T) => void, between = ', '): void {
    items.forEach((item, i) => {
      if (i > 0) out.sql += between
      write(item)
    })
  }

  protected expr(node: SqlExpr, out: Output): void {
    switch (node.t) {
      case 'param':
        this.param(node, out)
        return
      case 'column':
        if (node.excluded) {
          out.sql += this.excluded(node.column)
          return
        }
        // Check constraints and index conditions speak of their own table only.
        if (node.table !== null && out.values === null) out.sql += `${this.quote(node.table)}.`
        out.sql += this.quote(node.column)
        return
      case 'literal':
        out.sql += this.values.constant(node.value)
        return
      case 'raw':
        if (node.wrapped) out.sql += '('
        this.rawParts(node.parts, node.nodes, out)
        // On a line of its own where the text may end in a comment.
        if (node.wrapped) out.sql += /--|#/.test(node.parts.at(-1)!) ? '\n)' : ')'
        return
      case 'function':
        known(FUNCTIONS, node.name)
        this.function(node, out)
        return
      case 'arithmetic':
        known(OPERATORS, node.op)
        this.arithmetic(node, out)
        return
      case 'compare':
        known(COMPARISONS, node.op)
        this.compare(node, out)
        return
      case 'match':
        this.match(node, out)
        return
      case 'extract':
        this.extract(node, out)
        return
      case 'trunc':
        this.trunc(node, out)
        return
      case 'window':
        this.window(node, out)
        return
      case 'jsonPath':
        this.jsonPath(node, out)
        return
      case 'jsonPatch':
        new JsonPatchWriter(this.jsonPatchWords(), {
          out,
          expr: (expr) => this.expr(expr, out),
          value: (expr) => this.jsonValue(expr, out),
          quoted: (text) => this.values.constant(text),
        }).write(node)
        return
      case 'isNull':
        this.group(node.of, out)
        out.sql += node.not ? ' IS NOT NULL' : ' IS NULL'
        return
      case 'in':
        this.isIn(node, out)
        return
      case 'row':
        out.sql += '('
        this.list(node.items, out, (item) => this.expr(item, out))
        out.sql += ')'
        return
      case 'between':
        this.between(node, out)
        return
      case 'and':
      case 'or':
        if (node.items.length === 0) out.sql += this.values.constant(node.t === 'and')
        else {
          out.sql += '('
          this.list(node.items, out, (item) => this.expr(item, out), node.t === 'and' ? ' AND ' : ' OR ')
          out.sql += ')'
        }
        return
      case 'not':
        out.sql += 'NOT '
        this.group(node.of, out)
        return
      case 'case':
        out.sql += 'CASE'
        for (const { condition, then } of node.when) {
          out.sql += ' WHEN '
          this.expr(condition, out)
          out.sql += ' THEN '
          this.argument(then, node, out)
        }
        if (node.otherwise !== null) {
          out.sql += ' ELSE '
          this.argument(node.otherwise, node, out)
        }
        out.sql += ' END'
        return
      case 'exists':
      case 'subquery':
        out.sql += node.t === 'exists' ? 'EXISTS(' : '('
        this.select(node.query, out, false)
        out.sql += ')'
        return
      case 'cast':
        this.cast(node, out)
        return
      case 'collate':
        out.sql += '('
        this.group(node.of, out)
        out.sql += ` COLLATE ${this.quote(node.collation)})`
        return
      default:
        throw new ProgrammingError(`${(node as { t: unknown }).t} is no kind of expression.`, {
          code: 'db.invalid-node',
        })
    }
  }

  /** An expression that may stand beside an operator without being torn apart. */
  protected group(node: SqlExpr, out: Output): void {
    const simple = SIMPLE.has(node.t) || (node.t === 'literal' && (typeof node.value !== 'number' || node.value >= 0))
    if (!simple) out.sql += '('
    this.expr(node, out)
    if (!simple) out.sql += ')'
  }

  protected rawParts(parts: readonly string[], nodes: readonly SqlExpr[], out: Output): void {
    parts.forEach((part, i) => {
      out.sql += checkedSql(part)
      const node = nodes[i]
      if (node !== undefined) this.expr(node, out)
    })
  }

  protected compare(node: CompareNode, out: Output): void {
    this.compared(node.left, out)
    out.sql += ` ${node.op} `
    this.compared(node.right, out)
  }

  protected between(node: BetweenNode, out: Output): void {
    this.compared(node.of, out)
    out.sql += ' BETWEEN '
    this.compared(node.low, out)
    out.sql += ' AND '
    this.compared(node.high, out)
  }

  protected isIn(node: InNode, out: Output): void {
    const { left, right } = node
    if ('t' in right) {
      this.inLeft(left, out)
      out.sql += ' IN '
      if (right.t === 'select') {
        out.sql += '('
        this.select(right, out, false)
        out.sql += ')'
      } else if (right.t === 'raw') this.expr(right, out)
      else this.inParam(left, right, out)
      return
    }
    if (right.length === 0) {
      out.sql += this.values.constant(false)
      return
    }
    this.inLeft(left, out)
    out.sql += ' IN ('
    this.list(right, out, (item) => this.compared(item, out))
    out.sql += ')'
  }

  protected inLeft(left: InNode['left'], out: Output): void {
    if ('t' in left) {
      this.compared(left, out)
      return
    }
    out.sql += '('
    this.list(left, out, (item) => this.compared(item, out))
    out.sql += ')'
  }

  protected function(node: FunctionNode, out: Output): void {
    this.call(node, out)
  }

  /** The call alone, which OVER may follow. */
  protected call(node: FunctionNode, out: Output): void {
    const { name, args } = node
    if (name === 'now') {
      out.sql += this.now(node.kind)
      return
    }
    if (name === 'concat') {
      out.sql += '('
      this.list(
        args,
        out,
        (arg) => {
          // As Django: a null part counts as empty.
          out.sql += 'COALESCE('
          this.argument(arg, node, out)
          out.sql += `, '')`
        },
        ' || ',
      )
      out.sql += ')'
      return
    }
    if (name === 'coalesce' && args.length === 1) {
      this.group(args[0]!, out)
      return
    }
    if (name === 'count' && args.length === 0) out.sql += 'COUNT(*)'
    else this.fill(this.form(node), node, out)
    if (node.filter !== undefined) {
      out.sql += ' FILTER (WHERE '
      this.expr(node.filter, out)
      out.sql += ')'
    }
  }

  /** A function as the database calls it, whatever the tree's node was. */
  protected called(name: string, args: readonly SqlExpr[], out: Output): void {
    out.sql += `${name}(`
    this.list(args, out, (arg) => this.expr(arg, out))
    out.sql += ')'
  }

  /** An argument of a function, or a result of CASE. */
  protected argument(arg: SqlExpr, _of: SqlExpr, out: Output): void {
    this.expr(arg, out)
  }

  /** How a function is written: see {@link FORMS}. */
  protected form(node: FunctionNode): string {
    return FORMS[node.name] ?? `${node.name.toUpperCase()}($*)`
  }

  /** Writes a form with the function's arguments. */
  private fill(form: string, node: FunctionNode, out: Output): void {
    for (const part of form.split(/(\$(?:\d|\*))/)) {
      if (part === '$*') {
        if (node.distinct) out.sql += 'DISTINCT '
        this.list(node.args, out, (arg) => this.argument(arg, node, out))
        if (node.orderBy !== undefined && node.orderBy.length > 0) {
          out.sql += ' ORDER BY '
          this.list(node.orderBy, out, (order) => this.order(order, out))
        }
      } else if (part.startsWith('$')) this.argument(node.args[Number(part.slice(1)) - 1]!, node, out)
      else out.sql += part
    }
  }

  protected window(node: WindowNode, out: Output): void {
    if (node.of.t === 'function') this.call(node.of, out)
    else this.expr(node.of, out)
    out.sql += ' OVER ('
    if (node.partitionBy.length > 0) {
      out.sql += 'PARTITION BY '
      this.list(node.partitionBy, out, (expr) => this.sortable(expr, out))
    }
    if (node.orderBy.length > 0) {
      out.sql += node.partitionBy.length > 0 ? ' ORDER BY ' : 'ORDER BY '
      this.list(node.orderBy, out, (order) => this.order(order, out))
    }
    if (node.frame !== null) out.sql += ` ${frameText(node.frame)}`
    out.sql += ')'
  }

  protected arithmetic(node: ArithmeticNode, out: Output): void {
    out.sql += '('
    this.group(node.left, out)
    out.sql += ` ${node.op} `
    this.group(node.right, out)
    out.sql += ')'
  }

  /** A value on its way into a column: no conversion around it. */
  protected stored(node: SqlExpr, out: Output): void {
    if (node.t === 'param') this.placeholder(node, out)
    else this.expr(node, out)
  }

  /** A side of a comparison. */
  protected compared(node: SqlExpr, out: Output): void {
    this.group(node, out)
  }

  /** An expression to order or group by. */
  protected sortable(node: SqlExpr, out: Output): void {
    this.expr(node, out)
  }

  /** A column of a result that we read. */
  protected selected(node: SqlExpr, out: Output): void {
    this.expr(node, out)
  }

  protected order(order: OrderNode, out: Output): void {
    this.sortable(order.by, out)
    out.sql += order.desc ? ' DESC' : ' ASC'
    if (order.nulls !== undefined) out.sql += order.nulls === 'first' ? ' NULLS FIRST' : ' NULLS LAST'
  }

  /** A column of the row that an upsert was to insert. */
  protected excluded(column: string): string {
    return `EXCLUDED.${this.quote(column)}`
  }

  // ------------------------------------------------------------------ what dialects say differently

  protected abstract now(kind: Kind): string
  protected abstract inParam(left: InNode['left'], right: ParamNode, out: Output): void
  protected abstract match(node: MatchNode, out: Output): void
  protected abstract extract(node: ExtractNode, out: Output): void
  protected abstract trunc(node: TruncNode, out: Output): void
  /** How changes inside JSON are said. */
  protected abstract jsonPatchWords(): JsonPatchWords
  /** An expression as a JSON value: a text becomes a JSON string. */
  protected abstract jsonValue(node: SqlExpr, out: Output): void
  protected abstract jsonPath(node: JsonPathNode, out: Output): void
  protected abstract cast(node: CastNode, out: Output): void
  /** A select, which may stand in an expression. `top`: its columns are read by us. */
  protected abstract select(node: SelectNode, out: Output, top: boolean): void
}
