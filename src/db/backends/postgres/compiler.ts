/** Statements as PostgreSQL says them. Expressions are in `expression-compiler.ts`. */
import { isArrayKind, type Kind } from '../../kinds.ts'
import type { InsertNode, SelectNode, SqlExpr } from '../../sql/nodes.ts'
import { Output } from '../../sql/output.ts'
import type { Compiled } from '../backend.ts'
import { PostgresExpressions } from './expression-compiler.ts'
import { postgresFeatures } from './features.ts'
import { QUOTED_HERE } from './text.ts'
import { paramType, writtenType } from './types.ts'

/** Rows of one statement of a bulk insert. */
const BULK_ROWS = 5000

class PostgresCompiler extends PostgresExpressions {
  protected override readonly maxParams = postgresFeatures.maxParams
  protected override readonly quoted = QUOTED_HERE

  protected override lock(lock: NonNullable<SelectNode['lock']>, out: Output): void {
    super.lock(lock, out, lock.noKey ? 'NO KEY UPDATE' : 'UPDATE')
  }

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
