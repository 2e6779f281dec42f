/** SQL written by the project: `sql` keeps text and values apart, so that a value can never become text. */
import { timeZone } from '../../i18n/index.ts'
import type { SqlRow } from '../backends/backend.ts'
import { currentAlias, type Database, database } from '../connections.ts'
import { DatabaseError, TransactionError } from '../errors.ts'
import { kindOfValue } from '../expressions/kinds.ts'
import type { AnyModel, FieldMeta } from '../models/meta.ts'
import type { SqlExpr } from '../sql/nodes.ts'
import { QUOTED } from '../sql/raw-text.ts'
import { awaited } from '../traced.ts'
import { readColumns } from './build.ts'
import { BuildContext } from './context.ts'
import { picture, QueryUsageError, QueryValueError } from './errors.ts'
import { makeHydrate } from './hydrate.ts'
import { emptySelect } from './nodes.ts'
import { type Plan, planFor, planRows } from './plan.ts'
import { Query } from './query.ts'
import { databaseOf } from './rows.ts'
import type { State } from './state.ts'

/** Text and values, not yet sent. Await it for rows as lists of values; put it into another for a part of it. */
export class RawFragment implements PromiseLike<SqlRow[]> {
  readonly parts: readonly string[]
  readonly values: readonly unknown[]
  private readonly alias: string | null

  constructor(parts: readonly string[], values: readonly unknown[], alias: string | null = null) {
    this.parts = parts
    this.values = values
    this.alias = alias
  }

  /** The same on another database. */
  using(alias: string): RawFragment {
    return new RawFragment(this.parts, this.values, alias)
  }

  /** Sends it. Rows are lists in the order of the columns, as the driver gives them; empty for a write. */
  async rows(): Promise<SqlRow[]> {
    return sendRaw(database(this.alias ?? currentAlias()), this)
  }

  then<R1 = SqlRow[], R2 = never>(
    done?: ((rows: SqlRow[]) => R1 | PromiseLike<R1>) | null,
    failed?: ((reason: unknown) => R2 | PromiseLike<R2>) | null,
  ): Promise<R1 | R2> {
    return awaited(() => this.rows()).then(done, failed)
  }
}

/**
 * SQL with values: each `${…}` becomes a parameter, another `sql` becomes a part of the text. Names of tables and
 * columns cannot be given so: write them.
 *
 *     const rows = await sql`select name, count(*) from library_book where pages > ${100} group by name`
 *
 * @throws QueryValueError db.undefined-value
 */
export function sql(strings: TemplateStringsArray, ...values: readonly unknown[]): RawFragment {
  const parts = [strings[0]!]
  const flat: unknown[] = []
  values.forEach((value, i) => {
    const after = strings[i + 1]!
    if (value instanceof RawFragment) {
      parts[parts.length - 1] += value.parts[0]!
      parts.push(...value.parts.slice(1))
      flat.push(...value.values)
      parts[parts.length - 1] += after
      return
    }
    if (value === undefined) {
      throw new QueryValueError(`The ${i + 1}. value of sql\`…\` is undefined.`, { code: 'db.undefined-value' })
    }
    flat.push(value)
    parts.push(after)
  })
  return new RawFragment(parts, flat)
}

function nodesOf({ values }: RawFragment): SqlExpr[] {
  return values.map((value, slot) => ({ t: 'param', slot, kind: kindOfValue(value) }))
}

function sendRaw(db: Database, fragment: RawFragment): SqlRow[] | Promise<SqlRow[]> {
  return planRows(db, rawPlan(db, fragment), fragment.values)
}

const SAVEPOINT = /^\s*(?:(?:--[^\n]*\n|\/\*[\s\S]*?\*\/)\s*)*savepoint\b/i

/** Outside of a block a savepoint would begin a transaction on SQLite, and mark nothing elsewhere. */
function assertMarks(db: Database, text: string): void {
  if (!SAVEPOINT.test(text) || db.currentBlock() !== null) return
  throw new TransactionError('A savepoint was set outside of a block.', {
    code: 'db.not-in-block',
    hint: 'Set it inside atomic(); an inner atomic() is one.',
    alias: db.alias,
  })
}

