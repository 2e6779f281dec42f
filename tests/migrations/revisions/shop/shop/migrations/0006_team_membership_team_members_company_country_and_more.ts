import { addField, createModel, fields, migration, unique } from 'nuages/db/migrations'

export default migration({
  dependencies: [['shop', '0005_rename_name_project_title_alter_label_name_and_more']],
  operations: [
    createModel('Team', {
      id: fields.autoId(),
      name: fields.char({ maxLength: 60 }),
      company: fields.foreignKey('shop.Company', { onDelete: 'cascade' }),
    }),
    createModel(
      'Membership',
      {
        id: fields.autoId(),
        team: fields.foreignKey('shop.Team', { onDelete: 'cascade' }),
        person: fields.foreignKey('shop.Person', { onDelete: 'cascade' }),
        level: fields.integer(),
        since: fields.date(),
      },
      { constraints: [unique(['team', 'person'], { name: 'shop_membership_once' })] },
    ),
    addField('Team', 'members', fields.manyToMany('shop.Person', { through: 'shop.Membership' })),
    addField('Company', 'country', fields.char({ maxLength: 2, default: 'DE' })),
    addField('Company', 'credit', fields.decimal({ maxDigits: 10, decimalPlaces: 2, null: true })),
  ],
})
