/** What would be sent, and how the database would find the rows: toSQL() and explain(). */
import type { ExplainRules } from '../backends/backend.ts'
import { NotSupportedError } from '../errors.ts'
import type { AnyModel } from '../models/meta.ts'
import { picture } from './errors.ts'
import { type Plan, planValues } from './plan.ts'
import { databaseOf, rowsPlan, valuesOf } from './rows.ts'
import type { State } from './state.ts'

/**
 * Options of explain(); which of them a database takes is its own matter. PostgreSQL: all flags, and the formats text,
 * json, xml, yaml. MariaDB and MySQL: `analyze`, and the formats traditional and json. SQLite: none.
 */
export interface ExplainOptions {
  /** Default: the database's own, text for people. */
  readonly format?: 'text' | 'json' | 'xml' | 'yaml' | 'traditional'
  /** Runs the query, and tells how long each step took. */
  readonly analyze?: boolean
  readonly buffers?: boolean
  readonly costs?: boolean
  /** A plan that serves any values; PostgreSQL 16. */
  readonly genericPlan?: boolean
  /** Memory of the planner; PostgreSQL 17. */
  readonly memory?: boolean
  /** PostgreSQL 17. */
  readonly serialize?: boolean
  readonly settings?: boolean
  readonly summary?: boolean
  readonly timing?: boolean
  readonly verbose?: boolean
  readonly wal?: boolean
}

/** A statement with its values. Printing it shows the text alone: values may be secret. */
export class SqlText {
  /** With placeholders. Empty when nothing would be sent: the answer is known. */
  readonly sql: string
  /** As the driver gets them, in the order of the placeholders. */
  declare readonly params: readonly unknown[]

  constructor(sql: string, params: readonly unknown[]) {
    this.sql = sql
    Object.defineProperty(this, 'params', { value: params, enumerable: false })
  }
  toString(): string {
    return this.sql
  }
  [Symbol.for('nodejs.util.inspect.custom')](): string {
    return `${this.sql} (${this.params.length === 1 ? '1 value' : `${this.params.length} values`})`
  }
}

function planOf(model: AnyModel, state: State): { plan: Plan; values: readonly unknown[] } | null {
  if (state.empty) return null
  const db = databaseOf(model, state)
  const plan = rowsPlan(model, state, db)
  return plan.compiled === null ? null : { plan, values: planValues(plan, valuesOf(state), db.alias) }
}

/** The statement of a state's rows. */
export function sqlOf(model: AnyModel, state: State): SqlText {
  const known = planOf(model, state)
  if (known === null) return new SqlText('', [])
  const { sql, slots, encoders } = known.plan.compiled!
  const { values } = known
  const params = slots.map((slot, i) => {
    const value = values[slot] ?? null
    return value === null || encoders[i] === null ? value : encoders[i]!(value)
  })
  return new SqlText(sql, params)
}

/** The plan as text. @throws NotSupportedError db.explain-option */
export async function explainRows(model: AnyModel, state: State, options: ExplainOptions): Promise<string> {
  const db = databaseOf(model, state)
  const rules = db.backend.explain
  const before = prefix(rules, options, db.backend.name)
  const known = planOf(model, state)
  if (known === null) return ''
  const { compiled } = known.plan
  const rows = await db.rows({ ...compiled!, sql: before + compiled!.sql }, known.values)
  return rules.read(rows)
}

/** The words before the statement: each from the database's list, never from the caller (CVE-2022-28347). */
function prefix({ flags, formats, write }: ExplainRules, { format, ...asked }: ExplainOptions, name: string): string {
  const refuse = (what: string): NotSupportedError =>
    new NotSupportedError(`explain() of ${name} has no ${what}.`, {
      code: 'db.explain-option',
      hint: `Options: ${[...Object.keys(flags), ...(formats.length > 0 ? [`format (${formats.join(', ')})`] : [])].join(', ') || 'none'}.`,
    })
  const words: (readonly [string, boolean])[] = []
  for (const [option, on] of Object.entries(asked)) {
    if (on === undefined) continue
    if (!Object.hasOwn(flags, option)) throw refuse(`option ${picture(option)}`)
    words.push([flags[option]!, on === true])
  }
  if (format !== undefined && !formats.includes(format)) throw refuse(`format ${picture(format)}`)
  return write(words, format ?? null)
}
