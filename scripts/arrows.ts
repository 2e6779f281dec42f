/**
 * The arrows of the house: which room may import which (src/README.md), and no cycles between files. Only imports that
 * exist at run time count; `import type` may look up where a type needs a name, because it leaves no trace.
 *
 *     node scripts/arrows.ts            prints what is wrong, exits 1
 */
import { readdirSync, readFileSync } from 'node:fs'
import { dirname, join, relative, resolve } from 'node:path'
import { fileURLToPath } from 'node:url'

const ground = ['std', 'signals', 'conf', 'i18n', 'checks', 'signing', 'validators', 'apps']
const pillars = ['http', 'templates', 'db', 'cli']

/** Room → rooms it may import, besides itself. A room not listed here is an error: add its row with the reason. */
export const arrows: Record<string, readonly string[]> = {
  std: [],
  signals: ['std'],
  conf: ['std'],
  i18n: ['std', 'conf'],
  checks: ['std', 'conf'],
  signing: ['std', 'conf'],
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

export interface Import {
  readonly from: string
  readonly to: string
}

/** Static imports between files of `folder` that survive compilation. */
export function runtimeImports(folder: string): Import[] {
  const found: Import[] = []
  for (const name of readdirSync(folder, { recursive: true, encoding: 'utf8' })) {
    if (!name.endsWith('.ts') || name.endsWith('.d.ts')) continue
    const file = join(folder, name)
    const text = readFileSync(file, 'utf8').replace(/\/\*[\s\S]*?\*\/|^\s*\/\/.*$/gm, '')
    for (const match of text.matchAll(/^(?:import|export)\s+(?!type\b)(?:([\w\s{},*$]*?)\s*from\s*)?'(\.[^']+)'/gm)) {
      const names = /^\{([^}]*)\}$/.exec(match[1]?.trim() ?? '')?.[1]
      const typesOnly = names !== undefined && names.split(',').every((part) => /^\s*(type\s|$)/.test(part))
      if (!typesOnly) found.push({ from: file, to: resolve(dirname(file), match[2]!) })
    }
  }
  return found
}

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

/** Cycles between files (Tarjan 1972: strongly connected components), each as a list of files. */
export function cycles(imports: readonly Import[]): string[][] {
  const next = new Map<string, string[]>()
  for (const { from, to } of imports) next.set(from, [...(next.get(from) ?? []), to])
  const index = new Map<string, number>()
  const low = new Map<string, number>()
  const stack: string[] = []
  const found: string[][] = []
  const visit = (file: string): void => {
    index.set(file, index.size)
    low.set(file, index.get(file)!)
    stack.push(file)
    for (const to of next.get(file) ?? []) {
      if (!index.has(to)) visit(to)
      if (stack.includes(to)) low.set(file, Math.min(low.get(file)!, low.get(to)!))
    }
    if (low.get(file) !== index.get(file)) return
    const component = stack.splice(stack.indexOf(file))
    if (component.length > 1 || (next.get(file) ?? []).includes(file)) found.push(component)
  }
  for (const file of next.keys()) if (!index.has(file)) visit(file)
  return found
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const imports = runtimeImports(src)
  const problems = wrongArrows(src, imports)
  for (const cycle of cycles(imports)) problems.push(`cycle: ${cycle.map((file) => relative(src, file)).join(' → ')}`)
  for (const problem of problems) console.error(problem)
  console.log(`${imports.length} imports, ${problems.length} problems`)
  process.exitCode = problems.length ? 1 : 0
}
