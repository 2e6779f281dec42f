/**
 * Images: what the migrations of a project made, kept for the other files of the same run of tests, which then need not
 * apply them again. The first file that migrates makes it.
 *
 * An image lives as long as the run: the process that starts those of the files, known by its id and the moment it began.
 * It lies in a folder of the user's own below the temporary one, `<run>/<key>/<alias>`; the key is made of what decides
 * the result. On a server it is a database. A run that makes one removes those of runs that have ended.
 *
 * Nothing here is needed: whatever goes wrong, migrations are applied.
 */
import { execFileSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import {
  existsSync,
  lstatSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { isMainThread } from 'node:worker_threads'

/** By alias: what a database is made from again. */
export type Image = Readonly<Record<string, Uint8Array>>

type Env = Readonly<Record<string, string | undefined>>

/**
 * The run that this process belongs to, as `<pid>_<start>`; null where there is but one file, or where files change while
 * it goes on.
 */
export function currentRun(env: Env = process.env): string | null {
  if (env.NUAGES_TEST_REPLAY) return null
  if (!env.VITEST && !env.NODE_TEST_CONTEXT) return null
  // Watching: a migration may import what is not looked at here.
  if (env.VITEST_MODE === 'WATCH' || env.WATCH_REPORT_DEPENDENCIES) return null
  const pid = isMainThread ? process.ppid : process.pid
  const begun = startOf(pid)
  return begun === null ? null : `${pid}_${begun}`
}

/** Whether the process of a run is there: another may have got its id. */
export function isAlive(run: string): boolean {
  const [pid, begun] = run.split('_')
  return startOf(Number(pid)) === begun
}

/** When a process began, in a form of its own; null where that cannot be known. */
function startOf(pid: number): string | null {
  let begun: string
  try {
    if (existsSync('/proc/self/stat')) {
      const stat = readFileSync(`/proc/${pid}/stat`, 'utf8')
      begun = stat.slice(stat.lastIndexOf(')') + 2).split(' ')[19] ?? '' // after a name that may hold anything (proc(5))
    } else begun = execFileSync('ps', ['-o', 'lstart=', '-p', String(pid)], { encoding: 'utf8' }).trim()
  } catch {
    return null
  }
  return begun === '' ? null : digest(begun).slice(0, 8)
}

/** As short as a name of a database may have to be. */
export function digest(text: string): string {
  return createHash('sha256').update(text).digest('hex').slice(0, 16)
}

/** Where the image of a key lies, and who makes it. */
export class ImagePlace {
  /** Of the run that it lives in. */
  readonly run: string
  readonly #folder: string
  readonly #lock: string
  #claimed = false

  private constructor(runs: string, run: string, key: string) {
    this.run = run
    this.#folder = join(runs, run, key)
    this.#lock = `${this.#folder}.lock`
  }

  /** @returns null where the folder cannot be trusted: it belongs to somebody else */
  static open(run: string, key: string): ImagePlace | null {
    const runs = runsFolder()
    try {
      mkdirSync(runs, { recursive: true, mode: 0o700 })
      const { uid } = lstatSync(runs)
      if (!lstatSync(runs).isDirectory() || uid !== (process.getuid?.() ?? uid)) return null
      mkdirSync(join(runs, run), { recursive: true })
    } catch {
      return null
    }
    return new ImagePlace(runs, run, key)
  }

  /**
   * The image. Null: there is none, and `isMaker` tells whether it is for this process to make it. Nobody waits for it:
   * who applies the migrations meanwhile is done as soon.
   *
   * @param isDear   one file may be all there are: the second makes it
   */
  find(isDear: boolean): Image | null {
    const found = this.#read()
    if (found !== null) return Object.keys(found).length > 0 ? found : null
    if (isDear && isMade(`${this.#folder}.first`)) return null
    if (this.#isAbandoned()) rmSync(this.#lock, { force: true })
    this.#claimed = isMade(this.#lock)
    return null
  }

  get isMaker(): boolean {
    return this.#claimed
  }

  /** @param image   null: there can be none, nobody need try. Gives whether it is this one that the others find */
  publish(image: Image | null): boolean {
    const part = mkdtempSync(`${this.#folder}.part-`)
    for (const [alias, bytes] of Object.entries(image ?? {}))
      writeFileSync(join(part, encodeURIComponent(alias)), bytes)
    try {
      renameSync(part, this.#folder)
      return true
    } catch {
      rmSync(part, { recursive: true, force: true }) // another was quicker
      return false
    }
  }

  /** Lets others make it, where this process did not. */
  release(): void {
    if (this.#claimed) rmSync(this.#lock, { force: true })
    this.#claimed = false
  }

  #read(): Image | null {
    if (!existsSync(this.#folder)) return null
    const files = readdirSync(this.#folder)
    return Object.fromEntries(files.map((file) => [decodeURIComponent(file), readFileSync(join(this.#folder, file))]))
  }

  /** Whether the process that wanted to make it has ended. */
  #isAbandoned(): boolean {
    try {
      const pid = Number(readFileSync(this.#lock, 'utf8'))
      return pid > 0 && !isRunning(pid) // 0: not written yet
    } catch {
      return false // gone meanwhile
    }
  }
}

/** Whether a file was not there; now it is, with the id of this process. */
function isMade(file: string): boolean {
  try {
    writeFileSync(file, String(process.pid), { flag: 'wx' })
    return true
  } catch {
    return false
  }
}

/** Folders of all runs of this user. */
export function runsFolder(): string {
  return join(tmpdir(), `nuages-images-${process.getuid?.() ?? 'user'}`)
}

/** Removes what runs left that have ended. */
export function removeEnded(): void {
  for (const run of readdirSync(runsFolder()))
    if (!isAlive(run)) rmSync(join(runsFolder(), run), { recursive: true, force: true })
}

function isRunning(pid: number): boolean {
  try {
    return process.kill(pid, 0)
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM' // somebody else's
  }
}
