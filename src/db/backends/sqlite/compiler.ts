/**
 * What SQLite says differently.
 *
 * Beyond 400 lines: these are overrides of one class, in the order of the clauses they write.
 */
import { DataError } from '../../errors.ts'
import type { Kind } from '../../kinds.ts'
import { SqlCompiler } from '../../sql/compiler.ts'
import { takesJson } from '../../sql/functions.ts'
import type { JsonPatchWords } from '../../sql/json-patch.ts'
import { FLOAT_DIGITS, isTemporal, isWide, kindOf } from '../../sql/kinds.ts'
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
} from '../../sql/nodes.ts'
import { Output } from '../../sql/output.ts'
import { known, UNITS } from '../../sql/words.ts'
import type { Compiled, Encoder } from '../backend.ts'
import { assertTimeZone } from '../time-zones.ts'
import { sqliteFeatures } from './features.ts'
import { castForm, FORMS, jsonPathLiteral, PARTS, quoteText, STRFTIME } from './text.ts'
import { likeEncoder, listEncoder, sqliteEncoder, tupleEncoder } from './values.ts'

/** Parameters of one chunk of a bulk insert: with more, binding costs what fewer statements save. */
const BULK_PARAMS = 450
const NUMERIC: ReadonlySet<Kind | null> = new Set<Kind>(['auto', 'integer', 'smallInteger', 'boolean'])
/** Whether a decimal is compared by its key: its column keeps more digits than a float. */
function needsKey(...sides: readonly SqlExpr[]): boolean {
  return sides.some(isWide)
}

/** The rest of a division of decimals: as text where they are long, else the number. */
function remainder(wide: boolean, args: string): string {
  return wide ? `nuages_decimal_op('%', ${args})` : `CAST(nuages_decimal_op('%', ${args}) AS NUMERIC)`
}

const WORDS: JsonPatchWords = {
  constant: (json) => `JSON('${json}')`,
  is: (type) => ['json_type(', `) = '${type}'`],
  at: (step) => ['(', ` -> ${jsonPathLiteral([step])})`],
  without: (steps) => ['json_remove(', `${steps.map((step) => `, ${jsonPathLiteral([step])}`).join('')})`],
  put: (step, existing) => [existing ? 'json_replace(' : 'json_set(', `, ${jsonPathLiteral([step])}, JSON(`, '))'],
  append: ['json_insert(', ", '$[#]', JSON(", '))'],
}

class SqliteCompiler extends SqlCompiler {
  protected override readonly maxParams = sqliteFeatures.maxParams

  protected override encoder(kind: Kind | null): Encoder {
    return sqliteEncoder(kind)
  }

  override literal(value: unknown, kind: Kind): string {
    if (value === null || value === undefined) return 'NULL'
    const encoded = sqliteEncoder(kind)(value)
    if (encoded instanceof Uint8Array) return `X'${Buffer.from(encoded).toString('hex')}'`
    if (typeof encoded === 'number' || typeof encoded === 'bigint') return String(encoded)
    const text = String(encoded)
    // Beyond 15 digits a number in SQL would be read as a float.
    if (kind === 'decimal' && text.replace(/\D/g, '').length <= FLOAT_DIGITS) return text
    return quoteText(text)
  }

  protected override constant(value: string | number | boolean | null): string {
    if (value === null) return 'NULL'
    if (typeof value === 'string') return quoteText(value)
    if (typeof value === 'number' && !Number.isFinite(value)) {
      throw new DataError(`${value} cannot be written in SQL.`, { code: 'db.invalid-value' })
    }
    return String(Number(value))
  }

  protected override now(kind: Kind): string {
    if (kind === 'date') return "strftime('%Y-%m-%d', 'now')"
    if (kind === 'time') return "(strftime('%H:%M:%f', 'now') || '000')"
    return "(strftime('%Y-%m-%d %H:%M:%f', 'now') || '000')" // six digits of fraction, as Django's texts have
  }

  // ------------------------------------------------------------------ statements

  protected override limits(limit: SqlExpr | null, offset: SqlExpr | null, out: Output): void {
    if (limit === null && offset === null) return
    out.sql += ' LIMIT '
    if (limit === null) out.sql += '-1'
    else {
      this.stored(limit, out)
      // SQLite 3.47 and later plan by the value of a bare `LIMIT ?`, and so prepare the statement anew each time one is
      // bound (sqlite3ExprIsInteger in expr.c): that costs as much as reading ten rows. An expression they leave alone.
      if (limit.t === 'param') out.sql += ' + 0'
    }
    if (offset === null) return
    out.sql += ' OFFSET '
    this.stored(offset, out)
  }

  /** Nobody else writes while a block runs: there is nothing to lock. */
  protected override lock(): void {}

