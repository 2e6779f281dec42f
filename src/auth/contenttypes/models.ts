import { char, Model, unique } from '../../db/index.ts'
import { tLazy } from '../../i18n/index.ts'

/** A kind of row, by app and model: what permissions and log entries refer to. In Django's table. */
export class ContentType extends Model<ContentType>()(
  {
    appLabel: char({ maxLength: 100 }),
    /** The model's name in lower case, as Django keeps it. */
    model: char({ maxLength: 100 }),
  },
  {
    dbTable: 'django_content_type',
    verboseName: tLazy('content type'),
    verboseNamePlural: tLazy('content types'),
    naturalKey: ['appLabel', 'model'],
    constraints: [unique(['appLabel', 'model'])],
  },
) {
  override toString() {
    return `${this.appLabel} | ${this.model}`
  }
}
