/**
 * Statements to text, as every database we know reads them; a dialect overrides the few methods that it says differently. Expressions
 * are in `expression-compiler.ts`. Text is made once per shape, so clarity counts more than speed.
 */
import type { Compiled, Compiler } from '../backends/backend.ts'
import { ProgrammingError } from '../errors.ts'
import { ExpressionCompiler } from './expression-compiler.ts'
import type {
  ColumnNode,
  CommonTableNode,
  ConflictNode,
  DeleteNode,
  DerivedNode,
  InsertNode,
  OrderNode,
  SelectNode,
  SqlExpr,
  Statement,
  TableNode,
  UpdateNode,
} from './nodes.ts'
import { Output } from './output.ts'
import { QUOTED, rawShape } from './raw-text.ts'

/** The dialect-free part of a compiler. */
export abstract class SqlCompiler extends ExpressionCompiler implements Compiler {
  /** Most parameters of one statement. */
  protected abstract readonly maxParams: number
  /** Comments, texts and quoted names in raw SQL. */
  protected readonly quoted: RegExp = QUOTED
  /** The limit of all rows, where OFFSET stands behind LIMIT only. */
  protected readonly unlimited: string | null = null

  /** @throws ProgrammingError db.too-many-parameters, db.invalid-identifier */
  compile(statement: Statement): Compiled {
    if (statement.t === 'insert' && statement.bulk !== undefined) return this.bulk(statement, statement.bulk)
    const out = new Output()
    let rows = true
    let writes = true
    if (statement.t !== 'select' && 'with' in statement && statement.with !== undefined)
      this.commonTables(statement.with, out)
    switch (statement.t) {
      case 'select':
        this.select(statement, out, true)
        writes = false
        break
      case 'insert':
        this.insert(statement, out)
        rows = statement.returning.length > 0
        break
      case 'update':
        rows = statement.returning !== undefined
        out.sql += `UPDATE ${this.updated(statement)} SET `
        this.list(statement.set, out, ({ column, value }) => {
          out.sql += `${this.quote(column)} = `
          this.stored(value, out)
        })
        this.where(statement.where, out)
        this.ordered(statement.orderBy ?? [], out)
        this.returning(statement.returning, out)
        break
      case 'delete':
        rows = statement.returning !== undefined
        out.sql += `DELETE ${this.deleted(statement)}`
        this.where(statement.where, out)
        this.returning(statement.returning, out)
        break
      case 'rawStatement':
        this.rawParts(statement.parts, statement.nodes, out)
        ;({ rows, writes } = rawShape(out.sql, this.quoted))
        break
    }
    return this.finish(out, rows, writes)
  }

  protected finish(out: Output, rows: boolean, writes: boolean): Compiled {
    if (out.slots.length > this.maxParams) {
      throw new ProgrammingError(
        `The statement has ${out.slots.length} parameters; at most ${this.maxParams} can be sent.`,
        {
          code: 'db.too-many-parameters',
          hint: 'Pass long lists as one `in` parameter, or split the work.',
          sql: out.sql.slice(0, 1000),
        },
      )
    }
    const { sql, slots, encoders } = out
    return { sql, slots, encoders, rows, writes, bulk: null }
  }

  // ------------------------------------------------------------------ statements

  /** `top`: its columns are read by us, so they may be sent in another form (see {@link selected}). */
  protected select(node: SelectNode, out: Output, top: boolean): void {
    if (node.with !== undefined) this.commonTables(node.with, out)
    if (node.compound !== undefined) this.compound(node, node.compound, out, top)
    else this.oneSelect(node, out, top)
  }

  private oneSelect(node: SelectNode, out: Output, top: boolean): void {
    out.sql += node.distinct ? 'SELECT DISTINCT ' : 'SELECT '
    if (node.distinctOn !== undefined) {
      out.sql += 'DISTINCT ON ('
      this.list(node.distinctOn, out, (expr) => this.sortable(expr, out))
      out.sql += ') '
    }
    if (node.columns.length === 0) out.sql += '1'
    this.list(node.columns, out, ({ expr, as }) => {
      if (top) this.selected(expr, out)
      else this.expr(expr, out)
      if (as !== undefined) out.sql += ` AS ${this.quote(as)}`
    })
    out.sql += ' FROM '
    this.from(node.from, out)
    for (const join of node.joins) {
      out.sql += join.type === 'inner' ? ' INNER JOIN ' : ' LEFT OUTER JOIN '
      this.from(join, out)
      out.sql += ' ON ('
      this.expr(join.on, out)
      out.sql += ')'
    }
    this.where(node.where, out)
    if (node.groupBy.length > 0) {
      out.sql += ' GROUP BY '
      this.list(node.groupBy, out, (expr) => this.sortable(expr, out))
    }
    if (node.having !== null) {
      out.sql += ' HAVING '
      this.expr(node.having, out)
    }
    this.ordered(node.orderBy, out)
    this.limits(node.limit, node.offset, out)
    if (node.lock !== undefined) this.lock(node.lock, out)
  }

  private from(node: TableNode | DerivedNode, out: Output): void {
    if (!('query' in node)) {
      this.table(node.table, node.alias, out)
      return
    }
    out.sql += node.lateral === true ? 'LATERAL (' : '('
    this.select(node.query, out, false)
    out.sql += `) AS ${this.quote(node.alias)}`
  }

  protected commonTables(tables: readonly CommonTableNode[], out: Output): void {
    out.sql += tables.some((table) => table.step !== null) ? 'WITH RECURSIVE ' : 'WITH '
    this.list(tables, out, ({ name, columns, query, step, materialized }) => {
      out.sql += `${this.quote(name)} (${columns.map((column) => this.quote(column)).join(', ')}) AS `
      if (materialized !== null) out.sql += this.materialized(materialized)
      out.sql += '('
      this.select(query, out, false)
      if (step !== null) {
        out.sql += ' UNION ALL '
        this.select(step, out, false)
      }
      out.sql += ')'
    })
    out.sql += ' '
  }

