import { addField, createModel, fields, migration } from 'nuages/db/migrations'

export default migration({
  dependencies: [['geo', '0002_alter_continent_name_continent_slug_and_more']],
  operations: [
    createModel('Language', {
      id: fields.autoId(),
      code: fields.char({ maxLength: 3, unique: true }),
      name: fields.char({ maxLength: 40 }),
    }),
    createModel('Currency', {
      id: fields.autoId(),
      code: fields.char({ maxLength: 3, unique: true }),
      name: fields.char({ maxLength: 80 }),
    }),
    addField('Country', 'languages', fields.manyToMany('geo.Language')),
  ],
})
