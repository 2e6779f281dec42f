import { createModel, fields, migration, renameField } from 'nuages/db/migrations'

export default migration({
  dependencies: [['trips', '0003_rename_stage_leg_tag_trip_labels_alter_leg_order']],
  operations: [
    renameField('Trip', 'labels', 'tags'),
    createModel('Booking', {
      id: fields.autoId(),
      leg: fields.foreignKey('trips.Leg', { onDelete: 'cascade' }),
      provider: fields.char({ maxLength: 80 }),
      price: fields.decimal({ maxDigits: 6, decimalPlaces: 2 }),
    }),
  ],
})
