import { defineApp } from 'nuages'
import { admin, inline } from 'nuages/admin'
import { char, foreignKey, integer, Model, manyToMany, reverse } from 'nuages/db'

export class Depot extends Model<Depot>()({ name: char({ maxLength: 20 }) }) {
  override toString() {
    return this.name
  }
}

/** A key of two parts, one of them a foreign key, the other any text. */
export class Shelf extends Model<Shelf>()(
  {
    depot: () => foreignKey(Depot, { onDelete: 'cascade' }),
    code: char({ maxLength: 60 }),
    note: char({ maxLength: 40, blank: true, default: '' }),
    boxes: () => reverse(Box, 'shelf'),
  },
  { primaryKey: ['depot', 'code'], ordering: ['depot', 'code'] },
) {
  override toString() {
    return `shelf ${this.code}`
  }
}

/** Points to such a key. */
export class Box extends Model<Box>()({
  shelf: () => foreignKey(Shelf, { onDelete: 'cascade' }),
  name: char({ maxLength: 20 }),
  seen: () => manyToMany(Shelf, { blank: true }),
}) {
  override toString() {
    return this.name
  }
}

/** Has such a key in its own. */
export class Slot extends Model<Slot>()(
  {
    shelf: () => foreignKey(Shelf, { onDelete: 'cascade' }),
    place: integer(),
    label: char({ maxLength: 20 }),
  },
  { primaryKey: ['shelf', 'place'] },
) {}

export const depot = defineApp({
  name: 'depot',
  root: import.meta.url,
  models: { Depot, Shelf, Box, Slot },
  admin: async () => {
    admin.register(Shelf, {
      list: ['code', 'note', 'depot'],
      search: ['code'],
      editable: ['note'],
      inlines: [inline(Box, { fields: ['name'] })],
    })
    admin.register(Box, { list: ['name', 'shelf'], filters: ['shelf'], search: ['name'] })
    admin.register(Slot, { list: ['shelf', 'place', 'label'] })
  },
})
