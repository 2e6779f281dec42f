import { addField, alterField, fields, migration } from 'nuages/db/migrations'

export default migration({
  dependencies: [['geo', '0001_initial']],
  operations: [
    alterField('Continent', 'name', fields.char({ maxLength: 40, unique: true })),
    addField('Continent', 'slug', fields.slug({ null: true, unique: true })),
    alterField('Country', 'name', fields.char({ maxLength: 80, unique: true })),
    alterField('Country', 'code', fields.char({ maxLength: 2, unique: true })),
    addField('Country', 'slug', fields.slug({ maxLength: 80, null: true, unique: true })),
    addField('Country', 'latitude', fields.float({ default: 0 })),
    addField('Country', 'longitude', fields.float({ default: 0 })),
  ],
})
