/** Files in memory: for tests. */
import { Buffer } from 'node:buffer'
import type { FileSource, FileStat, FolderContent, StorageBackend, WriteOptions } from './backend.ts'
import { urlBelow } from './file-storage.ts'

interface Kept extends FileStat {
  readonly bytes: Uint8Array
}

/** Files that are gone when the process ends. `url`: what stands before names, such as `/media/`; default none. */
export function inMemory({ url = null }: { readonly url?: string | null } = {}): StorageBackend {
  const files = new Map<string, Kept>()
  return {
    async write(name: string, source: FileSource, { overwrite, another }: WriteOptions): Promise<string> {
      const chunks: Uint8Array[] = []
      for await (const chunk of source.stream()) chunks.push(chunk)
      const bytes = new Uint8Array(Buffer.concat(chunks)) // of its own: what was given may change later
      let free = name
      while (!overwrite && files.has(free)) free = another()
      const now = new Date()
      files.set(free, { bytes, size: bytes.length, modifiedAt: now, createdAt: files.get(free)?.createdAt ?? now })
      return free
    },
    async read(name, { start = 0, length }) {
      const found = files.get(name)
      if (found === undefined) return null
      const part = found.bytes.slice(start, length === undefined ? undefined : start + length)
      return new ReadableStream<Uint8Array>({
        start(controller) {
          if (part.length > 0) controller.enqueue(part)
          controller.close()
        },
      })
    },
    async stat(name) {
      const found = files.get(name)
      return found === undefined ? null : { size: found.size, modifiedAt: found.modifiedAt, createdAt: found.createdAt }
    },
    async delete(name) {
      files.delete(name)
    },
    async list(folder): Promise<FolderContent> {
      const prefix = folder === '' ? '' : `${folder}/`
      const below = [...files.keys()].filter((name) => name.startsWith(prefix)).map((name) => name.slice(prefix.length))
      const folders = below.filter((name) => name.includes('/')).map((name) => name.split('/')[0]!)
      return { folders: [...new Set(folders)], files: below.filter((name) => !name.includes('/')) }
    },
    url: (name) => (url === null ? null : urlBelow(url, name)),
  }
}
