/** Runs the compiler as users do, and reads what it says. */
import { execFile } from 'node:child_process'
import { createRequire } from 'node:module'
import { dirname, join, relative, resolve } from 'node:path'
import { fileURLToPath } from 'node:url'

const here = dirname(fileURLToPath(import.meta.url))
/** The repository. */
export const root = resolve(here, '..', '..')
/** The compiler that the project has. */
export const compiler = join(dirname(createRequire(import.meta.url).resolve('typescript/package.json')), 'bin', 'tsc')

/** What the compiler said. */
export interface Report {
  /** One per mistake: its first line and those that explain it, paths relative to the repository. */
  readonly diagnostics: readonly string[]
  /** From `--extendedDiagnostics`. */
  readonly instantiations: number
}

/** Compiles a project with one checker: several would each count the types again. */
export async function compile(project: string, ...options: string[]): Promise<Report> {
  const args = [compiler, '-p', project, '--checkers', '1', '--extendedDiagnostics', '--pretty', 'false', ...options]
  const output = await new Promise<string>((resolve) => {
    execFile(process.execPath, args, { cwd: root, maxBuffer: 64 * 1024 * 1024 }, (_, stdout) => resolve(stdout))
  })
  const diagnostics: string[] = []
  for (const line of output.split('\n')) {
    if (/^\S.*\(\d+,\d+\): error TS\d+/.test(line)) diagnostics.push(line)
    else if (line.startsWith('  ') && diagnostics.length > 0) diagnostics.push(`${diagnostics.pop()}\n${line}`)
  }
  const count = /^Instantiations:\s+(\d+)/m.exec(output)?.[1]
  if (count === undefined) throw new Error(`The compiler did not run:\n${output}`)
  return { diagnostics, instantiations: Number(count) }
}

/** Diagnostics in files below a folder of tests/types, members of unions in order. */
export function within(folder: string, { diagnostics }: Report): string[] {
  const prefix = `${relative(root, here)}/${folder}/`
  return diagnostics
    .filter((each) => each.startsWith(prefix))
    .map((each) => sortUnions(each.slice(prefix.length).replaceAll(`${root}/`, '')))
}

/** The compiler prints the members of a union in the order it met them, which differs between runs and versions. */
export function sortUnions(text: string): string {
  return text.replace(/(?<=^|\s)'(.+?)'(?=[\s.,;:?]|$)/gm, (_, type: string) => `'${sortType(type)}'`)
}

const OPEN = '<({['
const CLOSE = '>)}]'

/** Sorts a type's members, and those of the types inside its brackets. */
function sortType(type: string): string {
  const members: string[] = ['']
  const add = (text: string) => {
    members[members.length - 1] += text
  }
  for (let i = 0; i < type.length; i++) {
    const end = groupEnd(type, i)
    if (type.startsWith(' | ', i)) {
      members.push('')
      i += 2
    } else if (end > i) {
      const inside = type.slice(i + 1, end)
      add(type[i] === '"' ? type.slice(i, end + 1) : type[i]! + sortParts(inside) + type[end]!)
      i = end
    } else add(type[i]!)
  }
  return members.sort().join(' | ')
}
function sortParts(text: string): string {
  const parts: string[] = ['']
  for (let i = 0; i < text.length; i++) {
    const end = Math.max(groupEnd(text, i), i)
    parts[parts.length - 1] += text.slice(i, end + 1)
    i = end
    if (text.startsWith(', ', i + 1) || text.startsWith('; ', i + 1)) {
      parts.push(text.slice(i + 1, i + 3), '')
      i += 2
    }
  }
  return parts
    .map((part) => {
      const [, name = '', type = '', rest = ''] = /^(\s*(?:readonly )?\w+\??: |\s*)([\s\S]*?)(;?\s*)$/.exec(part)!
      return name + sortType(type) + rest
    })
    .join('')
}
/** Where the text or bracket that begins at `start` ends; -1 where none begins, or none ends. */
function groupEnd(text: string, start: number): number {
  if (text[start] === '"') return text.indexOf('"', start + 1)
  if (!OPEN.includes(text[start]!)) return -1
  let depth = 0
  for (let i = start; i < text.length; i++) {
    const char = text[i]!
    if (char === '"' && i > start) {
      const end = text.indexOf('"', i + 1)
      if (end === -1) return -1
      i = end
    } else if (OPEN.includes(char)) depth++
    else if (CLOSE.includes(char) && !(char === '>' && text[i - 1] === '=') && --depth === 0) return i
  }
  return -1
}
