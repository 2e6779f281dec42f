/** Which migrations PostgreSQL takes in stages, so that others read and write meanwhile. */
import { type PlanStep, runMigration } from './carry-out.ts'
import type { MigrationDatabase } from './database.ts'
import { DatabaseRun } from './run.ts'
import type { ProjectState } from './state.ts'

/** Bytes; a table of less is read through in milliseconds. */
const LARGE = 1024 * 1024

/** Operations that do nothing but change tables, and lose nothing when they are taken back. */
const IN_STAGES = new Set(['addField', 'alterField', 'addIndex', 'addConstraint'])

/** The table of a statement of the schema editor's. */
function tableOf(sql: string): string {
  const [, quoted = ''] = /^(?:ALTER TABLE|CREATE (?:UNIQUE )?INDEX "(?:[^"]|"")+" ON) "((?:[^"]|"")+)"/.exec(sql) ?? []
  return quoted.replaceAll('""', '"')
}

/**
 * On PostgreSQL: the tables that a migration would lock while it reads them through, where stages give the same as one
 * transaction; null where they do not. They do where nothing is taken away, so that a failure can be taken back.
 */
export async function goesInStages(
  { backend, alias, hasSessions }: MigrationDatabase,
  step: PlanStep,
  before: ProjectState,
): Promise<ReadonlySet<string> | null> {
  const { schema, name } = backend
  const { migration, backwards } = step
  if (name !== 'postgres' || !hasSessions || migration.atomic !== undefined || backwards || !schema.onlineStages)
    return null
  if (migration.operations.some(({ type }) => !IN_STAGES.has(type))) return null
  const statements: string[] = []
  const execute = async (sql: string) => void statements.push(sql)
  const run = new DatabaseRun(backend, alias, { execute, comment: () => {}, live: false })
  await runMigration(step, before, run, { ahead: true })
  const staged = statements.filter((sql) => schema.onlineStages!(sql) !== null)
  if (staged.length === 0 || !statements.every((sql) => schema.onlyAdds!(sql))) return null
  return new Set(staged.map(tableOf))
}

/** Of these tables of PostgreSQL, those of so many bytes. Default 1 MiB. */
export async function largeOf(
  { backend, query }: MigrationDatabase,
  tables: Iterable<string>,
  from: number = LARGE,
): Promise<string[]> {
  const found: string[] = []
  for (const table of tables) {
    const name = backend.compiler.literal(backend.compiler.quote(table), 'text')
    const [row] = await query(`SELECT PG_RELATION_SIZE(TO_REGCLASS(${name}))::text`)
    if (Number(row?.[0] ?? 0) >= from) found.push(table)
  }
  return found
}
