/** Every view of the admin, by the name of its route. */
export { login, logout, passwordChange } from './account.ts'
export { choices } from './choices.ts'
export { index, missing } from './home.ts'
export { counts, list } from './lists.ts'
export { setPassword } from './passwords.ts'
export { delete, history } from './remove.ts'
export { add, change } from './rows.ts'
