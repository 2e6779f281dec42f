/** What `dev` and `serve` do before they answer. */
import { isSerious } from '../checks/index.ts'
import { hidePassword } from '../conf/internal.ts'
import { t, tn } from '../i18n/index.ts'
import type { Project } from '../project/index.ts'
import { CommandError } from './errors.ts'
import { printFindings } from './findings.ts'
import { captureOutput, type Output } from './output.ts'
import { describeError } from './report.ts'

/** The findings that keep a project from starting, as they were printed, by the error that says so. */
const printed = new WeakMap<object, string>()

/** {@link describeError} for a page, where nothing was printed above. */
export function describeForPage(error: unknown): string {
  const findings = typeof error === 'object' && error !== null ? printed.get(error) : undefined
  return `${findings ?? ''}${describeError(error)}`
}

/**
 * Runs the project's checks and prints what they find.
 *
 * @throws CommandError cli.checks-failed when something keeps the project from starting
 */
export async function assertChecks(project: Project, out: Output): Promise<void> {
  const findings = await project.checks({ deploy: false })
  printFindings(findings, out)
  const serious = findings.filter(isSerious).length
  if (serious === 0) return
  const plain = captureOutput()
  printFindings(findings, plain)
  const error = new CommandError(`The checks found ${serious === 1 ? 'an error' : `${serious} errors`}: see above.`, {
    code: 'cli.checks-failed',
    hint: 'Mend them, then start again. "nuages check" runs the checks alone.',
  })
  printed.set(error, plain.text)
  throw error
}

/** Says which migrations are not applied, or why that is not known; a page may work without. */
export async function warnOfPendingMigrations(project: Project, out: Output): Promise<void> {
  try {
    const pending = await project.pendingMigrations()
    if (pending.length === 0) return
    const names = pending.length > 3 ? `${pending.slice(0, 3).join(', ')} …` : pending.join(', ')
    out.warn(
      tn(
        '{n} migration is not applied ({names}). Run: npx nuages migrate',
        '{n} migrations are not applied ({names}). Run: npx nuages migrate',
        pending.length,
        { names },
      ),
    )
  } catch (error) {
    out.warn(`${t('Whether migrations are applied is not known:')}\n${describeError(error)}`)
  }
}

/** For whoever works on the models: those that changed since their last migration, and migrations not applied. */
export async function warnOfMigrations(project: Project, out: Output): Promise<void> {
  for (const { message, hint } of await project.migrationFindings()) out.warn(hint ? `${message}\n${hint}` : message)
}

/** The default database as it may be shown: without password. */
export function databaseLabel(project: Project): string {
  if (!project.usesDatabases) return t('no database')
  return hidePassword(project.settings.databases.default?.url ?? 'none')
}
