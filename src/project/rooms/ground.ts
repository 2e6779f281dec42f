import type { AppRegistry } from '../../apps/index.ts'
import type { ResolvedSettings } from '../../conf/index.ts'
import { configureI18n, setCatalogSource } from '../../i18n/index.ts'
import { configureSigning } from '../../signing/index.ts'
import { localeFolders, readCatalogs } from './locale.ts'

/** Language, time zone, translations and the keys that sign: every project has them. */
export function configureGround(settings: ResolvedSettings, apps: AppRegistry): void {
  configureI18n({ language: settings.language, timeZone: settings.timeZone })
  const folders = localeFolders(settings, apps)
  setCatalogSource((tag) => readCatalogs(folders, tag))
  configureSigning({ secretKey: settings.secretKey, fallbackKeys: settings.secretKeyFallbacks })
}
