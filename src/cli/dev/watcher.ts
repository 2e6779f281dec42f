import { basename, dirname, extname, relative, sep } from 'node:path'
import { type FSWatcher, watch } from 'chokidar'

/** Files whose change means a restart: code, templates, translations, settings. Styles and images are read anew anyway. */
const EXTENSIONS = new Set(['.ts', '.mts', '.js', '.mjs', '.cjs', '.json', '.html', '.txt', '.po', '.sql'])
const FOLDERS = new Set(['node_modules', 'build', 'dist', 'coverage', 'static'])
/** Milliseconds to wait for more after a change: an editor's "save all", a branch switch. */
const SETTLE = 25

/** Watches folders and tells which files changed, several saves at once as one call. */
export class Watcher {
  readonly #root: string
  readonly #watcher: FSWatcher
  readonly #changed = new Set<string>()
  readonly #ignored = new Set<string>()
  #timer: NodeJS.Timeout | undefined

  /** @param onChange   gets the paths that changed, at least one */
  constructor(root: string, onChange: (paths: string[]) => void) {
    this.#root = root
    this.#watcher = watch(root, {
      ignoreInitial: true,
      ignored: (path, stats) => this.#isIgnored(path, stats?.isFile() ?? false),
    })
    this.#watcher.on('all', (event, path) => {
      if (event === 'addDir' || event === 'unlinkDir') return
      this.#changed.add(path)
      clearTimeout(this.#timer)
      this.#timer = setTimeout(() => {
        const paths = [...this.#changed]
        this.#changed.clear()
        onChange(paths)
      }, SETTLE)
    })
    // A folder that may not be read is not watched; what can be watched is.
    this.#watcher.on('error', () => {})
  }

  /** Resolves once every file is being watched: a change before would be missed. */
  get ready(): Promise<void> {
    return new Promise((resolve) => this.#watcher.once('ready', () => resolve()))
  }

  /**
   * Watches more folders, and none of `ignore`. Installed packages are left out: nobody edits them, and a folder that is
   * watched below one that is ignored makes chokidar read all of node_modules when npm touches it.
   */
  add(folders: readonly string[], ignore: readonly string[]): void {
    for (const folder of ignore) this.#ignored.add(folder)
    this.#watcher.add(folders.filter((folder) => !folder.split(sep).includes('node_modules')))
  }

  async close(): Promise<void> {
    clearTimeout(this.#timer)
    await this.#watcher.close()
  }

  #isIgnored(path: string, file: boolean): boolean {
    if (path === this.#root) return false // whatever it is called
    const name = basename(path)
    // Written beside each migration, for git: no process reads it.
    if (name === 'latest.txt' && basename(dirname(path)) === 'migrations') return true
    if (file) return !EXTENSIONS.has(extname(name)) && name !== '.env'
    if (name === '.env') return false // asked once before its kind is known
    return name.startsWith('.') || FOLDERS.has(name) || this.#isBelowIgnored(path)
  }

  #isBelowIgnored(path: string): boolean {
    for (const folder of this.#ignored) if (path === folder || path.startsWith(folder + sep)) return true
    return false
  }
}

/** `geo/views.ts and 2 more`, for the line that says why the server restarts. */
export function namePaths(paths: readonly string[], root: string): string {
  const first = relative(root, paths[0]!)
  return paths.length === 1 ? first : `${first} and ${paths.length - 1} more`
}
