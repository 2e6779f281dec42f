/** A file of a storage as a value: what fields of files hold. */
import type { FileRange, FileSource } from './backend.ts'
import { StorageError } from './errors.ts'
import type { FileStorage } from './file-storage.ts'
import { assertSafeName } from './names.ts'
import { type FileContent, sourceOf } from './source.ts'

const INSPECT: unique symbol = Symbol.for('nodejs.util.inspect.custom')
const BRAND: unique symbol = Symbol.for('nuages.storedFile')

/**
 * A file by its name in a storage, or one that is to be stored when the row it was given to is saved
 * ({@link isStored} is false till then). A value: another file is another object. As text and in JSON it is its name.
 */
export class StoredFile {
  readonly [BRAND] = true
  /** The name in its storage, `covers/atlas.png`; of a file to be stored the name it came with. */
  readonly name: string
  readonly #storage: (() => FileStorage) | null
  readonly #source: FileSource | null

  /** Made by fields, by {@link storedFile} and by {@link newFile}. */
  constructor(name: string, storage: (() => FileStorage) | null, source: FileSource | null) {
    this.name = name
    this.#storage = storage
    this.#source = source
  }

  /** Whether a storage has it; false before the row is saved. */
  get isStored(): boolean {
    return this.#source === null
  }

  /** The last part of its name: `atlas.png`. */
  get baseName(): string {
    return this.name.slice(this.name.lastIndexOf('/') + 1)
  }

  /** The content that is to be stored; null once it is. */
  get source(): FileSource | null {
    return this.#source
  }

  /** @throws StorageError storage.not-saved */
  get storage(): FileStorage {
    if (this.#storage !== null && this.isStored) return this.#storage()
    throw new StorageError(`${JSON.stringify(this.name)} is in no storage yet.`, {
      code: 'storage.not-saved',
      hint: 'It gets its name and address when the row it was given to is saved.',
    })
  }

  /** Where browsers find it. @throws StorageError storage.not-saved, storage.no-url */
  get url(): string {
    return this.storage.url(this.name)
  }

  /** Bytes. @throws StorageError storage.not-found; storage.bad-content for a stream that is not stored yet */
  async size(): Promise<number> {
    if (this.#source === null) return this.storage.size(this.name)
    if (this.#source.size !== null) return this.#source.size
    throw new StorageError(`How large ${JSON.stringify(this.name)} is shows when it was read.`, {
      code: 'storage.bad-content',
      hint: 'Save it first.',
    })
  }

  /** Its bytes as they are read, or a part of them. @throws StorageError storage.not-found, storage.not-saved */
  open(range?: FileRange): Promise<ReadableStream<Uint8Array>> {
    return this.storage.open(this.name, range)
  }

  /** Its bytes as they are read, stored or not. */
  async *stream(): AsyncGenerator<Uint8Array> {
    if (this.#source === null) yield* await this.open()
    else yield* this.#source.stream()
  }

  /** All of it. For what is known to be small; else {@link open}. */
  bytes(): Promise<Uint8Array> {
    return this.storage.bytes(this.name)
  }

  /** All of it, read as UTF-8. */
  text(): Promise<string> {
    return this.storage.text(this.name)
  }

  /** Whether the storage has it: a row may name a file that somebody deleted. */
  exists(): Promise<boolean> {
    return this.isStored ? this.storage.exists(this.name) : Promise.resolve(false)
  }

  /** Deletes it from its storage. The row still names it: set the field to null and save, or see `deleteFile()`. */
  delete(): Promise<void> {
    return this.storage.delete(this.name)
  }

  toString(): string {
    return this.name
  }

  toJSON(): string {
    return this.name
  }

  [INSPECT](): string {
    return `StoredFile(${this.name}${this.isStored ? '' : ', not saved'})`
  }
}

/** True for a {@link StoredFile}, by any copy of the package. */
export function isStoredFile(value: unknown): value is StoredFile {
  return typeof value === 'object' && value !== null && BRAND in value
}

/**
 * A file that is stored already, by its name.
 * @throws UnsafeNameError storage.unsafe-name
 */
export function storedFile(name: string, storage: () => FileStorage): StoredFile {
  assertSafeName(name)
  return new StoredFile(name, storage, null)
}

/**
 * A file to be stored when the row it is given to is saved: `book.cover = newFile(upload)`, or of content of your own,
 * `newFile(bytes, 'cover.png')`. `create()`, constructors and forms take uploads as they are.
 * @throws StorageError storage.bad-content; storage.no-name for content that comes without a name
 */
export function newFile(content: FileContent, name?: string): StoredFile {
  const source = sourceOf(content, name ?? null)
  if (source.name !== null) return new StoredFile(source.name, null, source)
  throw new StorageError('A file to be stored needs a name.', {
    code: 'storage.no-name',
    hint: "Say how it is called: newFile(bytes, 'report.pdf').",
  })
}
