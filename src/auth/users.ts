import type { CurrentUser } from '../http/index.ts'
import { userModel } from './user-model.ts'

/** Values of a new user; further fields of the project's model may be among them. */
export interface NewUser {
  readonly email: string
  /** Null makes one that cannot sign in with a password yet. */
  readonly password: string | null
  readonly [field: string]: unknown
}

/**
 * Makes an active user. The password is not checked against the rules: `validatePassword()` does.
 * @throws IntegrityError when there is one with this address
 */
export async function createUser(values: NewUser): Promise<CurrentUser> {
  const { password, ...rest } = values
  const User = userModel()
  const user = new User(rest)
  await user.setPassword(password)
  return user.save({ forceInsert: true })
}

/** Makes a member of staff with every permission. @throws IntegrityError as {@link createUser} */
export function createSuperuser(values: NewUser): Promise<CurrentUser> {
  return createUser({ ...values, isStaff: true, isSuperuser: true })
}
