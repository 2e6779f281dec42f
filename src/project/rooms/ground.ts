import type { ResolvedSettings } from '../../conf/index.ts'
import { configureI18n } from '../../i18n/index.ts'
import { configureSigning } from '../../signing/index.ts'

/** Language, time zone and the keys that sign: every project has them. */
export function configureGround(settings: ResolvedSettings): void {
  configureI18n({ language: settings.language, timeZone: settings.timeZone })
  configureSigning({ secretKey: settings.secretKey, fallbackKeys: settings.secretKeyFallbacks })
}
