import { defineApp } from 'nuages'
import { admin } from 'nuages/admin'
import { AbstractUser } from 'nuages/auth'
import { boolean, char, choice, date, foreignKey, json, Model, manyToMany, text } from 'nuages/db'

export class Company extends Model<Company>()({ name: char({ maxLength: 40 }) }) {
  override toString() {
    return this.name
  }
}

/** An account goes with its company. */
export class User extends Model<User>()(
  { company: () => foreignKey(Company, { onDelete: 'cascade', null: true, blank: true }) },
  { extends: AbstractUser },
) {}

export class Office extends Model<Office>()({
  name: char({ maxLength: 40 }),
  opensOn: date({ null: true, blank: true }),
  closesOn: date({ null: true, blank: true }),
  notes: text({ blank: true, default: '' }),
  extra: json({ null: true, blank: true }),
  company: () => foreignKey(Company, { onDelete: 'cascade', null: true, blank: true }),
  alarmed: boolean({ secret: true, default: false }),
  level: choice({ low: 'Low', high: 'High' }, { secret: true, default: 'low' }),
  owner: () => foreignKey(Company, { onDelete: 'setNull', null: true, blank: true, secret: true }),
  partners: () => manyToMany(Company, { blank: true }),
}) {
  override toString() {
    return this.name
  }
  absoluteUrl() {
    return `/offices/${this.id}/`
  }
}

export class Desk extends Model<Desk>()({
  name: char({ maxLength: 40 }),
  owner: () => foreignKey(Company, { onDelete: 'cascade', null: true, blank: true, secret: true }),
}) {
  override toString() {
    return this.name
  }
}

export const offices = defineApp({
  name: 'offices',
  root: import.meta.url,
  models: { Company, User, Office, Desk },
  admin: async () => {
    admin.register(Office, {
      fieldsets: [
        { fields: ['name', ['opensOn', 'closesOn']] },
        { title: 'More <b>', description: 'Rarely needed.', collapsed: true, fields: ['notes', 'extra', 'company'] },
        { title: 'Secrets', fields: ['alarmed', 'level', 'owner'] },
      ],
      readonly: ['size'],
      columns: { size: { value: () => 'small' } },
      saveAsNew: true,
      viewOnSite: (office) => (office.name === 'closed' ? null : `/o/${office.id}/`),
    })
    admin.register(Desk, { fields: ['name', 'owner'], readonly: ['owner'], viewOnSite: false })
  },
})
