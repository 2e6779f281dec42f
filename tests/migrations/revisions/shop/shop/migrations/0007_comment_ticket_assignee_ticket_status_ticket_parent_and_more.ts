import { addField, createModel, fields, migration } from 'nuages/db/migrations'

export default migration({
  dependencies: [['shop', '0006_team_membership_team_members_company_country_and_more']],
  operations: [
    createModel('Comment', {
      id: fields.autoId(),
      ticket: fields.foreignKey('shop.Ticket', { onDelete: 'cascade' }),
      author: fields.foreignKey('shop.Person', { onDelete: 'setNull', null: true }),
      body: fields.char({ maxLength: 500 }),
      created: fields.dateTime(),
    }),
    addField('Ticket', 'assignee', fields.foreignKey('shop.Person', { onDelete: 'setNull', null: true })),
    addField('Ticket', 'status', fields.char({ maxLength: 10, default: 'new' })),
    addField('Ticket', 'parent', fields.foreignKey('shop.Ticket', { onDelete: 'cascade', null: true })),
    addField('Ticket', 'body', fields.text({ default: '' })),
    addField('Ticket', 'blocked_by', fields.manyToMany('shop.Ticket')),
  ],
})
