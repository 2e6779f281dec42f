/** The SQL of a migration as text, without running it. Code is shown as a comment. */
import { type PlanStep, runMigration } from './carry-out.ts'
import type { MigrationDatabase } from './database.ts'
import type { MigrationLoader } from './loader.ts'
import { keyOf } from './migration.ts'
import { DatabaseRun, type StatementSink } from './run.ts'
import { goesInStages, largeOf } from './stages.ts'
import type { ProjectState } from './state.ts'

/** The statements of one step, in order, each with its semicolon. */
export async function migrationSql(
  loader: MigrationLoader,
  database: MigrationDatabase,
  step: PlanStep,
): Promise<string[]> {
  return written(database, step, stateBefore(loader, step), {})
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
  const before = stateBefore(loader, step)
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

/** What is there when the migration begins, as its dependencies say. */
function stateBefore(loader: MigrationLoader, { migration }: PlanStep): ProjectState {
  const needed = new Set(loader.graph.forwards(keyOf(migration.app, migration.name)))
  return loader.state((each) => each !== migration && needed.has(each))
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
