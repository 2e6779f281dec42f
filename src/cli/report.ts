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
 * the place and the line. Anything else is somebody's bug and comes with its stack. `trace` shows stacks always.
 */
export function reportError(error: unknown, out: Output, trace: boolean): number {
  out.error(describeError(error, trace))
  return isOurs(error) ? (error.exitCode ?? 1) : 1
}

/** The text {@link reportError} prints. */
export function describeError(error: unknown, trace = false): string {
  if (trace) return withCauses(error)
  if (isOurs(error)) return `${error.name} ${error.code}: ${error.message}${error.hint ? `\n${error.hint}` : ''}`
  if (isUnreadableFile(error)) return withoutOwnFrames(error.stack ?? error.message)
  return withCauses(error)
}

function isOurs(error: unknown): error is Told {
  if (error instanceof NuagesError) return true
  const told = error as Partial<Told> | null
  return error instanceof Error && 'hint' in error && /^[a-z-]+\.[a-z-]+$/.test(String(told?.code))
}

/** Syntax that Node refuses, or an import that leads nowhere: Node's text names file and line already. */
function isUnreadableFile(error: unknown): error is Error {
  if (error instanceof SyntaxError) return true
  const code = (error as { code?: string } | null)?.code
  return error instanceof Error && /^ERR_(MODULE_NOT_FOUND|.*TYPESCRIPT.*|PACKAGE_PATH_NOT_EXPORTED)$/.test(code ?? '')
}

function withCauses(error: unknown): string {
  if (!(error instanceof Error)) return `Thrown: ${String(error)}`
  const text = withoutOwnFrames(error.stack ?? String(error))
  return error.cause instanceof Error ? `${text}\nCaused by: ${withCauses(error.cause)}` : text
}

/** Frames inside Node say nothing about the project. */
function withoutOwnFrames(stack: string): string {
  return stack.replace(/^ +at .*node:internal.*\n?/gm, '').trimEnd()
}
