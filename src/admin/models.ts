import { ContentType, userModel } from '../auth/index.ts'
import { char, dateTime, foreignKey, Model, smallInteger, text } from '../db/index.ts'
import { tLazy } from '../i18n/index.ts'

/** What happened to a row, as Django numbers it. */
export const ADDITION = 1
export const CHANGE = 2
export const DELETION = 3

/** One thing somebody did in the admin. In Django's table. */
export class LogEntry extends Model<LogEntry>()(
  {
    actionTime: dateTime({ default: () => new Date(), editable: false, index: false }),
    user: () => foreignKey(userModel(), { onDelete: 'cascade' }),
    contentType: () => foreignKey(ContentType, { null: true, blank: true, onDelete: 'setNull' }),
    objectId: text({ null: true, blank: true }),
    objectRepr: char({ maxLength: 200 }),
    actionFlag: smallInteger({ min: 1, max: 3 }),
    /** JSON, as Django writes it: `[{"changed": {"fields": ["Name"]}}]`; ours adds `values`: name → [before, after]. */
    changeMessage: text({ blank: true, default: '' }),
  },
  {
    dbTable: 'django_admin_log',
    ordering: ['-actionTime'],
    verboseName: tLazy('log entry'),
    verboseNamePlural: tLazy('log entries'),
  },
) {}
