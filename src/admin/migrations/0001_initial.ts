import { createModel, fields, migration, userModel } from '../../db/migrations/index.ts'

export default migration({
  dependencies: [userModel, ['contenttypes', '0001_initial']],
  operations: [
    createModel(
      'LogEntry',
      {
        id: fields.autoId(),
        actionTime: fields.dateTime({ index: false }),
        user: fields.foreignKey(userModel, { onDelete: 'cascade' }),
        contentType: fields.foreignKey('contenttypes.ContentType', { null: true, onDelete: 'setNull' }),
        objectId: fields.text({ null: true }),
        objectRepr: fields.char({ maxLength: 200 }),
        actionFlag: fields.smallInteger(),
        changeMessage: fields.text({ default: '' }),
      },
      { dbTable: 'django_admin_log', ordering: ['-actionTime'] },
    ),
  ],
})
