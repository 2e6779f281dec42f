import { createModel, fields, migration, unique } from '../../../db/migrations/index.ts'

export default migration({
  operations: [
    createModel(
      'ContentType',
      {
        id: fields.autoId(),
        appLabel: fields.char({ maxLength: 100 }),
        model: fields.char({ maxLength: 100 }),
      },
      {
        dbTable: 'django_content_type',
        constraints: [unique(['appLabel', 'model'], { name: 'django_content_type_app_label_model_76bd3d3b_uniq' })],
      },
    ),
  ],
})
