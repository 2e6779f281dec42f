/** TypeScript to JavaScript, as Node itself does it when it runs a project: types become spaces, lines stay lines. */
import module from 'node:module'
import { dirname, resolve } from 'node:path'
import { CommandError } from '../errors.ts'

const TYPESCRIPT = /\.(m?)ts$/
/** Where a path of a module is written: `from './x.ts'`, `import './x.ts'`, `import('./x.ts')`, `new URL('./x.ts', …)`. */
const SPECIFIER = /(\b(?:from|import)\s*\(?\s*|\bnew\s+URL\(\s*)(['"])(\.{1,2}\/[^'"\n]*?)\.(m?)ts\2/g

/** `views.ts` → `views.js`; other names stay. */
export function builtName(path: string): string {
  return path.replace(TYPESCRIPT, '.$1js')
}

/** Whether a file is code to be stripped. Declarations (`.d.ts`) are not even copied. */
export function isTypeScript(path: string): boolean {
  return TYPESCRIPT.test(path)
}

/**
 * The JavaScript of a file. Paths to other files of the build become theirs; no other text is touched, so that a line
 * in an error is the line in the source.
 *
 * @param isBuilt   whether there will be a file of that path, absolute
 * @throws CommandError cli.cannot-build, with the place
 */
export function toJavaScript(code: string, path: string, isBuilt: (path: string) => boolean): string {
  const folder = dirname(path)
  return strip(code, path).replace(SPECIFIER, (whole, before: string, quote: string, name: string, m: string) =>
    isBuilt(resolve(folder, `${name}.${m}ts`)) ? `${before}${quote}${name}.${m}js${quote}` : whole,
  )
}

function strip(code: string, path: string): string {
  const { emitWarning } = process
  process.emitWarning = () => {} // that this function is experimental in Node: a pinned range of versions is tested
  try {
    return module.stripTypeScriptTypes(code)
  } catch (cause) {
    throw new CommandError(`${path} cannot be built: ${(cause as Error).message}`, {
      code: 'cli.cannot-build',
      hint: 'Node strips types and nothing else: write no enum, namespace, parameter property or decorator.',
      cause,
    })
  } finally {
    process.emitWarning = emitWarning
  }
}
