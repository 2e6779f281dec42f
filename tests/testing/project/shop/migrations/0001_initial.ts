import { createModel, fields, migration } from 'nuages/db/migrations'

export default migration({
  dependencies: [['auth', '0001_initial']],
  operations: [
    createModel('Book', {
      id: fields.autoId(),
      title: fields.char({ maxLength: 100, unique: true }),
      stock: fields.integer({ default: 1 }),
    }),
    createModel('Customer', {
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
    createModel('Order', {
      id: fields.autoId(),
      book: fields.foreignKey('shop.Book', { onDelete: 'protect' }),
      at: fields.dateTime(),
    }),
  ],
})
