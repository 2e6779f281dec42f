import {
  addConstraint,
  addField,
  addIndex,
  alterField,
  alterModelOptions,
  check,
  fields,
  index,
  migration,
  unique,
} from 'nuages/db/migrations'

export default migration({
  dependencies: [
    ['geo', '0007_rename_region_country_subregion_alter_continent_slug_and_more'],
    ['trips', '0004_rename_labels_trip_tags_booking'],
  ],
  operations: [
    alterField('Trip', 'status', fields.char({ maxLength: 50, default: 'draft' })),
    addField('Trip', 'budget', fields.decimal({ maxDigits: 10, decimalPlaces: 2, null: true })),
    addField('Trip', 'notes', fields.text(), { fill: '' }),
    addField('Trip', 'countries', fields.manyToMany('geo.Country')),
    alterModelOptions('Trip', { ordering: ['-startsOn', 'name'] }),
    addIndex('Trip', index(['status', '-startsOn'], { name: 'trips_trip_status_f20a40_idx' })),
    addConstraint('Trip', check({ budget__gte: 0 }, { name: 'trips_budget_not_negative' })),
    addField('Leg', 'kind', fields.char({ maxLength: 50, default: 'train' })),
    alterModelOptions('Leg', { ordering: ['trip', 'order'] }),
    addConstraint('Leg', unique(['trip', 'order'], { name: 'trips_leg_trip_id_order_d197f70b_uniq' })),
    addField('Booking', 'reference', fields.char({ maxLength: 20 }), { fill: '' }),
    alterField('Booking', 'price', fields.decimal({ maxDigits: 8, decimalPlaces: 2 })),
    addField('Booking', 'paid', fields.boolean({ default: false })),
    alterModelOptions('Booking', { ordering: ['leg', 'id'] }),
    alterModelOptions('Tag', { ordering: ['name'] }),
  ],
})
