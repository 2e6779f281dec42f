import { createModel, fields, migration } from 'nuages/db/migrations'

export default migration({
  dependencies: [['shop', '0002_scheme_alter_person_email_person_role']],
  operations: [
    createModel('Issue', {
      id: fields.autoId(),
      project: fields.foreignKey('shop.Scheme', { onDelete: 'cascade' }),
      number: fields.integer(),
      title: fields.char({ maxLength: 120 }),
      reporter: fields.foreignKey('shop.Person', { onDelete: 'protect' }),
      created: fields.dateTime(),
    }),
    createModel('Label', {
      id: fields.autoId(),
      name: fields.char({ maxLength: 30 }),
    }),
  ],
})
