import { defineApp } from 'nuages'
import { admin, inline } from 'nuages/admin'
import { AbstractUser } from 'nuages/auth'
import { char, foreignKey, Model, reverse } from 'nuages/db'

export class Team extends Model<Team>()({
  name: char({ maxLength: 20 }),
  members: () => reverse(User, 'team'),
}) {}

/** Accounts that can be edited with their team. */
export class User extends Model<User>()(
  { team: () => foreignKey(Team, { onDelete: 'setNull', null: true, blank: true }) },
  { extends: AbstractUser, ordering: ['email'] },
) {}

export const people = defineApp({
  name: 'people',
  root: import.meta.url,
  models: { Team, User },
  admin: async () => {
    admin.register(Team, {
      inlines: [inline(User, { fields: ['email', 'isActive', 'isStaff', 'isSuperuser', 'groups'] })],
    })
  },
})
