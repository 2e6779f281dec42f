/** Carries out the operations of one migration, in the order of its direction; and tells what is there when one fails. */
import { NuagesError } from '../../std/errors.ts'
import { DataError, IntegrityError, ProgrammingError, SEE_MIGRATIONS, SEE_SQL } from '../errors.ts'
import { IrreversibleError, MigrationError } from './errors.ts'
import { applyToState, keyOf, type Migration } from './migration.ts'
import type { MigrationRun, Operation } from './operations/operation.ts'
import type { DatabaseRun } from './run.ts'
import type { ProjectState } from './state.ts'

/** One step of a plan. */
export interface PlanStep {
  readonly migration: Migration
  readonly backwards: boolean
}

/** One operation of a migration, in its direction. */
export interface OperationAt {
  readonly operation: Operation
  readonly backwards: boolean
  readonly app: string
  /** The states it leads from and to: backwards, `from` is the one with the operation. */
  readonly from: ProjectState
  readonly to: ProjectState
}

/** Told of every operation; `skips`: those that are done already. */
export interface Observer {
  skips(index: number): boolean
  begin(index: number): void
  end(index: number): Promise<void>
}

/** The operations of a step with their states, in the order in which they run. */
export function operationsOf({ migration, backwards }: PlanStep, before: ProjectState): OperationAt[] {
  const { app, operations } = migration
  const states = [before]
  for (const operation of operations) states.push(applyToState(migration, operation, states.at(-1)!))
  const forwards = operations.map((operation, i) => ({
    operation,
    backwards,
    app,
    from: states[i]!,
    to: states[i + 1]!,
  }))
  if (!backwards) return forwards
  return forwards.map(({ from, to, ...rest }) => ({ ...rest, from: to, to: from })).reverse()
}

/** Runs one operation. */
export function runOperation({ operation, backwards, ...step }: OperationAt, run: MigrationRun): Promise<void> {
  return backwards ? operation.backwards({ ...step, run }) : operation.forwards({ ...step, run })
}

/**
 * Runs the operations of one migration.
 * @param ahead   nothing is changed by this run: it only looks
 * @throws MigrationError migrations.failed
 */
export async function runMigration(
  step: PlanStep,
  before: ProjectState,
  run: DatabaseRun,
  options: { readonly ahead?: boolean; readonly observer?: Observer } = {},
): Promise<void> {
  const { observer, ahead = false } = options
  for (const [i, each] of operationsOf(step, before).entries()) {
    if (observer?.skips(i)) continue
    run.comment(each.operation.describe() + (each.backwards ? ' (undone)' : ''))
    observer?.begin(i)
    try {
      await runOperation(each, run)
      await observer?.end(i)
    } catch (error) {
      if (error instanceof MigrationError && error.code === 'migrations.unclear-statement') throw error // it says what to do
      throw failed({ ...step, operation: each.operation, done: i, kept: run.keepsChanges, ahead }, error)
    }
  }
}

/** Where a migration stopped. */
interface Stop extends PlanStep {
  readonly operation: Operation
  /** Operations that were carried out before. */
  readonly done: number
  /** They stay: the database commits each change of tables. */
  readonly kept: boolean
  /** Found before the first migration began. */
  readonly ahead: boolean
}

/** What of a migration that failed is in the database, and what can be done. */
function remains({ migration, done, kept, ahead, backwards }: Stop): string {
  if (ahead) return 'Nothing was changed.'
  if (!kept && migration.atomic !== false) return 'Nothing of this migration was kept.'
  const why = kept
    ? 'This database commits each change of tables, so it stopped here and is not recorded as done.'
    : 'It is not atomic: what ran before this operation stays.'
  if (done === 0) return `${why} Nothing ran before this operation: migrate begins it again.`
  const those = done === 1 ? 'operation before this one stays' : `${done} operations before this one stay`
  const other = backwards ? 'naming a later migration does them again' : 'naming an earlier migration undoes them'
  return `${why} The ${those}: migrate goes on from here, ${other}.`
}

function failed(stop: Stop, error: unknown): MigrationError {
  const { migration, operation, backwards } = stop
  const reason = error instanceof Error ? error.message : String(error)
  const more = advice(stop, error)
  const hint = more ? ` ${more}` : ''
  return new MigrationError(
    `${keyOf(migration.app, migration.name)} could not be ${backwards ? 'undone' : 'applied'}, at "${operation.describe()}": ${reason}`,
    {
      code: 'migrations.failed',
      hint: remains(stop) + hint,
      cause: error,
    },
  )
}

/** What the database says when a migration is whole, and to be kept: references are looked at then. Else as it came. */
export function failedAtEnd({ migration, backwards }: PlanStep, error: unknown): unknown {
  if (!(error instanceof IntegrityError)) return error
  return new MigrationError(
    `${keyOf(migration.app, migration.name)} could not be ${backwards ? 'undone' : 'applied'}, at its end: ${error.message}`,
    { code: 'migrations.failed', hint: `Nothing of this migration was kept. ${mendRows(migration)}`, cause: error },
  )
}

/** What can be done about it. Hints of queries are for those who write rows; here the rows are there already. */
function advice(stop: Stop, error: unknown): string | undefined {
  const { migration, operation, backwards } = stop
  const isOwn = ROWS.has(operation.type)
  if (error instanceof ProgrammingError)
    return [wrongStatement(error, stop), `Statement: ${error.sql}`].join(' ').trim()
  if (error instanceof MigrationError && error.code === 'migrations.missing-column') return otherTables(stop)
  const isOfRows = error instanceof IntegrityError || error instanceof DataError
  if (!isOfRows || isOwn) return error instanceof NuagesError ? error.hint : undefined
  if (
    error instanceof IntegrityError &&
    error.constraint === 'notNull' &&
    operation.type.endsWith('Field') &&
    !backwards
  ) {
    return `Rows that exist have no value: give ${operation.type} a fill, as in { fill: 0 }.`
  }
  return mendRows(migration)
}

function mendRows({ app }: Migration): string {
  return (
    'Rows that are there break it: mend them first, by hand or with code in a migration before this one ' +
    `(makemigrations ${app} --data).`
  )
}

/** What a statement that cannot be means here. */
function wrongStatement({ hint = '' }: ProgrammingError, stop: Stop): string {
  if (hint === SEE_SQL) return ''
  if (hint !== SEE_MIGRATIONS) return hint
  return ROWS.has(stop.operation.type)
    ? 'Tables and columns are those of this point of the history: a migration that makes what it uses must be among its `dependencies`.'
    : otherTables(stop)
}

function otherTables({ migration: { app, name }, backwards }: Stop): string {
  const drift = 'The tables are not what the migrations before have made: see migrate --check-drift.'
  if (backwards) return drift
  return `${drift} Where all that this one does was done by hand, record it: migrate ${app} ${name} --fake.`
}

/** Operations that write rows themselves. */
const ROWS: ReadonlySet<string> = new Set(['runCode', 'runSql'])

/** @throws IrreversibleError migrations.irreversible */
export function assertReversible(migration: Migration): void {
  const stuck = migration.operations.find((operation) => !operation.reversible)
  if (stuck === undefined) return
  throw new IrreversibleError(
    `${migration.app}.${migration.name} cannot be undone: "${stuck.describe()}" has no reverse.`,
    {
      code: 'migrations.irreversible',
      hint: "Give the operation a 'reverse' (noop, or an empty string for SQL, when nothing needs undoing).",
    },
  )
}
