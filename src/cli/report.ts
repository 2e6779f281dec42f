import { readFileSync } from 'node:fs'
import { relative } from 'node:path'
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
  if (isOurs(error)) {
    const hint = error.hint ?? (isMissingKey(error) ? NEW_KEY : '')
    return `${error.name} ${error.code}: ${error.message}${hint ? `\n${hint}` : ''}`
  }
  const missing = missingPackage(error)
  if (missing !== null)
    return `CommandError cli.not-installed: The package ${JSON.stringify(missing.name)} is not installed; ${missing.importer} imports it.\nRun: npm install${isListed(missing.name) ? '' : ` ${missing.name}`}`
  if (isUnreadableFile(error))
    return `CommandError cli.unreadable-file: A file of the project cannot be loaded.\n${describeThrown(error)}`
  // A name declared twice, say: the engine refuses the module, and its error has no place.
  if (error instanceof SyntaxError && !/\n +at (?!.*\bnode:)/.test(error.stack ?? ''))
    return `CommandError cli.unreadable-file: A file of the project cannot be loaded.\n${describeThrown(error)}\nIn which file, and where: npx tsc --noEmit`
  return `${describeThrown(error)}${error instanceof Error ? '\n(--trace shows the whole stack.)' : ''}`
}

function isOurs(error: unknown): error is Told {
  if (error instanceof NuagesError) return true
  const told = error as Partial<Told> | null
  return error instanceof Error && 'hint' in error && /^[a-z-]+\.[a-z-]+$/.test(String(told?.code))
}

/** A clone of a project has no .env: git leaves it out. */
const NEW_KEY = `A file .env with a new key: node -p "'SECRET_KEY=' + crypto.randomBytes(48).toString('base64url')" >> .env`

function isMissingKey({ code, message }: Told): boolean {
  return code === 'conf.invalid-settings' && /^ {2}secretKey: is not set.*\n.*\bSECRET_KEY\b/m.test(message)
}

/** What `npm install` was forgotten for: a package by its name, in a file of the project. */
function missingPackage(error: unknown): { readonly name: string; readonly importer: string } | null {
  if (!(error instanceof Error) || (error as { code?: unknown }).code !== 'ERR_MODULE_NOT_FOUND') return null
  const found = /^Cannot find package '([^']+)' imported from (.+)$/m.exec(error.message)
  return found === null ? null : { name: found[1]!, importer: relative(process.cwd(), found[2]!) }
}

function isListed(name: string): boolean {
  try {
    const { dependencies, devDependencies } = JSON.parse(readFileSync('package.json', 'utf8'))
    return Object.hasOwn({ ...dependencies, ...devDependencies }, name)
  } catch {
    return false // no package.json here, or none that can be read
  }
}