  /** SQLite has no parentheses around the parts of a compound. */
  protected override nested(select: SelectNode, out: Output, top: boolean): void {
    out.sql += 'SELECT * FROM ('
    this.select(select, out, top)
    out.sql += ')'
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

  protected override placeholder(node: ParamNode, out: Output): void {
    if (out.values === null && node.like !== undefined)
      out.placeholder('?', node.slot, likeEncoder(node.like, node.kind))
    else super.placeholder(node, out)
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
      const values = out.values[node.slot] as readonly unknown[] // a list param has an array
      const items = values.map((value) => this.literal(value, kind ?? 'text'))
      out.sql += `(${items.map((item) => (kind === 'json' ? `json_extract(${item}, '$')` : item)).join(', ')})`
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
      out.sql += node.op === '^' ? 'POWER(' : 'nuages_bitxor('
      this.expr(node.left, out)
      out.sql += ', '
      this.expr(node.right, out)
      out.sql += ')'
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
    const form = node.pattern ?? (node.op === 'iexact' ? 'exact' : undefined)
    if (right.t === 'param') {
      const like = right.like ?? form
      this.placeholder(like === undefined ? right : { ...right, like, kind: right.kind ?? kindOf(node.left) }, out)
    } else if (form === undefined) this.group(right, out)
    else {
      if (form === 'contains' || form === 'endswith') out.sql += "'%' || "
      out.sql += 'REPLACE(REPLACE(REPLACE('
      this.expr(right, out)
      out.sql += ", '\\', '\\\\'), '%', '\\%'), '_', '\\_')"
      if (form === 'contains' || form === 'startswith') out.sql += " || '%'"
    }
    out.sql += " ESCAPE '\\'"
  }

  // ------------------------------------------------------------------ dates

  protected override extract(node: ExtractNode, out: Output): void {
    const { part, from } = node
    const kind = kindOf(from)
    known(PARTS, part)
    assertTimeZone(node.timeZone)
    if (part === 'time' || (node.timeZone !== 'UTC' && kind !== 'date' && kind !== 'time')) {
      out.sql += `nuages_extract('${part}', `
      this.expr(from, out)
      out.sql += `, ${quoteText(node.timeZone)})`
      return
    }
    const write = (format: string): void => {
      out.sql += `strftime('${format}', `
      this.expr(from, out)
      out.sql += ')'
    }
    if (part === 'date') {
      write('%Y-%m-%d')
      return
    }
    if (part === 'isoWeekDay') {
      out.sql += 'CAST('
      write('%u')
      out.sql += ' AS INTEGER)'
    } else if (part === 'weekDay') {
      out.sql += '(CAST('
      write('%w')
      out.sql += ' AS INTEGER) + 1)'
    } else if (part === 'quarter') {
      out.sql += '((CAST('
      write('%m')
      out.sql += ' AS INTEGER) + 2) / 3)'
    } else {
      out.sql += 'CAST('
      write(STRFTIME[part]!)
      out.sql += ' AS INTEGER)'
    }
  }

  protected override trunc(node: TruncNode, out: Output): void {
    known(UNITS, node.unit)
    assertTimeZone(node.timeZone)
    out.sql += `nuages_trunc('${node.unit}', `
    this.expr(node.from, out)
    out.sql += `, ${quoteText(kindOf(node.from) === 'dateTime' ? node.timeZone : 'UTC')}, ${quoteText(node.kind)})`
  }

  // ------------------------------------------------------------------ JSON

  protected override jsonPath(node: JsonPathNode, out: Output): void {
    out.sql += node.asType ? 'json_type(' : 'json_extract('
    this.expr(node.from, out)
    out.sql += `, ${jsonPathLiteral(node.path)})`
  }

  protected override jsonPatchWords(): JsonPatchWords {
    return WORDS
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

  // ------------------------------------------------------------------ inserts

  protected override bulk(node: InsertNode, bulk: NonNullable<InsertNode['bulk']>): Compiled {
    const row: SqlExpr[] = bulk.kinds.map((kind, slot) => ({ t: 'param', slot, kind }))
    const one = new Output()
    const { bulk: _, ...plain } = node
    this.insert({ ...plain, rows: [row] }, one)
    const width = node.columns.length
    const rowsPerChunk = width === 0 ? 1 : Math.max(1, Math.min(50, Math.floor(BULK_PARAMS / width)))
    const chunk = new Output()
    this.insert({ ...plain, rows: Array.from({ length: rowsPerChunk }, () => row) }, chunk)
    const compiled = this.finish(one, node.returning.length > 0, true)
    return { ...compiled, bulk: { count: bulk.count, width, rowsPerChunk, chunkSql: chunk.sql } }
  }
}

/** The compiler of SQLite; it has no state. */
export const sqliteCompiler: SqliteCompiler = new SqliteCompiler()
