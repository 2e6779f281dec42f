import { addField, alterField, fields, migration, renameField } from 'nuages/db/migrations'

export default migration({
  dependencies: [['shop', '0004_rename_scheme_project_rename_issue_ticket']],
  operations: [
    renameField('Project', 'name', 'title'),
    alterField('Label', 'name', fields.char({ maxLength: 30, unique: true })),
    addField('Label', 'color', fields.char({ maxLength: 7, default: '#000000' })),
    alterField('Project', 'code', fields.char({ maxLength: 12, unique: true })),
    addField('Project', 'ends', fields.date({ null: true })),
    addField('Project', 'budget', fields.decimal({ maxDigits: 10, decimalPlaces: 2, null: true })),
    addField('Ticket', 'labels', fields.manyToMany('shop.Label')),
  ],
})
