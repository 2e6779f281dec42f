import { createModel, fields, migration } from 'nuages/db/migrations'

export default migration({
  dependencies: [['geo', '0003_language_currency_country_languages']],
  operations: [
    createModel('Place', {
      id: fields.autoId(),
      name: fields.char({ maxLength: 100 }),
      country: fields.foreignKey('geo.Country', { onDelete: 'cascade' }),
      inhabitants: fields.integer({ null: true }),
      latitude: fields.float(),
      longitude: fields.float(),
      geonamesId: fields.integer({ null: true }),
    }),
  ],
})
