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
}

/** What a check may look at. `project` is typed by the room that reads it; `deploy` is true for `check --deploy`. */
export interface CheckContext {
  readonly project: unknown
  readonly deploy: boolean
}

export type Check = (context: CheckContext) => readonly Finding[] | Promise<readonly Finding[]>

/** Makes one finding; a shorthand that keeps ids greppable. */
export function finding(level: CheckLevel, id: string, message: string, more: { hint?: string; object?: string } = {}): Finding {
  return { id, level, message, ...more }
}
