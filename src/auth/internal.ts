/** For sibling rooms. */
export { loginForm, passwordChangeForm } from './forms.ts'
export { sessionFor } from './login.ts'
export { hashCheaply } from './passwords.ts'
export { readPermissions } from './permissions.ts'
export { withNext } from './redirects.ts'
