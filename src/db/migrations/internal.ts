/** For sibling rooms and our own tests: not a public door. */

export { detectChanges } from './autodetector.ts'
export { migrationDatabase } from './connect.ts'
export type { MigrationDatabase } from './database.ts'
export { type Drift, type DriftReport, findDrift } from './drift/index.ts'
export {
  type MigrateOptions,
  type MigrateTarget,
  MigrationExecutor,
  type PlanStep,
} from './executor.ts'
export { lintFindings, migrationFindings } from './findings.ts'
export { computedDefaults, modelState, stateOfModels } from './from-models.ts'
export { type LintFinding, lintPlan } from './lint/index.ts'
export { MigrationLoader, type MigrationProject } from './loader.ts'
export { migrationSql, printedSql } from './printed-sql.ts'
export { renderState } from './render.ts'
export { unappliedMigrations } from './unapplied.ts'
export { loadWithUnwritten } from './unwritten.ts'
