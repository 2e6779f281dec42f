/** From the setting `storages` to storages. */
import { resolve } from 'node:path'
import type { StorageBackend } from './backend.ts'
import { StorageError } from './errors.ts'
import { FileStorage } from './file-storage.ts'
import { fileSystem } from './file-system.ts'
import { inMemory } from './memory.ts'
import { type StorageSettings, setStorageMaker, setStorages } from './registry.ts'

/**
 * A storage as settings have it: a URL (`file:./media?url=/media/`, `memory:`), a backend such as
 * `fileSystem({ root, url })` or one of your own, or a {@link FileStorage} with options.
 */
export type StorageInput = string | StorageBackend | FileStorage

/** Where relative paths of URLs start; default the working directory. */
export interface ConfigureStorageOptions {
  readonly root?: string
}

/**
 * Tells the process its storages by alias; a project does it from its settings. `default` is what fields use that name
 * no other.
 * @throws StorageError storage.bad-url, storage.bad-backend
 */
export function configureStorages(
  storages: Readonly<Record<string, StorageInput>>,
  { root = process.cwd() }: ConfigureStorageOptions = {},
): void {
  setStorages(storagesOf(storages, root))
}

setStorageMaker(({ storages, mediaRoot, mediaUrl: url, root }: StorageSettings) => {
  const media = mediaRoot === null ? inMemory({ url }) : fileSystem({ root: mediaRoot, url })
  return storagesOf({ default: media, ...storages }, root)
})

function storagesOf(storages: Readonly<Record<string, StorageInput>>, root: string): Record<string, FileStorage> {
  return Object.fromEntries(Object.entries(storages).map(([alias, each]) => [alias, storageOf(each, alias, root)]))
}

function storageOf(input: StorageInput, alias: string, root: string): FileStorage {
  if (input instanceof FileStorage) return input
  if (typeof input === 'string') return fromUrl(input, alias, root)
  const missing = (['write', 'read', 'stat', 'delete', 'list', 'url'] as const).filter(
    (name) => typeof (input as Partial<StorageBackend> | null)?.[name] !== 'function',
  )
  if (missing.length === 0) return new FileStorage(input)
  throw new StorageError(`The storage "${alias}" is no backend: it has no ${missing.join('(), ')}().`, {
    code: 'storage.bad-backend',
    hint: 'Give a URL, fileSystem({ root }), inMemory(), or an object with the methods of StorageBackend.',
  })
}

function fromUrl(text: string, alias: string, root: string): FileStorage {
  const [place = '', query = ''] = text.split(/\?(.*)/s)
  const colon = place.indexOf(':')
  const [scheme, rest] = [place.slice(0, Math.max(colon, 0)), place.slice(colon + 1)]
  const { url = null, allowOverwrite, ...unknown } = Object.fromEntries(new URLSearchParams(query))
  const wrong = Object.keys(unknown)
  if (wrong.length === 0 && (url === null || /^(?:\/|https?:\/\/).*\/$|^\/$/.test(url))) {
    const options = { allowOverwrite: allowOverwrite === 'true' }
    if (scheme === 'memory') return new FileStorage(inMemory({ url }), options)
    const path = rest.replace(/^\/\/(?=\/)/, '')
    if (scheme === 'file' && path !== '' && !path.startsWith('//'))
      return new FileStorage(fileSystem({ root: resolve(root, path), url }), options)
  }
  throw new StorageError(`The storage "${alias}" cannot be made of ${JSON.stringify(text)}.`, {
    code: 'storage.bad-url',
    hint: 'Write file:./media?url=/media/ or memory:, with the parameters url (ends in a slash) and allowOverwrite.',
  })
}
