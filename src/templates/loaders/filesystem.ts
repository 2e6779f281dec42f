/** Templates in folders. The only file of this room that touches the disk, and not before it is asked to. */
import { ConfigurationError } from '../../std/errors.ts'
import type { TemplateLoader } from './loader.ts'

type Fs = typeof import('node:fs')
type Path = typeof import('node:path')

/** Larger files are no templates. */
const MAX_BYTES = 5 * 1024 * 1024

/**
 * Looks in `dirs`, in order. Names are relative, with `/`: one that is absolute, has a `..`, a backslash or NUL in it,
 * or leads out through a symbolic link, does not exist (CVE-2021-33203).
 *
 * @throws ConfigurationError templates.no-filesystem where the runtime has no files
 */
export function filesystemLoader(dirs: readonly string[]): TemplateLoader {
  const fs = builtIn<Fs>('node:fs')
  const path = builtIn<Path>('node:path')
  const roots = new Map<string, string | null>()
  const rootOf = (dir: string): string | null => {
    let root = roots.get(dir)
    if (root === undefined) {
      root = realPath(fs, path.resolve(dir))
      if (root !== null) roots.set(dir, root) // a folder that is made later is found later
    }
    return root
  }
  return {
    find(name, skip) {
      if (!isSafeName(name)) return null
      for (const dir of dirs) {
        const root = rootOf(dir)
        if (root === null) continue
        const file = realPath(fs, path.join(root, name))
        if (file === null || !file.startsWith(root + path.sep) || skip.has(file)) continue
        const stat = fs.statSync(file, { throwIfNoEntry: false })
        if (stat === undefined || !stat.isFile() || stat.size > MAX_BYTES) continue
        return { source: fs.readFileSync(file, 'utf8'), origin: file, version: `${stat.mtimeMs} ${stat.size}` }
      }
      return null
    },
    places: (name) => dirs.map((dir) => path.join(dir, name)),
  }
}

function isSafeName(name: string): boolean {
  if (name === '' || name.startsWith('/') || name.includes('\\') || name.includes('\0') || /^[A-Za-z]:/.test(name))
    return false
  return !name.split('/').some((part) => part === '..' || part === '.' || part === '')
}

function realPath(fs: Fs, path: string): string | null {
  try {
    return fs.realpathSync(path)
  } catch {
    return null
  }
}

/** A module of Node without a static import, so that the room loads where there is none. */
function builtIn<T>(name: string): T {
  const load = (globalThis as { process?: { getBuiltinModule?(name: string): unknown } }).process?.getBuiltinModule
  const found = load?.(name)
  if (found === undefined) {
    throw new ConfigurationError('This runtime has no files to read templates from.', {
      code: 'templates.no-filesystem',
      hint: 'Run `nuages build` and give its templates to configureTemplates({ templates }).',
    })
  }
  return found as T // the module of that name
}
