import { createModel, fields, index, migration } from 'nuages/db/migrations'

export default migration({
  operations: [
    createModel(
      'Continent',
      {
        id: fields.autoId(),
        name: fields.char({ maxLength: 40, unique: true }),
        slug: fields.slug({ unique: true }),
      },
      { ordering: ['name'] },
    ),
    createModel(
      'Language',
      {
        id: fields.autoId(),
        code: fields.char({ maxLength: 3, unique: true }),
        name: fields.char({ maxLength: 80 }),
      },
      { ordering: ['name'] },
    ),
    createModel(
      'Currency',
      {
        id: fields.autoId(),
        code: fields.char({ maxLength: 3, unique: true }),
        name: fields.char({ maxLength: 80 }),
        symbol: fields.char({ maxLength: 12, default: '' }),
      },
      { ordering: ['code'] },
    ),
    createModel(
      'Country',
      {
        id: fields.autoId(),
        name: fields.char({ maxLength: 80, unique: true }),
        officialName: fields.char({ maxLength: 120 }),
        slug: fields.slug({ maxLength: 80, unique: true }),
        code: fields.char({ maxLength: 2, unique: true }),
        code3: fields.char({ maxLength: 3, unique: true }),
        flag: fields.char({ maxLength: 16, default: '' }),
        continent: fields.foreignKey('geo.Continent', { onDelete: 'protect' }),
        subregion: fields.char({ maxLength: 60, default: '' }),
        capital: fields.char({ maxLength: 80, default: '' }),
        area: fields.float({ null: true }),
        latitude: fields.float(),
        longitude: fields.float(),
        landlocked: fields.boolean({ default: false }),
        independent: fields.boolean({ default: true }),
        languages: fields.manyToMany('geo.Language'),
        currencies: fields.manyToMany('geo.Currency'),
        neighbours: fields.manyToMany('geo.Country'),
      },
      { ordering: ['name'] },
    ),
    createModel(
      'City',
      {
        id: fields.autoId(),
        name: fields.char({ maxLength: 200 }),
        country: fields.foreignKey('geo.Country', { onDelete: 'cascade' }),
        kind: fields.char({ maxLength: 50, default: 'town' }),
        population: fields.integer({ null: true }),
        latitude: fields.float(),
        longitude: fields.float(),
        geonamesId: fields.integer({ unique: true }),
      },
      {
        ordering: ['name', 'id'],
        indexes: [
          index(['-population'], { name: 'geo_city_populat_22abc5_idx' }),
          index(['country', '-population'], { name: 'geo_city_country_3998f8_idx' }),
          index(['name', 'id'], { name: 'geo_city_name_adb0d6_idx' }),
        ],
      },
    ),
  ],
})
