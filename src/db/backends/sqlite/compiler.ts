/** Statements as SQLite says them. Expressions are in `expression-compiler.ts`. */
import { isWide, kindOf } from '../../sql/kinds.ts'
import type { InsertNode, SelectNode, SqlExpr } from '../../sql/nodes.ts'
import { Output } from '../../sql/output.ts'
import type { Compiled } from '../backend.ts'
import { SqliteExpressions } from './expression-compiler.ts'
import { sqliteFeatures } from './features.ts'

/** Parameters of one chunk of a bulk insert: with more, binding costs what fewer statements save. */
const BULK_PARAMS = 450

/** What a column of many statements is ordered by; text that it is read as would have 10 before 9. */
function readKey(node: SqlExpr, name: string): string {
  const kind = kindOf(node)
  if (kind === 'json') return `json_extract(${name}, '$')`
  if (isWide(node)) return `nuages_decimal(${name})`
  return kind === 'bigInteger' || kind === 'duration' ? `CAST(${name} AS INTEGER)` : name
}

class SqliteCompiler extends SqliteExpressions {
  protected override readonly maxParams = sqliteFeatures.maxParams
  protected override readonly unlimited = '-1'

  protected override limit(limit: SqlExpr, out: Output): void {
    super.limit(limit, out)
    // SQLite 3.47 and later plan by the value of a bare `LIMIT ?`, and so prepare the statement anew each time one is
    // bound (sqlite3ExprIsInteger in expr.c): that costs as much as reading ten rows. An expression they leave alone.
    if (limit.t === 'param') out.sql += ' + 0'
  }

  /** Nobody else writes while a block runs: there is nothing to lock. */
  protected override lock(): void {}

  /** An order of all parts by what is read as text, or is JSON, needs names: the parts become a table. */
  protected override select(node: SelectNode, out: Output, top: boolean): void {
    const { compound } = node
    if (!compound?.orderBy.some(({ position }) => readKey(node.columns[position]!.expr, '') !== '')) {
      super.select(node, out, top)
      return
    }
    const columns = node.columns.map(({ expr }, i) => ({ expr, as: `c${i}` }))
    out.sql += 'SELECT * FROM ('
    super.select({ ...node, columns, compound: { ...compound, orderBy: [], limit: null, offset: null } }, out, top)
    out.sql += ') ORDER BY '
    this.list(compound.orderBy, out, ({ position, desc, nulls }) => {
      out.sql += readKey(node.columns[position]!.expr, this.quote(`c${position}`)) + (desc ? ' DESC' : ' ASC')
      if (nulls !== undefined) out.sql += nulls === 'first' ? ' NULLS FIRST' : ' NULLS LAST'
    })
    this.limits(compound.limit, compound.offset, out)
  }

  /** SQLite has no parentheses around the parts of a compound. */
  protected override nested(select: SelectNode, out: Output, top: boolean): void {
    out.sql += 'SELECT * FROM ('
    this.select(select, out, top)
    out.sql += ')'
  }

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
