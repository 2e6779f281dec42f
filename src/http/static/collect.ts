import { Buffer } from 'node:buffer'
import { mkdir, readFile, rename, stat, writeFile } from 'node:fs/promises'
import { basename, dirname, extname, join, resolve, sep } from 'node:path'
import { sha256, toHex } from '../../std/crypto.ts'
import { nearest } from '../../std/text.ts'
import { ServerError } from '../errors.ts'
import { listStatic, type StaticDirectory } from './find.ts'
import { MANIFEST } from './manifest.ts'
import { renameInCss, renameInModule, renameSourceMap, resolveReference } from './references.ts'

export interface CollectResult {
  /** Files written, each counted once. */
  readonly copied: number
  /** Files whose hashed copy was there already. */
  readonly unchanged: number
}

/**
 * Copies all static files into one directory, each under its own name and one with the hash of its content, and writes
 * the manifest that says which is which. References in style sheets (`url()`, `@import`), between JavaScript modules
 * (`import './x.js'`) and to source maps are renamed.
 * Older hashed copies stay, for pages that are still open.
 *
 * @throws ServerError http.static-missing-reference when a style sheet or a module names a file that is not there
 * @throws ServerError http.static-bad-root when `root` is one of the directories
 */
export async function collectStatic(directories: readonly StaticDirectory[], root: string): Promise<CollectResult> {
  assertOutside(directories, root)
  const collector = new Collector(await listStatic(directories))
  const names: Record<string, string> = {}
  let copied = 0
  let unchanged = 0
  for (const path of collector.paths()) {
    const { name, content } = await collector.process(path)
    names[path] = name
    if (await writeChanged(join(root, name), content)) copied++
    else unchanged++
    await writeChanged(join(root, path), content)
  }
  await mkdir(root, { recursive: true })
  // The manifest comes last and at once: a server starting meanwhile reads the old one or the new one.
  const temporary = join(root, `.${MANIFEST}.${process.pid}`)
  await writeFile(temporary, `${JSON.stringify({ version: '1.1', paths: names }, null, 2)}\n`)
  await rename(temporary, join(root, MANIFEST))
  return { copied, unchanged }
}

interface Processed {
  readonly name: string
  readonly content: Uint8Array
}

class Collector {
  readonly #files: ReadonlyMap<string, string>
  readonly #done = new Map<string, Promise<Processed>>()
  readonly #open: string[] = []

  constructor(files: ReadonlyMap<string, string>) {
    this.#files = files
  }

  paths(): Iterable<string> {
    return this.#files.keys()
  }

  /** Hashed name and final content. What a file refers to comes first, since its content has those names. */
  process(path: string): Promise<Processed> {
    let done = this.#done.get(path)
    if (done === undefined) {
      done = this.#rewrite(path)
      this.#done.set(path, done)
    }
    return done
  }

  async #rewrite(path: string): Promise<Processed> {
    const content = await readFile(this.#files.get(path)!)
    const kind = extname(path)
    if (kind !== '.css' && kind !== '.js' && kind !== '.mjs') return { name: hashedName(path, content), content }
    const text = content.toString('utf8')
    const names = new Map<string, string | null>()
    this.#open.push(path)
    const collect = (reference: string, required: boolean) => {
      if (!names.has(reference)) names.set(reference, this.#target(path, reference, required))
      return null
    }
    const renameIn = kind === '.css' ? renameInCss : renameInModule
    // A module without an extension, or of TypeScript, is for a bundler: no browser finds it, hashed or not.
    renameIn(text, (reference) => collect(reference, kind === '.css' || /\.m?js$/.test(reference)))
    renameSourceMap(text, (reference) => collect(reference, false))
    const renamed = new Map<string, string | null>()
    for (const [reference, target] of names)
      renamed.set(reference, target === null ? null : await this.#rename(reference, target))
    this.#open.pop()
    const rename = (reference: string) => renamed.get(reference) ?? null
    const written = renameSourceMap(renameIn(text, rename), rename)
    if (written === text) return { name: hashedName(path, content), content }
    const bytes = new TextEncoder().encode(written)
    return { name: hashedName(path, bytes), content: bytes }
  }

  /** The static file a reference means; null when it is left alone. */
  #target(path: string, reference: string, required: boolean): string | null {
    const target = resolveReference(path, reference)
    if (target !== null && this.#files.has(target)) return target
    if (!required) return null // libraries come without the source maps they name
    const near = nearest(target ?? reference, this.#files.keys())
    throw new ServerError(`${path} refers to "${reference}", which is not among the static files.`, {
      code: 'http.static-missing-reference',
      hint: `${near ? `Did you mean "${near}"? ` : ''}Correct the reference in ${this.#files.get(path)}, or add the file.`,
    })
  }

  /** The reference with the target's new name. Files that import one another in a circle keep theirs. */
  async #rename(reference: string, target: string): Promise<string | null> {
    if (this.#open.includes(target)) return null
    const { name } = await this.process(target)
    const slash = reference.lastIndexOf('/')
    return reference.slice(0, slash + 1) + encodeURI(basename(name))
  }
}

/** `css/base.css` to `css/base.1f3a9c0d2b4e.css`. */
function hashedName(path: string, content: Uint8Array): string {
  const extension = extname(path)
  return `${path.slice(0, path.length - extension.length)}.${toHex(sha256(content)).slice(0, 12)}${extension}`
}

/** Writes a file unless it is there with that content. */
async function writeChanged(path: string, content: Uint8Array): Promise<boolean> {
  const found = await stat(path).catch(() => null)
  if (found?.size === content.length && Buffer.compare(await readFile(path), content) === 0) return false
  await mkdir(dirname(path), { recursive: true })
  await writeFile(path, content)
  return true
}

function assertOutside(directories: readonly StaticDirectory[], root: string): void {
  const target = resolve(root)
  for (const { dir } of directories) {
    const source = resolve(dir)
    if (target !== source && !target.startsWith(source + sep)) continue
    throw new ServerError(
      `Static files cannot be collected into ${root}: it is one of their own directories, or inside ${dir}.`,
      {
        code: 'http.static-bad-root',
        hint: 'Set staticRoot to a directory of its own.',
      },
    )
  }
}
