import { createModel, fields, migration } from '../../db/migrations/index.ts'

export default migration({
  operations: [
    createModel(
      'Session',
      {
        sessionKey: fields.char({ maxLength: 40, primaryKey: true }),
        sessionData: fields.text(),
        expireDate: fields.dateTime({ index: true }),
      },
      { dbTable: 'django_session' },
    ),
  ],
})
