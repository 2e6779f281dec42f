import { addField, fields, migration } from 'nuages/db/migrations'

export default migration({
  dependencies: [['geo', '0005_rename_place_city_rename_inhabitants_city_population_and_more']],
  operations: [
    addField('Country', 'neighbours', fields.manyToMany('geo.Country')),
    addField('Country', 'currencies', fields.manyToMany('geo.Currency')),
    addField('Country', 'capital', fields.char({ maxLength: 80, default: '' })),
  ],
})
