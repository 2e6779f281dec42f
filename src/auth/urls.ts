import { routes } from '../urls/index.ts'

/** The pages everybody needs: `accounts: include('accounts/', authUrls)`. */
export const authUrls = routes({
  login: 'login/',
  logout: 'logout/',
  passwordChange: 'password/',
})
