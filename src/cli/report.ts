import { describeThrown, isUnreadableFile } from '../std/describe.ts'
import { NuagesError } from '../std/errors.ts'
import type { Output } from './output.ts'

/** What an error of ours has; another copy of nuages makes its own class, so it is known by shape. */
interface Told {
  readonly name: string
  readonly code: string
  readonly message: string
  readonly hint?: string
  readonly exitCode?: number
}

/**
 * Prints an error and gives the exit code. Errors of ours: name, code, message, hint. A file that cannot be parsed:
 * the place and the line. Anything else is somebody's bug and comes with its stack, as far as it is in their files.
 * `trace` shows whole stacks always.
 */
export function reportError(error: unknown, out: Output, trace: boolean): number {
  out.error(describeError(error, trace))
  return isOurs(error) ? (error.exitCode ?? 1) : 1
}

/** The text {@link reportError} prints. */
export function describeError(error: unknown, trace = false): string {
  if (trace) return describeThrown(error, true)
  if (isOurs(error)) return `${error.name} ${error.code}: ${error.message}${error.hint ? `\n${error.hint}` : ''}`
  if (isUnreadableFile(error))
    return `CommandError cli.unreadable-file: A file of the project cannot be loaded.\n${describeThrown(error)}`
  return `${describeThrown(error)}${error instanceof Error ? '\n(--trace shows the whole stack.)' : ''}`
}

function isOurs(error: unknown): error is Told {
  if (error instanceof NuagesError) return true
  const told = error as Partial<Told> | null
  return error instanceof Error && 'hint' in error && /^[a-z-]+\.[a-z-]+$/.test(String(told?.code))
}
