import {
  addField,
  addIndex,
  alterField,
  alterModelOptions,
  fields,
  index,
  migration,
  noop,
  runCode,
} from 'nuages/db/migrations'

export default migration({
  dependencies: [['geo', '0007_rename_region_country_subregion_alter_continent_slug_and_more']],
  operations: [
    alterField('Continent', 'slug', fields.slug({ unique: true })),
    alterModelOptions('Continent', { ordering: ['name'] }),
    addField('Country', 'officialName', fields.char({ maxLength: 120, default: '' })),
    addField('Country', 'code3', fields.char({ maxLength: 3, null: true })),
    runCode(
      async ({ models }) => {
        const Country = models.get('Country')
        for (const { id, code, name } of await Country.objects.dynamicValues('id', 'code', 'name'))
          await Country.objects
            .dynamic({ id })
            .dynamicUpdate({ code3: `${code}X`, officialName: `${name}, officially` })
      },
      { reverse: noop },
    ),
    alterField('Country', 'officialName', fields.char({ maxLength: 120 })),
    alterField('Country', 'slug', fields.slug({ maxLength: 80, unique: true })),
    alterField('Country', 'code3', fields.char({ maxLength: 3, unique: true })),
    addField('Country', 'flag', fields.char({ maxLength: 16, default: '' })),
    addField('Country', 'area', fields.float({ null: true })),
    alterField('Country', 'latitude', fields.float()),
    alterField('Country', 'longitude', fields.float()),
    addField('Country', 'landlocked', fields.boolean({ default: false })),
    addField('Country', 'independent', fields.boolean({ default: true })),
    alterModelOptions('Country', { ordering: ['name'] }),
    addField('City', 'kind', fields.char({ maxLength: 50, default: 'town' })),
    alterField('City', 'geonamesId', fields.integer({ unique: true }), { fill: 0 }),
    alterModelOptions('City', { ordering: ['name', 'id'] }),
    addIndex('City', index(['-population'], { name: 'geo_city_populat_22abc5_idx' })),
    addIndex('City', index(['country', '-population'], { name: 'geo_city_country_3998f8_idx' })),
    addIndex('City', index(['name', 'id'], { name: 'geo_city_name_adb0d6_idx' })),
    alterField('Language', 'name', fields.char({ maxLength: 80 })),
    alterModelOptions('Language', { ordering: ['name'] }),
    addField('Currency', 'symbol', fields.char({ maxLength: 12, default: '' })),
    alterModelOptions('Currency', { ordering: ['code'] }),
  ],
})
