/** Evaluating code that was piped or given to `shell -c`: top-level await works, the last value comes back. */
import { constants, runInThisContext, Script } from 'node:vm'

/**
 * Runs `code` and gives the value of its last expression, awaited; undefined when it ends in a statement.
 *
 * @throws SyntaxError and what the code throws
 */
export async function evaluate(code: string): Promise<unknown> {
  return await runInThisContext(asFunction(code), {
    filename: 'shell',
    importModuleDynamically: constants.USE_MAIN_CONTEXT_DEFAULT_LOADER, // await import('node:fs')
  })
}

function asFunction(code: string): string {
  const whole = `(async () => (${code.replace(/;\s*$/, '')}\n))()`
  if (compiles(whole)) return whole
  for (const [body, tail] of splits(code)) {
    const program = `(async () => {${body}\nreturn (${tail}\n)\n})()`
    if (compiles(`(async () => {${body}\n})`) && compiles(`(async () => (${tail}\n))`) && compiles(program))
      return program
  }
  return `(async () => {${code}\n})()`
}

/** Places where the last expression may begin, the latest first: after `;` or a line that is complete by itself. */
function* splits(code: string): Generator<[body: string, tail: string]> {
  const text = code.replace(/[\s;]+$/, '')
  for (let i = text.length - 1; i > 0; i--) {
    if (text[i] !== ';' && text[i] !== '\n') continue
    const body = text.slice(0, i + 1)
    const tail = text.slice(i + 1).trim()
    // A line that begins or ends with an operator belongs to its neighbour.
    const continues = text[i] === '\n' && (/^[-+*/%.,?:&|^=<>([`]/.test(tail) || /[-+*/%.,?:&|^=<>([{]\s*$/.test(body))
    if (tail !== '' && !continues) yield [body, tail]
  }
}

function compiles(source: string): boolean {
  try {
    new Script(source)
    return true
  } catch {
    return false
  }
}
