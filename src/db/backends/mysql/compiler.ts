/**
 * Statements as MariaDB and MySQL say them. One text serves both servers: comments that begin with `M!` are read by
 * MariaDB alone, those with `!80000` by MySQL alone. Expressions are in `expression-compiler.ts`.
 */

import { kindOf } from '../../sql/kinds.ts'
import type {
  CommonTableNode,
  ConflictNode,
  DeleteNode,
  InsertNode,
  OrderNode,
  SelectNode,
  SqlExpr,
  Statement,
  UpdateNode,
} from '../../sql/nodes.ts'
import { Output } from '../../sql/output.ts'
import { QUOTED } from '../../sql/raw-text.ts'
import type { Compiled } from '../backend.ts'
import { type Assignment, columnsRead, inOrder } from './assignments.ts'
import { MysqlExpressions } from './expression-compiler.ts'
import { mysqlFeatures } from './features.ts'
import { writeJsonKeys } from './json.ts'
import type { InsertPlan, MysqlStatement } from './statement.ts'

/** Parameters of one chunk of a bulk insert, and its rows. */
const BULK_PARAMS = 2000
const BULK_ROWS = 256
/** As many rows as there are: OFFSET stands behind LIMIT only. */
const ALL_ROWS = '18446744073709551615'

/** Names between backticks, and comments after a `#`. */
const QUOTED_HERE = new RegExp(`\`[^\`]*\`|#[^\\n]*|${QUOTED.source}`, 'g')

class MysqlCompiler extends MysqlExpressions {
  protected override readonly quoted = QUOTED_HERE
  protected override readonly maxParams = mysqlFeatures.maxParams
  protected override readonly unlimited = ALL_ROWS
  /** Whether a statement in the change reads the table that is changed. */
  private readsTarget = false
  /** Common tables of it: MariaDB has none before UPDATE and DELETE, so that each subquery has them. */
  private common: readonly CommonTableNode[] | null = null

  override compile(statement: Statement): MysqlStatement {
    const changes = statement.t === 'update' || statement.t === 'delete'
    this.target = changes ? statement.table : null
    this.common = changes ? (statement.with ?? null) : null
    this.seeks = false
    this.existing = 0
    this.readsTarget = false
    try {
      const own = statement.t === 'update' ? { ...statement, set: orderedSet(statement).ordered } : statement
      const compiled = super.compile(this.common === null ? own : withoutCommon(own as UpdateNode | DeleteNode)) // as `changes` says
      if (changes) {
        const sorted = statement.t === 'update' && statement.orderBy !== undefined
        const joined = this.seeks && !this.readsTarget && !sorted
        const stuck = statement.t === 'update' ? orderedSet(statement, joined).stuck : null
        const sql = joined ? this.joinedChange(statement, compiled) : compiled.sql
        return { ...compiled, sql, ...(stuck === null ? {} : { stuck }) }
      }
      if (statement.t !== 'insert' || statement.bulk !== undefined) return compiled
      return { ...compiled, ...stuckUpsert(statement), insert: insertPlan(statement, '', '', '') }
    } finally {
      this.target = null
      this.common = null
    }
  }

  /**
   * With an `in` a change is written as one of several tables: MariaDB goes through the list and looks rows up by their
   * index only there; as a change of one table it would go through all rows. What reads its own table stays of one: in
   * several, the server does not take it.
   */
  private joinedChange({ t, table }: UpdateNode | DeleteNode, { sql }: Compiled): string {
    const name = this.quote(table)
    const before = t === 'update' ? `UPDATE ${name} SET ` : `DELETE FROM ${name}`
    const now = t === 'update' ? `UPDATE ${name}, (SELECT 1) AS "nuages_one" SET ` : `DELETE ${name} FROM ${name}`
    return now + sql.slice(before.length)
  }

  /** Neither server takes the hint. */
  protected override materialized(): string {
    return ''
  }

