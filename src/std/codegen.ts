/**
 * The only place that turns text into code. Where evaluation is forbidden (`--disallow-code-generation-from-strings`,
 * edge runtimes) it gives null, and the caller runs closures made from the same nodes.
 */
import { NuagesError } from './errors.ts'

/** Generated text that does not parse: a fault of the generator. The message holds the text. */
export class CodegenError extends NuagesError {}

/** Told of each function generated: its label and its text. */
export type GeneratedListener = (label: string, source: string) => void

let allowed: boolean | undefined
let listener: GeneratedListener | null = null

/** True where text may become code. Found out once, by trying. */
export function canGenerate(): boolean {
  if (allowed === undefined) {
    try {
      new Function('return 1')
      allowed = true
    } catch {
      allowed = false
    }
  }
  return allowed
}

/** Shows every function generated from now on, for reading (`NUAGES_DUMP=1`). Gives what was set before; null stops. */
export function onGenerated(next: GeneratedListener | null): GeneratedListener | null {
  const before = listener
  listener = next
  return before
}

/**
 * A function made of text, or null where that is forbidden. The body must hold no input that was not turned into a
 * literal by the generator (`JSON.stringify`), or input would run.
 *
 *     compileFunction(['row'], 'return row[0] + 1', 'row constructor of library.Book')
 *
 * @param argNames   names of the arguments
 * @param body   statements, strict mode
 * @param label   shown in stack traces, and to the listener
 * @throws CodegenError std.bad-generated-code when the text does not parse
 */
export function compileFunction(argNames: readonly string[], body: string, label: string): Function | null {
  if (!canGenerate()) return null
  // A line break in the label (a template's name) would end the comment and start code.
  const name = label.replace(/[^\w./:@-]+/g, '_')
  const source = `'use strict'\n${body}\n//# sourceURL=nuages:${name}`
  listener?.(label, `function (${argNames.join(', ')}) {\n${source}\n}`)
  try {
    return new Function(...argNames, source)
  } catch (cause) {
    throw new CodegenError(`The code generated for ${label} does not parse: ${(cause as Error).message}\n${body}`, {
      code: 'std.bad-generated-code',
      hint: 'This is a fault of the generator; please report it with the text above.',
      cause,
    })
  }
}
