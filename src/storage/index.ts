/** `nuages/storage`: files by name, wherever they are kept. */

export type {
  FileRange,
  FileSource,
  FileStat,
  FolderContent,
  StorageBackend,
  WriteOptions,
} from './backend.ts'
export { IMAGE_EXTENSIONS } from './checks.ts'
export { type ConfigureStorageOptions, configureStorages, type StorageInput } from './configure.ts'
export { type NameAttack, StorageError, UnsafeNameError } from './errors.ts'
export { FileStorage, type SaveFileOptions } from './file-storage.ts'
export { type FileSystemOptions, fileSystem } from './file-system.ts'
export { type ImageSize, imageSize } from './image.ts'
export { inMemory } from './memory.ts'
export { assertSafeName, cleanName } from './names.ts'
export { storage } from './registry.ts'
export type { FileContent, FileLike } from './source.ts'
export { newFile, StoredFile, storedFile } from './stored-file.ts'
