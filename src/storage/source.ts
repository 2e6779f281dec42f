/** Content in all the forms it comes in, as a {@link FileSource}. */
import { Buffer } from 'node:buffer'
import type { FileSource } from './backend.ts'
import { StorageError } from './errors.ts'

/** A file of a form (`UploadedFile`), a web `File` or `Blob`: what says its name, size and type, and gives a stream. */
export interface FileLike {
  readonly name?: string
  readonly size?: number
  readonly type?: string
  /** Of an upload that lies in a temporary file. */
  readonly temporaryPath?: string | null
  stream(): ReadableStream<Uint8Array> | AsyncIterable<Uint8Array>
}

/** What can be stored: a file, bytes, text (as UTF-8), or a stream that is read once. */
export type FileContent = FileLike | Uint8Array | ArrayBuffer | string | AsyncIterable<Uint8Array>

/** Whether a value is a file that somebody sent or made: an upload, a `File`, a `Blob`. */
export function isFileLike(value: unknown): value is FileLike {
  return typeof value === 'object' && value !== null && typeof (value as { stream?: unknown }).stream === 'function'
}

/** @throws StorageError storage.bad-content for what is none of them */
export function sourceOf(content: FileContent | FileSource, name: string | null = null): FileSource {
  if (isSource(content)) return content
  if (typeof content === 'string') return bytesSource(Buffer.from(content), name)
  if (content instanceof Uint8Array) return bytesSource(content, name)
  if (content instanceof ArrayBuffer) return bytesSource(new Uint8Array(content), name)
  if (isFileLike(content)) {
    return {
      name: name ?? (content.name || null),
      size: content.size ?? null,
      type: content.type || null,
      path: content.temporaryPath ?? null,
      stream: () => content.stream() as AsyncIterable<Uint8Array>, // node's ReadableStream is one
      repeatable: true,
    }
  }
  if (typeof content === 'object' && content !== null && Symbol.asyncIterator in content)
    return { name, size: null, type: null, path: null, stream: () => content, repeatable: false }
  throw new StorageError(`${content === null ? 'null' : typeof content} is no content of a file.`, {
    code: 'storage.bad-content',
    hint: 'Give an uploaded file, a File or Blob, bytes, text or a stream.',
  })
}

function isSource(content: unknown): content is FileSource {
  return typeof content === 'object' && content !== null && 'repeatable' in content
}

function bytesSource(bytes: Uint8Array, name: string | null): FileSource {
  return {
    name,
    size: bytes.byteLength,
    type: null,
    path: null,
    async *stream() {
      yield bytes
    },
    repeatable: true,
  }
}

/** The first bytes of a source that can be read again; null of one that cannot. At most `most` and a chunk are held. */
export async function headOf(source: FileSource, most: number): Promise<Uint8Array | null> {
  return source.repeatable ? head(source.stream(), most) : null
}

/** The first bytes of a stream, which is left after them. */
export async function head(stream: AsyncIterable<Uint8Array>, most: number): Promise<Uint8Array> {
  const chunks: Uint8Array[] = []
  let size = 0
  for await (const chunk of stream) {
    chunks.push(chunk)
    size += chunk.byteLength
    if (size >= most) break
  }
  return Buffer.concat(chunks, Math.min(size, most))
}