  /** MariaDB locks the rows of all tables. */
  protected override lock({ of, wait }: NonNullable<SelectNode['lock']>, out: Output): void {
    out.sql += ` FOR UPDATE /*!80000 OF ${of.map((alias) => this.quote(alias)).join(', ')} */`
    if (wait !== 'wait') out.sql += wait === 'noWait' ? ' NOWAIT' : ' SKIP LOCKED'
  }

  /** Nulls come first in ascending order, last in descending; another wish is an order of its own before. */
  protected override order(order: OrderNode, out: Output): void {
    const usual = order.desc ? 'last' : 'first'
    if (order.nulls !== undefined && order.nulls !== usual) {
      this.group(order.by, out)
      out.sql += order.desc ? ' IS NULL DESC, ' : ' IS NULL, '
    }
    const direction = order.desc ? 'DESC' : 'ASC'
    if (kindOf(order.by) === 'json') {
      writeJsonKeys(() => this.expr(order.by, out), out, direction)
      return
    }
    this.sortable(order.by, out)
    out.sql += ` ${direction}`
  }

  /** An order of all parts that says where nulls go, or by JSON, needs names: the parts become a table. */
  protected override select(node: SelectNode, out: Output, top: boolean): void {
    const { common } = this
    if (common !== null) {
      this.common = null
      this.commonTables(common, out)
      this.select(node, out, top)
      this.common = common
      return
    }
    const { compound } = node
    const isJson = (position: number): boolean => kindOf(node.columns[position]!.expr) === 'json'
    const odd = compound?.orderBy.some(
      ({ position, nulls, desc }) => isJson(position) || (nulls !== undefined && nulls !== (desc ? 'last' : 'first')),
    )
    if (compound === undefined || !odd) {
      super.select(node, out, top)
      return
    }
    const columns = node.columns.map(({ expr }, i) => ({ expr, as: `c${i}` }))
    out.sql += 'SELECT * FROM ('
    const inner = { ...compound, orderBy: [], limit: null, offset: null }
    super.select({ ...node, columns, compound: inner }, out, top)
    out.sql += ') AS "parts" ORDER BY '
    this.list(compound.orderBy, out, ({ position, desc, nulls }) => {
      const name = this.quote(`c${position}`)
      if (nulls !== undefined) out.sql += nulls === 'first' ? `${name} IS NULL DESC, ` : `${name} IS NULL, `
      const direction = desc ? 'DESC' : 'ASC'
      if (isJson(position)) writeJsonKeys(() => (out.sql += name), out, direction)
      else out.sql += `${name} ${direction}`
    })
    this.limits(compound.limit, compound.offset, out)
  }

  protected override table(table: string, alias: string, out: Output): void {
    if (table !== this.target) {
      super.table(table, alias, out)
      return
    }
    this.readsTarget = true
    // Limited, so that MySQL makes a table of its own of it and does not merge it into the statement again.
    const name = this.quote(table)
    out.sql += `/*M! ${name} *//*!80000 (SELECT * FROM ${name} LIMIT ${ALL_ROWS}) */ ${this.quote(alias)}`
  }

  protected override insert(node: InsertNode, out: Output): void {
    this.insertInto(node, out)
    if (node.columns.length === 0) out.sql += ' () VALUES ()'
    else {
      out.sql += ' VALUES '
      this.list(node.rows, out, (row) => this.row(row, out))
    }
    this.insertTail(node, out)
  }

  private row(row: readonly SqlExpr[], out: Output): void {
    out.sql += '('
    this.list(row, out, (value) => this.stored(value, out))
    out.sql += ')'
  }

  protected override insertTail(node: InsertNode, out: Output): void {
    const { onConflict, columns, returning, table } = node
    // A row that is there stays as it is. INSERT IGNORE would let all other faults pass as well.
    const target = onConflict === 'ignore' ? { columns, update: [] } : onConflict
    if (target !== undefined) this.upsert(target, table, out)
    if (returning.length === 0) return
    out.sql += ' /*M!'
    this.returning(returning, out)
    out.sql += ' */'
  }

