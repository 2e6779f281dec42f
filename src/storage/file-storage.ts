/** A storage as code uses it: checked names over any backend. */
import { Buffer } from 'node:buffer'
import type { FileRange, FileSource, FileStat, FolderContent, StorageBackend } from './backend.ts'
import { StorageError } from './errors.ts'
import { anotherName, assertSafeName, shortName } from './names.ts'
import { type FileContent, sourceOf } from './source.ts'

export interface SaveFileOptions {
  /** Characters the name may have in the end; default 1024. */
  readonly maxLength?: number
  /** Replaces a file of that name. Default as the storage was made: false, a name that is taken gets a few letters more. */
  readonly allowOverwrite?: boolean
}

/**
 * A place for files by name: `await storage().save('reports/2026.csv', content)`. All storages are alike, whatever is
 * behind them; a backend is a {@link StorageBackend}.
 */
export class FileStorage {
  readonly backend: StorageBackend
  readonly #allowOverwrite: boolean

  constructor(backend: StorageBackend, options: { readonly allowOverwrite?: boolean } = {}) {
    this.backend = backend
    this.#allowOverwrite = options.allowOverwrite ?? false
  }

  /**
   * Keeps a file, and gives the name it got: another one where that was taken, shortened to `maxLength`. Whole or not at
   * all: nobody ever reads half of it.
   * @throws UnsafeNameError storage.unsafe-name
   * @throws StorageError storage.name-too-long, storage.bad-content, storage.write-failed
   */
  async save(name: string, content: FileContent | FileSource, options: SaveFileOptions = {}): Promise<string> {
    const { maxLength = 1024, allowOverwrite = this.#allowOverwrite } = options
    assertSafeName(name)
    const source = sourceOf(content)
    let next = shortName(name, maxLength)
    // Asked before anything is sent, too: most that are taken are found here.
    if (!allowOverwrite && (await this.backend.stat(next)) !== null) next = anotherName(name, maxLength)
    return this.backend.write(next, source, {
      overwrite: allowOverwrite,
      another: () => anotherName(name, maxLength),
    })
  }

  /**
   * Its bytes, as they are read.
   * @throws StorageError storage.not-found
   */
  async open(name: string, range: FileRange = {}): Promise<ReadableStream<Uint8Array>> {
    assertSafeName(name)
    const { start = 0, length } = range
    if (
      !Number.isSafeInteger(start) ||
      start < 0 ||
      (length !== undefined && !(Number.isSafeInteger(length) && length >= 0))
    )
      throw new StorageError(`{ start: ${start}, length: ${length} } is no part of a file.`, {
        code: 'storage.bad-range',
        hint: 'Both are whole numbers from 0.',
      })
    const stream = await this.backend.read(name, range)
    if (stream === null) throw notFound(name)
    return stream
  }

  /** All of it. For what is known to be small; else {@link open}. @throws StorageError storage.not-found */
  async bytes(name: string): Promise<Uint8Array> {
    const chunks: Uint8Array[] = []
    for await (const chunk of await this.open(name)) chunks.push(chunk)
    return new Uint8Array(Buffer.concat(chunks))
  }

  /** All of it, read as UTF-8. @throws StorageError storage.not-found */
  async text(name: string): Promise<string> {
    return new TextDecoder().decode(await this.bytes(name))
  }

  async exists(name: string): Promise<boolean> {
    return (await this.stat(name)) !== null
  }

  /** Size and times; null when it is not there. */
  async stat(name: string): Promise<FileStat | null> {
    assertSafeName(name)
    return this.backend.stat(name)
  }

  /** Bytes. @throws StorageError storage.not-found */
  async size(name: string): Promise<number> {
    return (await this.#known(name)).size
  }

  /** @throws StorageError storage.not-found */
  async modifiedAt(name: string): Promise<Date> {
    return (await this.#known(name)).modifiedAt
  }

  /** @throws StorageError storage.not-found */
  async createdAt(name: string): Promise<Date> {
    return (await this.#known(name)).createdAt
  }

  /** Deletes it; nothing happens when it is not there. */
  async delete(name: string): Promise<void> {
    assertSafeName(name)
    await this.backend.delete(name)
  }

  /** Folders and files of a folder, sorted; default those at the top. A folder that is not there is empty. */
  async list(folder = ''): Promise<FolderContent> {
    const path = folder.replace(/\/$/, '')
    if (path !== '') assertSafeName(path)
    const { folders, files } = await this.backend.list(path)
    return { folders: folders.toSorted(), files: files.toSorted() }
  }

  /** Where browsers find it. @throws StorageError storage.no-url when it is not for them */
  url(name: string): string {
    assertSafeName(name)
    const url = this.backend.url(name)
    if (url !== null) return url
    throw new StorageError(`The storage of ${JSON.stringify(name)} has no address for browsers.`, {
      code: 'storage.no-url',
      hint: 'Give it a url in the settings, or answer with its content from a view.',
    })
  }

  async #known(name: string): Promise<FileStat> {
    const found = await this.stat(name)
    if (found === null) throw notFound(name)
    return found
  }
}

function notFound(name: string): StorageError {
  return new StorageError(`There is no file ${JSON.stringify(name)} in the storage.`, {
    code: 'storage.not-found',
    hint: 'It was deleted, or the row was made in another storage. exists() asks.',
    status: 404,
  })
}

/** Below a prefix: parts that browsers could read as more than a name are escaped. */
export function urlBelow(prefix: string, name: string): string {
  return prefix + name.split('/').map(encodeURIComponent).join('/')
}