/** The plan of a statement. @throws TransactionError db.not-in-block */
export function rawPlan(db: Database, fragment: RawFragment): Plan {
  const { parts, values } = fragment
  assertMarks(db, parts[0]!)
  // Kinds choose encoders, so they are a part of the key; text is written by the project and cannot hold values.
  const key = `sql\0${parts.join('\0')}\0${values.map((value) => kindOfValue(value) ?? '-').join(',')}`
  return planFor(db, key, () => ({ statement: { t: 'rawStatement', parts, nodes: nodesOf(fragment) } }))
}

/** Instances from rows of a statement that selects every column of the model, or those that only() and defer() leave. */
export async function rawInstances(model: AnyModel, state: State, fragment: RawFragment): Promise<unknown[]> {
  if (!(fragment instanceof RawFragment)) {
    throw new QueryUsageError(`raw() was given ${picture(fragment)}.`, {
      code: 'db.not-sql',
      hint: 'Write raw(sql`select …`).',
    })
  }
  const { meta } = model
  const db = databaseOf(model, state)
  // The statement becomes a subquery, from which columns are read by name, whatever order they came in.
  const chosen = state.ops.some((op) => op.t === 'defer')
  const read = chosen
    ? readColumns(new Query(meta, new BuildContext(db.features, timeZone)).replay(state, 0), meta, '')
    : meta.columns
  const columns = read.map((field) => {
    const node = { t: 'column', table: 'raw', column: field.column!, kind: field.kind! } as const
    return { expr: field.type === null ? node : { ...node, type: field.type } }
  })
  const { parts, values } = fragment
  const key = `raw\0${state.key}\0${parts.join('\0')}\0${values.map((value) => kindOfValue(value) ?? '-').join(',')}`
  const plan = planFor(db, key, () => {
    const outer = db.backend.compiler.compile({ ...emptySelect({ table: 'raw', alias: 'raw' }), columns })
    const around = [`WITH "raw" AS (${parts[0]!.trimStart()}`, ...parts.slice(1)]
    // On a line of its own: the statement may end in a comment.
    const kept = db.features.vendor === 'mysql' && endsInOrder(parts.join('?')) ? KEPT : ''
    around[around.length - 1] = `${around.at(-1)!.replace(/;\s*$/, '')}\n${kept}) ${outer.sql}`
    const layout = { meta, instances: true, columns: read, related: [], extras: [] }
    return {
      statement: { t: 'rawStatement', parts: around, nodes: nodesOf(fragment) },
      hydrate: makeHydrate(layout, 'instances', db.backend),
    }
  })
  const rows = await sentRows(db, plan, values).catch((error) => {
    throw missingColumn(error, model, read) ?? error
  })
  return plan.hydrate!(rows, db.alias)
}

/** MariaDB forgets the order of a statement inside another, unless it says how many rows. */
const KEPT = 'LIMIT 18446744073709551615'
/** What is no word of a statement there, and then the innermost parentheses. */
const QUOTED_HERE = new RegExp(`\`[^\`]*\`|#[^\\n]*|${QUOTED.source}`, 'g')
const INNERMOST = /\([^()]*\)/g
/** An order, after which nothing comes that a limit cannot stand behind. */
const ORDERED =
  /\border\s+by\b(?![\s\S]*(?:\border\s+by\b|(?<![.\w])(?:limit|fetch|for|lock|procedure|into|offset\s+[?\d])\b))/i

/** Whether a statement of MariaDB itself, not one inside of it, ends in an order of all its rows. */
function endsInOrder(sql: string): boolean {
  let words = sql.replace(QUOTED_HERE, ' ')
  for (let before = ''; before !== words; ) {
    before = words
    words = words.replace(INNERMOST, ' ')
  }
  return ORDERED.test(words)
}

async function sentRows(db: Database, plan: Plan, values: readonly unknown[]): Promise<SqlRow[]> {
  return planRows(db, plan, values)
}

/** The statement's rows lack a column of the model: what the database says of it names our text around it. */
function missingColumn(error: unknown, { meta }: AnyModel, read: readonly FieldMeta[]): QueryUsageError | null {
  if (!(error instanceof DatabaseError) || error.code !== 'db.no-such-column') return null
  const column = /\braw\W{1,3}(\w+)/.exec(error.message)?.[1]
  const field = read.find((each) => each.column === column)
  if (field === undefined) return null
  return new QueryUsageError(
    `raw(): the statement gives no column "${column}", which ${meta.label}.${field.name} is read from.`,
    {
      code: 'db.raw-columns',
      hint: `Select it, or leave it out: defer('${field.name}').raw(…).`,
      cause: error,
    },
  )
}
