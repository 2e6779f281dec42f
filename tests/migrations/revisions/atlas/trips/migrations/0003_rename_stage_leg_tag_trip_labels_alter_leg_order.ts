import { addField, alterField, createModel, fields, migration, renameModel } from 'nuages/db/migrations'

export default migration({
  dependencies: [['trips', '0002_rename_title_trip_name_stage_alter_trip_name_and_more']],
  operations: [
    renameModel('Stage', 'Leg'),
    createModel('Tag', {
      id: fields.autoId(),
      name: fields.char({ maxLength: 40, unique: true }),
    }),
    addField('Trip', 'labels', fields.manyToMany('trips.Tag')),
    alterField('Leg', 'order', fields.smallInteger({ default: 1 })),
  ],
})
