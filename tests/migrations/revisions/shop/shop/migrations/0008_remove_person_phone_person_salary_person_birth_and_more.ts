import { addField, alterField, fields, migration, removeField } from 'nuages/db/migrations'

export default migration({
  dependencies: [['shop', '0007_comment_ticket_assignee_ticket_status_ticket_parent_and_more']],
  operations: [
    removeField('Person', 'phone'),
    addField('Person', 'salary', fields.decimal({ maxDigits: 8, decimalPlaces: 2, null: true })),
    addField('Person', 'birth', fields.date({ null: true })),
    addField('Person', 'manager', fields.foreignKey('shop.Person', { onDelete: 'setNull', null: true })),
    alterField('Comment', 'body', fields.text()),
    addField('Comment', 'likes', fields.integer({ default: 0 })),
  ],
})
