import { AbstractUser } from 'nuages/auth'
import { char, Model } from 'nuages/db'

/** Whoever may sign in. The project owns its user model, so it can grow without a rename later. */
export class User extends Model<User>()(
  {
    displayName: char({ maxLength: 100, blank: true, default: '' }),
  },
  { extends: AbstractUser, ordering: ['email'] },
) {
  override toString() {
    return this.displayName || this.email
  }
}
