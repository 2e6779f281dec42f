import { check, createModel, fields, index, migration, unique, userModel } from 'nuages/db/migrations'

export default migration({
  dependencies: [userModel, ['geo', '0001_initial']],
  operations: [
    createModel(
      'Tag',
      {
        id: fields.autoId(),
        name: fields.char({ maxLength: 40, unique: true }),
      },
      { ordering: ['name'] },
    ),
    createModel(
      'Trip',
      {
        id: fields.autoId(),
        name: fields.char({ maxLength: 120 }),
        slug: fields.slug({ maxLength: 120, unique: true }),
        status: fields.char({ maxLength: 50, default: 'draft' }),
        startsOn: fields.date({ index: true }),
        endsOn: fields.date(),
        budget: fields.decimal({ maxDigits: 10, decimalPlaces: 2, null: true }),
        notes: fields.text(),
        owner: fields.foreignKey(userModel, { onDelete: 'protect' }),
        countries: fields.manyToMany('geo.Country'),
        tags: fields.manyToMany('trips.Tag'),
      },
      {
        ordering: ['-startsOn', 'name'],
        indexes: [index(['status', '-startsOn'], { name: 'trips_trip_status_f20a40_idx' })],
        constraints: [check({ budget__gte: 0 }, { name: 'trips_budget_not_negative' })],
      },
    ),
    createModel(
      'Leg',
      {
        id: fields.autoId(),
        trip: fields.foreignKey('trips.Trip', { onDelete: 'cascade' }),
        order: fields.smallInteger({ default: 1 }),
        fromCity: fields.foreignKey('geo.City', { onDelete: 'protect' }),
        toCity: fields.foreignKey('geo.City', { onDelete: 'protect' }),
        departsAt: fields.dateTime({ null: true }),
        kind: fields.char({ maxLength: 50, default: 'train' }),
      },
      {
        ordering: ['trip', 'order'],
        constraints: [unique(['trip', 'order'], { name: 'trips_leg_trip_id_order_d197f70b_uniq' })],
      },
    ),
    createModel(
      'Booking',
      {
        id: fields.autoId(),
        leg: fields.foreignKey('trips.Leg', { onDelete: 'cascade' }),
        provider: fields.char({ maxLength: 80 }),
        reference: fields.char({ maxLength: 20 }),
        price: fields.decimal({ maxDigits: 8, decimalPlaces: 2 }),
        paid: fields.boolean({ default: false }),
      },
      { ordering: ['leg', 'id'] },
    ),
  ],
})
