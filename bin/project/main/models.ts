import { AbstractUser } from 'nuages/auth'
import { char, Model } from 'nuages/db'

/** Who can sign in: with e-mail and password, which AbstractUser brings. Add what your users have. */
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

// Your first model: take away the slashes, save, and run `npx nuages migrate --make`. It is in the admin at once.
//
// export class Book extends Model<Book>()(
//   {
//     title: char({ maxLength: 200 }),
//     author: char({ maxLength: 100, blank: true, default: '' }),
//   },
//   { ordering: ['title'] },
// ) {
//   override toString() {
//     return this.title
//   }
// }
