import { createModel, fields, migration } from 'nuages/db/migrations'

export default migration({
  operations: [
    createModel('Continent', {
      id: fields.autoId(),
      name: fields.char({ maxLength: 40 }),
    }),
    createModel('Country', {
      id: fields.autoId(),
      name: fields.char({ maxLength: 60 }),
      code: fields.char({ maxLength: 2 }),
      continent: fields.foreignKey('geo.Continent', { onDelete: 'protect' }),
      region: fields.char({ maxLength: 60, default: '' }),
    }),
  ],
})
