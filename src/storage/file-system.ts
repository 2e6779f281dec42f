/** Files in a folder of this machine. */
import { constants } from 'node:fs'
import { chmod, copyFile, link, mkdir, open, readdir, realpath, rename, rm, stat, unlink } from 'node:fs/promises'
import { dirname, join, resolve, sep } from 'node:path'
import { Readable } from 'node:stream'
import { randomString } from '../std/crypto.ts'
import type { FileSource, FolderContent, StorageBackend, WriteOptions } from './backend.ts'
import { StorageError } from './errors.ts'
import { urlBelow } from './file-storage.ts'
import { unsafe } from './names.ts'

export interface FileSystemOptions {
  /** The folder; made when it is first written to. */
  readonly root: string
  /** What stands before names, such as `/media/`; default null: browsers do not find them. */
  readonly url?: string | null
  /** Permissions of files; default 0o644. Set on each one: the process's umask has no say, and is never changed. */
  readonly fileMode?: number
  /** Permissions of folders that are made; default what the process's umask leaves of 0o777. */
  readonly folderMode?: number
}

/** Files being written; hidden from lists. A process that dies may leave one. */
const TEMPORARY = '.nuages-'
/** File systems without hard links, as FAT and some that containers mount. */
const NO_LINKS = new Set(['EPERM', 'ENOTSUP', 'EOPNOTSUPP', 'ENOSYS', 'EINVAL', 'EMLINK', 'EXDEV', 'EACCES'])

/** Files in a folder. Symbolic links may lead anywhere inside of it, and nowhere else. */
export function fileSystem(options: FileSystemOptions): StorageBackend {
  return new FileSystemBackend(options)
}

class FileSystemBackend implements StorageBackend {
  readonly #root: string
  readonly #url: string | null
  readonly #fileMode: number
  readonly #folderMode: number | undefined

  constructor({ root, url = null, fileMode = 0o644, folderMode }: FileSystemOptions) {
    this.#root = resolve(root)
    this.#url = url
    this.#fileMode = fileMode
    this.#folderMode = folderMode
  }

  async write(name: string, source: FileSource, options: WriteOptions): Promise<string> {
    const slash = name.lastIndexOf('/') + 1
    const folder = await this.#makeFolder(name)
    const temporary = join(folder, `${TEMPORARY}${randomString(20)}`)
    try {
      await this.#fill(temporary, source)
      await chmod(temporary, this.#fileMode)
      if (options.overwrite) {
        await rename(temporary, join(folder, name.slice(slash)))
        return name
      }
      for (let free = name; ; free = options.another())
        if (await claim(temporary, join(folder, free.slice(slash)))) return free
    } catch (error) {
      throw failed(name, error)
    } finally {
      await rm(temporary, { force: true })
    }
  }

  async read(name: string, { start = 0, length }: { start?: number; length?: number }) {
    const path = await this.#existing(name)
    if (path === null) return null
    const handle = await open(path, 'r')
    const { size } = await handle.stat()
    const end = length === undefined ? size : Math.min(size, start + length)
    if (start >= end) {
      await handle.close()
      return new ReadableStream<Uint8Array>({ start: (controller) => controller.close() })
    }
    return Readable.toWeb(handle.createReadStream({ start, end: end - 1 })) as ReadableStream<Uint8Array> // node's own type of the same class
  }

  async stat(name: string) {
    const path = await this.#existing(name)
    if (path === null) return null
    const { size, mtime, birthtime } = await stat(path)
    // Where the birth of files is not kept, node says 1970.
    return { size, modifiedAt: mtime, createdAt: birthtime.getTime() > 0 ? birthtime : mtime }
  }

  async delete(name: string): Promise<void> {
    const folder = await this.#inside(dirname(join(this.#root, name)), name)
    if (folder === null) return
    // The link itself goes where a name is one, never what it leads to.
    await unlink(join(folder, name.slice(name.lastIndexOf('/') + 1))).catch(ignore('ENOENT', 'ENOTDIR'))
  }

  async list(folder: string): Promise<FolderContent> {
    const path = await this.#inside(join(this.#root, folder), folder)
    if (path === null) return { folders: [], files: [] }
    const entries = await readdir(path, { withFileTypes: true }).catch(ignore('ENOENT', 'ENOTDIR'))
    const seen = (entries ?? []).filter((entry) => !entry.name.startsWith(TEMPORARY))
    const isFolder = await Promise.all(
      seen.map(async (entry) => {
        if (!entry.isSymbolicLink()) return entry.isDirectory() ? true : entry.isFile() ? false : null
        const target = await this.#inside(join(path, entry.name), entry.name).catch(() => null) // leads elsewhere: not ours
        return target === null ? null : (await stat(target)).isDirectory()
      }),
    )
    const names = (wanted: boolean) => seen.flatMap(({ name }, i) => (isFolder[i] === wanted ? [name] : []))
    return { folders: names(true), files: names(false) }
  }

  url(name: string): string | null {
    return this.#url === null ? null : urlBelow(this.#url, name)
  }

  /** The content in a file of its own, next to where it will be: a link where it is on the same disk already. */
  async #fill(temporary: string, source: FileSource): Promise<void> {
    if (source.path !== null) {
      try {
        return await link(source.path, temporary)
      } catch {
        return copyFile(source.path, temporary, constants.COPYFILE_EXCL | constants.COPYFILE_FICLONE)
      }
    }
    const file = await open(temporary, 'wx', 0o600)
    try {
      for await (const chunk of source.stream()) await file.writeFile(chunk)
    } finally {
      await file.close()
    }
  }

