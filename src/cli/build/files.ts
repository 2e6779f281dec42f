/** Which files of a project are part of its build. */
import { existsSync, readdirSync, readFileSync, rmdirSync, rmSync } from 'node:fs'
import { basename, dirname, join, relative, sep } from 'node:path'

/** What is never needed to run a project. */
const FOLDERS = new Set(['node_modules', 'dist', 'build', 'coverage', 'tests'])
const FILES = /\.(d|test)\.m?ts$|\.test\.m?js$|\.log$|\.tgz$|\.(sqlite3?|db)(-\w+)?$|^tsconfig.*\.json$|^latest\.txt$/

/**
 * Paths of the files below `root`, relative and sorted. Left out: what begins with a dot (`.env`, `.git`), tests,
 * declarations, logs, SQLite files, what git reads beside migrations (`latest.txt`), and the folders in `without`.
 */
export function projectFiles(root: string, without: readonly string[]): string[] {
  const found: string[] = []
  const walk = (folder: string): void => {
    for (const entry of readdirSync(folder, { withFileTypes: true })) {
      const path = join(folder, entry.name)
      if (entry.name.startsWith('.') || without.includes(path)) continue
      if (entry.isDirectory()) {
        if (!FOLDERS.has(entry.name)) walk(path)
      } else if (entry.isFile() && !FILES.test(entry.name)) found.push(relative(root, path))
    }
  }
  walk(root)
  return found.sort()
}

/** The list of a build: what it wrote. */
export const MANIFEST = 'nuages.json'

/** Removes what an earlier build wrote and nothing else: a database or uploads beside it are somebody's data. */
export function removeEarlier(out: string): void {
  const manifest = join(out, MANIFEST)
  if (!existsSync(manifest)) return
  const { files } = JSON.parse(readFileSync(manifest, 'utf8')) as { files: readonly string[] }
  const folders = new Set<string>()
  for (const file of [...files, MANIFEST]) {
    const path = join(out, file)
    if (!path.startsWith(out + sep)) continue // a manifest written by hand
    rmSync(path, { force: true })
    for (let folder = dirname(path); folder !== out; folder = dirname(folder)) folders.add(folder)
  }
  const deepest = [...folders].sort((a, b) => b.length - a.length)
  for (const folder of deepest) if (existsSync(folder) && readdirSync(folder).length === 0) rmdirSync(folder)
}

/** Whether a folder is empty, absent, or an earlier build: what may be written into. */
export function mayBuildInto(out: string): boolean {
  return !existsSync(out) || readdirSync(out).length === 0 || existsSync(join(out, MANIFEST))
}

/** `0001_initial` of `shop/migrations/0001_initial.ts`. */
export function stem(path: string): string {
  return basename(path).replace(/\.[^.]*$/, '')
}
