import { createModel, fields, migration } from 'nuages/db/migrations'

export default migration({
  operations: [
    createModel('Company', {
      id: fields.autoId(),
      name: fields.char({ maxLength: 60 }),
      founded: fields.date({ null: true }),
      active: fields.boolean({ default: true }),
    }),
    createModel('Person', {
      id: fields.autoId(),
      company: fields.foreignKey('shop.Company', { onDelete: 'setNull', null: true }),
      first_name: fields.char({ maxLength: 40 }),
      last_name: fields.char({ maxLength: 40 }),
      email: fields.char({ maxLength: 100 }),
      phone: fields.char({ maxLength: 20, null: true }),
      joined: fields.dateTime(),
    }),
  ],
})
