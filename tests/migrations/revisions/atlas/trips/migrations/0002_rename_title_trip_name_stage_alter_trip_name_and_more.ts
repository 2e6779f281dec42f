import { addField, alterField, createModel, fields, migration, renameField } from 'nuages/db/migrations'

export default migration({
  dependencies: [
    ['geo', '0005_rename_place_city_rename_inhabitants_city_population_and_more'],
    ['trips', '0001_initial'],
  ],
  operations: [
    renameField('Trip', 'title', 'name'),
    createModel('Stage', {
      id: fields.autoId(),
      trip: fields.foreignKey('trips.Trip', { onDelete: 'cascade' }),
      order: fields.integer({ default: 1 }),
      fromCity: fields.foreignKey('geo.City', { onDelete: 'protect' }),
      toCity: fields.foreignKey('geo.City', { onDelete: 'protect' }),
      departsAt: fields.dateTime({ null: true }),
    }),
    alterField('Trip', 'name', fields.char({ maxLength: 120 })),
    addField('Trip', 'status', fields.char({ maxLength: 20, default: 'draft' })),
    alterField('Trip', 'startsOn', fields.date({ index: true })),
  ],
})
