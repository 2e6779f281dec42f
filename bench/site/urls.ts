import { adminUrls } from 'nuages/admin'
import { authUrls } from 'nuages/auth'
import { include, routes } from 'nuages/urls'
import { urls as library } from './library/urls.ts'

export const urls = routes({
  library: include('', library),
  accounts: include('accounts/', authUrls),
  admin: include('admin/', adminUrls),
})
