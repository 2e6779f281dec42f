/**
 * The storages of a process by alias. Small on purpose: fields and projects import it; backends come with
 * `nuages/storage`, which registers how storages are made of what settings say.
 */
import { nearest } from '../std/text.ts'
import type { StorageInput } from './configure.ts'
import { StorageError } from './errors.ts'
import type { FileStorage } from './file-storage.ts'

const storages = new Map<string, FileStorage>()

/** What a project's settings say of storages. */
export interface StorageSettings {
  readonly storages: Readonly<Record<string, StorageInput>>
  /** Of `default`, where it is not among them; null for one in memory. */
  readonly mediaRoot: string | null
  readonly mediaUrl: string
  /** Where relative paths start. */
  readonly root: string
}

let described: StorageSettings | null = null
let make: ((settings: StorageSettings) => Readonly<Record<string, FileStorage>>) | null = null
let wanted = false

/** Storages are made of these settings when one is first asked for. */
export function describeStorages(settings: StorageSettings): void {
  storages.clear()
  described = settings
}

/** Registers what makes them. */
export function setStorageMaker(maker: NonNullable<typeof make>): void {
  make = maker
}

/** Says that storages will be asked for: a model has a field of files. */
export function wantStorages(): void {
  wanted = true
}

/** Whether anything will ask for storages, as far as is known. */
export function storagesWanted(): boolean {
  return wanted
}

/** Replaces all storages. */
export function setStorages(all: Readonly<Record<string, FileStorage>>): void {
  storages.clear()
  described = null
  for (const [alias, each] of Object.entries(all)) storages.set(alias, each)
}

/**
 * A storage of the setting `storages` by its alias; default `default`.
 * @throws StorageError storage.unknown-alias
 */
export function storage(alias = 'default'): FileStorage {
  if (described !== null && make !== null) setStorages(make(described))
  const found = storages.get(alias)
  if (found !== undefined) return found
  const known = [...storages.keys()]
  const near = nearest(alias, known)
  throw new StorageError(`There is no storage "${alias}".`, {
    code: 'storage.unknown-alias',
    hint:
      known.length === 0
        ? 'Storages come with a project’s settings; elsewhere call configureStorages() of nuages/storage first.'
        : `${near === null ? '' : `Did you mean "${near}"? `}The setting storages has: ${known.join(', ')}.`,
  })
}
