/** Every view of the admin, by the name of its route. */
export { login, logout, passwordChange } from './account.ts'
export { index, list } from './lists.ts'
export { delete, history } from './remove.ts'
export { add, change } from './rows.ts'
