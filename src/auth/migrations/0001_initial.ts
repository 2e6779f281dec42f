import { createModel, fields, migration, unique } from '../../db/migrations/index.ts'

export default migration({
  dependencies: [['contenttypes', '0001_initial']],
  operations: [
    createModel(
      'Permission',
      {
        id: fields.autoId(),
        name: fields.char({ maxLength: 255 }),
        contentType: fields.foreignKey('contenttypes.ContentType', { onDelete: 'cascade' }),
        codename: fields.char({ maxLength: 100 }),
      },
      {
        dbTable: 'auth_permission',
        ordering: ['contentType', 'codename'],
        constraints: [
          unique(['contentType', 'codename'], { name: 'auth_permission_content_type_id_codename_01ab375a_uniq' }),
        ],
      },
    ),
    createModel(
      'Group',
      {
        id: fields.autoId(),
        name: fields.char({ maxLength: 150, unique: true }),
        permissions: fields.manyToMany('auth.Permission'),
      },
      { dbTable: 'auth_group', ordering: ['name'] },
    ),
  ],
})