  /** The hint before a common table's statement; empty where the database has none. */
  protected materialized(yes: boolean): string {
    return yes ? 'MATERIALIZED ' : 'NOT MATERIALIZED '
  }

  protected lock({ of, wait }: NonNullable<SelectNode['lock']>, out: Output, strength = 'UPDATE'): void {
    out.sql += ` FOR ${strength} OF ${of.map((alias) => this.quote(alias)).join(', ')}`
    if (wait !== 'wait') out.sql += wait === 'noWait' ? ' NOWAIT' : ' SKIP LOCKED'
  }

  protected limits(limit: SqlExpr | null, offset: SqlExpr | null, out: Output): void {
    if (limit !== null) {
      out.sql += ' LIMIT '
      this.limit(limit, out)
    } else if (offset !== null && this.unlimited !== null) out.sql += ` LIMIT ${this.unlimited}`
    if (offset === null) return
    out.sql += ' OFFSET '
    this.stored(offset, out)
  }

  protected limit(limit: SqlExpr, out: Output): void {
    this.stored(limit, out)
  }

  /** Each select's own order and limits are its own: it stands in parentheses, which SQLite writes as a subquery. */
  private compound(
    node: SelectNode,
    { op, selects, orderBy, limit, offset }: NonNullable<SelectNode['compound']>,
    out: Output,
    top: boolean,
  ): void {
    const { compound: _, with: __, ...first } = node
    this.list(
      [first, ...selects],
      out,
      (select: SelectNode) => {
        const { limit, offset, compound, distinctOn } = select
        const own = limit !== null || offset !== null || compound !== undefined || distinctOn !== undefined
        if (own) this.nested(select, out, top)
        else this.select(select, out, top)
      },
      ` ${COMPOUNDS[op]} `,
    )
    if (orderBy.length > 0) {
      out.sql += ' ORDER BY '
      this.list(orderBy, out, (item) => {
        out.sql += `${item.position + 1} ${item.desc ? 'DESC' : 'ASC'}`
        if (item.nulls !== undefined) out.sql += item.nulls === 'first' ? ' NULLS FIRST' : ' NULLS LAST'
      })
    }
    this.limits(limit, offset, out)
  }

  /** A select inside a compound that has an order, limits or a compound of its own. */
  protected nested(select: SelectNode, out: Output, top: boolean): void {
    out.sql += '('
    this.select(select, out, top)
    out.sql += ')'
  }

  protected table(table: string, alias: string, out: Output): void {
    out.sql += alias === table ? this.quote(table) : `${this.quote(table)} ${this.quote(alias)}`
  }

  protected where(where: SqlExpr | null, out: Output): void {
    if (where === null) return
    out.sql += ' WHERE '
    this.expr(where, out)
  }

  private ordered(orders: readonly OrderNode[], out: Output): void {
    if (orders.length === 0) return
    out.sql += ' ORDER BY '
    this.list(orders, out, (order) => this.order(order, out))
  }

  protected insert(node: InsertNode, out: Output): void {
    this.insertInto(node, out)
    if (node.columns.length === 0) out.sql += ' DEFAULT VALUES'
    else {
      out.sql += ' VALUES '
      this.list(node.rows, out, (row) => {
        out.sql += '('
        this.list(row, out, (value) => this.stored(value, out))
        out.sql += ')'
      })
    }
    this.insertTail(node, out)
  }

  protected insertInto(node: InsertNode, out: Output): void {
    out.sql += `INSERT INTO ${this.quote(node.table)}`
    if (node.columns.length > 0) out.sql += ` (${node.columns.map((column) => this.quote(column)).join(', ')})`
  }

  protected insertTail(node: InsertNode, out: Output): void {
    if (node.onConflict === 'ignore') out.sql += ' ON CONFLICT DO NOTHING'
    else if (node.onConflict !== undefined) this.conflict(node.onConflict, out)
    this.returning(node.returning, out)
  }

  protected conflict({ columns, update, set = [], index, where }: ConflictNode, out: Output): void {
    out.sql += ` ON CONFLICT(${columns.map((column) => this.quote(column)).join(', ')})`
    if (index !== undefined) out.sql += ` WHERE ${index}`
    if (update.length + set.length === 0) {
      out.sql += ' DO NOTHING'
      return
    }
    out.sql += ' DO UPDATE SET '
    out.sql += update.map((column) => `${this.quote(column)} = ${this.excluded(column)}`).join(', ')
    if (update.length > 0 && set.length > 0) out.sql += ', '
    this.list(set, out, ({ column, value }) => {
      out.sql += `${this.quote(column)} = `
      this.stored(value, out)
    })
    this.where(where ?? null, out)
  }

  /** What stands between UPDATE and SET. */
  protected updated({ table }: UpdateNode): string {
    return this.quote(table)
  }
  /** What stands between DELETE and WHERE. */
  protected deleted({ table }: DeleteNode): string {
    return `FROM ${this.quote(table)}`
  }

  protected returning(columns: readonly ColumnNode[] | undefined, out: Output): void {
    if (columns === undefined || columns.length === 0) return
    out.sql += ' RETURNING '
    this.list(columns, out, (column) => this.selected(column, out))
  }

  // ------------------------------------------------------------------ what dialects say differently

  protected abstract bulk(node: InsertNode, bulk: NonNullable<InsertNode['bulk']>): Compiled
}

const COMPOUNDS = { union: 'UNION', unionAll: 'UNION ALL', intersect: 'INTERSECT', except: 'EXCEPT' } as const