  /** A row that the condition does not hold for keeps each of its values. */
  private upsert({ columns, update, set = [], where }: ConflictNode, table: string, out: Output): void {
    const kept = (column: string): string => `${this.quote(table)}.${this.quote(column)}`
    out.sql += ' ON DUPLICATE KEY UPDATE '
    if (update.length + set.length === 0) {
      out.sql += `${this.quote(columns[0]!)} = ${kept(columns[0]!)}`
      return
    }
    const assign = ({ column, value }: Taken): void => {
      const write = (): void => {
        if (value === null) out.sql += this.excluded(column)
        else this.stored(value, out)
      }
      out.sql += `${this.quote(column)} = `
      if (where === undefined) {
        write()
        return
      }
      out.sql += 'IF('
      this.expr(where, out)
      out.sql += ', '
      write()
      out.sql += `, ${kept(column)})`
    }
    this.list(orderedConflict({ update, set, where }, table).ordered, out, assign)
  }

  protected override excluded(column: string): string {
    return `VALUES(${this.quote(column)})`
  }

  protected override bulk(node: InsertNode, bulk: NonNullable<InsertNode['bulk']>): MysqlStatement {
    const values: SqlExpr[] = bulk.kinds.map((kind, slot) => ({ t: 'param', slot, kind }))
    const { bulk: _, ...plain } = node
    const width = node.columns.length
    const head = new Output()
    this.insertInto(plain, head)
    head.sql += width === 0 ? ' () VALUES ' : ' VALUES '
    const row = new Output()
    this.row(values, row)
    const tail = new Output()
    this.insertTail(plain, tail)
    const rowsPerChunk = width === 0 ? BULK_ROWS : Math.max(1, Math.min(BULK_ROWS, Math.floor(BULK_PARAMS / width)))
    row.sql = row.sql === '' ? '()' : row.sql
    const compiled: Compiled = {
      sql: head.sql + row.sql + tail.sql,
      slots: row.slots,
      encoders: row.encoders,
      rows: node.returning.length > 0,
      writes: true,
      bulk: { count: bulk.count, width, rowsPerChunk, chunkSql: head.sql + row.sql + tail.sql },
    }
    return { ...compiled, ...stuckUpsert(node), insert: insertPlan(node, head.sql, row.sql, tail.sql) }
  }
}

function withoutCommon(statement: Statement): Statement {
  const { with: _, ...plain } = statement as UpdateNode | DeleteNode // the ones whose tables are written elsewhere
  return plain
}

/** A column that an upsert assigns: null, the value of the row that was to be inserted. */
interface Taken extends Assignment {
  readonly value: SqlExpr | null
}

/** The columns of an upsert, each of which reads what its condition does. */
function orderedConflict(
  { update, set = [], where }: Pick<ConflictNode, 'update' | 'set' | 'where'>,
  table: string,
): ReturnType<typeof inOrder<Taken>> {
  const condition = columnsRead(where, table)
  return inOrder<Taken>([
    ...update.map((column) => ({ column, value: null, reads: condition })),
    ...set.map(({ column, value }) => ({ column, value, reads: columnsRead(value, table, new Set(condition)) })),
  ])
}

function orderedSet(
  { set, table }: UpdateNode,
  several = false,
): ReturnType<typeof inOrder<Assignment & UpdateNode['set'][number]>> {
  return inOrder(
    set.map((each) => ({ ...each, reads: columnsRead(each.value, table) })),
    several,
  )
}

/** What the driver is to know of an upsert whose columns have no order. */
function stuckUpsert({ onConflict, table }: InsertNode): Pick<MysqlStatement, 'stuck'> {
  if (typeof onConflict !== 'object') return {}
  const { stuck } = orderedConflict(onConflict, table)
  return stuck === null ? {} : { stuck }
}

function insertPlan({ onConflict, returning }: InsertNode, head: string, row: string, tail: string): InsertPlan {
  return {
    head,
    row,
    tail,
    conflict: onConflict === undefined ? 'none' : onConflict === 'ignore' ? 'ignore' : 'upsert',
    identity: returning.length === 1 && returning[0]!.kind === 'auto',
  }
}

/** The compiler of MariaDB and MySQL; it keeps nothing between statements. */
export const mysqlCompiler: MysqlCompiler = new MysqlCompiler()
