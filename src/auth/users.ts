import type { CurrentUser } from '../http/index.ts'
import { normalizeEmail } from './login.ts'
import { userModel } from './user-model.ts'

/** Makes an active user; `password` null makes one that cannot sign in with a password yet. */
export async function createUser(
  values: { email: string; password: string | null } & Record<string, unknown>,
): Promise<CurrentUser> {
  const { email, password, ...rest } = values
  const model = userModel()
  const user = new model({ ...rest, email: normalizeEmail(email) })
  await user.setPassword(password)
  await user.save()
  return user
}

/** Makes a member of staff with every permission. */
export function createSuperuser(
  values: { email: string; password: string } & Record<string, unknown>,
): Promise<CurrentUser> {
  return createUser({ ...values, isStaff: true, isSuperuser: true })
}
