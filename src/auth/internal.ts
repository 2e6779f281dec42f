/** For sibling rooms. */
export { loginForm, passwordChangeForm } from './forms.ts'
export { withNext } from './redirects.ts'
