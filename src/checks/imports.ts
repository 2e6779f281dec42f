/**
 * Who imports whom, read from the text of files: for the arrows between rooms here, and between the apps of a project.
 * Only imports that exist at run time count; `import type` leaves no trace.
 */
import { readdirSync, readFileSync } from 'node:fs'
import { dirname, join, relative, resolve } from 'node:path'

/** One static import or export from another file. */
export interface Import {
  readonly from: string
  /** The file's path; for a package, its name as written. */
  readonly to: string
  /** From 1. */
  readonly line: number
  readonly isPackage: boolean
}

const STATEMENT = /^(?:import|export)\s+(?!type\b)(?:([\w\s{},*$]*?)\s*from\s*)?(['"])([^'"\n]+)\2/gm
const SOURCE = /(?<!\.d)\.[cm]?[jt]s$/
/** Folders that hold no code that runs in a project's process. */
const BESIDE = new Set(['dist', 'static', 'templates', 'locale', 'tests'])
const TEST = /\.(test|spec)\.[cm]?[jt]s$/

/** Source files below a folder; `code` leaves out tests, which may look anywhere, and what is for browsers. */
export function sourcesIn(folder: string, which: 'all' | 'code' = 'all'): string[] {
  const found: string[] = []
  for (const entry of readdirSync(folder, { withFileTypes: true })) {
    const { name } = entry
    if (entry.isDirectory()) {
      if (name === 'node_modules' || name.startsWith('.') || (which === 'code' && BESIDE.has(name))) continue
      found.push(...sourcesIn(join(folder, name), which))
    } else if (SOURCE.test(name) && (which === 'all' || !TEST.test(name))) found.push(join(folder, name))
  }
  return found
}

/** Static imports of a file that survive compilation. */
export function importsOf(file: string, text: string = readFileSync(file, 'utf8')): Import[] {
  // Comments become blanks, so that lines stay where they are.
  const code = text.replace(/\/\*[\s\S]*?\*\/|^\s*\/\/.*$/gm, (comment) => comment.replace(/[^\n]/g, ' '))
  const found: Import[] = []
  let line = 1
  let at = 0
  for (const match of code.matchAll(STATEMENT)) {
    const names = /^\{([^}]*)\}$/.exec(match[1]?.trim() ?? '')?.[1]
    if (names?.split(',').every((part) => /^\s*(type\s|$)/.test(part))) continue
    for (; at < match.index; at++) if (code.charCodeAt(at) === 10) line++
    const name = match[3]!
    const isPackage = !name.startsWith('.')
    found.push({ from: file, to: isPackage ? name : resolve(dirname(file), name), line, isPackage })
  }
  return found
}

/** Imports between the files of a folder. */
export function runtimeImports(folder: string): Import[] {
  return sourcesIn(folder).flatMap((file) => importsOf(file).filter(({ isPackage }) => !isPackage))
}

/** Circles in "imports" (Tarjan 1972: strongly connected components); each is a list of nodes, in order of the circle. */
export function cycles(edges: readonly { readonly from: string; readonly to: string }[]): string[][] {
  const next = new Map<string, Set<string>>()
  for (const { from, to } of edges) next.set(from, (next.get(from) ?? new Set()).add(to))
  const index = new Map<string, number>()
  const low = new Map<string, number>()
  const stack: string[] = []
  const open = new Set<string>()
  const found: string[][] = []
  const visit = (node: string): void => {
    index.set(node, index.size)
    low.set(node, index.get(node)!)
    stack.push(node)
    open.add(node)
    for (const to of next.get(node) ?? []) {
      if (!index.has(to)) visit(to)
      if (open.has(to)) low.set(node, Math.min(low.get(node)!, low.get(to)!))
    }
    if (low.get(node) !== index.get(node)) return
    const component = stack.splice(stack.indexOf(node))
    for (const each of component) open.delete(each)
    if (component.length > 1 || next.get(node)?.has(node)) found.push(circleIn(component, next))
  }
  for (const node of next.keys()) if (!index.has(node)) visit(node)
  return found
}

/** A shortest circle through the first node of a component: what is printed must be true step by step. */
function circleIn(component: readonly string[], next: ReadonlyMap<string, ReadonlySet<string>>): string[] {
  const start = component[0]!
  const inside = new Set(component)
  const before = new Map<string, string>()
  const queue = [start]
  for (const node of queue) {
    for (const to of next.get(node) ?? []) {
      if (to === start) {
        const circle = [node]
        while (circle[0] !== start) circle.unshift(before.get(circle[0]!)!)
        return circle
      }
      if (!inside.has(to) || before.has(to)) continue
      before.set(to, node)
      queue.push(to)
    }
  }
  return [...component]
}

/** A path as it is printed: below `root` where it is. */
export function shortPath(root: string, file: string): string {
  const near = relative(root, file)
  return near.startsWith('..') ? file : near.replaceAll('\\', '/')
}
