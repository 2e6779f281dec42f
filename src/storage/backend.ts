/**
 * What a place for files can do. A backend is given names that were checked, and answers six questions; everything
 * else (names that are taken, lengths, what is refused) is {@link FileStorage}'s, the same for all of them. Whatever is
 * written comes as a stream and is never held whole, so that a network's backend works in constant memory.
 *
 * tests/contracts/storage-backend.ts is the suite that every backend runs.
 */

/** A file on its way into a storage. */
export interface FileSource {
  /** The name it came with, null for content without one. Chosen by whoever sent it. */
  readonly name: string | null
  /** Bytes; null when that is known only at its end. */
  readonly size: number | null
  /** What its sender says it is, such as `image/png`; null when nobody said. */
  readonly type: string | null
  /** A file of this machine that has the content and may be linked or copied; null when there is none. */
  readonly path: string | null
  /** Its bytes from the start. */
  stream(): AsyncIterable<Uint8Array>
  /** Whether {@link stream} can be called again. */
  readonly repeatable: boolean
}

/** What is known of a stored file. */
export interface FileStat {
  readonly size: number
  readonly modifiedAt: Date
  /** As far as the place knows; else when it was modified. */
  readonly createdAt: Date
}

/** A part of a file: from byte `start` (default 0), at most `length` bytes (default all the rest). */
export interface FileRange {
  readonly start?: number
  readonly length?: number
}

/** What a folder holds: last parts of names. */
export interface FolderContent {
  readonly folders: readonly string[]
  readonly files: readonly string[]
}

export interface WriteOptions {
  /** Replaces what has the name. Else a name that is taken is left alone, and {@link another} is asked. */
  readonly overwrite: boolean
  /** Gives a name to try next, in the same folder. */
  another(): string
}

/** A place for files. Names are checked before; `read` and `delete` are asked about files that may not be there. */
export interface StorageBackend {
  /**
   * Keeps a file, whole or not at all: a reader sees what was there before or all of the new one. Gives the name it has
   * in the end. Of two writers of one name without `overwrite` exactly one gets it.
   */
  write(name: string, source: FileSource, options: WriteOptions): Promise<string>
  /** Its bytes, as they are read; null when there is no such file. Whoever leaves early cancels the stream. */
  read(name: string, range: FileRange): Promise<ReadableStream<Uint8Array> | null>
  /** Null when there is no such file. */
  stat(name: string): Promise<FileStat | null>
  /** Nothing happens when it is not there. */
  delete(name: string): Promise<void>
  /** `''` is the top. A folder that is not there is empty. */
  list(folder: string): Promise<FolderContent>
  /** Where browsers find it; null when nowhere. At once, for templates: a signed address is computed, not asked for. */
  url(name: string): string | null
}
