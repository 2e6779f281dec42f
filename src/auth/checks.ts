import { type Check, finding } from '../checks/index.ts'
import { AuthError } from './errors.ts'
import { userModel } from './user-model.ts'

/** auth.E001: there must be exactly one user model. */
const userModelExists: Check = () => {
  try {
    userModel()
    return []
  } catch (error) {
    if (!(error instanceof AuthError)) throw error
    return [finding('error', 'auth.E001', error.message, { hint: error.hint, object: 'settings.auth' })]
  }
}

export default [userModelExists]
