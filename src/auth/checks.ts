/** Checks of users: `auth.E001` there is exactly one user model. */
import { type Check, finding } from '../checks/index.ts'
import { AuthError } from './errors.ts'
import { userModel } from './user-model.ts'

const userModelExists: Check = () => {
  try {
    userModel()
    return []
  } catch (error) {
    if (!(error instanceof AuthError)) throw error
    const hint = error.hint === undefined ? {} : { hint: error.hint }
    return [finding('error', 'auth.E001', error.message, { ...hint, object: 'settings.auth' })]
  }
}

export default [userModelExists]
