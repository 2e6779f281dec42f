import { NotFound } from '../../http/index.ts'
import { t } from '../../i18n/index.ts'
import type { ModelAdmin } from '../model-admin.ts'

/** The error for a row that is not there, or not for this user: both look alike. */
export function rowMissing(admin: ModelAdmin): NotFound {
  return new NotFound(t('There is no such {model}. It may have been deleted.', { model: admin.model.meta.verboseName }))
}
