/**
 * The arrows of the house: which room may import which (src/README.md), and no cycles between files. Only imports that
 * exist at run time count; `import type` may look up where a type needs a name, because it leaves no trace.
 *
 *     node scripts/arrows.ts            prints what is wrong, exits 1
 */
import { dirname, join, relative } from 'node:path'
import { fileURLToPath } from 'node:url'
import { cycles, type Import, runtimeImports } from '../src/checks/imports.ts'

export { runtimeImports }

const ground = ['std', 'signals', 'conf', 'i18n', 'checks', 'signing', 'storage', 'validators', 'apps']
const pillars = ['http', 'templates', 'db', 'cli']

/** Room → rooms it may import, besides itself. A room not listed here is an error: add its row with the reason. */
export const arrows: Record<string, readonly string[]> = {
  std: [],
  signals: ['std'],
  conf: ['std'],
  i18n: ['std', 'conf'],
  checks: ['std', 'conf'],
  signing: ['std', 'conf'],
  storage: ['std', 'conf', 'i18n', 'validators'],
  validators: ['std', 'conf', 'i18n', 'checks', 'signing', 'signals'],
  apps: ['std', 'conf', 'i18n', 'checks', 'signing', 'signals'],
  http: ground,
  templates: ground,
  db: ground,
  cli: ground,
  urls: [...ground, 'http'],
  shortcuts: [...ground, ...pillars, 'urls'],
  forms: [...ground, ...pillars, 'urls'],
  sessions: [...ground, ...pillars, 'urls'],
  messages: [...ground, ...pillars, 'urls', 'sessions'],
  middleware: [...ground, ...pillars, 'urls', 'sessions', 'messages'],
  auth: [...ground, ...pillars, 'urls', 'shortcuts', 'forms', 'sessions', 'messages', 'middleware'],
  admin: [...ground, ...pillars, 'urls', 'shortcuts', 'forms', 'sessions', 'messages', 'middleware', 'auth'],
}
/** Bridges join their room to a higher one; they are loaded by name, never imported by their own room. */
const isBridge = (file: string) => /[\\/](admin\.ts|commands[\\/][^\\/]+)$/.test(file)

/** Rooms that put the others together, and may import them all. */
const composers = new Set(['project', 'testing', 'index'])

const src = join(dirname(fileURLToPath(import.meta.url)), '..', 'src')

/** The room of a file: its first folder below `folder`, or its own name. */
export function roomOf(folder: string, file: string): string {
  return relative(folder, file).split(/[\\/]/)[0]!.replace(/\.ts$/, '')
}

/** Imports against the arrows, as sentences. */
export function wrongArrows(folder: string, imports: readonly Import[]): string[] {
  const problems = new Set<string>()
  for (const { from, to } of imports) {
    const [a, b] = [roomOf(folder, from), roomOf(folder, to)]
    if (a === b || composers.has(a) || isBridge(from)) continue
    const allowed = arrows[a]
    if (!allowed) problems.add(`${a}: this room has no row in scripts/arrows.ts`)
    else if (!allowed.includes(b))
      problems.add(`${relative(folder, from)} imports ${relative(folder, to)}: ${a} may not know ${b}`)
  }
  return [...problems].sort()
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const imports = runtimeImports(src)
  const problems = wrongArrows(src, imports)
  for (const cycle of cycles(imports))
    problems.push(`cycle: ${[...cycle, cycle[0]!].map((file) => relative(src, file)).join(' → ')}`)
  for (const problem of problems) console.error(problem)
  console.log(`${imports.length} imports, ${problems.length} problems`)
  process.exitCode = problems.length ? 1 : 0
}
