import { AbstractUser } from 'nuages/auth'
import { char, Model } from 'nuages/db'

export class User extends Model<User>()(
  { displayName: char({ maxLength: 100, blank: true, default: '' }) },
  { extends: AbstractUser, ordering: ['email'] },
) {}
