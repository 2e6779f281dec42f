/** `nuages/auth`: users, passwords, permissions, signing in. */
export { auth } from './app.ts'
export { contentTypes } from './contenttypes/app.ts'
export { clearContentTypes, contentTypeId } from './contenttypes/lookup.ts'
export { ContentType } from './contenttypes/models.ts'
export { createPermissions } from './create-permissions.ts'
export { normalizeEmail } from './email.ts'
export { AuthError } from './errors.ts'
export { type AuthenticatedRequest, loginRequired, permissionRequired, staffRequired } from './guards.ts'
export { type Argon2Options, argon2Hasher } from './hashers/argon2.ts'
export { bcryptVerifier } from './hashers/bcrypt.ts'
export type { PasswordHasher } from './hashers/hasher.ts'
export { pbkdf2Hasher } from './hashers/pbkdf2.ts'
export { type ScryptCost, scryptHasher } from './hashers/scrypt.ts'
export {
  anonymousUser,
  authenticate,
  keepSignedIn,
  login,
  loginFailed,
  logout,
  userLoggedIn,
  userLoggedOut,
} from './login.ts'
export { authMiddleware } from './middleware.ts'
export { AbstractUser, Group, Permission, User } from './models.ts'
export { type AuthOptions, configureAuth, loginUrl } from './options.ts'
export {
  configurePasswordRules,
  minimumLength,
  notCommon,
  notNumeric,
  notSimilar,
  type PasswordRule,
  passwordHelp,
  validatePassword,
} from './password-validation.ts'
export { checkPassword, configureHashers, isPasswordUsable, makePassword, type PasswordCheck } from './passwords.ts'
export { safeNext } from './redirects.ts'
export { authUrls } from './urls.ts'
export { type UserModel, userModel } from './user-model.ts'
export { createSuperuser, createUser, type NewUser } from './users.ts'
