import type { Dirent } from 'node:fs'
import { readdir, realpath, stat } from 'node:fs/promises'
import { join, sep } from 'node:path'

/** A directory of static files, under a prefix of the static URL. */
export interface StaticDirectory {
  readonly dir: string
  /** `geo/` puts `atlas.css` at `geo/atlas.css`; default none. */
  readonly prefix?: string
}

/** A file that is there. */
export interface FoundFile {
  /** Where it lies, symbolic links resolved. */
  readonly path: string
  readonly size: number
  readonly modified: Date
}

/** Whether every part of a path is an ordinary name: no `..`, nothing hidden, no backslash, no NUL, no empty part. */
export function isPlainPath(path: string): boolean {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: no name we serve has them
  if (/[\\\x00-\x1f\x7f]/.test(path)) return false
  return path.split('/').every((part) => isPlainName(part))
}

/** Names that are never served or collected: hidden ones (`.git`, `.env`) and editors' copies. */
export function isPlainName(name: string): boolean {
  return name !== '' && !name.startsWith('.') && !name.endsWith('~')
}

/**
 * The file of a path, in the first directory that has it. Symbolic links may lead anywhere inside the directory, and
 * nowhere else.
 */
export async function findStatic(directories: readonly StaticDirectory[], path: string): Promise<FoundFile | null> {
  if (!isPlainPath(path)) return null
  for (const { dir, prefix = '' } of directories) {
    if (!path.startsWith(prefix)) continue
    const found = await fileIn(dir, path.slice(prefix.length))
    if (found) return found
  }
  return null
}

/** A file below a directory, or null when it is not there, no file, or elsewhere in truth. */
export async function fileIn(dir: string, path: string): Promise<FoundFile | null> {
  try {
    const [root, real] = await Promise.all([realpath(dir), realpath(join(dir, path))])
    if (!real.startsWith(root + sep)) return null
    const found = await stat(real)
    return found.isFile() ? { path: real, size: found.size, modified: found.mtime } : null
  } catch {
    return null
  }
}

/** Every static file by its path, the first directory winning; sorted, so that two runs do the same. */
export async function listStatic(directories: readonly StaticDirectory[]): Promise<Map<string, string>> {
  const files = new Map<string, string>()
  for (const { dir, prefix = '' } of directories) {
    for (const path of await walk(dir, '')) {
      if (!files.has(prefix + path)) files.set(prefix + path, join(dir, path))
    }
  }
  return new Map([...files].sort(([a], [b]) => (a < b ? -1 : 1)))
}

async function walk(dir: string, below: string): Promise<string[]> {
  let entries: Dirent[]
  try {
    entries = await readdir(join(dir, below), { withFileTypes: true })
  } catch (error) {
    if (below === '' && (error as NodeJS.ErrnoException).code === 'ENOENT') return [] // an app without static files
    throw error
  }
  const files: string[] = []
  for (const entry of entries) {
    if (!isPlainName(entry.name)) continue
    const path = below + entry.name
    if (entry.isDirectory()) files.push(...(await walk(dir, `${path}/`)))
    else if (await fileIn(dir, path)) files.push(path)
  }
  return files
}
