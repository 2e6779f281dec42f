import { alterField, fields, migration, renameField, renameModel } from 'nuages/db/migrations'

export default migration({
  dependencies: [['geo', '0004_place']],
  operations: [
    renameModel('Place', 'City'),
    renameField('City', 'inhabitants', 'population'),
    alterField('City', 'name', fields.char({ maxLength: 200 })),
    alterField('City', 'geonamesId', fields.integer({ null: true, unique: true })),
  ],
})
