import { adminUrls } from 'nuages/admin'
import { authUrls } from 'nuages/auth'
import { include, routes } from 'nuages/urls'
import type { User } from './accounts/models.ts'
import { urls as geo } from './geo/urls.ts'
import { urls as trips } from './trips/urls.ts'

export const urls = routes({
  geo: include('', geo),
  trips: include('trips/', trips),
  accounts: include('accounts/', authUrls),
  admin: include('admin/', adminUrls),
})

declare module 'nuages' {
  interface Register {
    urls: typeof urls
    user: User
  }
}
