import { addField, alterField, createModel, fields, migration } from 'nuages/db/migrations'

export default migration({
  dependencies: [['shop', '0008_remove_person_phone_person_salary_person_birth_and_more']],
  operations: [
    createModel('Invoice', {
      id: fields.autoId(),
      company: fields.foreignKey('shop.Company', { onDelete: 'protect' }),
      number: fields.char({ maxLength: 20, unique: true }),
      issued: fields.date(),
      total: fields.decimal({ maxDigits: 12, decimalPlaces: 2 }),
    }),
    createModel('TimeEntry', {
      id: fields.autoId(),
      ticket: fields.foreignKey('shop.Ticket', { onDelete: 'cascade' }),
      person: fields.foreignKey('shop.Person', { onDelete: 'cascade' }),
      day: fields.date(),
      minutes: fields.integer({ default: 0 }),
    }),
    alterField('Company', 'name', fields.char({ maxLength: 80 })),
    addField('Company', 'meta', fields.json({ default: {} })),
  ],
})
