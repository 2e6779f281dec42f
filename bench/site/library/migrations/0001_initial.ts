import { createModel, fields, migration } from 'nuages/db/migrations'

export default migration({
  dependencies: [['auth', '0001_initial']],
  operations: [
    createModel('User', {
      id: fields.autoId(),
      password: fields.char({ maxLength: 128, default: '!' }),
      lastLogin: fields.dateTime({ null: true }),
      isSuperuser: fields.boolean({ default: false }),
      email: fields.email({ unique: true }),
      isStaff: fields.boolean({ default: false }),
      isActive: fields.boolean({ default: true }),
      dateJoined: fields.dateTime(),
      groups: fields.manyToMany('auth.Group'),
      userPermissions: fields.manyToMany('auth.Permission'),
    }),
    createModel('Author', {
      id: fields.autoId(),
      name: fields.char({ maxLength: 50 }),
    }),
    createModel('Book', {
      id: fields.autoId(),
      title: fields.char({ maxLength: 100 }),
      subtitle: fields.char({ maxLength: 100 }),
      isbn: fields.char({ maxLength: 13 }),
      status: fields.char({ maxLength: 10, index: true }),
      pages: fields.integer(),
      stock: fields.integer(),
      price: fields.float(),
      summary: fields.text(),
      author: fields.foreignKey('library.Author', { onDelete: 'cascade' }),
    }),
  ],
})
