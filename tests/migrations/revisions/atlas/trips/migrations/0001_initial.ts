import { createModel, fields, migration, userModel } from 'nuages/db/migrations'

export default migration({
  dependencies: [userModel],
  operations: [
    createModel('Trip', {
      id: fields.autoId(),
      title: fields.char({ maxLength: 80 }),
      slug: fields.slug({ maxLength: 120, unique: true }),
      startsOn: fields.date(),
      endsOn: fields.date(),
      owner: fields.foreignKey(userModel, { onDelete: 'protect' }),
    }),
  ],
})
