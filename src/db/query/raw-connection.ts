/** The plain door to one database: SQL with values, results with the names of their columns. */

import type { SqlRow } from '../backends/backend.ts'
import { currentAlias, type Database, database } from '../connections.ts'
import { NotSupportedError } from '../errors.ts'
import { atomic } from '../transactions.ts'
import { picture, QueryUsageError } from './errors.ts'
import { planNamed } from './plan.ts'
import { RawFragment, rawPlan, sql } from './raw.ts'

/** What a statement gave. Values are as the driver gives them. */
export class RawResult {
  /** Names of the columns; empty for a statement that gives no rows. */
  readonly columns: readonly string[]
  /** Each a list in the order of the columns. */
  readonly rows: readonly SqlRow[]
  /** Rows given, or changed. */
  readonly changes: number

  constructor(columns: readonly string[], rows: readonly SqlRow[], changes: number) {
    this.columns = columns
    this.rows = rows
    this.changes = changes
  }

  /** The rows as objects by column name. @throws QueryUsageError db.duplicate-column where two are called the same */
  objects(): Record<string, unknown>[] {
    const { columns } = this
    const twice = columns.find((name, i) => columns.indexOf(name) !== i)
    if (twice !== undefined) {
      throw new QueryUsageError(`Two columns of the result are called ${twice}.`, {
        code: 'db.duplicate-column',
        hint: `Give one another name: … as other_${twice}; or read them from \`rows\`, in order.`,
      })
    }
    // fromEntries makes properties of its own: a column called __proto__ is one as any other.
    return this.rows.map((row) => Object.fromEntries(columns.map((name, i) => [name, row[i]])))
  }
}

/** One database, for SQL. Made by {@link connection}; holds nothing open. */
export class RawConnection {
  readonly alias: string
  readonly #database: Database

  constructor(database: Database) {
    this.alias = database.alias
    this.#database = database
  }

  /**
   * Sends a statement, in the current block where there is one. A select goes where reads go, anything else to the primary.
   * @throws QueryUsageError db.not-sql for text without the tag `sql`: values in it could not be told from text
   */
  async execute(statement: RawFragment): Promise<RawResult> {
    assertFragment(statement, 'execute')
    const { columns, rows, changes } = await planNamed(
      this.#database,
      rawPlan(this.#database, statement),
      statement.values,
    )
    return new RawResult(columns, rows, changes)
  }

  /**
   * Sends statements one after another, all of them or none.
   *
   *     await connection().executeMany(rows.map(({ id, stock }) => sql`update item set stock = ${stock} where id = ${id}`))
   *
   * @returns rows changed, in all
   */
  async executeMany(statements: Iterable<RawFragment>): Promise<number> {
    const all = [...statements]
    for (const statement of all) assertFragment(statement, 'executeMany')
    return atomic(
      async () => {
        let changes = 0
        for (const statement of all) changes += (await this.execute(statement)).changes
        return changes
      },
      { using: this.alias, savepoint: false },
    )
  }

  /**
   * Calls a stored procedure: `call name(…)`, with parameters.
   *
   *     const { rows } = await connection().callProcedure('reports.close_month', [2026, 11])
   *
   * PostgreSQL gives a row of what the procedure's `inout` and `out` parameters are at its end (pass null for an `out`),
   * MariaDB and MySQL the rows of its first select. A function is called by a statement: sql`select total(${5})`.
   * @param name   with its schema before a dot, if any; quoted, so as it is spelt in the database
   * @throws NotSupportedError db.not-supported on SQLite, which has none
   */
  async callProcedure(name: string, args: readonly unknown[] = []): Promise<RawResult> {
    const { backend } = this.#database
    if (!backend.features.procedures) {
      throw new NotSupportedError(`The database "${this.alias}" (${backend.name}) has no stored procedures.`, {
        code: 'db.not-supported',
        hint: 'PostgreSQL, MariaDB and MySQL have them.',
        alias: this.alias,
      })
    }
    const quoted = name.split('.').map((part) => backend.compiler.quote(part))
    const parts = args.map((_, i) => (i === 0 ? `call ${quoted.join('.')}(` : ', '))
    return this.execute(new RawFragment(args.length === 0 ? [`call ${quoted.join('.')}()`] : [...parts, ')'], args))
  }

  /** Asks the database for an answer: for health checks. @throws OperationalError when there is none */
  async ping(): Promise<void> {
    await this.execute(sql`select 1`)
  }
}

function assertFragment(value: unknown, method: string): void {
  if (value instanceof RawFragment) return
  // SQL injection: a string may hold what a visitor typed.
  throw new QueryUsageError(`${method}() was given ${picture(value)}.`, {
    code: 'db.not-sql',
    hint: `Write ${method === 'execute' ? 'execute(sql`select …`)' : 'executeMany([sql`insert …`])'}.`,
  })
}

/**
 * A database for SQL that models do not write. Values become parameters.
 *
 *     const { rows } = await connection('archive').execute(sql`select name from library_book where pages > ${100}`)
 *
 * @param alias   default the current database
 * @throws DatabaseNotFoundError db.unknown-database
 */
export function connection(alias: string = currentAlias()): RawConnection {
  return new RawConnection(database(alias))
}
