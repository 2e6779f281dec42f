import type { ResolvedSettings } from '../../conf/index.ts'
import { describeStorages, storage, storagesWanted } from '../../storage/registry.ts'
import type { ProjectMode } from '../project.ts'

/**
 * Tells the process its storages. What makes them is loaded where a model has files or the settings name storages, and
 * else with `nuages/storage`. Tests write into no folder of the project.
 * @throws StorageError storage.bad-url, storage.bad-backend
 */
export async function configureStorages(settings: ResolvedSettings, mode: ProjectMode): Promise<void> {
  const { storages, mediaUrl, root } = settings
  describeStorages({ storages, mediaUrl, root, mediaRoot: mode === 'test' ? null : settings.mediaRoot })
  if (Object.keys(storages).length === 0 && !storagesWanted()) return
  await import('../../storage/configure.ts')
  storage() // makes them now, so that what is wrong with them is told at start
}
