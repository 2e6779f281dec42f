import { createModel, fields, migration, userModel } from 'nuages/db/migrations'

export default migration({
  dependencies: [userModel],
  operations: [
    createModel('Page', {
      id: fields.autoId(),
      title: fields.char({ maxLength: 100 }),
      owner: fields.foreignKey(userModel, { onDelete: 'cascade' }),
    }),
    createModel('Visit', {
      id: fields.autoId(),
      path: fields.char({ maxLength: 100 }),
    }),
  ],
})
