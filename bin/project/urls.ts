import { adminUrls } from 'nuages/admin'
import { include, routes } from 'nuages/urls'
import type { User } from './main/models.ts'

/** The addresses of the site. What they show is in main/views.ts, under the same names. */
export const urls = routes({
  home: '',
  admin: include('admin/', adminUrls),
})

/** So that links are checked by the compiler, and `request.user` is your User. */
declare module 'nuages' {
  interface Register {
    urls: typeof urls
    user: User
  }
}
