/** The SQL of a migration as text, without running it. Code is shown as a comment. */
import { type PlanStep, runMigration } from './carry-out.ts'
import type { MigrationDatabase } from './database.ts'
import type { MigrationLoader } from './loader.ts'
import { keyOf, type Migration } from './migration.ts'
import { Recorder } from './recorder.ts'
import { DatabaseRun, type StatementSink } from './run.ts'
import { goesInStages, largeOf } from './stages.ts'
import type { ProjectState } from './state.ts'

/** The statements of one step, in order, each with its semicolon. */
export async function migrationSql(
  loader: MigrationLoader,
  database: MigrationDatabase,
  step: PlanStep,
): Promise<string[]> {
  return written(database, step, await stateBefore(loader, database, step), {})
}

/**
 * The same with the transactions that `migrate` takes on this database, as large as its tables are now. Where they are
 * small and would go in stages when they are large, the stages follow as a comment.
 */
export async function printedSql(
  loader: MigrationLoader,
  database: MigrationDatabase,
  step: PlanStep,
): Promise<string[]> {
  const before = await stateBefore(loader, database, step)
  const plain = await written(database, step, before, {})
  if (plain.length === 0) return []
  if (!database.backend.features.transactionalDdl) {
    return ['-- Each change of tables is committed by itself.', ...plain]
  }
  if (step.migration.atomic === false) return written(database, step, before, { apart: true })
  const tables = await goesInStages(database, step, before)
  const whole = ['BEGIN;', ...plain, 'COMMIT;']
  if (tables === null) return whole
  const staged = await written(database, step, before, { apart: true, online: true })
  // Without a database to ask, both are told.
  const large = await largeOf(database, tables).catch(() => [])
  if (large.length > 0)
    return [`-- In stages, for ${large.join(', ')} is large: all is taken back when one fails.`, ...staged]
  const when = `-- Where ${[...tables].join(' or ')} is larger than 1 MB, migrate takes this in stages:`
  return [...whole, when, ...staged.map((line) => (line.startsWith('-- ') ? line : `--   ${line}`))]
}

/**
 * What is there when `migrate` begins with the migration on this database: more than its dependencies, for a model that
 * is renamed or moved changes tables of apps that refer to it, which it knows nothing of. One that is applied is shown as
 * it would be done again, what depends on it undone.
 */
async function stateBefore(
  loader: MigrationLoader,
  database: MigrationDatabase,
  { migration }: PlanStep,
): Promise<ProjectState> {
  const { graph } = loader
  const own = keyOf(migration.app, migration.name)
  const needed = new Set(graph.forwards(own))
  const dependent = new Set(graph.backwards(own))
  // Without a database to ask, as on an empty one.
  const recorded = await new Recorder(database).applied().catch(() => new Set<string>())
  const applied = loader.applied(recorded)
  const isApplied = ({ app, name }: Migration) => applied.has(keyOf(app, name))
  const all = graph.all()
  const earlier = new Set(isApplied(migration) ? [] : all.slice(0, all.indexOf(migration)))
  return loader.state((each) =>
    needed.has(each) ? each !== migration : !dependent.has(each) && (isApplied(each) || earlier.has(each)),
  )
}

/** @param options.apart   each change of tables is a transaction of its own */
async function written(
  { backend, alias }: MigrationDatabase,
  step: PlanStep,
  before: ProjectState,
  { apart = false, online = false }: { readonly apart?: boolean; readonly online?: boolean },
): Promise<string[]> {
  const lines: string[] = []
  const execute = async (sql: string) => void lines.push(`${sql.trimEnd().replace(/;$/, '')};`)
  const parts: Partial<StatementSink> = {
    transaction: async (fn) => {
      lines.push('BEGIN;')
      await fn()
      lines.push('COMMIT;')
    },
    alone: async ({ sql }) => {
      for (const each of sql) await execute(each)
    },
  }
  const run = new DatabaseRun(backend, alias, {
    execute,
    comment: (text) => void lines.push(`-- ${text}`),
    live: false,
    online,
    ...(apart ? parts : {}),
  })
  await runMigration(step, before, run)
  return lines
}
