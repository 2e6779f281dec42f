import { char, dateTime, Model, text } from '../db/index.ts'
import { tLazy } from '../i18n/index.ts'

/** Sessions, in Django's table. */
export class Session extends Model<Session>()(
  {
    sessionKey: char({ maxLength: 40, primaryKey: true, secret: true }),
    sessionData: text({ secret: true }),
    expireDate: dateTime({ index: true }),
  },
  { dbTable: 'django_session', verboseName: tLazy('session'), verboseNamePlural: tLazy('sessions') },
) {}
