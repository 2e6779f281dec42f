import { addField, alterField, createModel, fields, migration } from 'nuages/db/migrations'

export default migration({
  dependencies: [['shop', '0001_initial']],
  operations: [
    createModel('Scheme', {
      id: fields.autoId(),
      code: fields.char({ maxLength: 12 }),
      name: fields.char({ maxLength: 80 }),
      company: fields.foreignKey('shop.Company', { onDelete: 'cascade' }),
      starts: fields.date(),
    }),
    alterField('Person', 'email', fields.char({ maxLength: 100, unique: true })),
    addField('Person', 'role', fields.char({ maxLength: 10, default: 'dev' })),
  ],
})
