/**
 * Checks: faults of a project found before it runs. Each has a stable id, a level, and a hint that says what to do.
 */
export type CheckLevel = 'debug' | 'info' | 'warning' | 'error' | 'critical'

/** One thing found. `object` says where: `blog.Post.title`, `settings.secretKey`, `templates/base.html:12`. */
export interface Finding {
  readonly id: string
  readonly level: CheckLevel
  readonly message: string
  readonly hint?: string
  readonly object?: string
  /** The file and line to open, where known: `library/models.ts:12`. */
  readonly place?: string
}

/** What a check may look at. `project` is typed by the room that reads it; `deploy` is true for `check --deploy`. */
export interface CheckContext {
  readonly project: unknown
  readonly deploy: boolean
}

export type Check = (context: CheckContext) => readonly Finding[] | Promise<readonly Finding[]>

/** Makes one finding; a shorthand that keeps ids greppable. */
export function finding(
  level: CheckLevel,
  id: string,
  message: string,
  more: { hint?: string; object?: string; place?: string } = {},
): Finding {
  return { id, level, message, ...more }
}

/** Levels from harmless to fatal. */
export const LEVELS: readonly CheckLevel[] = ['debug', 'info', 'warning', 'error', 'critical']

/** True for findings that keep a project from starting: errors and worse. */
export function isSerious(found: Finding): boolean {
  return LEVELS.indexOf(found.level) >= LEVELS.indexOf('error')
}

/**
 * Runs checks one after another and gives all they find, the gravest first, else in order. A check that fails itself
 * becomes the finding `checks.E001`, so that one broken check does not hide what the others say.
 */
export async function runChecks(checks: Iterable<Check>, context: CheckContext): Promise<Finding[]> {
  const found: Finding[] = []
  for (const check of checks) {
    try {
      found.push(...(await check(context)))
    } catch (error) {
      const name = check.name === '' ? 'A check' : `The check ${check.name}`
      found.push(
        finding('error', 'checks.E001', `${name} failed: ${error instanceof Error ? error.message : String(error)}`),
      )
    }
  }
  return found.sort((a, b) => LEVELS.indexOf(b.level) - LEVELS.indexOf(a.level))
}