  /** The folder a name is in, made where it is not there, links resolved. */
  async #makeFolder(name: string): Promise<string> {
    const wanted = dirname(join(this.#root, name))
    try {
      await mkdir(this.#root, { recursive: true })
      // The nearest folder that is there must be inside before anything is made below it.
      let there = wanted
      while ((await this.#inside(there, name)) === null) there = dirname(there)
      const first = await mkdir(wanted, { recursive: true })
      if (this.#folderMode !== undefined && first !== undefined) {
        for (let made = wanted; made.length >= first.length; made = dirname(made)) await chmod(made, this.#folderMode)
      }
    } catch (error) {
      throw failed(name, error)
    }
    return (await this.#inside(wanted, name)) ?? wanted
  }

  /** A file by its name, links resolved; null when it is not there, or no file. */
  async #existing(name: string): Promise<string | null> {
    const path = await this.#inside(join(this.#root, name), name)
    return path !== null && (await stat(path)).isFile() ? path : null
  }

  /**
   * Where a path leads; null when it is not there. Symlink escape: a link that leads out of the root would read and write
   * any file of the machine.
   * @throws UnsafeNameError storage.unsafe-name
   */
  async #inside(path: string, name: string): Promise<string | null> {
    const [root, real] = await Promise.all(
      [this.#root, path].map((each) => realpath(each).catch(ignore('ENOENT', 'ENOTDIR'))),
    )
    if (root === undefined || real === undefined) return null
    if (real === root || real.startsWith(root.endsWith(sep) ? root : root + sep)) return real
    throw unsafe(name, 'symlink')
  }
}

/** Gives a finished file its name, unless somebody has it: the file system decides, so two can never get one name. */
async function claim(temporary: string, path: string): Promise<boolean> {
  try {
    await link(temporary, path)
    return true
  } catch (error) {
    const { code = '' } = error as NodeJS.ErrnoException
    if (code === 'EEXIST') return false
    if (!NO_LINKS.has(code)) throw error
  }
  const taken = await open(path, 'wx').catch(ignore('EEXIST'))
  if (taken === undefined) return false
  await taken.close()
  await rename(temporary, path)
  return true
}

function ignore(...codes: string[]): (error: unknown) => undefined {
  return (error) => {
    if (!codes.includes((error as NodeJS.ErrnoException).code ?? '')) throw error
  }
}

function failed(name: string, cause: unknown): unknown {
  const { code, message } = cause as NodeJS.ErrnoException
  if (typeof code !== 'string' || !/^E[A-Z]+$/.test(code)) return cause // the content's own error, or one of ours
  return new StorageError(`${JSON.stringify(name)} could not be written: ${message}.`, {
    code: 'storage.write-failed',
    hint: 'Nothing of it is left. Look at the space and the permissions of the storage’s folder.',
    cause,
  })
}
