import { AbstractUser } from 'nuages/auth'
import { char, Model } from 'nuages/db'

/** The user of the test project: one field of its own. */
export class User extends Model<User>()(
  { displayName: char({ maxLength: 100, blank: true, default: '' }) },
  { extends: AbstractUser },
) {}
